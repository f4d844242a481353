"""HypoFuzz: the laws as tests that ``hypothesis fuzz`` can drive.

A law's test searches by itself, and reports a verdict. HypoFuzz wants to draw and run the examples, and finds tests
made with ``@given`` while pytest collects. So in its runs each law's test is replaced by such a one. What it finds lies
in Hypothesis's database under the key by which the law's own search reads: the next run of pytest tries it first.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from nnxspec.spec import Unsupported, check, encode

from .excluding import narrowed
from .failure import replay_command
from .search import inner_test
from .verdicts import Record
from .watch import Watch

if TYPE_CHECKING:
    from .binding import Binding
    from .session import Session


def fuzzed() -> bool:
    """Whether HypoFuzz collects tests in this process."""
    detection = sys.modules.get("hypofuzz.detection")
    return detection is not None and bool(detection.in_hypofuzz_run())


def prepare() -> None:
    """Makes HypoFuzz start its processes afresh: jax has threads by then, and a process that forks off may hang."""
    multiprocessing.set_start_method("spawn", force=True)


def hand_over(item: pytest.Function, binding: Binding, session: Session) -> None:
    """Makes the item of a law one that HypoFuzz can drive, or one that it skips, with the reason."""
    law, backend = binding.law, session.backend
    known = session.deviations.by_law.get(law.id, ())
    missing = backend.missing(law.uses)
    item.add_marker(pytest.mark.hypothesis)  # how HypoFuzz chooses; Hypothesis's own plugin may have looked before
    if missing is not None:
        item.add_marker(pytest.mark.skip(reason=f"{backend.name} does not offer {missing}"))
    elif not binding.strategies:
        item.add_marker(pytest.mark.skip(reason="the law has no inputs to draw"))
    elif not all(deviation.excludes for deviation in known):
        item.add_marker(pytest.mark.skip(reason="known to fail, and the deviation does not say what to exclude"))
    else:
        item.obj = given(narrowed(binding, [one for deviation in known for one in deviation.excludes]), session)


def given(binding: Binding, session: Session) -> Callable[[], None]:
    """The test of a law as ``hypothesis.given`` makes it, which raises what says that the law fails on an example."""
    law, watch = binding.law, Watch()

    def run(inputs: Mapping[str, Any]) -> None:
        try:
            with watch.judging(law):  # which empties jax's caches now and then: a fuzzer runs for days
                check(law, session.backend, inputs)
        except Unsupported:
            hypothesis.reject()
        except Exception as error:
            witness = {name: encode(value) for name, value in inputs.items()}
            record = Record(law.id, law.term.slug, law.level, witness=witness)
            error.add_note(f"Once more: {replay_command(record, session)}")
            raise

    test: Any = hypothesis.given(binding.inputs)(inner_test(law, run))
    test.hypothesis = _Handle(test.hypothesis, lambda: inner_test(law, run))
    found: Callable[[], None] = test
    return found


class _Handle:
    """What Hypothesis keeps with a test, but for the function inside, which is a new one each time.

    HypoFuzz writes the item's place in the suite into that function, to tell parametrized tests from each other, and
    would look in the database under a key which no search of ours has.
    """

    def __init__(self, handle: Any, make: Callable[[], Any]) -> None:
        self._handle, self._make = handle, make

    @property
    def inner_test(self) -> Any:
        """The function that Hypothesis calls."""
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)
