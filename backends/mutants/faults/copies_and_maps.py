"""Faults of clone, copy, map, and of the iterators."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "map-state-drops-none",
        "map_state leaves out what the function gives None for.",
        "flat_state",
        "return nest((path, function(path, leaf)) for path, leaf in iter_leaves(state))",
        "return nest((path, new) for path, leaf in iter_leaves(state) if (new := function(path, leaf)) is not None)",
        ("map.once-per-leaf",),
    ),
    Fault(
        "clone-shares-numpy-arrays",
        "A clone holds the numpy arrays of its source.",
        "clone",
        "    value = copy_containers(value, arrays=True)\n    if arrays:",
        "    value = copy_containers(value)\n    if arrays:",
        ("clone.deep",),
        source="google/flax#3518",
    ),
    Fault(
        "iter-graph-parents-first",
        "iter_graph yields nodes before their children.",
        "walk",
        "if event not in (Event.ENTER, Event.AGAIN)",
        "if event not in (Event.LEAVE, Event.AGAIN)",
        ("iter.graph-post-order",),
    ),
    Fault(
        "duplicates-need-three-paths",
        "An object with two paths is no duplicate.",
        "walk",
        "if identity in again and predicate(place.path, place.value):",
        "if len(again.get(identity, ())) > 1 and predicate(place.path, place.value):",
        ("iter.find-duplicates",),
    ),
    Fault(
        "clone-copies-all-variables",
        "clone(variables=False) copies the Variables as well.",
        "clone",
        "leaves = [leaf if isinstance(leaf, Variable) else copy_leaf(leaf) for leaf in leaves]",
        "leaves = [copy_leaf(leaf) for leaf in leaves]",
        ("clone.without-variables",),
    ),
    Fault(
        "arrays-without-variables",
        "Copied arrays without copied Variables are not refused.",
        "clone",
        "    if arrays and not variables:",
        "    if False:",
        ("clone.without-variables",),
    ),
    Fault(
        "clone-adds-zero",
        "An array is copied by adding zero to it.",
        "clone",
        "lambda x: x.copy() if isinstance(x, jax.Array) else x",
        "lambda x: x + 0 if isinstance(x, jax.Array) else x",
        ("clone.arrays-bit-exact",),
    ),
    Fault(
        "clone-shares-buffers",
        "clone(arrays=True) shares the buffers.",
        "clone",
        "lambda x: x.copy() if isinstance(x, jax.Array) else x",
        "lambda x: x",
        ("clone.donation", "clone.arrays-bit-exact"),
        source="google/flax#3518",
    ),
    Fault(
        "deepcopy-without-memo",
        "Each attribute is deep-copied by itself.",
        "pytree",
        "copy.deepcopy(value, memo) if is_data",
        "copy.deepcopy(value) if is_data",
        ("copy.pickle-deepcopy", "copy.container-sharing", "graph.history"),
        source="google/flax#3790",
        budget=300,
    ),
    Fault(
        "recursive-map-refuses-sharing",
        "recursive_map takes a shared object for a cycle.",
        "maps",
        "            if has_identity(kind_of(place.value)):",
        "            if False:",
        ("map.recursive",),
    ),
    Fault(
        "containers-are-no-modules",
        "List and Dict are not among the Modules that are listed.",
        "module",
        "(place for place in iter_places(node) if isinstance(place.value, Module))",
        (
            "(place for place in iter_places(node) if isinstance(place.value, Module) and "
            'type(place.value).__name__ not in ("List", "Dict"))'
        ),
        ("iter.modules",),
    ),
    Fault(
        "children-by-last-name",
        "A child with several names comes under the last.",
        "module",
        "            first.setdefault(id(value), (key, value))",
        "            first[id(value)] = (key, value)",
        ("iter.children",),
    ),
    Fault(
        "paths-as-text",
        "The keys in paths are strs.",
        "walk",
        "            keys.append(place.key)",
        "            keys.append(str(place.key))",
        ("iter.paths-valid",),
    ),
    Fault(
        "map-asks-twice",
        "map calls the function twice for each leaf.",
        "maps",
        "        new = f(path, leaf)\n        mapped",
        "        f(path, leaf)\n        new = f(path, leaf)\n        mapped",
        ("map.once-per-leaf",),
    ),
    Fault(
        "as-pure-keeps-variables",
        "as_pure makes new Variables of the raw values.",
        "maps",
        "builtins.map(_pure, flat.leaves), wrap=False)",
        "builtins.map(_pure, flat.leaves))",
        ("map.as-pure",),
    ),
    Fault(
        "clone-moves-arrays",
        "clone puts all arrays on the first device.",
        "clone",
        "    if isinstance(value, jax.Array) and not arrays:\n",
        (
            "    value = jax.tree.map(lambda x: jax.device_put(x, jax.devices()[0]) if isinstance(x, "
            "jax.Array) and not isinstance(x, jax.core.Tracer) else x, value)\n"
            "    if isinstance(value, jax.Array) and not arrays:\n"
        ),
        ("sharding.clone",),
    ),
    Fault(
        "clone-shares-aux-data",
        "A clone shares the aux data of registered pytrees.",
        "clone",
        "    if isinstance(d, NodeDef) and d.aux is not None:",
        "    if isinstance(d, NodeDef) and d.aux is None:",
        ("clone.deep",),
    ),
    Fault(
        "deepcopy-shares-statics",
        "copy.deepcopy of a Module shares its static containers.",
        "statics",
        "    return copied if freeze(copied) == freeze(value) else value",
        "    return copied if freeze(copied) != freeze(value) else value",
        ("copy.pickle-deepcopy",),
        budget=300,
    ),
    Fault(
        "as-pure-stops-at-containers",
        "as_pure gives plain containers back as they are.",
        "maps",
        "    flat = flatten(tree)\n    pure",
        "    if type(tree) in (list, dict, tuple):\n        return tree\n    flat = flatten(tree)\n    pure",
        ("map.as-pure",),
    ),
    Fault(
        "as-pure-keeps-single-variables",
        "as_pure gives a single Variable back.",
        "maps",
        "    flat = flatten(tree)\n    pure",
        "    if isinstance(tree, Variable):\n        return tree\n    flat = flatten(tree)\n    pure",
        ("map.as-pure",),
    ),
    Fault(
        "recursive-map-in-place",
        "recursive_map puts the new children into the nodes of the original.",
        "maps",
        "new = kind.create(type(node))",
        "new = node",
        ("map.recursive",),
    ),
    Fault(
        "recursive-map-writes-into-variables",
        "recursive_map writes the Variable that the function returns into the one of the original.",
        "maps",
        "            new = f(place.path, value)\n",
        (
            "            new = f(place.path, value)\n"
            "            if isinstance(new, Variable) and isinstance(value, Variable):\n"
            "                new = value.set_raw_value(new.get_raw_value()) or value\n"
        ),
        ("map.recursive",),
    ),
    Fault(
        "as-pure-one-level",
        "as_pure leaves the Variables that a Variable holds.",
        "maps",
        "return as_pure(leaf) if leaf is not None and isinstance(kind_of(leaf), NodeType) else leaf",
        "return leaf",
        ("map.as-pure",),
    ),
)
