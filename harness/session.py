"""The one session of a process: which backend is tested, how hard, and what has been found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnxspec.spec import Backend

if TYPE_CHECKING:
    from .verdicts import Record


@dataclass
class Session:
    """One backend and how it is tested.

    Args:
        backend: the implementation under test.
        named: how the user named it, for replay commands.
        profile: one of `nnxspec.harness.profiles.PROFILES`.
        derandomize: whether every run tries the same examples.
        seed: where the search starts; None leaves it to Hypothesis.
        example: the inputs to replay instead of a search.
        scripts: folder that gets a stand-alone script for every law that fails.
        device: the kind of device on which laws run.
        devices: how many there are of each kind.
        command: how a replay command starts: ``pytest`` or ``nnxspec``.
        records: what was found, by law id.
        failing: memory of which prerequisites fail, by law id.
    """

    backend: Backend
    named: str = ""
    profile: str = "default"
    derandomize: bool = False
    seed: int | None = None
    example: Mapping[str, Any] | None = None
    scripts: str | None = None
    device: str = "cpu"
    devices: Mapping[str, int] = field(default_factory=dict)
    command: str = "pytest"
    records: dict[str, Record] = field(default_factory=dict)
    failing: dict[str, bool] = field(default_factory=dict)


_CURRENT: list[Session] = []


def current_session() -> Session:
    """The session of this process.

    Raises:
        RuntimeError: there is none.
    """
    if not _CURRENT:
        raise RuntimeError("no backend chosen: the laws run under pytest with the plugin nnxspec.harness.plugin")
    return _CURRENT[-1]


def use_session(session: Session) -> None:
    """Makes a session the current one."""
    _CURRENT[:] = [session]


def current_backend() -> Backend:
    """The backend that this process tests."""
    return current_session().backend


def use_backend(backend: Backend) -> None:
    """Makes a session with a backend and no further choices, for scripts and tests of our own."""
    use_session(Session(backend, backend.name))
