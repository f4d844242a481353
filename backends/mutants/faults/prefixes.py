"""Faults of prefixes, and of the metadata that names axes."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "state-axes-last-match-wins",
        "The last filter of StateAxes that matches a leaf decides.",
        "axes",
        "i = first_match(self._predicates, path, leaf)",
        (
            "n = len(self._predicates)\n"
            "        i = max([k for k in range(n) if self._predicates[k](path, leaf)], default=n)"
        ),
        ("transform.prefix-objects", "vmap.state-axes"),
    ),
    Fault(
        "state-axes-unmatched-is-broadcast",
        "A leaf that no filter of StateAxes matches has no axis, instead of being refused.",
        "axes",
        "        if i == len(self._predicates):\n",
        "        if i == len(self._predicates):\n            return None\n        if False:\n",
        ("transform.prefix-objects",),
    ),
    Fault(
        "sharding-equals-axes",
        "A StateSharding equals the StateAxes of the same content.",
        "axes",
        "if type(other) is not type(self):",
        "if not isinstance(other, StateAxes):",
        ("transform.prefix-equality",),
    ),
    Fault(
        "diff-state-without-filter",
        "DiffStates of one argument are equal whatever they select.",
        "transforms.grad",
        "return self.argnum, to_predicate(self.filter)",
        "return self.argnum",
        ("transform.prefix-equality",),
    ),
    Fault(
        "aliases-may-disagree",
        "The first prefix of a Variable counts, and its aliases are not asked.",
        "transforms.prefixes",
        "elif self.axes[key] != axis:",
        "elif False:",
        ("transform.consistent-aliasing", "transform.consistent-argnums"),
    ),
    Fault(
        "output-aliases-unchecked",
        "Aliases among the inputs are compared, those between inputs and outputs are not.",
        "transforms.prefixes",
        "elif self.axes[key] != axis:",
        'elif self.axes[key] != axis and site.top[:1] != ("out",):',
        ("transform.consistent-aliasing",),
    ),
    Fault(
        "prefix-of-another-container",
        "A tuple is taken as prefix for a list.",
        "transforms.prefixes",
        "if type(tree) is not type(prefix) or not isinstance(tree_kind, NodeType):",
        "if not isinstance(tree_kind, NodeType):",
        ("transform.wrong-prefixes",),
    ),
    Fault(
        "axis-names-not-put-back",
        "vmap and scan take the name of their axis out of the metadata for good.",
        "transforms.metadata",
        "                _add_axis(variable, axis, names)",
        "                _run_hook(variable, 'on_add_axis', axis, names)",
        ("variable.axis-metadata",),
        source="google/flax#5589",
    ),
    Fault(
        "negative-axis-name-misplaced",
        "The name of a negative axis is put one place too far to the left.",
        "transforms.metadata",
        "index = axis + len(fields) + 1 if axis < 0 else axis",
        "index = axis + len(fields) if axis < 0 else axis",
        ("variable.axis-metadata",),
        source="google/flax#5508",
    ),
    Fault(
        "axis-name-next-to-those-there",
        "Where a value names fewer axes than it has, the name of the mapped axis follows the last of them.",
        "transforms.metadata",
        "        fields.extend([None] * (index - len(fields)))\n",
        "",
        ("variable.axis-metadata",),
    ),
    Fault(
        "nameless-axis-taken-away",
        "An axis without a name is taken for the mapped one.",
        "transforms.metadata",
        "        if removed != name:\n",
        "        if removed not in (name, None):\n",
        ("variable.axis-metadata",),
    ),
    Fault(
        "pmap-shows-the-mapped-axis",
        "pmap leaves the name of its axis in the metadata of its arguments.",
        "transforms.vmap",
        """    check_function(f, "pmap")
    fun = with_metadata_transformed(f, in_axes, out_axes, transform_metadata)
""",
        """    check_function(f, "pmap")
    fun = with_metadata_transformed(f, None, out_axes, transform_metadata)
""",
        ("variable.axis-metadata",),
    ),
    Fault(
        "vmap-decorator-loses-metadata",
        "vmap as a decorator forgets transform_metadata.",
        "transforms.vmap",
        "            vmap, in_axes=in_axes, out_axes=out_axes, transform_metadata=transform_metadata, **options\n",
        "            vmap, in_axes=in_axes, out_axes=out_axes, **options\n",
        ("variable.axis-metadata",),
    ),
    Fault(
        "axis-hooks-only-on-the-way-in",
        "No hook is called when an axis is put back.",
        "transforms.metadata",
        '    _run_hook(variable, "on_add_axis", axis, names)\n',
        "",
        ("variable.axis-hooks",),
    ),
    Fault(
        "axis-hooks-of-classes-ignored",
        "Hooks of axes are looked up in the metadata only.",
        "transforms.metadata",
        "    hooks = variable.get_metadata(name, getattr(type(variable), name, ()))\n",
        "    hooks = variable.get_metadata(name, ())\n",
        ("variable.axis-hooks",),
    ),
)
