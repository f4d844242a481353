"""A minimal reimplementation of the object model of Flax NNX, under NNX's own names, on jax and numpy alone.

Read it in this order: `variable` (boxes of state), `nodes` (what a graph is made of), `status` and `pytree` (attributes
and their status), `module` and `containers`, `graphdef`, `flatten` and `split` (a graph as structure and state),
`state`, `filters`, and then what builds on them: `update`, `pop`, `clone`, `walk`, `maps`, `rngs`.
"""

from .axes import StateAxes, create_path_filters
from .call import call
from .clone import clone
from .containers import Dict, List
from .dataclass import dataclass
from .filters import All, Any, Everything, Filter, Not, Nothing, OfType, PathContains, PathIn, WithTag, to_predicate
from .flat_state import FlatState, filter_state, from_flat_state, map_state, split_state, to_flat_state
from .graphdef import GraphDef
from .layers import Dropout, Linear
from .maps import as_pure, map, recursive_map
from .module import Module, iter_children, iter_modules
from .nodes import is_graph_node, is_node
from .pop import pop
from .pure import replace_by_pure_dict, restore_int_paths, to_pure_dict
from .pytree import Object, Pytree, check_pytree
from .rng_lifts import backup_keys, fork_rngs, reseed, restore_rngs, split_rngs
from .rngs import RngCount, RngKey, Rngs, RngState, RngStream
from .set_metadata import set_metadata
from .split import GraphState, graphdef, merge, split, state, unpack
from .state import State, merge_state
from .status import data, has_data, is_data, register_data_type, static
from .tracers import TraceContextError
from .update import update
from .variable import (
    BatchStat,
    Cache,
    Intermediate,
    Param,
    Perturbation,
    Variable,
    VariableMetadata,
    VariableState,
    with_metadata,
)
from .variable_names import register_variable_name, variable_name_from_type, variable_type_from_name
from .walk import find_duplicates, iter_graph

__all__ = [
    "All",
    "Any",
    "BatchStat",
    "Cache",
    "Dict",
    "Dropout",
    "Everything",
    "Filter",
    "FlatState",
    "GraphDef",
    "GraphState",
    "Intermediate",
    "Linear",
    "List",
    "Module",
    "Not",
    "Nothing",
    "Object",
    "OfType",
    "Param",
    "PathContains",
    "PathIn",
    "Perturbation",
    "Pytree",
    "RngCount",
    "RngKey",
    "RngState",
    "RngStream",
    "Rngs",
    "State",
    "StateAxes",
    "TraceContextError",
    "Variable",
    "VariableMetadata",
    "VariableState",
    "WithTag",
    "as_pure",
    "backup_keys",
    "call",
    "check_pytree",
    "clone",
    "create_path_filters",
    "data",
    "dataclass",
    "filter_state",
    "find_duplicates",
    "fork_rngs",
    "from_flat_state",
    "graphdef",
    "has_data",
    "is_data",
    "is_graph_node",
    "is_node",
    "iter_children",
    "iter_graph",
    "iter_modules",
    "map",
    "map_state",
    "merge",
    "merge_state",
    "pop",
    "recursive_map",
    "register_data_type",
    "register_variable_name",
    "replace_by_pure_dict",
    "reseed",
    "restore_int_paths",
    "restore_rngs",
    "set_metadata",
    "split",
    "split_rngs",
    "split_state",
    "state",
    "static",
    "to_flat_state",
    "to_predicate",
    "to_pure_dict",
    "unpack",
    "update",
    "variable_name_from_type",
    "variable_type_from_name",
    "with_metadata",
]
