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
    Fault(
        "renamed-types-keep-their-name",
        "A Variable type that is registered anew can be found under its old name too.",
        "variable_names",
        '        _types.pop(_names.pop(typ, ""), None)\n',
        '        _names.pop(typ, "")\n',
        ("params.type-name-registry",),
    ),
    Fault(
        "names-given-away-stay",
        "A Variable type whose name was given to another keeps it.",
        "variable_names",
        "        _names.pop(_types.pop(name, Variable), None)\n",
        "        _types.pop(name, Variable)\n",
        ("params.type-name-registry",),
    ),
    Fault(
        "decorated-registration-keeps",
        "The decorator that registers a Variable type does not overwrite.",
        "variable_names",
        "register_variable_name(name, cls, overwrite=overwrite)",
        "register_variable_name(name, cls)",
        ("params.type-name-registry",),
    ),
)
