"""From options to a session, with one clear line for whatever cannot be."""

from __future__ import annotations

import difflib
import fnmatch
import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nnxspec.spec import BackendError, Law, MalformedScript, decode

from . import devices, lookup
from .budget import Budget, seconds
from .deviations import gather
from .excluding import validated
from .files import check_writable
from .overlooking import speaks_of_claims
from .profiles import PROFILES, opened
from .replaying import Replay, replay_of
from .session import Session
from .verdicts import load_all_bindings

TIMEOUT = 300.0
"""Seconds that one example may take unless the user says otherwise: no example does, compilation included."""


def choose(config: pytest.Config, seed: int) -> Session:
    """The session that the options of a pytest run ask for.

    Args:
        config: pytest's configuration.
        seed: where searches start unless an option says otherwise.

    Raises:
        pytest.UsageError: an option cannot be met.
    """
    options = config.option
    try:
        device = devices.started(options.nnx_device)  # first: laws need jax already when they are imported
        _combined(options)
        chosen = laws_matching(options.nnx_law or ())
        example = None if options.nnx_example is None else example_of(options.nnx_example, chosen)
        beside = _beside(options)
        again = _replay(options)
        profile = options.nnx_profile or "default"
        if profile not in PROFILES:
            raise ValueError(f"unknown profile {profile!r}: choose {', '.join(PROFILES)}")
        if options.nnx_report is not None:
            check_writable(Path(options.nnx_report))
        if (
            options.nnx_scripts is not None
            and Path(options.nnx_scripts).exists()
            and not Path(options.nnx_scripts).is_dir()
        ):
            raise ValueError(f"--nnx-scripts wants a folder, and {options.nnx_scripts} is a file")
        if options.nnx_database is not None:
            opened(options.nnx_database)
        timed = _timed(config)
        named = options.nnx_backend or (again.backend if again else "reference")
        backend = lookup.load(named)
        known = gather(options.nnx_deviations or (), backend, named, own=not options.nnx_no_deviations)
    except (ValueError, BackendError) as error:
        raise pytest.UsageError(f"nnxspec: {error}") from None
    explicit = explicit_seed(config)
    derandomize = explicit is None and bool(
        options.nnx_derandomize or (timed is None and os.environ.get("CI", "").lower() in ("1", "true"))
    )
    return Session(
        backend=backend,
        named=named,
        profile=profile,
        derandomize=derandomize,
        seed=None if derandomize else seed if explicit is None else explicit,
        example=example,
        beside=beside,
        scripts=options.nnx_scripts,
        device=device,
        devices=devices.counted(),
        command=command(config),
        deviations=known,
        replayed=again.examples if again else None,
        replayed_beside=again.overlooked if again else {},
        budget=timed,
        database=options.nnx_database or "",
    )


def _combined(options: Any) -> None:
    """Refuses options that contradict each other.

    Raises:
        ValueError: they do.
    """
    given = {name for name in ("example", "replay", "budget") if getattr(options, f"nnx_{name}") is not None}
    if len(given) > 1:
        first, second = sorted(given)[:2]
        raise ValueError(f"--nnx-{first} and --nnx-{second} exclude each other")
    if "budget" in given and options.nnx_derandomize:
        raise ValueError("--nnx-budget and --nnx-derandomize exclude each other: no two runs get equally far")
    if options.nnx_database is not None and options.nnx_derandomize:
        raise ValueError("--nnx-database and --nnx-derandomize exclude each other: derandomised, no example is kept")


def _beside(options: Any) -> tuple[Any, ...]:
    """What to pass over on the one example.

    Raises:
        ValueError: it is malformed, or there is no example.
    """
    if options.nnx_beside is None:
        return ()
    if options.nnx_example is None:
        raise ValueError("--nnx-beside says what to pass over on one example: give --nnx-example")
    try:
        rows = validated(json.loads(options.nnx_beside))
    except json.JSONDecodeError as error:
        raise ValueError(f"--nnx-beside is no JSON: {error}") from None
    except ValueError as error:
        raise ValueError(f"--nnx-beside: {error}") from None
    if not all(map(speaks_of_claims, rows)):
        raise ValueError("--nnx-beside has to be a list of tables with claim or raises")
    return rows


def _replay(options: Any) -> Replay | None:
    if options.nnx_replay is None:
        return None
    again = replay_of(options.nnx_replay)
    if again.device not in ("", options.nnx_device or "cpu"):
        # It cannot be chosen here any more: jax has been started.
        raise ValueError(f"{options.nnx_replay} comes from the device {again.device}: give it with --nnx-device")
    return again


def time_limit(config: pytest.Config) -> float | None:
    """How many seconds one example may take; None for no limit.

    Raises:
        pytest.UsageError: what is given is no time.
    """
    given = config.option.nnx_timeout
    if given is None:
        return TIMEOUT
    try:
        return seconds(given, "--nnx-timeout") or None
    except ValueError as error:
        raise pytest.UsageError(f"nnxspec: {error}") from None


def _timed(config: pytest.Config) -> Budget | None:
    """The time budget: the controller of a distributed run starts it, and its workers share it."""
    if config.option.nnx_budget is None:
        return None
    length = seconds(config.option.nnx_budget, "--nnx-budget")
    if not length:
        raise ValueError("--nnx-budget is more than no time")
    inherited = getattr(config, "workerinput", {})
    return Budget(inherited.get("nnxspec_end", time.time() + length), inherited.get("workercount", 1))


def command(config: pytest.Config) -> str:
    """How the user started the run: ``nnxspec`` (its plugin is there, or was in the controller) or ``pytest``."""
    inherited: str | None = getattr(config, "workerinput", {}).get("nnxspec_command")
    return inherited or ("nnxspec" if config.pluginmanager.has_plugin("nnxspec-check") else "pytest")


def explicit_seed(config: pytest.Config) -> int | None:
    """The number given with ``--hypothesis-seed``; an explicit seed lifts derandomisation, which would ignore it.

    Raises:
        pytest.UsageError: it is no number.
    """
    given = config.getoption("--hypothesis-seed", default=None)
    if given is None:
        return None
    try:
        return int(given)
    except ValueError:
        raise pytest.UsageError(f"nnxspec: --hypothesis-seed is a whole number, not {given!r}") from None


def selected(law: Law, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns fits the law's id or is the slug of its term."""
    return any(fnmatch.fnmatchcase(law.id, pattern) or pattern == law.term.slug for pattern in patterns)


def laws_matching(patterns: Iterable[str]) -> list[Law]:
    """All laws that a pattern selects; all laws if there is no pattern.

    Raises:
        ValueError: a pattern selects nothing; the message names what is near.
    """
    from nnxspec.spec.laws import LAWS

    patterns = list(patterns)
    names = sorted({law.id for law in LAWS} | {law.term.slug for law in LAWS})
    for pattern in patterns:
        if not any(selected(law, [pattern]) for law in LAWS):
            near = [name for name in names if pattern.strip("*.") in name]
            near = (near or difflib.get_close_matches(pattern, names, n=4, cutoff=0.5))[:4]
            hint = f"near it: {', '.join(near)}" if near else "'nnxspec laws' lists all laws"
            raise ValueError(f"no law and no term matches {pattern!r}; {hint}")
    return [law for law in LAWS if not patterns or selected(law, patterns)]


def example_of(text: str, chosen: list[Law]) -> Mapping[str, Any]:
    """The inputs in ``--nnx-example``: JSON, or ``@FILE`` with JSON in it.

    Raises:
        ValueError: it is malformed, or it is not clear of which law it is an example.
    """
    if len(chosen) != 1:
        raise ValueError("an example belongs to one law: name it by its whole id with --nnx-law (nnxspec check: --law)")
    (law,) = chosen
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the example cannot be read from {text[1:]}: {error}") from None
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the example is no JSON: {error}") from None
    if not isinstance(raw, dict) or set(raw) != set(law.inputs):
        raise ValueError(
            f"an example of {law.id} is a JSON object with exactly the keys {', '.join(law.inputs) or '(none)'}"
        )
    load_all_bindings()  # the modules of the suite register the kinds of data that their strategies draw
    try:
        return {name: decode(raw[name], name) for name in law.inputs}
    except MalformedScript as error:
        raise ValueError(f"malformed example: {error}") from None
