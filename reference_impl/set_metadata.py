"""Setting metadata on many Variables of a graph at once."""

from __future__ import annotations

from typing import Any

from .filters import Filter, to_predicate
from .variable import Variable
from .walk import iter_graph


def set_metadata(node: Any, /, *, only: Filter = Variable, **metadata: Any) -> None:
    """Sets metadata entries, in place, on the Variables in ``node`` that the filter matches.

    Args:
      node: a graph or a State.
      only: which Variables to change; by default all.
      **metadata: the entries to set.

    Raises:
      TraceContextError: if one of the Variables was created in another trace; then none is changed.
    """
    predicate = to_predicate(only)
    variables = [leaf for path, leaf in iter_graph(node) if isinstance(leaf, Variable) and predicate(path, leaf)]
    for variable in variables:
        variable._trace_state.check(variable)
    for variable in variables if metadata else ():
        variable.set_metadata(**metadata)
