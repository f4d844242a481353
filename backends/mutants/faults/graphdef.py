"""Faults of GraphDefs: equality, hashes, what is in them and what is not."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "graphdef-confuses-one-and-true",
        "Statics that are equal but of different type give equal GraphDefs.",
        "statics",
        "    if cls in (int, str, bool, bytes):\n        return (cls, value)",
        "    if cls in (int, str, bool, bytes):\n        return (int, value)",
        ("graphdef.static-type-aware",),
        source="google/flax#3863",
    ),
    Fault(
        "graphdef-ignores-metadata",
        "Metadata of Variables is left out when GraphDefs are compared.",
        "graphdef",
        "key.extend((VariableDef, d.type, *[(name, freeze(d.metadata[name])) for name in sorted(d.metadata)]))",
        "key.extend((VariableDef, d.type))",
        ("graphdef.discriminates",),
    ),
    Fault(
        "graphdef-knows-shapes",
        "The shape of a Variable's value is part of the GraphDef.",
        "flatten",
        "defs.append(VariableDef(type(value), value.get_metadata()))",
        (
            'shape = getattr(value.get_raw_value(), "shape", ())\n'
            '                defs.append(VariableDef(type(value), value.get_metadata() | {"shape": shape}))'
        ),
        ("graphdef.static-only",),
    ),
    Fault(
        "arrays-in-attributes-of-statics",
        "Arrays in the attributes of a static object are not found.",
        "statics",
        "        stack.extend(_attributes(x))\n",
        "",
        ("graphdef.no-hidden-arrays",),
        source="patrick-kidger/equinox#850",
    ),
    Fault(
        "partials-hide-arrays",
        "Arrays among the arguments of a partial are not found.",
        "statics",
        "            stack.extend((x.func, x.args, x.keywords))",
        "            stack.append(x.func)",
        ("graphdef.no-hidden-arrays",),
        source="patrick-kidger/equinox#850",
    ),
    Fault(
        "pure-values-without-metadata",
        "A Variable made from a pure value has no metadata.",
        "flatten",
        "d.type.from_metadata(value, d.metadata)",
        "d.type.from_metadata(value, {})",
        ("graphdef.metadata-source", "merge.pure-values"),
        source="google/flax#4352",
    ),
    Fault(
        "graphdef-hashes-identity",
        "The hash of a GraphDef is that of the object.",
        "graphdef",
        "        return hash(self.structure)\n",
        "        return id(self)\n",
        ("graphdef.deterministic", "graphdef.hashable", "graphdef.iso-invariant", "graphdef.jit-argument"),
        source="google/flax#3863",
    ),
    Fault(
        "graphdef-hashes-lists",
        "A GraphDef with statics that have no hash has one.",
        "statics",
        '            raise TypeError(f"unhashable static or metadata value of type {self.content[0].__name__!r}")',
        "            return 0",
        ("graphdef.hashable",),
        source="google/flax#5489",
    ),
    Fault(
        "properties-leave-attributes",
        "Assigning through a property leaves an attribute of that name.",
        "pytree",
        "        if _is_descriptor(type(self), name):\n            object.__setattr__(self, name, value)\n",
        (
            "        if _is_descriptor(type(self), name):\n"
            "            object.__setattr__(self, name, value)\n"
            "            vars(self)[name] = value\n"
        ),
        ("graphdef.property-setters",),
    ),
    Fault(
        "pickled-leaf-is-another",
        "The mark of a leaf is another object after pickling.",
        "graphdef",
        '    def __reduce__(self) -> str:\n        return "LEAF"',
        "    def __reduce__(self) -> Any:\n        return _Leaf, ()",
        ("graphdef.pickle",),
    ),
    Fault(
        "nan-differs-from-itself",
        "A static NaN makes GraphDefs unequal.",
        "statics",
        "        return (cls, value.hex())\n    if cls is complex",
        "        return (cls, value)\n    if cls is complex",
        ("graphdef.static-type-aware",),
    ),
    Fault(
        "graphdef-ignores-sharing",
        "A reference to an earlier object is as good as one to another.",
        "graphdef",
        "        else:\n            key.append(d)\n    return tuple(key)",
        "        else:\n            key.append(Ref)\n    return tuple(key)",
        ("graphdef.discriminates",),
        source="google/flax#3863",
    ),
    Fault(
        "graphdef-knows-tracers",
        "What kind of array a Variable holds is part of the GraphDef.",
        "flatten",
        "defs.append(VariableDef(type(value), value.get_metadata()))",
        (
            "held = type(value.get_raw_value()).__name__\n"
            '                defs.append(VariableDef(type(value), value.get_metadata() | {"held": held}))'
        ),
        ("graphdef.stable-in-transforms",),
        source="google/flax#5489",
    ),
)
