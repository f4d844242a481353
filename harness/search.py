"""One search: tries a law on examples until one fails, shrinks that one, and says what was seen."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis import Phase
from hypothesis.errors import Flaky
from hypothesis.strategies import fixed_dictionaries, just

from nnxspec.spec import Backend, Law, Program, Script, Unsupported, check
from nnxspec.spec.script import features

from .profiles import PROFILES
from .shrink import shrunk
from .small_scope import scope_of, scripts, simplest_others, small_examples
from .watch import Hung, current_watch

if TYPE_CHECKING:
    from .binding import Binding

SHRINKS = 400
"""How many examples are tried to make a witness smaller."""
POLISHES = 1000
"""How many more are tried with smaller scripts, once Hypothesis is done; a tenth of it where examples are costly."""


@dataclass
class Search:
    """What a search saw.

    Args:
        examples: examples on which the law was tried, those of shrinking included.
        unsupported: how many of them needed a name that the backend lacks.
        missing: the first such name.
        reason: why it is missing, if that is not the backend's doing.
        witness: the smallest inputs that failed, by name; None if none did.
        failure: what was raised: `nnxspec.spec.LawViolated`, or what the backend raised unexpectedly, or what kept the
            search from running at all.
        flaky: whether the witness passed when it was tried again.
        features: number of examples in which each feature of scripts occurred.
        failed: inputs that failed.
        shrinking: examples tried since the first one that failed.
        first: how many examples had been tried when the first one failed, that one included; 0 if none did.
    """

    examples: int = 0
    unsupported: int = 0
    missing: str | None = None
    reason: str = ""
    witness: Mapping[str, Any] | None = None
    failure: BaseException | None = None
    flaky: bool = False
    features: Counter[str] = field(default_factory=Counter)
    failed: set[Any] = field(default_factory=set)
    shrinking: int = 0
    first: int = 0


def digest(law: Law) -> bytes:
    """What tells a law's search from every other, in Hypothesis's database and for its derandomised seed."""
    return hashlib.sha256(b"nnxspec law " + law.id.encode()).digest()


def inner_test(law: Law, run: Callable[[Mapping[str, Any]], None]) -> Callable[[Mapping[str, Any]], None]:
    """The function that Hypothesis calls: the same for every law but for the digest of the law's id.

    Hypothesis makes its database key of a test's source, signature and digest. This one has no source to find, so
    nothing but the law's id decides the key: not the place of the files, not our edits of this module, not the order in
    which laws run.
    """
    scope: dict[str, Any] = {"run": run, "__name__": __name__}
    exec(compile("def search(inputs):\n    run(inputs)\n", "<nnxspec search>", "exec"), scope)
    test: Callable[[Mapping[str, Any]], None] = scope["search"]
    test._hypothesis_internal_add_digest = digest(law)  # type: ignore[attr-defined]  # what Hypothesis reads
    return test


def try_once(law: Law, backend: Backend, inputs: Mapping[str, Any], seen: Search) -> None:
    """Tries a law on one example and notes in `seen` what happened.

    Raises:
        Hung: it did not end in time.
        Exception: whatever says that the law fails on it.
    """
    seen.examples += 1
    seen.features.update(name for script in scripts_in(tuple(inputs.values())) for name in features(script))
    try:
        current_watch().run(law, inputs, seen.examples, lambda: check(law, backend, inputs))
    except Unsupported as error:
        seen.unsupported += 1
        if seen.missing is None:
            seen.missing, seen.reason = error.name, error.reason
    except SystemExit as error:
        seen.witness, seen.failure = inputs, RuntimeError(f"the backend ended the process: SystemExit({error.code!r})")
        raise seen.failure from error
    except Hung as error:
        # While a failure is made smaller, it is that failure which counts. Either way the search ends here: Hypothesis
        # would make this example smaller too, and each of those would hang as long.
        if seen.failure is None:
            seen.witness, seen.failure = inputs, error
        raise
    except Exception as error:
        seen.first = seen.first or seen.examples
        seen.witness, seen.failure = inputs, error
        current_watch().failed(inputs, error)
        raise


def _fails(law: Law, backend: Backend, seen: Search, inputs: Mapping[str, Any]) -> bool:
    """Whether a law fails on one example, which is noted in `seen`."""
    try:
        try_once(law, backend, inputs, seen)
    except Exception:
        return True
    return False


def scripts_in(value: Any) -> Iterator[Script | Program]:
    """The scripts and programs inside input data."""
    if isinstance(value, Script | Program):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from scripts_in(item)


def search(
    binding: Binding,
    backend: Backend,
    settings: hypothesis.settings,
    seed: int | None = None,
    small: tuple[int, bool] = (-1, False),
) -> Search:
    """Searches for inputs on which a law fails.

    Args:
        binding: the law and the strategies for its inputs.
        backend: the implementation under test.
        settings: how hard to look.
        seed: where to start; None leaves it to Hypothesis.
        small: which small scripts are tried first, see `nnxspec.harness.profiles.small_scope`.
    """
    seen = Search()

    def run(inputs: Mapping[str, Any]) -> None:
        key = tuple(inputs.values())
        if seen.failed and key not in seen.failed:
            # Shrinking has a budget of examples, not of time: examples with transforms are slow, and the same code
            # has to find the same witness everywhere. Beyond it nothing smaller is accepted.
            seen.shrinking += 1
            if seen.shrinking > SHRINKS:
                return
        try:
            try_once(binding.law, backend, inputs, seen)
        except Exception:
            seen.failed.add(key)
            raise

    test = inner_test(binding.law, run)
    given = hypothesis.given(binding.inputs)(test)
    if seed is not None:
        given = hypothesis.seed(seed)(given)
    with warnings.catch_warnings():
        # A verdict must not depend on the filters of the project in which the laws happen to run.
        warnings.simplefilter("ignore")
        try:
            chosen, rest = chosen_first(binding, settings.max_examples)
            first = itertools.chain(chosen, small_examples(binding, *small))
            if _try_first(binding, backend, first, seen, shrink=Phase.shrink in settings.phases):
                hypothesis.settings(settings, max_examples=rest)(given)()
            elif Phase.shrink in settings.phases:
                _shrink_others(binding, run, settings, seen)
        except Hung:
            pass  # it is in `seen`
        except Flaky as error:
            seen.flaky = True
            seen.failure = seen.failure or error
        except Exception as error:
            # Without a witness it was not the law that failed but the search (a strategy without any value, say).
            seen.failure = seen.failure or error
            if seen.witness is not None and Phase.shrink in settings.phases:
                with contextlib.suppress(Hung):  # the witness stays what it is by then
                    _polish(binding, backend, seen)
    return seen


def _shrink_others(
    binding: Binding, run: Callable[[Mapping[str, Any]], None], settings: hypothesis.settings, seen: Search
) -> None:
    """Lets Hypothesis make smaller what stands beside the scripts of a witness that was not drawn."""
    witness = seen.witness or {}
    fixed = {name: just(value) for name, value in witness.items() if isinstance(value, Script)}
    if not 0 < len(fixed) < len(binding.strategies) or seen.flaky:
        return
    inputs = fixed_dictionaries(binding.strategies | fixed)
    with contextlib.suppress(Exception):  # what fails is in `seen`
        settings(hypothesis.given(inputs)(inner_test(binding.law, run)))()


def chosen_first(binding: Binding, examples: int) -> tuple[list[dict[str, Any]], int]:
    """The examples tried before any is drawn, and how many are drawn then.

    Under a profile that is quicker than the default, half of the examples come from those to try first, evenly spread.

    Args:
        binding: the law and its strategies.
        examples: how many the law has under the profile.
    """
    full = round(PROFILES["default"] * min(binding.scale, 1))
    if examples >= full:
        return list(binding.tried_first(sys.maxsize)), examples
    half = (examples + 1) // 2
    first = evenly(list(binding.tried_first(half)), half)
    return first, examples - len(first)


def evenly(examples: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most so many of the examples, evenly spread over all."""
    count = min(most, len(examples))
    return [examples[index * len(examples) // count] for index in range(count)]


def _polish(binding: Binding, backend: Backend, seen: Search) -> None:
    """Makes the build scripts of a witness smaller that Hypothesis has made small already.

    First whole scripts of fewer steps are tried in place of each, then the script itself with less in it.
    """
    scopes = {name: scope for name, strategy in binding.strategies.items() if (scope := scope_of(strategy)) is not None}
    witness, failure = seen.witness, seen.failure
    assert witness is not None
    smallest = witness

    fails = functools.partial(_fails, binding.law, backend, seen)
    for name, scope in scopes.items():
        shorter = (script for size in range(min(len(witness[name].steps), 3)) for script in scripts(scope, size))
        others = ({**smallest, name: script} for script in shorter)
        budget = POLISHES if binding.scale >= 1 else POLISHES // 10
        smallest = next((inputs for inputs in itertools.islice(others, budget) if fails(inputs)), smallest)
    smallest = shrunk(smallest, fails, POLISHES // 10, scopes)
    if smallest is not witness:
        seen.flaky = not fails(smallest)
    else:
        seen.witness, seen.failure = witness, failure


def _try_first(
    binding: Binding, backend: Backend, first: Iterable[Mapping[str, Any]], seen: Search, *, shrink: bool
) -> bool:
    """Tries examples that are not drawn; the first that fails is made smaller. Gives whether none failed."""

    fails = functools.partial(_fails, binding.law, backend, seen)
    for inputs in first:
        if fails(inputs):
            if shrink:
                plain = next((other for other in simplest_others(binding, inputs) if fails(other)), inputs)
                smallest = shrunk(plain, fails, SHRINKS)
                seen.flaky = not fails(smallest)  # and so the failure is that of the smallest again
            return False
    return True


def replay(law: Law, backend: Backend, *examples: Mapping[str, Any]) -> Search:
    """Tries a law on given examples, up to the first that fails, without any search."""
    seen = Search()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for inputs in examples:
                try_once(law, backend, inputs, seen)
        except (Exception, Hung):
            pass  # it is in `seen`
    return seen
