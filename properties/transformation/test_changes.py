"""Inputs for the law of changes between calls."""

import itertools
from typing import Any

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec import Script
from nnxspec.spec.laws.transformation import changes

from ..strategies import PLAIN, graphs

ARGUMENTS = (*PLAIN, "abstract", "numpy", "values", "pytree-values")
"""Limits for graphs whose leaves are the same before and after any call."""

NAMES = (*changes.CHANGES, *changes.REWIRED)
AT_ONCE = 4
names = st.sampled_from(NAMES)


def each_change() -> list[dict[str, Any]]:
    """Histories in which every change stands twice, each after a call that found nothing changed: of so many kinds few
    that are drawn meet any one, and what is kept for later calls may be made at the second.
    """
    rows = [
        tuple(step for name in order[i : i + AT_ONCE] for step in (("nothing", 0), (name, k)))
        for k, order in enumerate((NAMES, NAMES[::-1]))
        for i in range(0, len(NAMES), AT_ONCE)
    ]
    return [
        {"make": Script(0, (), ARGUMENTS), "history": row, "writes": writes, "keep": bool(i % 2)}
        for i, (row, writes) in enumerate(zip(rows, itertools.cycle(changes.WRITES), strict=False))
    ]


test_jit_sees_changes = bind(
    changes.sees_changes,
    tried_first=lambda _: each_change(),
    scale=0.3,
    make=graphs(*ARGUMENTS, max_chunks=1),
    history=st.lists(st.tuples(names, st.integers(0, 2)), min_size=2, max_size=6).map(tuple),
    writes=st.sampled_from(changes.WRITES),
    keep=st.booleans(),
)
