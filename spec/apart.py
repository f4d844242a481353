"""Running an action where it can do no harm to what comes after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def apart(action: Callable[[], Any]) -> Any:
    """Gives what an action returns or raises what it raises, run in a thread of its own.

    Every exception that passes through a jax.tree function, and a cycle most of all, uses up recursion levels of the
    thread for good (seen with jaxlib 0.10 and 0.12); once they are gone, unrelated calls raise RecursionError. What a
    thread loses ends with it.
    """
    returned: list[Any] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(action())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="nnxspec apart")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return returned[0]
