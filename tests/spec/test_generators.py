"""What the strategies draw: every feature common enough to matter, every drawn script meaningful and storable."""

from __future__ import annotations

import functools
import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from nnxspec.properties.strategies import PLAIN, filters, graphs
from nnxspec.spec import Script, decode, elaborate, encode
from nnxspec.spec.script import LIMITS, OPERATIONS, Step

LEAST = {
    "sharing": 0.25,
    "shared-variable": 0.15,
    "shared-node": 0.15,
    "sharing-across-containers": 0.05,
    "self-cycle": 0.05,
    "longer-cycle": 0.05,
    "container": 0.35,
    "container:list": 0.06,
    "container:dict": 0.04,
    "container:tuple": 0.04,
    "container:Point": 0.04,
    "container:OrderedDict": 0.02,
    "container:defaultdict": 0.04,
    "container:Pair": 0.04,
    "node-in-container": 0.08,
    "node:nnx.List": 0.15,
    "node:nnx.Dict": 0.15,
    "node:Opaque": 0.1,
    "empty-node": 0.2,
    "variable": 0.6,
    "metadata": 0.4,
    "raw-array": 0.3,
    "zero-size": 0.2,
    "static": 0.25,
    "value-leaf": 0.1,
    "rngs": 0.1,
    "draw": 0.02,
    "awkward-name": 0.2,
    "edit": 0.2,
    "delete": 0.1,
    "swap": 0.02,
    "replace": 0.05,
    "set-value": 0.08,
    "set-metadata": 0.1,
    "holder:numpy": 0.15,
    "holder:key": 0.1,
    "holder:python": 0.1,
    "holder:abstract": 0.07,
    "holder:weak": 0.1,
    "holder:none": 0.05,
    "holder:list": 0.1,
    "holder:dict": 0.1,
} | {
    f"dtype:{dtype}": 0.01
    for dtype in (
        "bool int8 int16 int32 uint8 uint32 float16 bfloat16 float32 complex64 float64 int64 "
        "threefry2x32 rbg unsafe_rbg"
    ).split()
}
"""Least share of drawn scripts in which a feature occurs."""

FEW = settings(
    max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@functools.cache
def drawn(*without: str) -> list[Script]:
    """Scripts from many short runs: within one run Hypothesis varies what it has, so one long run is a poor sample."""
    scripts: list[Script] = []
    short = settings(FEW, max_examples=20, derandomize=False, phases=[Phase.generate])

    def collect(script: Script) -> None:
        scripts.append(script)

    for run in range(40):
        seed(run)(short(given(graphs(*without))(collect)))()
    return scripts


@pytest.mark.parametrize("without", [PLAIN, ()], ids=["plain", "everything"])
def test_every_feature_is_common_enough(without: tuple[str, ...]) -> None:
    scripts = drawn(*without)
    seen = Counter(name for script in scripts for name, _ in elaborate(script).features)
    rare = {f: seen[f] / len(scripts) for f, least in LEAST.items() if seen[f] < least * len(scripts)}
    assert not rare, f"too rare: {rare}"


def test_scripts_are_of_useful_length() -> None:
    lengths = sorted(len(elaborate(script).lines) for script in drawn(*PLAIN))
    assert 5 <= lengths[len(lengths) // 2] <= 25
    assert lengths[0] <= 3, "small graphs occur too"


@FEW
@given(graphs(), st.sets(st.sampled_from(sorted(LIMITS)), max_size=4))
def test_limits_are_kept(script: Script, limits: set[str]) -> None:
    features = dict(elaborate(script, limits).features)
    banned = {
        "sharing": ("sharing", "cycle"),
        "cycles": ("cycle",),
        "raw-arrays": ("raw-array",),
        "numpy": ("holder:numpy",),
        "keys": ("holder:key",),
        "abstract": ("holder:abstract",),
        "rngs": ("rngs", "draw"),
        "metadata": ("metadata",),
        "statics": ("static",),
        "edits": ("edit",),
        "awkward-names": ("awkward-name",),
        "containers": ("container",),
        "unsorted-containers": ("container:Point", "container:OrderedDict"),
        "values": ("value-leaf", "holder:python", "holder:none"),
        "non-pytrees": ("node:Opaque",),
        "list-nodes": ("node:nnx.List", "node:nnx.Dict", "node:Stack"),
    }
    for limit in limits:
        for feature in banned.get(limit, ()):
            assert feature not in features


@FEW
@given(graphs())
def test_removing_a_step_leaves_a_meaningful_script(script: Script) -> None:
    for index in range(len(script.steps)):
        shorter = Script(script.root, script.steps[:index] + script.steps[index + 1 :], script.without)
        compile(elaborate(shorter).source(), "<script>", "exec")


@FEW
@given(graphs() | filters)
def test_json_form_is_faithful(value: object) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_every_operation_is_drawn() -> None:
    names = {step.name for script in drawn() for step in script.steps}
    assert names == set(OPERATIONS)


def test_operands_default_to_zero() -> None:
    assert elaborate(Script(0, (Step("variable"),))) == elaborate(Script(0, (Step("variable", (0,) * 8),)))
