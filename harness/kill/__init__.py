"""The kill matrix: which law catches which mutant of the reference, and within how many examples."""

from .hunts import ERROR, VIOLATED, Hunt, hunt, settings
from .matrix import CAP, Matrix, run

__all__ = ["CAP", "ERROR", "VIOLATED", "Hunt", "Matrix", "hunt", "run", "settings"]
