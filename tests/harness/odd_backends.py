"""Fake backends that behave as badly as real ones may: each is the reference with one vice.

They are named as any backend of a user: ``--nnx-backend odd_backends:killing``.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax

from nnxspec import reference_impl
from nnxspec.backends.reference import load as load_reference
from nnxspec.spec import Backend
from nnxspec.spec.capabilities import CAPABILITIES


def _with(name: str, **changes: Any) -> Backend:
    """The reference under another name, with some public names replaced."""
    names = {n: getattr(reference_impl, n) for n in reference_impl.__all__} | changes
    return replace(load_reference(), name=name, namespace=types.SimpleNamespace(**names))


def _big(state: Any) -> bool:
    """Whether the vice breaks out: empty graphs are left alone, so that the search has some way to go."""
    return bool(jax.tree.leaves(state))


def _vicious(vice: Callable[[], Any]) -> Callable[..., Any]:
    def merge(graphdef: Any, state: Any, *states: Any) -> Any:
        if _big(state):
            vice()
        return reference_impl.merge(graphdef, state, *states)

    return merge


def _loop() -> None:
    while True:
        try:
            sum(range(100))
        except Exception:
            continue


def looping() -> Backend:
    """Hangs in an endless loop, which Python can interrupt."""
    return _with("looping", merge=_vicious(_loop))


def sleeping() -> Backend:
    """Waits for what never comes, which Python cannot interrupt."""
    return _with("sleeping", merge=_vicious(lambda: time.sleep(3600)))


def deaf() -> Backend:
    """Hangs in C code that lets no other thread of Python run."""
    return _with("deaf", merge=_vicious(lambda: sum(itertools.repeat(0))))


def killing() -> Backend:
    """Kills its process, as the system does where memory ends."""
    return _with("killing", merge=_vicious(lambda: os.kill(os.getpid(), signal.SIGKILL)))


def leaving() -> Backend:
    """Ends its process without a word."""
    return _with("leaving", merge=_vicious(lambda: os._exit(7)))


def dreadful() -> Backend:
    """Has a vice behind every name."""
    return _with(
        "dreadful",
        merge=lambda *_: os.kill(os.getpid(), signal.SIGKILL),
        pop=lambda *_: _loop(),
        update=lambda *_: time.sleep(3600),
        clone=lambda *_: sum(itertools.repeat(0)),
        state=lambda *_: os._exit(7),
    )


class Unspeakable(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


class Pressed(BaseException):
    """No Exception, so that it slips through `except Exception`."""


RUBBISH = "\x1b[2J\x1b[31m\x00\udc80 rubbish \n\x07"


def babbling() -> Backend:
    """Prints rubbish to every stream at every call, and puts it into its exceptions."""

    def babble() -> None:
        print(RUBBISH.encode("utf-8", "backslashreplace").decode())
        print("rubbish", file=sys.stderr)
        os.write(1, b"\x80\xff rubbish\n")
        os.write(2, b"\x80\xff rubbish\n")

    def merge(graphdef: Any, state: Any, *states: Any) -> Any:
        babble()
        if _big(state):
            raise ValueError(RUBBISH)
        return reference_impl.merge(graphdef, state, *states)

    def split(*arguments: Any) -> Any:
        babble()
        return reference_impl.split(*arguments)

    babble()
    return _with("babbling", merge=merge, split=split)


def speechless() -> Backend:
    """Raises an exception that has no text."""

    def vice() -> None:
        raise Unspeakable

    return _with("speechless", merge=_vicious(vice))


def interrupting() -> Backend:
    """Raises KeyboardInterrupt, as if the user had."""

    def vice() -> None:
        raise KeyboardInterrupt

    return _with("interrupting", merge=_vicious(vice))


def pressing() -> Backend:
    """Raises what is no Exception."""

    def vice() -> None:
        raise Pressed("out of the way")

    return _with("pressing", merge=_vicious(vice))


def lying() -> Backend:
    """Claims sharing, and forgets it."""

    def merge(graphdef: Any, state: Any, *states: Any) -> Any:
        made = reference_impl.merge(graphdef, state, *states)
        for child, value in list(vars(made).items()):
            if isinstance(value, reference_impl.Variable):
                setattr(made, child, value.copy())
        return made

    return _with("lying", merge=merge)


def boasting() -> Backend:
    """Claims a capability whose names it does not have."""
    names = {n: getattr(reference_impl, n) for n in reference_impl.__all__ if n != "List"}
    return replace(load_reference(), name="boasting", namespace=types.SimpleNamespace(**names))


def half() -> Backend:
    """Has half of NNX's names, and claims what rests on those alone."""
    core = ("Module", "Variable", "Param", "split", "merge", "GraphDef", "State")
    names = [name for place, name in enumerate(sorted(reference_impl.__all__)) if place % 2 or name in core]
    probe = Backend("half", types.SimpleNamespace(**{name: getattr(reference_impl, name) for name in names}))
    whole = load_reference()
    kept = frozenset(c for c in whole.capabilities if all(map(probe.has, CAPABILITIES[c].names)))
    kept -= {"plain-containers"}  # the reference wants them marked, and `data` is not there
    return replace(whole, name="half", namespace=probe.namespace, capabilities=kept)


def moody() -> Backend:
    """Does not give the same for the same: every third time or so a value is another.

    The dice are seeded: what fails by chance may fail each time that it is tried again, and then looks steady.
    """
    dice = random.Random(1)

    def merge(graphdef: Any, state: Any, *states: Any) -> Any:
        made = reference_impl.merge(graphdef, state, *states)
        if dice.random() < 0.4:
            return None
        return made

    return _with("moody", merge=merge)


def drifting() -> Backend:
    """Never gives the right thing, and never the same wrong thing."""
    count = itertools.count()
    return _with("drifting", merge=lambda *_: next(count))
