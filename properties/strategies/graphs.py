"""Strategies for scripts that build graphs."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.harness.small_scope import scoped
from nnxspec.spec import Script, Step
from nnxspec.spec.script import EFFECTS, OPERATIONS
from nnxspec.spec.script.literals import HOLDERS
from nnxspec.spec.script.world import CONTAINERS, NODES

from .leaves import small

PLAIN = ("list-edits", "names-on-lists", "nan", "unhashable")
"""Limits for laws that are about something else than edits of lists and unhashable or strange statics."""
TREES = (*PLAIN, "sharing", "cycles")
"""Limits for laws on graphs without sharing."""

_WEIGHTS = {
    "variable": 7,
    "node": 4,
    "alias": 4,
    "container": 4,
    "array": 3,
    "static": 2,
    "rngs": 1,
    "value": 1,
    "delete": 1,
    "swap": 1,
    "replace": 1,
    "set-value": 2,
    "set-metadata": 2,
    "set-static": 1,
    "draw": 2,
}
_BARRED_BY = {
    "alias": "sharing",
    "replace": "sharing",
    "container": "containers",
    "array": "raw-arrays",
    "static": "statics",
    "set-static": "statics",
    "value": "values",
    "rngs": "rngs",
    "draw": "rngs",
    "delete": "edits",
    "swap": "edits",
    "set-metadata": "metadata",
}

_RANGES = {
    "dtype": 14,
    "metadata": 14,
    "index": 24,
    "shape": 6,
    "holder": 10,
    "kind": 7,
    "name": 16,
    "class": 7,
    "target": 12,
}


def _step(name: str) -> SearchStrategy[Step]:
    operands = (OPERATIONS.get(name) or EFFECTS[name]).operands
    return st.tuples(*(st.integers(0, _RANGES.get(o, 9) - 1) for o in operands)).map(lambda drawn: Step(name, drawn))


STEPS = {name: _step(name) for name in (*OPERATIONS, *EFFECTS)}
"""For each step, the strategy that draws its operands."""


def steps(without: tuple[str, ...] = ()) -> SearchStrategy[Step]:
    """One step, over the operations that the limits leave."""
    names = [n for n, weight in _WEIGHTS.items() if _BARRED_BY.get(n) not in without for _ in range(weight)]
    return st.sampled_from(names).flatmap(STEPS.__getitem__)


numpy_leaves: SearchStrategy[Step] = st.one_of(
    st.tuples(small, small, small, st.just(HOLDERS.index("numpy") + 1), small, small, small).map(
        lambda operands: Step("variable", operands)
    ),
    st.tuples(small, small, st.just(1), small, small, small).map(lambda operands: Step("array", operands)),
)
"""Steps that attach numpy arrays, raw or in Variables."""

odd_leaves: SearchStrategy[Step] = STEPS["value"] | st.tuples(
    small,
    small,
    small,
    st.sampled_from([HOLDERS.index(holder) + 1 for holder in ("key", "python", "weak", "none", "list", "dict")]),
    small,
    small,
    small,
).map(lambda operands: Step("variable", operands))
"""Steps that attach what is no plain array: Python values, and Variables of keys, weak types, None and containers."""

mutable_leaves: SearchStrategy[Step] = st.one_of(
    numpy_leaves,
    st.tuples(small, small, st.integers(21, 23)).map(lambda operands: Step("static", operands)),
)
"""Steps that attach what can be changed in place: numpy arrays, and static lists and dicts."""

shared: SearchStrategy[Step] = st.tuples(small, small, st.integers(0, 11)).map(lambda operands: Step("alias", operands))
"""Steps that attach again what exists."""

_again = st.integers(0, 3).map(lambda back: 3 + 5 * back)
shared_items: SearchStrategy[Step] = st.tuples(small, small, small, _again, _again | small, small).map(
    lambda operands: Step("container", operands)
)
"""Steps that attach plain containers of what exists."""


def each_sharing(without: tuple[str, ...]) -> list[Script]:
    """For each kind of plain container one that holds a Variable twice, and two that share their Variables; for each
    class of node one with a Variable as two attributes.
    """
    kinds, classes = range(len(CONTAINERS)), range(len(NODES))
    twice = [Script(0, (Step("container", (0, 0, kind, 0, 0, 3)),), without) for kind in kinds]
    two = [(Step("container", (0, 0, kind)), Step("container", (0, 1, kind, 3, 8, 3))) for kind in kinds]
    return [
        *twice,
        *(Script(root, (Step("variable"), Step("alias")), without) for root in classes),
        *(Script(0, steps, without) for steps in two),
    ]


def graphs(
    *without: str, max_chunks: int = 4, root: int | None = None, more: SearchStrategy[Step] | None = None
) -> SearchStrategy[Script]:
    """Scripts that build random graphs.

    Args:
        without: limits (see `nnxspec.spec.script.LIMITS`); `PLAIN` is a good start.
        max_chunks: how many chunks of up to six steps are drawn: one list of bounded length is too often empty.
        root: index of the root's class; drawn if None.
        more: steps that the law lives on, drawn beside the others and after them.
    """
    chunk = st.lists(steps(without), max_size=6)
    several = [chunk] * max_chunks + ([st.lists(more, max_size=4)] if more is not None else [])
    chunks = st.tuples(*several).map(lambda parts: tuple(step for part in parts for step in part))
    roots = st.just(root) if root is not None else st.integers(0, len(NODES) - 1)
    return scoped(st.builds(Script, roots, chunks, st.just(tuple(without))), tuple(without), root)
