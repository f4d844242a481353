"""Faults of filters, and of the groups that they make."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
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
        ("filter.of-type", "params.filter-selects-subclasses", "params.grad-default"),
        budget=300,
    ),
    Fault(
        "list-of-filters-means-all",
        "A list of filters matches what all of them match.",
        "filters",
        "        return Any(*filter)\n",
        "        return All(*filter)\n",
        ("filter.literals",),
    ),
    Fault(
        "inexact-path-is-equality",
        "PathContains(exact=False) compares the text of keys for equality.",
        "filters",
        "str(self.key) in str(element)",
        "str(self.key) == str(element)",
        ("filter.path-contains",),
    ),
    Fault(
        "tags-by-substring",
        "WithTag matches tags that contain its own.",
        "filters",
        "return isinstance(tag, str) and tag == self.tag",
        "return isinstance(tag, str) and self.tag in tag",
        ("filter.with-tag",),
    ),
    Fault(
        "path-in-by-prefix",
        "PathIn matches everything below its paths.",
        "filters",
        "        return path in self.paths",
        "        return any(path[: len(known)] == known for known in self.paths)",
        ("filter.path-in",),
    ),
    Fault(
        "combinations-unordered",
        "Any and All are equal to those of the same parts in another order.",
        "filters",
        "return type(self) is type(other) and self.predicates == other.predicates",
        "return type(self) is type(other) and set(self.predicates) == set(other.predicates)",
        ("filter.equality-hash",),
    ),
    Fault(
        "predicates-see-values",
        "Predicates get the value of a Variable.",
        "filters",
        "groups[first_match(predicates, path, leaf)]",
        'groups[first_match(predicates, path, getattr(leaf, "_raw_value", leaf))]',
        ("filter.predicate-protocol",),
    ),
    Fault(
        "sets-are-filters",
        "A set of filters is taken for a list.",
        "filters",
        "if isinstance(filter, (list, tuple)):",
        "if isinstance(filter, (list, tuple, set)):",
        ("filter.non-filter-rejected",),
        budget=300,
    ),
    Fault(
        "variables-are-filters",
        "A Variable as a filter stands for its type.",
        "filters",
        '        raise TypeError(f"a Variable is no filter;',
        '        return OfType(type(filter))\n        raise TypeError(f"a Variable is no filter;',
        ("filter.variable-not-a-filter",),
    ),
    Fault(
        "failing-predicates-match-nothing",
        "A predicate that raises does not match.",
        "filters",
        "        if predicate(path, leaf):\n            return i\n",
        (
            "        try:\n"
            "            if predicate(path, leaf):\n"
            "                return i\n"
            "        except Exception:\n"
            "            pass\n"
        ),
        ("filter.predicate-exception",),
    ),
    Fault(
        "empty-groups-dropped",
        "A filter that matches nothing has no group.",
        "split",
        "    return [nest(group) for group in groups], flat",
        "    return [nest(group) for group in groups if group], flat",
        ("filter.partition", "split.arity"),
    ),
    Fault(
        "one-filter-need-not-match-all",
        "With a single filter, what it does not match is dropped.",
        "split",
        "    if exhaustive:\n",
        "    if exhaustive and len(predicates) > 1:\n",
        ("filter.exhaustive",),
    ),
    Fault(
        "catch-all-anywhere",
        "A filter may follow a catch-all.",
        "filters",
        "        elif catch_all_at is not None:",
        "        elif False:",
        ("filter.catch-all-last",),
    ),
    Fault(
        "all-looks-at-first",
        "All matches what its first filter matches.",
        "filters",
        "return all(predicate(path, leaf) for predicate in self.predicates)",
        "return all(predicate(path, leaf) for predicate in self.predicates[:1])",
        ("filter.refinement", "filter.boolean-algebra"),
    ),
    Fault(
        "predicates-asked-twice",
        "A predicate is asked twice about each leaf.",
        "filters",
        "        if predicate(path, leaf):\n            return i\n",
        "        if (predicate(path, leaf), predicate(path, leaf))[1]:\n            return i\n",
        ("filter.canonical-path-only",),
    ),
    Fault(
        "path-in-equals-none",
        "Two PathIn of the same paths are not equal.",
        "filters",
        "return isinstance(other, PathIn) and self.paths == other.paths",
        "return self is other",
        ("filter.equality-hash",),
    ),
    Fault(
        "path-in-equals-by-number",
        "Two PathIn of as many paths are equal.",
        "filters",
        "return isinstance(other, PathIn) and self.paths == other.paths",
        "return isinstance(other, PathIn) and len(self.paths) == len(other.paths)",
        ("filter.equality-hash",),
        budget=300,
    ),
)
