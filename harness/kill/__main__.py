"""A worker of the kill matrix: reads tasks as lines of JSON, and answers each with a line."""

from __future__ import annotations

import json
import os
import sys
import warnings

from nnxspec.spec import BackendError

from ..devices import announce
from ..verdicts import one_line
from .work import answer


def main() -> None:
    """Answers tasks until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a mutant prints is no answer
    warnings.simplefilter("ignore")
    announce(None)
    for line in sys.stdin:
        try:
            answered = answer(json.loads(line))
        except Exception as error:  # none of a mutant: those are verdicts
            answered = {"failed": str(error) if isinstance(error, BackendError) else one_line(error)}
        answers.write(json.dumps(answered) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
