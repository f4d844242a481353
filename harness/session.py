"""The one session of a process: which backend is tested, how hard, and what has been found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnxspec.spec import Backend

from .budget import Budget
from .deviations import Deviations

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
        beside: what to pass over there: see `nnxspec.harness.overlooking`.
        scripts: folder that gets a stand-alone script for every law that fails.
        device: the kind of device on which laws run.
        devices: how many there are of each kind.
        command: how a replay command starts: ``pytest`` or ``nnxspec``.
        deviations: the violations on record.
        replayed: examples to try instead of a search, by law id; laws without any are not tried.
        replayed_beside: what to pass over there, by law id.
        budget: how much time there is; None for a search of the profile's size for each law.
        database: where examples that failed are kept between runs; empty for Hypothesis's own place.
        records: what was found, by law id.
        failing: memory of which prerequisites fail, by law id.
    """

    backend: Backend
    named: str = ""
    profile: str = "default"
    derandomize: bool = False
    seed: int | None = None
    example: Mapping[str, Any] | None = None
    beside: Sequence[Any] = ()
    scripts: str | None = None
    device: str = "cpu"
    devices: Mapping[str, int] = field(default_factory=dict)
    command: str = "pytest"
    deviations: Deviations = field(default_factory=Deviations)
    replayed: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    replayed_beside: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    budget: Budget | None = None
    database: str = ""
    records: dict[str, Record] = field(default_factory=dict)
    failing: dict[str, bool] = field(default_factory=dict)

    def given(self, law: str) -> Sequence[Mapping[str, Any]] | None:
        """The examples on which a law is to be tried, without any search; None if it is to be searched."""
        if self.example is not None:
            return (self.example,)
        return None if self.replayed is None else self.replayed.get(law, ())

    def overlooked(self, law: str) -> Sequence[Any]:
        """What is passed over on the examples on which a law is to be tried."""
        return self.beside if self.example is not None else self.replayed_beside.get(law, ())


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
