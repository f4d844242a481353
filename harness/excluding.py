"""Excluding the shape of a known violation from the search of its law, so that a second one is not hidden.

What to exclude is a list in which each element is one of these:

- the name of a limit (`nnxspec.spec.script.LIMITS`): every drawn script and program does without it;
- ``{input = "kind", value = "sum"}``: the input is not this value (in JSON form);
- ``{input = "layers", contains = "scan"}``: nothing in the JSON form of the input is this value; an object is found if
  it has these keys with these values, so ``contains = {name = "alias"}`` finds a step;
- ``{input = "plan", longer = 1}``: the input, a tuple, has no more than so many elements;
- ``{input = "axes", none = true}``: nothing in the input is None (for which TOML has no word); with several of these
  conditions in one table, the input does not meet them all at once;
- ``{claim = "the histogram"}`` or ``{raises = "TypeError"}``, alone or with more beside it: the example is tried, and
  such a violation, or exception, is passed over: see `nnxspec.harness.overlooking`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nnxspec.spec import Program, Script, encode
from nnxspec.spec.script import LIMITS

from .overlooking import CONDITIONS, meets, overlooking, speaks_of_claims

if TYPE_CHECKING:
    from .binding import Binding

_BESIDE = {"claim": "difference", "raises": "message"}


def _is_form(row: Mapping[str, Any]) -> bool:
    conditions = {name for name in row if name in CONDITIONS}
    said = set(row) - {"input", *conditions}
    if bool(conditions) != ("input" in row):
        return False
    return not said or any(word in said and said <= {word, beside} for word, beside in _BESIDE.items())


def validated(excludes: Any) -> tuple[Any, ...]:
    """What a file of deviations says is to be excluded, as a tuple.

    Raises:
        ValueError: it is not in one of the forms, or names an unknown limit.
    """
    if not isinstance(excludes, list):
        raise ValueError("excludes is no list")
    for one in excludes:
        if isinstance(one, str):
            if one not in LIMITS:
                raise ValueError(f"excludes names the unknown limit {one!r}; known: {', '.join(LIMITS)}")
        elif not isinstance(one, dict) or not _is_form(one):
            raise ValueError(
                f"excludes has {one!r:.80}: give a limit, or a table of input and {', '.join(CONDITIONS)}, "
                "of claim (and difference), or of raises (and message)"
            )
        elif not all(isinstance(one[key], str) for key in one if key not in CONDITIONS):
            raise ValueError(f"excludes has {one!r:.80}, whose names are not text")
        elif not isinstance(one.get("longer", 0), int) or not isinstance(one.get("none", True), bool):
            raise ValueError(f"excludes has {one!r:.80}: longer is a number of elements, none is true or false")
    return tuple(excludes)


def narrowed(binding: Binding, excludes: Iterable[Any]) -> Binding:
    """A binding of the same law to inputs without what is excluded.

    Raises:
        ValueError: an input is named that the law does not have.
    """
    excludes = list(excludes)
    limits = tuple(dict.fromkeys(one for one in excludes if isinstance(one, str)))
    tables = [one for one in excludes if not isinstance(one, str)]
    by_input: dict[str, list[Mapping[str, Any]]] = {}
    for one in tables:
        if "input" in one and one["input"] not in binding.strategies:
            raise ValueError(f"{binding.law.id} has no input {one['input']!r} to exclude")
        if "input" in one and not speaks_of_claims(one):
            by_input.setdefault(one["input"], []).append(one)

    def limited(value: Any) -> Any:
        return _limited(value, limits)

    def allowed(name: str) -> Callable[[Any], bool]:
        return lambda value: not any(meets(encode(value), one) for one in by_input[name])

    strategies = {name: each.map(limited) if limits else each for name, each in binding.strategies.items()}
    for name in by_input:
        strategies[name] = strategies[name].filter(allowed(name))

    def tried_first(most: int) -> list[dict[str, Any]]:
        first = [{name: limited(value) for name, value in inputs.items()} for inputs in binding.tried_first(most)]
        return [inputs for inputs in first if all(allowed(name)(inputs[name]) for name in by_input)]

    law = overlooking(binding.law, excludes)
    return dataclasses.replace(binding, law=law, strategies=strategies, tried_first=tried_first)


def _limited(value: Any, limits: tuple[str, ...]) -> Any:
    """The input with the limits added to every script and program in it."""
    if isinstance(value, Script):
        graph = (limit for limit in limits if not limit.startswith("body-"))
        return dataclasses.replace(value, without=tuple(dict.fromkeys((*value.without, *graph))))
    if isinstance(value, Program):
        body = (limit for limit in limits if limit.startswith("body-"))
        without = tuple(dict.fromkeys((*value.without, *body)))
        return dataclasses.replace(value, build=_limited(value.build, limits), without=without)
    if isinstance(value, tuple):
        return tuple(_limited(item, limits) for item in value)
    return value
