"""Faults of Params: the layers that make them, and the registry of type names."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "bias-from-default-stream",
        "Linear draws the key of its bias from the default stream.",
        "layers",
        "bias_init(rngs.params(), (out_features,))",
        "bias_init(rngs(), (out_features,))",
        ("params.layer-keys",),
    ),
    Fault(
        "types-registered-twice",
        "A class that has a name may get another one.",
        "variable_names",
        "    if typ in _names:\n        raise",
        "    if False:\n        raise",
        ("params.type-name-registry",),
    ),
)
