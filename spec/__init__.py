"""What must hold: terms, laws, claims, the script language, observation and the Backend. Knows no test framework."""

from .backend import Backend, BackendError, Unsupported, from_namespace, validated
from .capabilities import CAPABILITIES, Capability
from .checking import LawViolated, Violation, check, judge
from .claims import Claim, Claims, Eq, EqOrRefused, Outcome, Refused, attempt
from .law import MUST, SHOULD, Law, law
from .observation import Difference, Observation, first_difference, observe, render
from .script import (
    Leaf,
    MalformedScript,
    Metadata,
    Program,
    Script,
    Static,
    Step,
    decode,
    elaborate,
    elaborate_program,
    encode,
)
from .terms import TERMS, Term

__all__ = [
    "CAPABILITIES",
    "MUST",
    "SHOULD",
    "TERMS",
    "Backend",
    "BackendError",
    "Capability",
    "Claim",
    "Claims",
    "Difference",
    "Eq",
    "EqOrRefused",
    "Law",
    "LawViolated",
    "Leaf",
    "MalformedScript",
    "Metadata",
    "Observation",
    "Outcome",
    "Program",
    "Refused",
    "Script",
    "Static",
    "Step",
    "Term",
    "Unsupported",
    "Violation",
    "attempt",
    "check",
    "decode",
    "elaborate",
    "elaborate_program",
    "encode",
    "first_difference",
    "from_namespace",
    "judge",
    "law",
    "observe",
    "render",
    "validated",
]
