"""For which inputs the laws of the term Filter are checked."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.filter import grouping, kinds, protocol
from nnxspec.spec.script.filters import FilterExpr, FilterTree

from .strategies import PLAIN, filter_data, graphs, leaves, small
from .strategies.filters import KEYS, TAGS, TYPES, basic, each_near, filters, near
from .strategies.states import KEYS as MORE_KEYS
from .strategies.states import catch_all_anywhere, filter_trees, path_sets

FAIR = (*PLAIN, "values")
"""Python values inside containers are the subject of `module.explicit-status`, and would drown these laws."""

test_filter_literals = bind(kinds.literals, make=graphs(*FAIR), tree=filter_data)
test_filter_of_type = bind(
    kinds.of_type, make=graphs(*FAIR), kind=st.sampled_from(TYPES).map(lambda t: FilterExpr("type", (t,)))
)
test_filter_path_contains = bind(
    kinds.path_contains, paths=path_sets(mixed=True, max_depth=4), key=st.sampled_from((*KEYS, *MORE_KEYS, "", "ke"))
)
test_filter_with_tag = bind(kinds.with_tag, make=graphs(*FAIR), tag=st.sampled_from(TAGS))
test_filter_path_in = bind(
    kinds.path_in,
    make=graphs(*FAIR),
    picks=st.lists(st.tuples(small, st.integers(0, 4)), max_size=4).map(tuple),
)
test_filter_boolean_algebra = bind(kinds.boolean_algebra, make=graphs(*FAIR), one=filter_data, two=filter_data)
_one = st.shared(filters | basic, key="filter.equality-hash")
_two = st.one_of(filters, _one.flatmap(near), _one.flatmap(near))
test_filter_equality_hash = bind(
    kinds.equality_hash,
    tried_first=lambda _: [{"one": FilterTree(one), "two": FilterTree(two)} for one, two in each_near()],
    one=_one.map(FilterTree),
    two=_two.map(FilterTree),
)
test_filter_predicate_protocol = bind(
    protocol.predicate_protocol,
    make=graphs(*FAIR),
    picks=st.lists(st.integers(0, 11), min_size=1, max_size=3).map(tuple),
)
test_filter_non_filter_rejected = bind(
    protocol.non_filter_rejected, make=graphs(*FAIR), index=st.integers(0, 10), wrap=st.integers(0, 6)
)
test_filter_variable_not_a_filter = bind(protocol.variable_not_a_filter, make=graphs(*FAIR), value=leaves())
test_filter_predicate_exception = bind(protocol.predicate_exception, make=graphs(*FAIR, "containers"), after=small)
test_filter_first_match_wins = bind(grouping.first_match_wins, make=graphs(*FAIR), filters=filter_trees())
test_filter_partition = bind(grouping.partition, make=graphs(*FAIR), filters=filter_trees(exhaustive=True))
test_filter_exhaustive = bind(grouping.exhaustive, make=graphs(*FAIR), filters=filter_trees())
test_filter_catch_all_last = bind(grouping.catch_all_last, make=graphs(*FAIR), filters=catch_all_anywhere)
test_filter_canonical_path_only = bind(grouping.canonical_path_only, make=graphs(*FAIR))
test_filter_refinement = bind(grouping.refinement, make=graphs(*FAIR), one=filter_data, two=filter_data)
