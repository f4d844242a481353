"""The faults, one module for each term or family of transforms."""

from __future__ import annotations

from ..fault import Fault
from . import (
    branches,
    caches,
    containers,
    copies_and_maps,
    custom_vjp,
    devices,
    filters,
    folding_in,
    grad,
    graphdef,
    jit,
    linear,
    loops,
    merge,
    module,
    params,
    plain,
    prefixes,
    prng_states,
    scan,
    split_and_merge,
    state,
    traces,
    transforms,
    update_and_pop,
    variable,
    vmap,
)

_MODULES = (
    variable,
    params,
    module,
    containers,
    graphdef,
    state,
    filters,
    split_and_merge,
    update_and_pop,
    copies_and_maps,
    merge,
    prng_states,
    folding_in,
    traces,
    transforms,
    jit,
    caches,
    grad,
    linear,
    custom_vjp,
    plain,
    vmap,
    devices,
    scan,
    loops,
    branches,
    prefixes,
)

FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
"""Every fault by name."""

if len(FAULTS) < sum(len(module.FAULTS) for module in _MODULES):
    raise ValueError("two faults have the same name")
