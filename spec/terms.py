"""The eleven terms of the Flax NNX glossary, in our own words."""

from __future__ import annotations

from dataclasses import dataclass

GLOSSARY = "https://flax.readthedocs.io/en/latest/nnx_glossary.html"


@dataclass(frozen=True)
class Term:
    """One entry of the glossary.

    Args:
        slug: stable short name; given to ``--nnx-law``, it selects the laws of the term.
        name: the glossary's own spelling.
        definition: what the term means, in our own words.
    """

    slug: str
    name: str
    definition: str

    @property
    def link(self) -> str:
        """Address of the glossary that defines the term."""
        return GLOSSARY


VARIABLE = Term(
    "variable",
    "Variable",
    "A box with identity that holds a value (usually an array) and metadata; its class says what the value is for.",
)
PARAMS = Term(
    "params", "Params / parameters", "The Variables of type Param: what a training step differentiates and updates."
)
MODULE = Term(
    "module",
    "Module",
    "A mutable Python object with identity whose attributes are data (state, seen by jax) or static (structure).",
)
GRAPHDEF = Term(
    "graphdef",
    "GraphDef",
    "The static half of a split Module: types, names, statics and sharing, hashable and without any array.",
)
VARIABLE_STATE = Term(
    "variable-state",
    "Variable state",
    "The data half of a split Module: a nested mapping (State) from canonical paths to Variables and arrays.",
)
FILTER = Term(
    "filter",
    "Filter",
    "A predicate on (path, leaf), or a literal that stands for one, which selects part of a Module's state.",
)
SPLIT_AND_MERGE = Term(
    "split-and-merge",
    "Split and merge",
    "Taking a Module apart into GraphDef and States and back, and what is built on it: update, pop, clone, iteration.",
)
MERGE = Term(
    "merge", "Merge", "Making a new Module from a GraphDef and the States that together hold all of its leaves."
)
PRNG_STATES = Term(
    "prng-states",
    "PRNG states",
    "Named random streams held as state: a key and a count for each stream of an Rngs object.",
)
FOLDING_IN = Term(
    "folding-in",
    "Folding in",
    "How a stream makes its next key: the count is folded into the stream's key, then the count goes up by one.",
)
TRANSFORMATION = Term(
    "transformation",
    "Transformation",
    "A jax transform lifted to functions over Modules: state goes in and out by reference, as if the code ran eagerly.",
)

TERMS: tuple[Term, ...] = (
    VARIABLE,
    PARAMS,
    MODULE,
    GRAPHDEF,
    VARIABLE_STATE,
    FILTER,
    SPLIT_AND_MERGE,
    MERGE,
    PRNG_STATES,
    FOLDING_IN,
    TRANSFORMATION,
)
