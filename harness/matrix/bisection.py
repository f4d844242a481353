"""Since which release a law is violated: releases are halved, on the example that the newest fails."""

from __future__ import annotations

import itertools
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.version import InvalidVersion, Version

VIOLATED, HOLDS = "violated", "holds"

OLDEST = {"flax": "0.10.0"}
"""The first release of a distribution that has what the laws speak of; of others every release is looked at."""


@dataclass
class Bisection:
    """The search for one law.

    Args:
        law: its id.
        releases: the releases, oldest first; the newest violates the law.
        seen: what was found so far, by position: `VIOLATED`, `HOLDS`, or why neither can be said.
    """

    law: str
    releases: Sequence[str]
    seen: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.seen.setdefault(len(self.releases) - 1, VIOLATED)

    @property
    def first(self) -> int:
        """The oldest release that is known to violate the law, above the newest one that does not."""
        return min(i for i, found in self.seen.items() if found == VIOLATED and i > self.last)

    @property
    def last(self) -> int:
        """The newest release that is known to keep the law; -1 if there is none."""
        return max((i for i, found in self.seen.items() if found == HOLDS), default=-1)

    @property
    def open(self) -> list[int]:
        """The releases between the two of which nothing is known yet."""
        return [i for i in range(self.last + 1, self.first) if i not in self.seen]

    def next(self) -> int | None:
        """The release to try next: the oldest, then always the middle; None at the end."""
        left = self.open
        if not left:
            return None
        return left[0] if self.last < 0 and not any(i < left[0] for i in self.seen) else left[len(left) // 2]

    def told(self) -> str:
        """What was found, in words."""
        first, last = self.releases[self.first], self.last
        between = [(i, self.seen[i]) for i in range(last + 1, self.first) if i in self.seen]
        told = []
        for reason, group in itertools.groupby(between, key=operator.itemgetter(1)):
            same = [self.releases[i] for i, _ in group]
            told.append(f"{same[0]} to {same[-1]} ({reason})" if len(same) > 1 else f"{same[0]} ({reason})")
        skipped = f"; nothing can be said of {', '.join(told)}" if told else ""
        if last < 0:
            return f"violated in {first} and every later release that was tried{skipped}"
        return f"violated since {first}; holds in {self.releases[last]}{skipped}"


def bisect(
    searches: Iterable[Bisection], probe: Callable[[Sequence[int]], Sequence[Mapping[str, str]]], jobs: int
) -> None:
    """Carries all searches to their end. They share what is tried: one run of a release tells of every law.

    Args:
        searches: one for each law, on the same releases.
        probe: takes positions of releases, and gives for each what is seen of every law.
        jobs: how many releases are tried at a time.
    """
    searches = list(searches)
    while wanted := Counter(i for each in searches if (i := each.next()) is not None):
        chosen = [i for i, _ in wanted.most_common(jobs)]
        for i, seen in zip(chosen, probe(chosen), strict=True):
            for each in searches:
                each.seen[i] = seen[each.law]


def parse_releases(heard: str) -> list[str]:
    """The final releases in what ``pip index versions`` says, oldest first."""
    found = re.search(r"^Available versions: (.+)$", heard, re.MULTILINE)
    return ordered(found[1].split(",")) if found else []


def ordered(releases: Iterable[str]) -> list[str]:
    """Releases in their order, each once.

    Raises:
        ValueError: one of them is none.
    """
    texts = {text.strip() for text in releases}
    try:
        return sorted(texts, key=Version)
    except InvalidVersion as error:
        raise ValueError(f"{error}") from None


def between(releases: Iterable[str], since: str | None, until: str | None) -> list[str]:
    """The releases from one to another, both included."""
    low, high = Version(since or "0"), Version(until) if until else None
    return [r for r in releases if low <= Version(r) and (high is None or Version(r) <= high)]
