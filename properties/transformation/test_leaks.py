"""Inputs for the law of tracers."""

from typing import Any

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec import Script
from nnxspec.spec.laws.transformation import functions, leaks

from ..strategies import PLAIN, graphs

ARGUMENTS = (*PLAIN, "abstract", "numpy", "values", "pytree-values")
"""Limits for graphs that every transform can take."""
transforms = st.sampled_from(functions.TRANSFORMS)
inner = st.sampled_from([name for name in functions.TRANSFORMS if name not in ("cached-partial", "pmap", "shard-map")])


def around(*rows: tuple[str, ...]) -> list[tuple[str, ...]]:
    """As many tuples as the longest row has values: each value of each row stands in one."""
    return [tuple(row[i % len(row)] for row in rows) for i in range(max(map(len, rows)))]


def each_failing() -> list[dict[str, Any]]:
    """Every transform and every effect once, in a function that raises in the end."""
    return [
        {
            "make": Script(0, (), ARGUMENTS),
            "stack": (transform,),
            "effects": tuple(dict.fromkeys(("value", effect, "raise"))),
            "caught": True,
        }
        for transform, effect in around(functions.TRANSFORMS, leaks.EFFECTS)
    ]


test_transform_no_tracer_leak = bind(
    leaks.no_tracer_leak,
    tried_first=lambda _: each_failing(),
    scale=0.3,
    make=graphs(*ARGUMENTS, max_chunks=2),
    stack=st.one_of(st.tuples(transforms), st.tuples(transforms, inner)),
    effects=st.lists(st.sampled_from(leaks.EFFECTS), max_size=3).map(tuple),
    caught=st.booleans(),
)
