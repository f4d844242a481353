"""Devices of a run: chosen before jax starts, told in the report, missed with a reason."""

from __future__ import annotations

import dataclasses
import importlib
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import pytest

import nnxspec
from nnxspec import reference_impl
from nnxspec.backends.reference import load as load_reference
from nnxspec.harness import devices as chosen
from nnxspec.harness.report import load
from nnxspec.harness.standalone import standalone
from nnxspec.spec import LawViolated, Script, Unsupported, check
from nnxspec.spec import devices as needed

# Before laws are imported, which starts jax: some of them compute when they are imported.
chosen.announce(None)
LAWS = "nnxspec.spec.laws.transformation"
SOURCE = str(Path(nnxspec.__file__).parents[1])
INPUTS = {"make": Script(0, (), ()), "shape": (2,), "plan": ((5, 1),)}


def laws(name: str) -> Any:
    return importlib.import_module(f"{LAWS}.{name}")


def run(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, in which nobody has chosen devices yet."""
    hidden = ("JAX_PLATFORMS", "JAX_NUM_CPU_DEVICES", "XLA_FLAGS", "PYTEST_ADDOPTS")
    environ = {k: v for k, v in os.environ.items() if k not in hidden} | {"PYTHONPATH": SOURCE} | more
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def run_check(folder: Path, *options: str, law: str = "sharding.clone", **more: str) -> Any:
    command = ("-m", "nnxspec.harness.cli", "check", "reference", f"--law={law}", "--profile=quick", *options)
    return run(folder, *command, **more)


def test_the_platforms_of_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def plugins(*names: str) -> None:
        found = [types.SimpleNamespace(name=name) for name in names]
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group: found)

    plugins()
    assert [chosen.platforms(name) for name in ("cpu", "tpu", "gpu")] == ["cpu", "tpu,cpu", "cuda,cpu"]
    plugins("xla_rocm7")
    assert chosen.platforms("gpu") == "rocm,cpu"


def test_the_environment_is_heard_and_set(monkeypatch: pytest.MonkeyPatch) -> None:
    # jax has started here, so that nothing but the environment changes.
    assert jax.devices()
    for name in ("JAX_PLATFORMS", "JAX_NUM_CPU_DEVICES", "XLA_FLAGS", "XLA_PYTHON_CLIENT_PREALLOCATE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    before = jax.config.jax_platforms
    try:
        chosen.announce(None)
        assert os.environ["JAX_PLATFORMS"] == "cpu" and os.environ["JAX_NUM_CPU_DEVICES"] == "8"
        chosen.announce("tpu")
        assert os.environ["JAX_PLATFORMS"] == "tpu,cpu" and os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
        chosen.announce(None)
        assert os.environ["JAX_PLATFORMS"] == "tpu,cpu"  # the user's own choice
    finally:
        jax.config.update("jax_platforms", before)


@pytest.mark.parametrize("device", ["gpu", "zork"])
def test_a_device_that_is_not_there_is_told_in_one_line(tmp_path: Path, device: str) -> None:
    # No GPU is visible to the process, also where the machine has one.
    done = run_check(tmp_path, f"--device={device}", CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"nnxspec: the device {device!r} cannot be had: ") and done.stderr.count("\n") == 1
    if device == "gpu":
        done = run(
            tmp_path, "-m", "pytest", "-p", "nnxspec.harness.plugin", f"--nnx-device={device}", CUDA_VISIBLE_DEVICES=""
        )
        lines = [line for line in done.stderr.splitlines() if line]
        assert done.returncode == pytest.ExitCode.USAGE_ERROR and len(lines) == 1
        assert lines[0].startswith("ERROR: nnxspec: the device 'gpu' cannot be had: ")


def test_the_report_names_the_devices_and_workers_have_them(tmp_path: Path) -> None:
    done = run_check(tmp_path, "--device=cpu", "--report=r.json", "-n2")
    found = load(tmp_path / "r.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (found.device, found.devices) == ("cpu", {"cpu": 8})
    assert [record.verdict for record in found.laws] == ["holds"] and "; device cpu; " in done.stdout


@pytest.mark.parametrize(
    "more", [{"JAX_NUM_CPU_DEVICES": "3"}, {"XLA_FLAGS": "--xla_force_host_platform_device_count=3"}]
)
def test_a_law_without_its_devices_is_unsupported(tmp_path: Path, more: dict[str, str]) -> None:
    done = run_check(tmp_path, "--report=r.json", **more)
    found = load(tmp_path / "r.json")
    assert done.returncode == 0 and found.devices == {"cpu": 3}
    assert [(record.verdict, record.reason) for record in found.laws] == [
        ("unsupported", "needs 8 devices, and there are 3")
    ]


def test_no_accelerator_is_unsupported(tmp_path: Path) -> None:
    run_check(tmp_path, "--report=r.json", law="device.agree")
    (record,) = load(tmp_path / "r.json").laws
    assert record.verdict == "unsupported" and record.reason == "needs an accelerator, and laws run on the CPU"


def test_a_stand_alone_script_sets_up_its_devices(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(standalone(laws("sharding").clone, INPUTS, load_reference()), encoding="utf-8")
    done = run(tmp_path, str(script))
    assert done.stdout == "sharding.clone holds on this example\n", done.stderr


AGREE = {"make": Script(0, (), ()), "filters": (), "seed": 3}


def second_device() -> Any:
    """Stands for an accelerator: the second device of the host."""
    if jax.device_count() < 2:
        pytest.skip("jax has started with one device")
    return jax.devices()[1]


def test_agreement_with_a_second_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{LAWS}.device.accelerator", second_device)
    check(laws("device").agree, load_reference(), AGREE)


@pytest.mark.parametrize(
    ("fault", "about"),
    [
        (lambda m: setattr(m, "stays", reference_impl.Param(jax.device_put(1.0, jax.devices()[0]))), "not on cpu"),
        (
            lambda m: setattr(m, "own", reference_impl.Param(jnp.ones(()) * next(iter(jnp.ones(()).devices())).id)),
            "exact",
        ),
    ],
)
def test_disagreement_is_seen(monkeypatch: pytest.MonkeyPatch, fault: Any, about: str) -> None:
    def clone(m: Any) -> Any:
        copy = reference_impl.clone(m)
        fault(copy)
        return copy

    names = {name: getattr(reference_impl, name) for name in reference_impl.__all__} | {"clone": clone}
    backend = dataclasses.replace(load_reference(), namespace=types.SimpleNamespace(**names))
    monkeypatch.setattr(f"{LAWS}.device.accelerator", second_device)
    with pytest.raises(LawViolated, match=about):
        check(laws("device").agree, backend, AGREE)


def test_too_few_devices_for_a_mesh(monkeypatch: pytest.MonkeyPatch) -> None:
    here = jax.devices()[:1]
    monkeypatch.setattr(jax, "devices", lambda *_: here)
    with pytest.raises(Unsupported, match="needs 8 devices, and there is 1 cpu"):
        needed.mesh((1,))
