"""Hypothesis strategies: they draw input data (scripts, literals, plain values), never live objects."""

from .filters import filter_data, filters, partitions, parts
from .graphs import PLAIN, TREES, each_sharing, graphs, mutable_leaves, numpy_leaves, odd_leaves, shared, shared_items
from .leaves import alike, arrays, float_arrays, leaves, metadata, small, statics

__all__ = [
    "PLAIN",
    "TREES",
    "alike",
    "arrays",
    "each_sharing",
    "filter_data",
    "filters",
    "float_arrays",
    "graphs",
    "leaves",
    "metadata",
    "mutable_leaves",
    "numpy_leaves",
    "odd_leaves",
    "parts",
    "partitions",
    "shared",
    "shared_items",
    "small",
    "statics",
]
