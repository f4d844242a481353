"""How hard a run looks: three Hypothesis profiles, and the one that a run has chosen, made fit for one law."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, Verbosity, settings

PROFILES: dict[str, int] = {"quick": 8, "default": 50, "thorough": 500}
"""Examples for each law, by profile. Registered with Hypothesis under these names with ``nnxspec-`` before them."""

SMALL_PASS = 25
"""Examples of the pass by which a prerequisite is judged."""

_LEAST = 2
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


def settings_for(profile: str, scale: float, *, derandomize: bool) -> settings:
    """The settings under which one law is searched.

    Args:
        profile: one of `PROFILES`.
        scale: the law's factor on the number of examples.
        derandomize: whether the same code always tries the same examples, and nothing is stored between runs.
    """
    chosen = settings.get_profile(_PREFIX + profile)
    chosen = settings(chosen, max_examples=max(_LEAST, round(chosen.max_examples * scale)))
    return settings(chosen, derandomize=True, database=None) if derandomize else settings(chosen, derandomize=False)


def small_pass() -> settings:
    """The settings under which a prerequisite is judged: deterministic, small, without shrinking or storage."""
    base = settings.get_profile(_PREFIX + "base")
    return settings(base, max_examples=SMALL_PASS, derandomize=True, database=None, phases=[Phase.generate])


register()
