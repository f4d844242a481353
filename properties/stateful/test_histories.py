"""Inputs for the laws of histories, which are spread over the terms."""

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.histories import containers, graphs, metadata, states, streams

from ..strategies.rngs import streams as named_streams
from . import histories as inputs

test_module_list_history = bind(
    containers.list_history,
    tried_first=lambda _: [
        *inputs.each_on_filled((("append", 0, 0, 0),), inputs.LIST_VERBS, 0, 0, 1),
        *inputs.each_on_filled((("append", 1, 0, 1), ("extend", 0, 0, 1)), inputs.LIST_VERBS, 0, 1, 2),
    ],
    history=inputs.list_histories,
)
test_module_dict_history = bind(
    containers.dict_history,
    tried_first=lambda _: [
        *inputs.each_on_filled((("set", 0, "a", 0),), inputs.DICT_VERBS, 0, "a", 1),
        *inputs.each_on_filled((("set", 1, "_u", 1), ("set", 0, "10", 1)), inputs.DICT_VERBS, 0, "_u", 2),
    ],
    history=inputs.dict_histories,
)
test_graph_history = bind(
    graphs.graph_history, tried_first=lambda _: [inputs.apart_after_trips()], history=inputs.graph_histories
)
test_state_history = bind(states.state_history, history=inputs.state_histories)
test_rng_history = bind(streams.rng_history, streams=named_streams(), history=inputs.rng_histories, scale=0.2)
test_variable_metadata_history = bind(metadata.metadata_history, history=inputs.metadata_histories)
