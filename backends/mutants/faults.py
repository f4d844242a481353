"""The faults. Each says in one line what is wrong and names laws that must catch it.

A fault is text that occurs once in a module of the reference, and the text that stands there instead.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault of the reference.

    Args:
        name: short name.
        wrong: what is wrong, in one line.
        module: module of the reference, without the package.
        old: text that occurs exactly once in the module.
        new: what stands there instead.
        laws: ids of laws that must fail.
    """

    name: str
    wrong: str
    module: str
    old: str
    new: str
    laws: tuple[str, ...]


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "split-forgets-shared-variables",
            "A Variable reached twice is written down twice.",
            "flatten",
            "elif kind is VARIABLE and id(value) in numbers:",
            "elif kind is VARIABLE and id(value) in ():",
            ("split.state-shape", "clone.isomorphic-disjoint"),
        ),
        Fault(
            "filter-last-match-wins",
            "A leaf goes to the last filter that matches it.",
            "filters",
            "for i, predicate in enumerate(predicates):\n        if predicate(path, leaf):",
            "for i in reversed(range(len(predicates))):\n        if predicates[i](path, leaf):",
            ("filter.first-match-wins",),
        ),
        Fault(
            "filter-not-is-identity",
            "Not matches what its filter matches.",
            "filters",
            "return not self.predicates[0](path, leaf)",
            "return bool(self.predicates[0](path, leaf))",
            ("filter.boolean-algebra",),
        ),
        Fault(
            "of-type-exact-class",
            "OfType does not match instances of subclasses.",
            "filters",
            "return issubclass(type(leaf), self.type) if",
            "return type(leaf) is self.type if",
            ("filter.of-type", "params.filter-selects-subclasses"),
        ),
        Fault(
            "graphdef-confuses-one-and-true",
            "Statics that are equal but of different type give equal GraphDefs.",
            "statics",
            "    if cls in (int, str, bool, bytes):\n        return (cls, value)",
            "    if cls in (int, str, bool, bytes):\n        return (int, value)",
            ("graphdef.static-type-aware",),
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
            "merge-accepts-extra-leaves",
            "A leaf that the GraphDef does not know is dropped in silence.",
            "flatten",
            "                if key not in self.used and not is_empty_branch(mapping[key]):",
            "                if False:",
            ("merge.leaf-count", "merge.paths-must-match"),
        ),
        Fault(
            "update-forgets-metadata",
            "A Variable in the state gives its value only.",
            "variable",
            'object.__setattr__(self, "_metadata", dict(other._metadata))',
            "pass",
            ("update.metadata-and-type", "variable.copy-from-type"),
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
            "clone-shares-numpy-arrays",
            "A clone holds the numpy arrays of its source.",
            "clone",
            "    value = copy_containers(value, arrays=True)\n    if arrays:",
            "    value = copy_containers(value)\n    if arrays:",
            ("clone.deep",),
        ),
        Fault(
            "draw-folds-next-count",
            "A draw folds in the count plus one.",
            "rngs",
            "key = jax.random.fold_in(self.key.get_value(), count)",
            "key = jax.random.fold_in(self.key.get_value(), count + 1)",
            ("fold.key-sequence",),
        ),
        Fault(
            "rewrapped-stream-restarts",
            "A stream that is put into another Rngs starts again from count 0.",
            "rngs",
            "        stream.count.set_value(self.count.get_value())\n",
            "",
            ("rng.no-key-reuse", "rng.untouched-streams"),
        ),
        Fault(
            "list-insert-shifts-no-status",
            "An element inserted into a List is static.",
            "containers",
            "self._pytree__elements.insert(index, _element(self, index, value))",
            "self._pytree__elements.insert(index, _element(self, index, value)._replace(is_data=False))",
            ("module.list-mixed-content",),
        ),
        Fault(
            "sow-replaces",
            "A second sow forgets the first.",
            "module",
            "variable.set_value(reduce_fn(variable.get_value(), value))",
            "variable.set_value(reduce_fn(init_fn(), value))",
            ("module.sow",),
        ),
        Fault(
            "trace-guard-off",
            "Objects of another trace may be changed.",
            "tracers",
            "if not self._trace == current_trace():",
            "if False:",
            ("update.trace-checked", "rng.captured-stream-rejected"),
        ),
        Fault(
            "copy-loses-metadata",
            "A copy of a Variable has only the metadata that was passed.",
            "variable",
            "return self.from_metadata(value, self._metadata | _without_required(metadata))",
            "return self.from_metadata(value, _without_required(metadata))",
            ("variable.copy-replace",),
        ),
        Fault(
            "jax-forgets-metadata",
            "A Variable that jax puts together has no metadata.",
            "variable",
            "_initialize(variable, value, dict(metadata.items) if metadata is not None else {})",
            "_initialize(variable, value, {})",
            ("split.state-crosses-jit", "variable.pytree", "state.pytree"),
        ),
        Fault(
            "pickle-forgets-metadata",
            "Metadata is not pickled.",
            "variable",
            "return self._raw_value, dict(self._metadata)",
            "return self._raw_value, {}",
            ("copy.pickle-deepcopy", "variable.metadata-survives"),
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
            "fork-leaves-parent",
            "Forking does not advance the parent's count.",
            "rngs",
            "key = self()",
            "key = jax.random.fold_in(self.key.get_value(), self.count.get_value())",
            ("rng.fork",),
        ),
        Fault(
            "update-not-atomic",
            "Writes are made while later entries are still unchecked.",
            "update",
            "writes = list(_plan(node, mappings[0] if len(mappings) == 1 else merge_state(*mappings).raw_mapping))",
            "writes = _plan(node, mappings[0] if len(mappings) == 1 else merge_state(*mappings).raw_mapping)",
            ("update.atomic",),
        ),
        Fault(
            "state-equality-ignores-type",
            "States with leaves of different Variable types are equal.",
            "state",
            "return type(left) is type(right) and _same_leaf(left.get_raw_value(), right.get_raw_value())",
            "return _same_leaf(left.get_raw_value(), right.get_raw_value())",
            ("state.equality",),
        ),
        Fault(
            "state-difference-by-top-key",
            "The difference of two States removes whatever shares its first key.",
            "state",
            "for path, leaf in iter_leaves(self) if path not in removed)",
            "for path, leaf in iter_leaves(self) if path[0] not in {p[0] for p in removed})",
            ("state.operators",),
        ),
    )
}
"""Every fault by name."""
