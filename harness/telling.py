"""How a command tells its user in one line what is wrong."""

from __future__ import annotations

import sys

BAD_INPUT = 2
"""The exit status for it."""


def bad_input(text: str) -> int:
    """Tells the user what is wrong with what was typed or named, and returns the exit status for it.

    Args:
        text: one line that says what to do.
    """
    print(f"nnxspec: {text}", file=sys.stderr)
    return BAD_INPUT
