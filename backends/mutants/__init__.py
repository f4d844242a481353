"""Mutants: the reference implementation with exactly one fault each, to see that the laws can fail.

Each is named ``mutant:NAME`` where a backend is asked for (``nnxspec check mutant:pop-leaves-aliases``). A fault is one
replacement in the source of one module of the reference; the rest of the copy is the reference as it is.
"""

from .faults import FAULTS, Fault
from .loader import load

__all__ = ["FAULTS", "Fault", "load"]
