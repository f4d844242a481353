"""Scripts: small programs over the glossary as frozen data, which build graphs and print as stand-alone Python."""

from .data import MalformedScript, decode, encode
from .elaborate import Elaborated, elaborate
from .filters import FilterExpr, FilterTree
from .literals import FUNCTIONS, METADATA, STATICS, Leaf, Literal, Metadata, Static
from .operands import Index, VariableClass
from .realize import features, limits_of, realize
from .seeds import BadSeed, Seed
from .states import FlatLeaves, Held
from .steps import LIMITS, OPERATIONS, Script, Step
from .world import World, world_of

__all__ = [
    "FUNCTIONS",
    "LIMITS",
    "METADATA",
    "OPERATIONS",
    "STATICS",
    "BadSeed",
    "Elaborated",
    "FilterExpr",
    "FilterTree",
    "FlatLeaves",
    "Held",
    "Index",
    "Leaf",
    "Literal",
    "MalformedScript",
    "Metadata",
    "Script",
    "Seed",
    "Static",
    "Step",
    "VariableClass",
    "World",
    "decode",
    "elaborate",
    "encode",
    "features",
    "limits_of",
    "realize",
    "world_of",
]
