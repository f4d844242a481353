"""From input data to live inputs: scripts become functions that build, literals values, the rest stays."""

from __future__ import annotations

import functools
from typing import Any

from ..backend import Unsupported
from .body import elaborate_program
from .elaborate import elaborate
from .filters import FilterExpr
from .literals import Literal
from .steps import Program, Script
from .world import world_of

_LIMIT_OF_CAPABILITY = {
    "sharing": ("sharing", "cycles", "aliased-arguments"),
    "cycles": ("cycles",),
    "raw-arrays": ("raw-arrays",),
    "numpy-leaves": ("numpy",),
    "value-leaves": ("values",),
    "abstract-leaves": ("abstract",),
    "unhashable-statics": ("unhashable",),
    "non-pytrees": ("non-pytrees",),
    "metadata": ("metadata",),
    "variable-types": ("variable-types",),
    "structural-mutation": ("edits", "later-parts"),
    "mutation": ("writes",),
    "mutation.any-value": ("shapes", "body-shapes", "body-indexing"),
    "pytree-values": ("pytree-values",),
    "unlabelled": ("no-label",),
    "transform.returns-objects": ("body-nodes",),
    "transform.structure": ("body-structure", "body-statics"),
    "transform.returned-inputs": ("body-inputs",),
    "containers": ("list-nodes",),
    "annotations": ("values", "unmarked"),
    "plain-containers": ("containers",),
    "indexing": ("body-indexing",),
    "rng.streams": ("rngs",),
    "Module.sow": ("body-sow",),
}


def limits_of(nnx: Any) -> frozenset[str]:
    """Limits on scripts that follow from the capabilities a backend does not claim."""
    barred = (limits for name, limits in _LIMIT_OF_CAPABILITY.items() if not nnx.offers(name))
    found = frozenset(limit for limits in barred for limit in limits)
    if "later-parts" not in found:
        return found
    # Fields are declared with the class there, so nothing has to be marked as data where it is attached.
    kept = {"containers"} | ({"values"} if nnx.offers("value-leaves") else set())
    return found - kept


def realize(nnx: Any, value: Any) -> Any:
    """The live input that a law gets for a piece of input data.

    Returns:
        For a `Script` a function without arguments that builds an equal, independent graph at each call; for a
        `Program` a namespace with ``make`` (gives the tuple of arguments, new at each call), ``body`` (takes an index
        and the arguments), ``effects``, ``groups`` and ``nodes``; for a literal its value, made anew; a tuple for a
        tuple; anything else unchanged.
    """
    if isinstance(value, Script):
        world = world_of(nnx)
        return world.define(elaborate(value, limits_of(nnx)).source())
    if isinstance(value, Program):
        return world_of(nnx).define(elaborate_program(value, limits_of(nnx)).source())
    if isinstance(value, FilterExpr) and value.inexact and not nnx.offers("filters.inexact"):
        raise Unsupported("filters.inexact")
    if isinstance(value, Literal):
        return world_of(nnx).evaluate(value.code())
    if isinstance(value, tuple):
        return tuple(realize(nnx, item) for item in value)
    return value


@functools.lru_cache(maxsize=1024)
def features(script: Script | Program) -> dict[str, int]:
    """How often each feature occurs in a script or program."""
    made = elaborate_program(script) if isinstance(script, Program) else elaborate(script)
    return dict(made.features)
