"""Observation: canonical plain data of all that can be seen of a live object, and how two of them differ."""

from .diff import Difference, first_difference, render
from .observe import Observation, observe
from .walk import Visit, follow, leaves, nodes, walk

__all__ = [
    "Difference",
    "Observation",
    "Visit",
    "first_difference",
    "follow",
    "leaves",
    "nodes",
    "observe",
    "render",
    "walk",
]
