"""Scripts: small programs over the glossary as frozen data, which build graphs and print as stand-alone Python."""

from .body import ElaboratedProgram, elaborate_program
from .data import MalformedScript, decode, encode
from .elaborate import Elaborated, elaborate
from .filters import FilterExpr, FilterTree
from .literals import FUNCTIONS, METADATA, STATICS, Leaf, Literal, Metadata, Static
from .operands import Index, VariableClass
from .realize import features, limits_of, realize
from .seeds import BadSeed, Seed
from .states import FlatLeaves, Held
from .steps import EFFECTS, LIMITS, OPERATIONS, Program, Script, Step
from .world import World, world_of

__all__ = [
    "EFFECTS",
    "FUNCTIONS",
    "LIMITS",
    "METADATA",
    "OPERATIONS",
    "STATICS",
    "BadSeed",
    "Elaborated",
    "ElaboratedProgram",
    "FilterExpr",
    "FilterTree",
    "FlatLeaves",
    "Held",
    "Index",
    "Leaf",
    "Literal",
    "MalformedScript",
    "Metadata",
    "Program",
    "Script",
    "Seed",
    "Static",
    "Step",
    "VariableClass",
    "World",
    "decode",
    "elaborate",
    "elaborate_program",
    "encode",
    "features",
    "limits_of",
    "realize",
    "world_of",
]
