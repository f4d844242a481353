"""What is measured: every operation by name."""

from .graphs import GRAPHS
from .kinds import Operation
from .streams import STREAMS
from .transforms import TRANSFORMS

OPERATIONS: dict[str, Operation] = {operation.name: operation for operation in (*GRAPHS, *STREAMS, *TRANSFORMS)}
"""Every operation by name, in the order of tables."""

__all__ = ["OPERATIONS", "Operation"]
