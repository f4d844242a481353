"""Devices for laws that need more than one. Where they are not, the law is unsupported; it never holds on fewer."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from .backend import Unsupported

COUNT = 8
"""How many devices a law on several of them can count on: as many as a simulated host has."""


def devices(count: int = COUNT) -> list[Any]:
    """Some of the devices on which laws run.

    Args:
        count: how many, up to `COUNT`.

    Raises:
        Unsupported: there are less than `COUNT`, however few are asked for here: a law that draws their number would
            otherwise hold on the examples that need only one.
    """
    here = jax.devices()
    if len(here) < COUNT:
        there = f"there is 1 {here[0].platform}" if len(here) == 1 else f"there are {len(here)}"
        raise Unsupported(f"{COUNT} devices", f"needs {COUNT} devices, and {there}")
    return here[:count]


def mesh(shape: tuple[int, ...]) -> jax.sharding.Mesh:
    """A mesh of devices with the axes ``a``, ``b``, ... Raises Unsupported as `devices` does."""
    count = int(np.prod(shape))
    auto = jax.sharding.AxisType.Auto
    return jax.sharding.Mesh(
        np.array(devices(count)).reshape(shape), tuple("abc"[: len(shape)]), axis_types=(auto,) * len(shape)
    )


def accelerator() -> Any:
    """The first device of the kind on which laws run, if that is not the CPU.

    Raises:
        Unsupported: it is the CPU.
    """
    here = jax.devices()[0]
    if here.platform == "cpu":
        raise Unsupported("an accelerator", "needs an accelerator, and laws run on the CPU")
    return here
