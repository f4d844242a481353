"""Every law of the specification, collected explicitly: a law that is not listed here does not exist."""

from __future__ import annotations

from ..law import Law
from . import (
    filter,
    fold,
    graph,
    graphdef,
    histories,
    merge,
    module,
    params,
    rng,
    split_and_merge,
    state,
    transformation,
    variable,
)

LAWS: tuple[Law, ...] = (
    *graph.LAWS,
    *variable.LAWS,
    *params.LAWS,
    *module.LAWS,
    *graphdef.LAWS,
    *state.LAWS,
    *filter.LAWS,
    *split_and_merge.LAWS,
    *merge.LAWS,
    *rng.LAWS,
    *fold.LAWS,
    *transformation.LAWS,
    *histories.LAWS,
)
"""All laws, term by term in the order of the glossary's build-up."""

LEFT_OUT: dict[str, str] = {}
"""Laws that were thought of and are left out, each with the reason."""
