"""The transforms of jax, lifted to functions of graphs: state goes in and out by reference.

Read `program` (a graph as a table of objects) and `lift` (the mechanism) first, then any transform; `prefixes` says
which axis each leaf has, `functions` what is done with the user's function. `plan` makes a call of `jit` cheap that is
like the one before; nothing else depends on it.
"""

from ..axes import StateAxes
from .branches import cond, switch
from .cached_partial import cached_partial
from .custom_vjp import custom_vjp
from .grad import DiffState, grad, value_and_grad
from .jit import StateSharding, jit
from .linear import jvp, vjp
from .loops import fori_loop, while_loop
from .metadata import PARTITION_NAME, transform_metadata
from .plain import checkify, eval_shape, remat
from .scan import Carry, scan
from .vmap import pmap, shard_map, vmap

__all__ = [
    "PARTITION_NAME",
    "Carry",
    "DiffState",
    "StateAxes",
    "StateSharding",
    "cached_partial",
    "checkify",
    "cond",
    "custom_vjp",
    "eval_shape",
    "fori_loop",
    "grad",
    "jit",
    "jvp",
    "pmap",
    "remat",
    "scan",
    "shard_map",
    "switch",
    "transform_metadata",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
]
