"""How hard a run looks: three Hypothesis profiles, and the one that a run has chosen, made fit for one law."""

from __future__ import annotations

import functools
import os
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

from nnxspec.spec import Law
from nnxspec.spec.terms import TRANSFORMATION

PROFILES: dict[str, int] = {"quick": 6, "default": 50, "thorough": 500}
"""Examples for each law, by profile. Registered with Hypothesis under these names with ``nnxspec-`` before them."""

SMALL_PASS = 25
"""Examples, beside the small scope, of the pass by which a prerequisite is judged."""

SMALL_STEPS: dict[str, int] = {"quick": 1, "default": 1, "thorough": 3}
"""Up to how many steps all build scripts are tried first, by profile; fewer for costly laws, see `small_scope`."""
WIDE = ("default", "thorough")
"""Profiles in which every operand of a first step takes every value."""
_COSTLY = 0.3

_LEAST = 2
_EXPIRES = timedelta(days=90)
_PREFIX = "nnxspec-"


def register() -> None:
    """Registers the profiles with Hypothesis. Our names are prefixed: the user's own profiles stay what they are."""
    settings.register_profile(
        _PREFIX + "base",
        # Compilation is no deadline, and a slow machine no defect of a backend.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        # The failure message is our own, so Hypothesis prints nothing and explains nothing.
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Phase.reuse, Phase.generate, Phase.target, Phase.shrink],
    )
    base = settings.get_profile(_PREFIX + "base")
    for name, examples in PROFILES.items():
        settings.register_profile(_PREFIX + name, base, max_examples=examples)


def settings_for(profile: str, scale: float, *, derandomize: bool, database: str = "") -> settings:
    """The settings under which one law is searched.

    Args:
        profile: one of `PROFILES`.
        scale: the law's factor on the number of examples.
        derandomize: whether the same code always tries the same examples, and nothing is stored between runs.
        database: where examples that failed are kept, see `opened`; empty for Hypothesis's own place.
    """
    chosen = settings.get_profile(_PREFIX + profile)
    chosen = settings(chosen, max_examples=max(_LEAST, round(chosen.max_examples * scale)))
    if derandomize:
        return settings(chosen, derandomize=True, database=None)
    if database:
        return settings(chosen, derandomize=False, database=opened(database))
    return settings(chosen, derandomize=False)


@functools.cache
def opened(database: str) -> ExampleDatabase:
    """The example database at a place: a folder, which several machines may share, or a URL of a Redis server.

    Raises:
        ValueError: it cannot be used; the message is one line that says why.
    """
    if "://" not in database:
        folder = Path(database)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"the example database cannot be in {database}: {error.strerror or error}") from None
        if not os.access(folder, os.W_OK):
            raise ValueError(f"the example database cannot be in {database}: no permission to write there")
        return DirectoryBasedExampleDatabase(folder)
    if not database.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError(f"the example database {database!r} is neither a folder nor a redis:// URL")
    try:
        import redis  # type: ignore[import-not-found, unused-ignore]  # an extra
        from hypothesis.extra.redis import RedisExampleDatabase
    except ImportError:
        raise ValueError("an example database in Redis needs the package redis: pip install 'nnxspec[redis]'") from None
    try:
        server = redis.Redis.from_url(database)
        server.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise ValueError(f"the example database {database} does not answer: {' '.join(str(error).split())}") from None
    return RedisExampleDatabase(server, key_prefix=b"nnxspec:", expire_after=_EXPIRES)


def small_scope(profile: str, law: Law, scale: float) -> tuple[int, bool]:
    """Which small scripts of a law are tried: up to how many steps, and whether with every value of every operand.

    A law that asks for fewer examples than others has one step less, and a costly one or one on a transformation (which
    compiles for each script) two: below 0 there are none.
    """
    less = 2 if scale < _COSTLY or law.term is TRANSFORMATION else 1 if scale < 1 else 0
    return SMALL_STEPS[profile] - less, profile in WIDE and not less


def small_pass() -> settings:
    """The settings under which a prerequisite is judged: deterministic, small, without shrinking or storage."""
    base = settings.get_profile(_PREFIX + "base")
    return settings(base, max_examples=SMALL_PASS, derandomize=True, database=None, phases=[Phase.generate])


register()
