"""Faults of the mechanism that all transforms share."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "bound-methods-hide-in-partials",
        "A bound method inside functools.partial is not seen.",
        "transforms.functions",
        "while isinstance(inner, functools.partial):",
        "while False:",
        ("transform.bound-methods-rejected",),
    ),
    Fault(
        "partials-resolved-by-signature",
        "Arguments are bound by the signature, also those that a functools.partial gives by name.",
        "transforms.functions",
        "    if not kwargs:\n        return tuple(args)\n    bound = inspect.signature(f).bind(*args, **kwargs)\n",
        "    bound = inspect.signature(f).bind(*args, **kwargs)\n    bound.apply_defaults()\n",
        ("transform.default-arguments",),
    ),
    Fault(
        "metadata-alone-is-no-change",
        "A Variable of which only metadata changed counts as unchanged.",
        "transforms.lift",
        "            and bool(self.key == structure_key(record.defs))\n",
        "",
        ("variable.metadata-propagates-lifted", "transform.metadata-propagates"),
    ),
    Fault(
        "new-values-unnoticed",
        "An object of which only values changed counts as unchanged.",
        "transforms.lift",
        "            and all(map(_is_same, self.leaves, record.leaves))\n",
        "",
        (
            "transform.transparent",
            "transform.nested",
            "jit.transparent",
            "transform.identity-preserved",
            "vmap.broadcast-state",
        ),
        source="google/flax#3518",
    ),
    Fault(
        "everything-comes-back",
        "All leaves of the arguments come back, changed or not.",
        "transforms.lift",
        "if 0 <= number < len(self.before) and self.before[number].equals(record):",
        "if False:",
        ("transform.no-op-neutral", "custom-vjp.unchanged-inputs", "transform.leaf-kinds"),
        source="google/flax#5116",
    ),
    Fault(
        "new-attributes-lost",
        "Attributes that were added inside are not there outside.",
        "transforms.program",
        "    kind.fill(node, parts)\n",
        (
            "    had = set(kind.flatten(node).keys)\n"
            "    chosen = [i for i, key in enumerate(parts.keys) if key in had]\n"
            "    flags = None if parts.flags is None else tuple(parts.flags[i] for i in chosen)\n"
            "    kind.fill(node, Parts(tuple(parts.keys[i] for i in chosen), [parts.values[i] for i in "
            "chosen], flags))\n"
        ),
        ("transform.structure-propagates", "transform.bare-arrays", "transform.transparent"),
    ),
    Fault(
        "deleted-attributes-stay",
        "Attributes that were deleted inside are still there outside.",
        "transforms.program",
        "    kind.remove(node, set(kind.flatten(node).keys) - set(parts.keys))\n",
        "",
        ("transform.structure-propagates", "transform.transparent"),
        budget=300,
    ),
    Fault(
        "inputs-returned-as-copies",
        "A transform that returns its input returns a copy.",
        "transforms.lift",
        "    return rebuild(result.program, result.leaves(groups), objects)[0]\n",
        (
            "    from ..clone import clone\n"
            "\n"
            "    return clone(rebuild(result.program, result.leaves(groups), objects)[0])\n"
        ),
        ("transform.outputs-identity",),
        source="google/flax#3518",
    ),
    Fault(
        "detached-objects-forgotten",
        "What the function took out of its arguments does not come back.",
        "transforms.lift",
        "        return table, records\n\n    def _where",
        (
            "        held = {id(x) for r in seen for _, x in r.refs}\n"
            "        for number, x in enumerate(self.objects):\n"
            "            if id(x) not in held:\n"
            "                records[number + 1] = Record((Ref(number),), [], [], [])\n"
            "        return table, records\n"
            "\n"
            "    def _where"
        ),
        ("transform.detached-objects",),
        source="chaobrain/brainstate#203",
    ),
    Fault(
        "aliases-come-apart",
        "A Variable that is in two places is two Variables inside.",
        "transforms.program",
        "        number = self.numbers.setdefault(id(x), len(self.objects))\n",
        (
            "        number = len(self.objects) if isinstance(x, Variable) else "
            "self.numbers.setdefault(id(x), len(self.objects))\n"
            "        self.numbers[id(x)] = number\n"
        ),
        ("transform.aliasing-inside",),
        source="google/flax#4379",
    ),
    Fault(
        "arguments-copied",
        "A transform works on a copy of its arguments.",
        "transforms.lift",
        "    records = list(table.records((tuple(args), dict(kwargs))))\n",
        (
            "    from ..clone import clone\n"
            "\n"
            "    args, kwargs = clone((tuple(args), dict(kwargs)))\n"
            "    records = list(table.records((tuple(args), dict(kwargs))))\n"
        ),
        ("transform.identity-preserved", "transform.outputs-identity"),
        source="google/flax#3518",
    ),
)
