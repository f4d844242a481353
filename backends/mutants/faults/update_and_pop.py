"""Faults of update and pop."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "update-forgets-metadata",
        "A Variable in the state gives its value only.",
        "bulk",
        "set_metadata(variable, dict(metadata))",
        "pass",
        ("update.metadata-and-type",),
    ),
    Fault(
        "copy-from-forgets-metadata",
        "copy_from takes over the value only.",
        "variable",
        "_set_metadata(self, dict(other._metadata))",
        "pass",
        ("variable.copy-from-type",),
    ),
    Fault(
        "pop-leaves-aliases",
        "A popped Variable stays at its other paths.",
        "pop",
        "elif event is not Event.AGAIN or id(place.value) not in removed:",
        "else:",
        ("pop.complete",),
    ),
    Fault(
        "update-not-atomic",
        "Writes are made while later entries are still unchecked.",
        "update",
        "                note_value(new)\n",
        "                note_value(new)\n                take_over([old], [new])\n",
        ("update.atomic",),
    ),
    Fault(
        "update-leaves-arrays",
        "update writes Variables, and not raw arrays.",
        "update",
        "        node_type.set(target, key, value)\n",
        "        pass\n",
        ("update.sets-values",),
    ),
    Fault(
        "update-skips-plain-values",
        "A plain value in the state is not written into a Variable.",
        "bulk",
        "            set_raw_value(variable, other)\n",
        "            pass\n",
        ("update.metadata-and-type", "update.alias-path"),
        source="google/flax#4352",
    ),
    Fault(
        "update-takes-first-state",
        "Of several states the first alone is written.",
        "update",
        "mappings[0] if len(mappings) == 1 else merge_state(*mappings).raw_mapping",
        "mappings[0]",
        ("update.local", "update.partition-order"),
    ),
    Fault(
        "update-first-alias-wins",
        "Of conflicting values for one Variable the first wins.",
        "update",
        "    take_over(writes.variables, writes.values)\n",
        "    take_over(writes.variables[::-1], writes.values[::-1])\n",
        ("update.alias-path",),
    ),
    Fault(
        "update-ignores-unknown-leaves",
        "Leaves at paths that do not exist are ignored, sub-states are refused.",
        "update",
        "            if old is MISSING:\n",
        (
            "            if old is MISSING and as_mapping(new) is None:\n"
            "                continue\n"
            "            if old is MISSING:\n"
        ),
        ("update.unknown-key-uniform",),
    ),
    Fault(
        "update-root-takes-many",
        "A root that is a Variable takes the last of several states.",
        "update",
        "        if len(given) > 1:",
        "        if len(given) > 9:",
        ("update.root-rejected",),
    ),
    Fault(
        "pop-from-root-only",
        "Leaves below the root are returned, and stay.",
        "pop",
        "        holder_kind.remove(holder, keys)",
        "        if holder is node:\n            holder_kind.remove(holder, keys)",
        ("pop.removes-matching", "pop.complete"),
    ),
    Fault(
        "list-deletes-upwards",
        "Elements are taken out of a list from the first on, so that later ones have moved.",
        "nodes",
        "        for key in sorted(keys, reverse=True):\n            del node[key]",
        "        for key in sorted(keys):\n            del node[key]",
        ("pop.containers",),
    ),
    Fault(
        "pop-checks-late",
        "Whether a leaf can be removed is found out when others have been removed.",
        "pop",
        "        _check_removable(place)\n        removals",
        "        removals",
        ("pop.atomic", "pop.containers"),
    ),
    Fault(
        "pop-leaves-arrays",
        "Only Variables are popped.",
        "pop",
        "        if event is Event.LEAF:\n            path",
        '        if event is Event.LEAF and hasattr(place.value, "get_metadata"):\n            path',
        ("pop.catch-all", "pop.removes-matching"),
    ),
    Fault(
        "pop-captured",
        "pop does not ask whether a node belongs to another trace.",
        "pop",
        "        owner_kind.check_writable(owner)",
        "        pass",
        ("trace.update-and-pop-rejected",),
    ),
    Fault(
        "update-takes-state-for-variable",
        "A sub-state becomes the value of a Variable.",
        "update",
        "    if mapping is not None and (as_mapping(variable",
        "    if False and (as_mapping(variable",
        ("update.mismatch-rejected",),
    ),
    Fault(
        "update-keeps-sharding",
        "update lays an array out as the one that was there before.",
        "bulk",
        "            set_raw_value(variable, other._raw_value)\n",
        (
            "            import jax\n"
            "\n"
            "            held, value = variable._raw_value, other._raw_value\n"
            "            if all(isinstance(x, jax.Array) and not isinstance(x, jax.core.Tracer) for x "
            "in (held, value)):\n"
            "                value = jax.device_put(value, held.sharding) if held.shape == value.shape "
            "else value\n"
            "            set_raw_value(variable, value)\n"
        ),
        ("sharding.update",),
        source="google/flax#5112",
    ),
    Fault(
        "update-puts-variables-for-arrays",
        "update puts a Variable in the place of a raw array.",
        "update",
        "    if isinstance(new, Variable):\n        raise",
        "    if isinstance(new, type(None)):\n        raise",
        ("update.mismatch-rejected",),
    ),
    Fault(
        "update-puts-states-for-arrays",
        "update puts a State in the place of a raw array.",
        "update",
        "    if isinstance(new, State) or as_mapping(new) is not None:",
        "    if False:",
        ("update.mismatch-rejected",),
    ),
    Fault(
        "pop-leaves-entries-of-states",
        "What is popped from a State that a Module holds stays there.",
        "nodes",
        "        for key in keys:\n            del node[key]\n\n\nclass _JaxNode",
        "        for key in keys:\n            node[key]\n\n\nclass _JaxNode",
        ("pop.containers",),
    ),
    Fault(
        "update-shares-the-dict",
        "A Variable that was updated shares its metadata with the Variable in the state.",
        "bulk",
        "set_metadata(variable, dict(metadata))",
        "set_metadata(variable, other._metadata)",
        ("update.metadata-and-type",),
    ),
)
