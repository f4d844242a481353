"""Hypothesis strategies: they draw input data (scripts, literals, plain values), never live objects."""

from .filters import filter_data, filters, partitions, parts
from .graphs import PLAIN, TREES, graphs, mutable_leaves, numpy_leaves, shared
from .leaves import arrays, float_arrays, leaves, metadata, small, statics

__all__ = [
    "PLAIN",
    "TREES",
    "arrays",
    "filter_data",
    "filters",
    "float_arrays",
    "graphs",
    "leaves",
    "metadata",
    "mutable_leaves",
    "numpy_leaves",
    "parts",
    "partitions",
    "shared",
    "small",
    "statics",
]
