"""Faults of split: roots, containers, sharing, the groups of leaves."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "split-forgets-shared-variables",
        "A Variable reached twice is written down twice.",
        "flatten",
        "elif kind is VARIABLE and id(value) in numbers:",
        "elif kind is VARIABLE and id(value) in ():",
        ("split.state-shape", "clone.isomorphic-disjoint", "graph.history"),
        source="google/flax#4379",
    ),
    Fault(
        "ordered-dict-sorted",
        "An OrderedDict is put together in the order of its sorted keys.",
        "nodes",
        "return OrderedDict((key, items[key]) for key in parts.aux)",
        "return OrderedDict(items)",
        ("split.container-fidelity", "split.round-trip"),
        source="jax-ml/jax#20423",
        budget=300,
    ),
    Fault(
        "namedtuple-by-sorted-names",
        "The fields of a namedtuple are filled in the order of their names.",
        "nodes",
        "return cls(*[fields[name] for name in cls._fields])",
        "return cls(*fields.values())",
        ("split.container-fidelity", "split.round-trip"),
    ),
    Fault(
        "states-hold-copies",
        "The leaves of a State are copies of the Variables.",
        "flatten",
        "            leaves.append(value)\n            branch",
        (
            "            value = value.copy() if isinstance(value, Variable) else value\n"
            "            leaves.append(value)\n"
            "            branch"
        ),
        ("split.shares-variables",),
        source="google/flax#4912",
    ),
    Fault(
        "root-leaf-in-next-slot",
        "A root that is a leaf stands in the slot after that of its filter.",
        "split",
        "return [group[0][1] if group else State() for group in groups], flat",
        "return [group[0][1] if group else State() for group in groups[-1:] + groups[:-1]], flat",
        ("split.root-leaves",),
    ),
    Fault(
        "state-wants-a-node",
        "state refuses a root that is a leaf.",
        "split",
        "    groups, _ = _groups(node, filters, exhaustive=False)",
        (
            "    if not isinstance(flatten(node).defs[0], NodeDef):\n"
            '        raise ValueError("no node")\n'
            "    groups, _ = _groups(node, filters, exhaustive=False)"
        ),
        ("split.state-agrees-on-roots",),
    ),
    Fault(
        "statuses-forgotten",
        "What is put together gets the statuses that its values suggest.",
        "pytree",
        "        _set_status(node, status.copy())\n",
        "        _set_status(node, {key: is_data(value) for key, value in zip(keys, values, strict=True)})\n",
        ("split.stable", "split.round-trip"),
    ),
    Fault(
        "split-numbers-variables",
        "split writes the number of each Variable into its metadata.",
        "flatten",
        "                alive.append(value)\n                cls, metadata",
        (
            "                alive.append(value)\n"
            '                value._metadata.setdefault("index", len(alive))\n'
            "                cls, metadata"
        ),
        ("split.pure",),
    ),
    Fault(
        "mixed-keys-sorted-as-text",
        "A dict whose keys cannot be compared is sorted by their text.",
        "nodes",
        "keys = tuple(sorted(node)) if len(node) > 1 else tuple(node)",
        "keys = tuple(sorted(node, key=str)) if len(node) > 1 else tuple(node)",
        ("split.key-domain",),
    ),
    Fault(
        "remainder-among-groups",
        "state gives what no filter matches as one more group.",
        "split",
        "        check_exhaustive(rest)\n    if is_root_leaf",
        "        check_exhaustive(rest)\n    elif len(filters) > 1:\n        groups.append(rest)\n    if is_root_leaf",
        ("split.state-groups", "filter.exhaustive"),
        source="google/flax#3925",
    ),
    Fault(
        "state-copies-leaves",
        "state gives copies, split the Variables themselves.",
        "split",
        "    groups, _ = _groups(node, filters, exhaustive=False)\n",
        (
            "    groups, _ = _groups(node, filters, exhaustive=False)\n"
            "    groups = [jax.tree.map(lambda x: x, group) for group in groups]\n"
        ),
        ("split.graphdef-and-state",),
        source="google/flax#4912",
    ),
    Fault(
        "graphdef-of-structure-alone",
        "graphdef leaves out metadata, split does not.",
        "split",
        "    return make_graphdef(flatten(node))\n",
        (
            "    flat = flatten(node)\n"
            "    bare = [VariableDef(d.type, {}) if isinstance(d, VariableDef) else d for d in flat.defs]\n"
            "    return make_graphdef(flat._replace(defs=tuple(bare)))\n"
        ),
        ("split.graphdef-and-state", "graphdef.deterministic"),
    ),
    Fault(
        "sharing-in-containers-lost",
        "A Variable at a place without a status (in a plain container, at the root) is written down again.",
        "flatten",
        "elif kind is VARIABLE and id(value) in numbers:",
        "elif kind is VARIABLE and id(value) in numbers and flag is not None:",
        ("clone.isomorphic-disjoint",),
        source="google/flax#4379",
        budget=300,
    ),
    Fault(
        "list-keys-as-text",
        "The keys of a List are in the order of their texts.",
        "containers",
        "return _parts(self, tuple(range(len(elements))), elements)",
        "return _parts(self, tuple(sorted(range(len(elements)), key=str)), elements)",
        ("split.state-shape",),
    ),
    Fault(
        "statuses-of-one-for-all",
        "Nodes of one class that were put together share their statuses.",
        "pytree",
        "_set_status(node, status.copy())",
        "_set_status(node, status)",
        ("graph.history",),
    ),
)
