"""Mutants: the reference implementation with exactly one fault each, to see that the laws can fail.

Each is named ``mutant:NAME`` where a backend is asked for (``nnxspec check mutant:pop-leaves-aliases``). A fault is one
replacement in the source of one module of the reference; the rest of the copy is the reference as it is. The faults
are in `faults`, one module for each term or family of transforms; ``nnxspec mutants`` sees them caught.
"""

from .fault import BUDGET, OURS, Fault
from .faults import FAULTS
from .loader import fresh, load
from .without import WITHOUT_MUTANT

__all__ = ["BUDGET", "FAULTS", "OURS", "WITHOUT_MUTANT", "Fault", "fresh", "load"]
