"""Where a run took place: hardware and versions, without anything that names a machine or a folder."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax

from nnxspec import __version__
from nnxspec.spec import Backend


def machine() -> dict[str, Any]:
    """Processor, number of cores this process may use, memory, system, and jax's devices."""
    found = {
        "processor": _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": _cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "devices": [f"{device.platform}: {device.device_kind}" for device in jax.devices()],
    }
    memory = _line("/proc/meminfo", "MemTotal")
    if memory:
        found["memory_gib"] = round(int(memory.split()[0]) / 2**20)
    if hasattr(os, "getloadavg"):
        found["load_before"] = round(os.getloadavg()[0], 1)
    return found


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _line(path: str, name: str) -> str:
    """What a file of the form ``name : value`` says; empty where there is none."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def versions(backends: Mapping[str, Backend]) -> dict[str, str]:
    """Versions of the distributions that matter, by name."""
    names = {"jax", "jaxlib", "numpy", *(name for backend in backends.values() for name in backend.distributions)}
    return {"nnxspec": __version__} | {name: importlib.metadata.version(name) for name in sorted(names)}
