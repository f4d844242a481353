"""Inputs for the laws of scan."""

from typing import Any

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import scan, scan_refusals
from nnxspec.spec.laws.transformation.bodies import CHANGES

from ..strategies import TREES, graphs
from ..strategies.programs import AXES, LANES, WORLD, under
from ..strategies.rngs import streams
from ..strategies.spread import bind_spread

limits = st.integers(0, 3)
sizes = st.integers(1, 3)
hows = st.sampled_from(("plain", "plain", "plain", "jit"))
plans = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(CHANGES)), max_size=4).map(tuple)
specs = st.lists(st.sampled_from(("carry", "carry", *AXES)), min_size=1, max_size=3).map(tuple)
layer = st.tuples(st.just("scan"), limits, specs, st.booleans())
options = st.tuples(
    st.sampled_from(("tuple", "list", "dict")),
    st.sampled_from(("first", "last")),
    st.sampled_from((1, 2, 3, True)),
    st.booleans(),
)
few = graphs(*WORLD, max_chunks=1)
# A refusal may show the node: cycles there are the subject of `module.repr-pure` and `transform.wrong-prefixes`.
shown = graphs(*WORLD, "cycles", max_chunks=1)
spreadable = graphs(*LANES, "rngs", max_chunks=2)
kinds = st.sampled_from(("Param", "BatchStat", "Cache"))
axis = st.sampled_from((0, -1, 0, "carry", None))
rules = st.tuples(
    st.lists(st.tuples(kinds, axis), max_size=2, unique_by=lambda rule: rule[0]),
    st.sampled_from((0, -1, "carry", None)).map(lambda a: ("rest", a)),
).map(lambda pair: (*pair[0], pair[1]))
with_none = rules.filter(lambda found: any(a is None for _, a in found))
# A whole node under Carry has to come back as an output: that is another law.
not_carried = rules.filter(lambda found: len(found) > 1 or found[0][1] != "carry")

# The oracle cannot follow an object that comes to be held by slices of two arguments. Metadata, which a loop may refuse
# to change, is the subject of `transform.metadata-propagates`.
cases = under(st.tuples(layer), "body-structure", "body-shapes", "body-metadata")
test_scan_equals_loop = bind_spread(scan.equals_loop, 12, scale=0.3, case=cases, options=options, how=hows)
test_scan_no_iterations = bind_spread(
    scan.no_iterations,
    6,
    scale=0.3,
    case=under(st.tuples(layer)) | under(st.tuples(layer), "body-draws"),
    options=options,
)
test_scan_state_axes = bind_spread(
    scan.scan_state_axes,
    16,
    scale=0.4,
    make=spreadable,
    rules=not_carried,
    plan=plans,
    size=limits,
    reverse=st.booleans(),
    out_axis=st.sampled_from((0, 1, -1, -2)),
    how=hows,
)
test_scan_broadcast_state = bind_spread(
    scan.broadcast_state,
    6,
    scale=0.3,
    make=graphs(*LANES, max_chunks=2),
    rules=with_none,
    plan=plans,
    size=limits,
    reverse=st.booleans(),
    how=hows,
)
test_rng_scan_broadcast = bind(
    scan.rng_scan_broadcast,
    scale=0.2,
    make=few,
    streams=streams(st.integers(0, 3)),
    draws=st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple),
    size=sizes,
    inside=st.booleans(),
)

# What a spec means is said in the law's helpers: ("nest", ...) nests, ("axes", a) is StateAxes({...: a}).
simple = st.sampled_from((0, 0, None, "carry"))
nested = st.lists(st.sampled_from((0, "carry", None)), min_size=1, max_size=2).map(lambda items: ("nest", *items))
by_filter = st.sampled_from((0, None)).map(lambda a: ("axes", a))
in_specs = st.lists(st.one_of(simple, simple, nested, by_filter), min_size=1, max_size=3).map(tuple)
out_spec = st.one_of(simple, st.just(0), nested, st.sampled_from((("axes", None), ("axes", "carry"))))
out_specs = st.one_of(st.sampled_from((0, None, "carry")), st.lists(out_spec, min_size=1, max_size=3).map(tuple))
SENSIBLE: tuple[Any, ...] = (
    (("carry", 0), ("carry", 0)),
    ((0, "carry"), (0, "carry")),
    (("carry",), "carry"),
    ((0, None), 0),
    ((("nest", 0, None), "carry"), ("carry", ("nest", 0, 0))),
    ((("axes", 0), ("axes", None)), (0,)),
    ((None, "carry", ("axes", 0)), (0, 0, "carry")),
)
# One fault each: of several it would be free which is found.
SENSELESS: tuple[Any, ...] = (
    (("carry", "carry"), ("carry", 0)),
    (("carry", 0), ("carry", "carry")),
    ((("nest", "carry", 0), "carry"), ("carry", 0)),
    (("carry", 0), ("carry", ("nest", "carry"))),
    ((("nest", "carry"), 0), (0, ("nest", "carry"))),
    (("carry", 0), (0,)),
    ((0, 0), ("carry", 0)),
    (("carry", 0), ("carry", None)),
    (("carry", 0), ("carry", ("nest", 0, None))),
    (("carry", 0), ("carry", ("axes", None))),
    (("carry", 0), ("carry", ("axes", "carry"))),
    ((0,), (("axes", None),)),
    ((0,), (0, ("axes", "carry"))),
    ((0, None), None),
)
spec_pairs = st.one_of(st.tuples(in_specs, out_specs), st.sampled_from(SENSIBLE))

test_scan_spec_errors = bind(
    scan_refusals.spec_errors,
    scale=0.4,
    tried_first=lambda _: [{"axes": axes} for axes in (*SENSELESS, *SENSIBLE)],
    axes=spec_pairs,
)
test_scan_carry_identity = bind_spread(
    scan_refusals.carry_identity,
    12,
    scale=0.3,
    make=shown,
    how=st.sampled_from(("clone", "child", "other")),
    form=st.sampled_from(("bare", "tuple", "dict")),
    size=limits,
    single=st.booleans(),
)
test_scan_carry_structure = bind_spread(
    scan_refusals.carry_structure,
    16,
    scale=0.3,
    make=shown,
    how=st.sampled_from(
        (
            *("add", "add array", "add deep", "delete", "shape", "dtype", "type"),
            *("array shape", "array dtype", "longer", "none", "other container"),
        )
    ),
    size=limits,
)
test_scan_tree_carry_identity = bind_spread(
    scan_refusals.tree_carry_identity,
    6,
    scale=0.2,
    make=graphs(*WORLD, *TREES, "non-pytrees", max_chunks=1),
    how=st.sampled_from(("replace", "copy", "tree.map")),
    size=limits,
)
