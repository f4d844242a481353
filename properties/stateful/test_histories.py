"""Inputs for the laws of histories, which are spread over the terms."""

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.histories import containers, graphs, metadata, states, streams

from ..strategies.rngs import streams as named_streams
from . import histories as inputs

test_module_list_history = bind(containers.list_history, history=inputs.list_histories)
test_module_dict_history = bind(containers.dict_history, history=inputs.dict_histories)
test_graph_history = bind(graphs.graph_history, history=inputs.graph_histories)
test_state_history = bind(states.state_history, history=inputs.state_histories)
test_rng_history = bind(streams.rng_history, streams=named_streams(), history=inputs.rng_histories, scale=0.2)
test_variable_metadata_history = bind(metadata.metadata_history, history=inputs.metadata_histories)
