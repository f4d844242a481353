"""Watching examples run: a time limit for each, the journal, compilations counted, and jax's caches kept bounded."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import IO, Any

from nnxspec.spec import Law, encode

from .journal import Journal

GRACE = 2.0
"""Seconds that an example gets to end after it was interrupted."""

GROWTH = 1 << 30
"""After the process has grown by so many bytes jax's caches are emptied: see `Watch.bound`."""
COMPILATIONS = 500
"""The same, after so many compilations, where the system does not tell how large the process is."""

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h

_THREAD = "nnxspec apart"  # as `nnxspec.spec.apart` names its threads: the innermost is the one that hangs
_REARM = 1.0
_COMPILED = "/jax/core/compile/backend_compile_duration"


class Hung(BaseException):
    """An example did not end in time. No `Exception`, so that neither a law nor a backend catches it.

    Args:
        text: what to tell, on one line.
        where: what it was doing.
    """

    def __init__(self, text: str = "", where: str = "") -> None:
        super().__init__(text)
        self.where = where


class _Counter:
    """Counts what jax compiles in this process."""

    def __init__(self) -> None:
        self.count = 0
        self.listens = False

    def listen(self) -> None:
        """Starts counting; once is enough."""
        if not self.listens:
            from jax import monitoring

            monitoring.register_event_duration_secs_listener(self._heard)
            self.listens = True

    def _heard(self, event: str, duration_secs: float, **kwargs: Any) -> None:
        self.count += event == _COMPILED


_COMPILATIONS = _Counter()


class Watch:
    """What happens around every example of a session.

    Args:
        seconds: how long an example may take; None for as long as it likes.
        journal: where it is written down before it runs.
        fatal: whether an example that cannot be interrupted ends the process: a worker is replaced, and the law named.
        hard: whether the process ends itself too where a hanging example lets no Python run.

    Attributes:
        hung: the example of the law that is judged, or of a prerequisite, that did not end; None if all did.
    """

    def __init__(
        self,
        seconds: float | None = None,
        journal: Journal | None = None,
        *,
        fatal: bool = False,
        hard: bool = False,
    ) -> None:
        self.seconds = seconds
        self.journal = journal
        self.fatal = fatal
        self.hard = hard and seconds is not None
        self._armed = 0.0
        self._judging = 0
        self.hung: Hung | None = None
        self._stack: IO[str] | None = None
        _bound_arenas()
        self._cleared = (0, _resident())
        _COMPILATIONS.listen()

    @property
    def compilations(self) -> int:
        """Compilations in this process so far."""
        return _COMPILATIONS.count

    @contextlib.contextmanager
    def judging(self, law: Law) -> Iterator[None]:
        """Around everything that is tried to judge a law."""
        self.hung = None
        if self.journal is not None:
            self.journal.judging(law.id, law.term.slug, law.level)
        self._judging += 1
        try:
            yield
        finally:
            self._judging -= 1
            self._disarm()
            if self.journal is not None:
                self.journal.idle()
            self.bound()

    def run(self, law: Law, inputs: Mapping[str, Any], number: int, action: Callable[[], Any]) -> None:
        """Runs one example in a thread of its own, for the reason that `nnxspec.spec.apart` gives.

        Raises:
            Hung: it did not end in time.
            BaseException: whatever it raises.
        """
        if self.journal is not None:
            self.journal.example(law.id, {name: encode(value) for name, value in inputs.items()}, number)
        self._arm()
        raised: list[BaseException] = []

        def target() -> None:
            try:
                action()
            except (Exception, SystemExit, Hung) as error:
                raised.append(error)
            except BaseException as error:  # ^C comes to the main thread: this one is the backend's own doing
                wrapped = RuntimeError(f"the backend raised {error!r}, which is no Exception")
                raised.append(wrapped.with_traceback(error.__traceback__))

        thread = threading.Thread(target=target, name=_THREAD, daemon=True)
        thread.start()
        thread.join(self.seconds)
        if thread.is_alive():
            self._interrupt(thread)
        if raised:
            raise raised[0]

    def failed(self, inputs: Mapping[str, Any], error: BaseException) -> None:
        """An example failed, and smaller ones are going to be tried."""
        if self.journal is not None:
            text = " ".join(_text(error).split())[:300]
            self.journal.failed({name: encode(value) for name, value in inputs.items()}, text)

    def _interrupt(self, thread: threading.Thread) -> None:
        assert self.seconds is not None
        where = _stack_of(_innermost())
        text = f"the example did not end within {self.seconds:g} s"
        end = time.monotonic() + GRACE
        while thread.is_alive() and time.monotonic() < end:
            inner = _innermost() or thread
            # Heard at the thread's next step in Python; not while it waits, or computes in another language.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(inner.ident or 0), ctypes.py_object(Hung))
            thread.join(0.2)
        if thread.is_alive():
            text += ", and could not be interrupted"
            if self.fatal:
                if self.journal is not None:
                    self.journal.note(text, where)
                os._exit(1)
            _leave_behind()
        self.hung = Hung(text, where)
        raise self.hung

    def _arm(self) -> None:
        """Has the process end, by a thread outside of Python, if this example keeps Python from running any thread."""
        now = time.monotonic()
        # Outside of `judging` nobody would disarm: the process would end minutes after an example that is long over.
        if not self._judging or not self.hard or self.seconds is None or now - self._armed < _REARM:
            return
        if self._stack is None:
            if self.journal is None:
                self.hard = False
                return
            try:
                self.journal.path.parent.mkdir(exist_ok=True)
                self._stack = self.journal.path.with_suffix(".stack").open("w", encoding="utf-8")
            except OSError:
                self.hard = False
                return
        self._armed = now
        faulthandler.dump_traceback_later(self.seconds + 2 * GRACE + _REARM, exit=True, file=self._stack)

    def _disarm(self) -> None:
        if self._armed:
            faulthandler.cancel_dump_traceback_later()
            self._armed = 0.0

    def bound(self) -> None:
        """Empties jax's caches now and then: each compiled program stays in memory as long as it is in one of them.

        Programs differ in size, from half a megabyte to several: where it can be had, the size of the process decides.
        """
        compilations, size = self._cleared
        now = _resident()
        if now - size >= GROWTH if now else self.compilations - compilations >= COMPILATIONS:
            import jax

            jax.clear_caches()  # type: ignore[no-untyped-call]  # jax does not annotate it
            _give_back_memory()
            self._cleared = (self.compilations, _resident())

    def close(self) -> None:
        """The run is over."""
        self._disarm()
        if self.journal is not None:
            self.journal.close()
        if self._stack is not None:
            self._stack.close()
            self._stack = None
            if self.journal is not None:
                with contextlib.suppress(OSError):
                    self.journal.path.with_suffix(".stack").unlink(missing_ok=True)


def _resident() -> int:
    """The bytes of memory that this process holds; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0


def _bound_arenas() -> None:
    """Has the threads of the process share two of the C library's heaps. By default glibc makes eight for each core,
    and a little that stays keeps each of them large: after half an hour half of 2 GB was free, and not given back.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def _give_back_memory() -> None:
    """Has the C library return what is free. Each example runs in a thread of its own, and glibc keeps free memory
    apart by threads: without this the process grew by gigabytes within the hour, most of it free.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)


def _innermost() -> threading.Thread | None:
    """The example's thread, or the last that it is waiting for."""
    found = [thread for thread in threading.enumerate() if thread.name == _THREAD]
    return found[-1] if found else None


def _leave_behind() -> None:
    """Renames threads that cannot be ended, so that none of them is taken for the thread of a later example."""
    for thread in threading.enumerate():
        if thread.name == _THREAD:
            thread.name += " (left behind)"


def _stack_of(thread: threading.Thread | None) -> str:
    """The last steps of a thread."""
    frame: FrameType | None = sys._current_frames().get(thread.ident or 0) if thread is not None else None
    return "".join(traceback.format_stack(frame, limit=8)).rstrip() if frame is not None else ""


def _text(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # a backend's exception whose __str__ fails
        return type(error).__name__


_CURRENT: list[Watch] = []


def current_watch() -> Watch:
    """The watch of this process; one without limit or journal if there is no other."""
    if not _CURRENT:
        _CURRENT.append(Watch())
    return _CURRENT[-1]


def use_watch(watch: Watch | None) -> None:
    """Makes a watch the current one; None goes back to one without limit or journal."""
    _CURRENT[:] = [] if watch is None else [watch]
