"""Two processes with `jax.distributed` on this machine do together what one process does alone."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nnxspec

WORKER = Path(__file__).with_name("worker.py")
SOURCE = str(Path(nnxspec.__file__).parents[1])
TIMEOUT = 120


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        port: int = found.getsockname()[1]
        return port


def run(library: str, processes: int) -> list[subprocess.CompletedProcess[str]]:
    """Runs the worker in some processes; none outlives the call."""
    port, environ = free_port(), os.environ | {"PYTHONPATH": SOURCE}
    with contextlib.ExitStack() as cleanup:
        started = []
        for number in range(processes):
            command = [sys.executable, str(WORKER), library, str(processes), str(number), str(port)]
            process = cleanup.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)
            )
            cleanup.callback(process.kill)  # before the wait on leaving; no harm once it has ended
            started.append(process)
        told = [process.communicate(timeout=TIMEOUT) for process in started]
    return [subprocess.CompletedProcess(p.args, p.returncode, *text) for p, text in zip(started, told, strict=True)]


def results(library: str, processes: int) -> list[dict[str, Any]]:
    for _ in range(3):
        done = run(library, processes)
        # Between our look for a free port and its use somebody else may take it.
        if not any("address already in use" in each.stderr.lower() for each in done):
            break
    assert [each.returncode for each in done] == [0] * processes, "\n".join(each.stderr[-3000:] for each in done)
    return [json.loads(each.stdout.splitlines()[-1]) for each in done]


@pytest.mark.parametrize("library", ["nnxspec.reference_impl", "flax.nnx"])
def test_two_processes_train_as_one(library: str) -> None:
    if importlib.util.find_spec(library.partition(".")[0]) is None:
        pytest.skip(f"{library} is not installed")
    (alone,) = results(library, 1)
    together = results(library, 2)
    assert alone.pop("devices") == [1, 4]
    assert [each.pop("devices") for each in together] == [[2, 4]] * 2
    assert together == [alone, alone]
    assert alone["module"] == alone["copy"] and alone["module"]["tied"]
    assert "'d'" in alone["module"]["leaves"]["kernel"][1]  # the layout: it is still dealt out
    assert any(alone["module"]["leaves"]["seen"][2])
