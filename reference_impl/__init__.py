"""A minimal reimplementation of the object model of Flax NNX, under NNX's own names, on jax and numpy alone.

Read it in this order: `variable` (boxes of state), `nodes` (what a graph is made of), `status` and `pytree` (attributes
and their status), `module` and `containers`, `graphdef`, `flatten`, `recipe` and `split` (a graph as structure and
state), `state`, `filters`, what builds on them (`update`, `pop`, `clone`, `walk`, `maps`, `rngs`), and at last
`transforms`.
Where something is there for speed, a comment says so; what operations execute is in `benchmarks/results/cost.json`.
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
from .transforms import (
    PARTITION_NAME,
    Carry,
    DiffState,
    StateSharding,
    cached_partial,
    checkify,
    cond,
    custom_vjp,
    eval_shape,
    fori_loop,
    grad,
    jit,
    jvp,
    pmap,
    remat,
    scan,
    shard_map,
    switch,
    transform_metadata,
    value_and_grad,
    vjp,
    vmap,
    while_loop,
)
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
    "PARTITION_NAME",
    "All",
    "Any",
    "BatchStat",
    "Cache",
    "Carry",
    "Dict",
    "DiffState",
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
    "StateSharding",
    "TraceContextError",
    "Variable",
    "VariableMetadata",
    "VariableState",
    "WithTag",
    "as_pure",
    "backup_keys",
    "cached_partial",
    "call",
    "check_pytree",
    "checkify",
    "clone",
    "cond",
    "create_path_filters",
    "custom_vjp",
    "data",
    "dataclass",
    "eval_shape",
    "filter_state",
    "find_duplicates",
    "fori_loop",
    "fork_rngs",
    "from_flat_state",
    "grad",
    "graphdef",
    "has_data",
    "is_data",
    "is_graph_node",
    "is_node",
    "iter_children",
    "iter_graph",
    "iter_modules",
    "jit",
    "jvp",
    "map",
    "map_state",
    "merge",
    "merge_state",
    "pmap",
    "pop",
    "recursive_map",
    "register_data_type",
    "register_variable_name",
    "remat",
    "replace_by_pure_dict",
    "reseed",
    "restore_int_paths",
    "restore_rngs",
    "scan",
    "set_metadata",
    "shard_map",
    "split",
    "split_rngs",
    "split_state",
    "state",
    "static",
    "switch",
    "to_flat_state",
    "to_predicate",
    "to_pure_dict",
    "transform_metadata",
    "unpack",
    "update",
    "value_and_grad",
    "variable_name_from_type",
    "variable_type_from_name",
    "vjp",
    "vmap",
    "while_loop",
    "with_metadata",
]
