"""Inputs for the laws of Folding in."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.fold import sequence

from .strategies import small
from .strategies.rngs import int_seeds, seeds, shapes

draws = st.integers(1, 4)

test_fold_key_sequence = bind(sequence.key_sequence, seed=seeds, draws=draws)
test_fold_draw_advances_count = bind(sequence.draw_advances_count, seed=seeds, draws=draws)
test_fold_streams_independent = bind(
    sequence.streams_independent,
    seeds=st.tuples(int_seeds, int_seeds, int_seeds),
    order=st.lists(small, min_size=1, max_size=8).map(tuple),
)
test_fold_counter_wraps = bind(sequence.counter_wraps, seed=seeds, before=st.integers(0, 2), draws=draws)
test_fold_key_shape = bind(
    sequence.key_shape, scale=0.2, seed=st.integers(0, 3), shape=shapes | st.just(()), draws=st.integers(1, 2)
)
test_fold_key_impl_preserved = bind(sequence.key_impl_preserved, seed=seeds)
test_fold_copies_continue = bind(sequence.copies_continue, scale=0.5, seed=seeds, before=st.integers(0, 3), after=draws)
