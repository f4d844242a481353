"""The first difference between two observations, in words a reader understands, and observations as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .atoms import Atom
from .observe import Entry, Observation


@dataclass(frozen=True)
class Difference:
    """Where two observations part, and what stands there on each side.

    Args:
        path: Python-like path from the root, such as ``.layers[0].w``.
        expected: what the right side has there.
        came: what the left side has there.
    """

    path: str
    expected: str
    came: str

    def __str__(self) -> str:
        return f"at {self.path or 'the root'}: {self.expected} expected, {self.came} came"


def step(kind: str, key: Any) -> str:
    """One step of a path, as Python would write it."""
    if isinstance(key, tuple) and len(key) == 2 and key[0] == "metadata":
        return f".metadata[{key[1]!r}]"
    if kind == "variable" or kind == "outcome":
        return f".{key}"
    if kind == "pytree":
        return str(key)
    if kind == "node" and isinstance(key, str) and key.isidentifier():
        return f".{key}"
    return f"[{key!r}]"


def _name(target: Any, observation: Observation) -> str:
    if isinstance(target, Atom):
        return target.text
    entry = observation.entries[target]
    return f"{entry.text} {entry.kind}" if entry.kind != "container" else entry.text


def first_difference(left: Observation, right: Observation) -> Difference | None:
    """The first difference met by walking both from the root together; None if they are equal.

    Args:
        left: what came.
        right: what is expected.
    """
    if left == right:
        return None
    pairs: set[tuple[int, int]] = set()
    homes: tuple[dict[int, str], dict[int, str]] = ({}, {})
    stack: list[tuple[str, Any, Any]] = [("", left.root, right.root)]
    while stack:
        path, ours, theirs = stack.pop()
        if isinstance(ours, Atom) or isinstance(theirs, Atom):
            if ours != theirs:
                return Difference(path, *_texts(theirs, right, ours, left))
            continue
        before = homes[0].get(ours), homes[1].get(theirs)
        if before != (None, None):
            if before[0] != before[1]:
                return Difference(path, _identity(before[1]), _identity(before[0]))
            if (ours, theirs) in pairs:
                continue
        pairs.add((ours, theirs))
        homes[0].setdefault(ours, path)
        homes[1].setdefault(theirs, path)
        a, b = left.entries[ours], right.entries[theirs]
        if (a.kind, a.text, a.exact) != (b.kind, b.text, b.exact):
            return Difference(path, *_texts(theirs, right, ours, left))
        found = _parts(path, a, b, left, right)
        if isinstance(found, Difference):
            return found
        stack.extend(reversed(found))
    return Difference("", "an equal observation", "one that differs in the order of its parts")


def _identity(home: str | None) -> str:
    return "a new object" if home is None else f"the object already seen at {home or 'the root'}"


def _texts(expected: Any, right: Observation, came: Any, left: Observation) -> tuple[str, str]:
    a, b = _name(expected, right), _name(came, left)
    if a == b:
        kinds = tuple(t.kind if isinstance(t, Atom) else "entry" for t in (expected, came))
        suffix = kinds if kinds[0] != kinds[1] else ("", "different in bits, identity or definition")
        a, b = f"{a} ({suffix[0]})" if suffix[0] else a, f"{b} ({suffix[1]})"
    return a, b


def _parts(path: str, a: Entry, b: Entry, left: Observation, right: Observation) -> Any:
    ours = {key: (status, target) for key, status, target in a.parts}
    theirs = {key: (status, target) for key, status, target in b.parts}
    for key, (_, target) in theirs.items():
        if key not in ours:
            return Difference(path + step(a.kind, key), _name(target, right), "nothing")
    for key, (_, target) in ours.items():
        if key not in theirs:
            return Difference(path + step(a.kind, key), "nothing", _name(target, left))
    for key, (status, target) in theirs.items():
        if ours[key][0] != status:
            there, here = f"{status} attribute", f"{ours[key][0]} attribute"
            return Difference(path + step(a.kind, key), f"{there} {_name(target, right)}", here)
    if [key for key, *_ in a.parts] != [key for key, *_ in b.parts]:
        return Difference(path, f"keys in the order {list(theirs)}", f"in the order {list(ours)}")
    return [(path + step(a.kind, key), ours[key][1], theirs[key][1]) for key in theirs]


def render(observation: Observation, limit: int = 30) -> str:
    """An observation as indented text, at most `limit` lines.

    Shared objects are marked ``&n`` and met again as ``*n``.
    """
    lines: list[str] = []
    seen: set[int] = set()
    shared = _shared(observation)
    stack: list[tuple[int, str, Any]] = [(0, "", observation.root)]
    while stack:
        if len(lines) >= limit:
            lines.append("...")
            break
        depth, label, target = stack.pop()
        lead = "  " * depth + (f"{label} = " if label else "")
        if isinstance(target, Atom):
            frozen = isinstance(target.exact, Observation)
            lines.append(
                lead + (render(target.exact, limit).replace("\n", "\n" + "  " * depth) if frozen else target.text)
            )
            continue
        entry = observation.entries[target]
        if target in seen:
            lines.append(f"{lead}*{target}")
            continue
        seen.add(target)
        mark = f" &{target}" if target in shared else ""
        lines.append(f"{lead}{entry.text}{mark}" + ("" if entry.parts else " (empty)"))
        for key, status, child in reversed(entry.parts):
            note = " (static)" if status == "static" else ""
            stack.append((depth + 1, step(entry.kind, key) + note, child))
    return "\n".join(lines)


def _shared(observation: Observation) -> set[int]:
    count: dict[int, int] = {}
    for entry in observation.entries:
        for _, _, target in entry.parts:
            if isinstance(target, int):
                count[target] = count.get(target, 0) + 1
    return {number for number, times in count.items() if times > 1 or number == observation.root}
