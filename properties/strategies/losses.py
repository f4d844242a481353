"""Strategies for losses as data, and for the arguments that they take."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Script, Step
from nnxspec.spec.script import OPERATIONS

from .graphs import PLAIN, graphs
from .leaves import small

FLOATS = (*PLAIN, "numpy", "abstract", "values", "mixed-values")
"""Limits for graphs that losses read: jax arrays only, no statics that are strange."""

Loss = tuple[tuple[int, int, int, int], ...]


def losses(*, effects: bool = False, max_size: int = 4) -> SearchStrategy[Loss]:
    """Losses as data: uses of cells, and with `effects` writes and draws of keys too."""
    operations = st.sampled_from((0, 1, 2, 3) if effects else (0,))
    cell = st.integers(0, 12)
    return st.lists(st.tuples(operations, cell, cell, st.integers(0, 8)), min_size=1, max_size=max_size).map(tuple)


loose: SearchStrategy[Step] = st.tuples(
    small, small, st.sampled_from((1, 2, 3, 6)), st.just(0), st.just(0), st.sampled_from((0, 1)), small, small
).map(lambda operands: Step("variable", operands))
"""Steps that attach a float32 Variable that is no Param: an int as argnum picks it where it is itself the argument."""


def floats(*without: str, max_chunks: int = 3, more: SearchStrategy[Step] | None = None) -> SearchStrategy[Script]:
    """Graphs of small finite numbers: what is not finite would make the order of additions visible."""
    limits = without or FLOATS
    return graphs(*limits, max_chunks=max_chunks, more=more).map(_finite)


def _finite(script: Script) -> Script:
    return Script(script.root, tuple(map(_finite_step, script.steps)), script.without)


def _finite_step(step: Step) -> Step:
    names = OPERATIONS[step.name].operands
    if "seed" not in names or step.operand("seed") % 7 != 6:
        return step
    at = names.index("seed")
    return Step(step.name, (*step.operands[:at], step.operands[at] - 1, *step.operands[at + 1 :]))


def plans(max_size: int = 3, kinds: int = 6) -> SearchStrategy[tuple[tuple[int, int], ...]]:
    """For each argument its kind and a number that picks the part of the graph."""
    argument = st.tuples(st.integers(0, kinds - 1), small)
    return st.integers(1, max_size).flatmap(lambda size: st.tuples(*[argument] * size))


tied_plans: SearchStrategy[tuple[tuple[int, int], ...]] = st.tuples(st.permutations((0, 1, 2, 4, 5)), small, small).map(
    lambda drawn: tuple(zip(drawn[0][:2], drawn[1:], strict=True))
)
"""Plans of two arguments that share much: the graph, a node or a Variable of it, or containers of those."""


picks: SearchStrategy[tuple[int, ...]] = st.sampled_from(
    ((0,), (1, 0), (1,), (2, 1, 0), (0, 1, 2), (2, 0), (1, 2, 0), (0, 0))
)
"""Which arguments are differentiated."""
