"""The devices of a run: chosen before jax starts, looked at afterwards.

The CPU is always there, beside an accelerator too, so that laws can compare the two. It simulates `HOST_DEVICES`
devices for laws that need several; laws that need one do not run slower for it. A count that the user has set stands.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import sys
from collections import Counter

HOST_DEVICES = 8
"""How many devices the CPU simulates unless the user says otherwise."""

_VENDORS = ("cuda", "rocm", "oneapi")
_COUNT, _FLAG = "JAX_NUM_CPU_DEVICES", "xla_force_host_platform_device_count"


class DeviceError(ValueError):
    """There is no such device here; the message is one line that says what there is."""


def platforms(device: str) -> str:
    """What ``JAX_PLATFORMS`` has to be for a device, ``gpu`` standing for the kind of GPU that jax has a plugin for."""
    if device == "gpu":
        plugins = " ".join(entry.name for entry in importlib.metadata.entry_points(group="jax_plugins"))
        device = next((vendor for vendor in _VENDORS if vendor in plugins), _VENDORS[0])
    return "cpu" if device == "cpu" else f"{device},cpu"


def announce(device: str | None) -> None:
    """Tells jax, and every process that is started from here, which devices to use. Afterwards it is too late.

    Args:
        device: ``cpu``, ``gpu``, ``tpu``, or another platform of jax; None takes what the environment says, else the
            CPU: laws need no accelerator, and looking for one costs seconds.
    """
    if device is None:
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
    else:
        os.environ["JAX_PLATFORMS"] = platforms(device)
    if os.environ["JAX_PLATFORMS"] != "cpu":
        # The workers of a distributed run share the accelerator, and examples are small.
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    counted = _FLAG in os.environ.get("XLA_FLAGS", "")
    if not counted:
        os.environ.setdefault(_COUNT, str(HOST_DEVICES))
    if "jax" in sys.modules:  # it has read the environment already, but may not have started yet
        _configure(count=not counted)


def _configure(*, count: bool) -> None:
    import jax

    try:
        if count and getattr(jax.config, "jax_num_cpu_devices", 0) < 0:  # older ones read XLA_FLAGS alone
            jax.config.update("jax_num_cpu_devices", int(os.environ[_COUNT]))  # type: ignore[no-untyped-call]  # jax's
        jax.config.update("jax_platforms", os.environ["JAX_PLATFORMS"])  # type: ignore[no-untyped-call]  # jax's
    except RuntimeError:
        pass  # it has started; `started` sees whether that fits


def started(device: str | None) -> str:
    """The kind of device that jax has started on: ``cpu``, ``gpu``, ...

    Raises:
        DeviceError: it is not the one asked for.
    """
    import jax

    try:
        here: str = jax.default_backend()
    except (RuntimeError, AssertionError) as error:
        why = " ".join(str(error).partition("(set JAX_PLATFORMS")[0].split())
        wanted = os.environ.get("JAX_PLATFORMS") if device is None else device
        raise DeviceError(f"the device {wanted!r} cannot be had: {why or 'jax finds none'}"[:240]) from None
    if device is not None and here != dict.fromkeys(_VENDORS, "gpu").get(device, device):
        raise DeviceError(f"the device {device!r} cannot be had: jax finds {', '.join(counted())}")
    return here


def counted() -> dict[str, int]:
    """How many devices of each kind laws can use, by jax's name of the kind, the default ones first."""
    import jax

    kinds = Counter(f"{each.platform}: {each.device_kind}" for each in jax.devices())
    if jax.default_backend() != "cpu":
        with contextlib.suppress(RuntimeError):  # the user has chosen platforms without the CPU
            kinds.update(f"{each.platform}: {each.device_kind}" for each in jax.devices("cpu"))
    return {_brief(kind): count for kind, count in kinds.items()}


def _brief(kind: str) -> str:
    """``cpu`` instead of ``cpu: cpu``."""
    platform, _, name = kind.partition(": ")
    return platform if name == platform else kind
