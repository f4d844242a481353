"""Running an action where it can do no harm to what comes after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ...claims import Outcome, attempt


def apart(action: Callable[[], Any]) -> Any:
    """Gives what an action returns or raises what it raises, run in a thread of its own.

    Every exception that passes through a jax.tree function, and a cycle most of all, uses up recursion levels of the
    thread for good (seen with jaxlib 0.10 and 0.12); once they are gone, unrelated calls raise RecursionError.
    """
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(attempt(action)))
    thread.start()
    thread.join()
    if outcomes[0].error is not None:
        raise outcomes[0].error
    return outcomes[0].value
