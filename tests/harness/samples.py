"""Reports made by hand, on laws that exist, with text that tries to break out of whatever shows it."""

from __future__ import annotations

import dataclasses
from typing import Any

from nnxspec.harness.report import Report
from nnxspec.harness.verdicts import Record
from nnxspec.spec.laws import LAWS

HOSTILE = "</script><img src=x onerror=\"pwned=1\"> & 'quotes' \u2028 `back` | pipe"
SCRIPT = f"""# pop.complete

from flax import nnx


# The example


def make():
    return nnx.Module()  # {HOSTILE}


value = '<b>'


# The law


def pop_complete(nnx):
    '''Text.'''
"""
_TERMS = {law.id: (law.term.slug, law.level) for law in LAWS}


def record(law: str, verdict: str = "holds", **fields: Any) -> Record:
    """A record of a law, with everything that its verdict brings along."""
    term, level = _TERMS.get(law, ("merge", "MUST"))
    made = Record(law, term, level, verdict, examples=7, seconds=0.5)
    if verdict in ("violated", "known", "blocked", "unstable"):
        made.witness, made.digest, made.script = {"n": 1}, "0123456789", SCRIPT
        made.claim, made.about = "left equals right", "a pair"
        made.difference = f"at .a: 1 expected, {HOSTILE} came"
        made.expected, made.came = "Net\n  .a = 1", f"Net\n  .a = {HOSTILE}"
    if verdict == "blocked":
        made.blocked_by = ["graph.build-observe"]
    if verdict in ("known", "fixed"):
        entry = {"kind": "bug", "reason": HOSTILE, "link": "https://example.org/1", "where": "/a/b/flax.toml:1-2"}
        made.deviations = [entry | {"digest": "0123456789", "shipped": True, "now": verdict, "detail": ""}]
    if verdict == "error":
        made.witness, made.script, made.error = {"n": 1}, SCRIPT, f"KeyError: {HOSTILE}"
        made.traceback = 'File "/home/me/env/lib/python3.11/site-packages/flax/nnx/graph.py", line 3'
    if verdict == "unsupported":
        made.missing = "tree-mode"
    return dataclasses.replace(made, **fields)


def report(*records: Record, backend: str = "flax", version: str = "1.0", **fields: Any) -> Report:
    """A report of some records."""
    made = Report(
        backend=backend,
        named=backend,
        versions={"nnxspec": "0.1.0", "python": "3.11.7", "jax": "0.10.2", "backend": version},
        platform="Linux",
        device="cpu",
        devices={"cpu": 8},
        profile="quick",
        seed=None,
        derandomize=True,
        laws=sorted(records, key=lambda each: each.law),
    )
    return dataclasses.replace(made, **fields)


VERDICTS = ("violated", "known", "fixed", "unsupported", "blocked", "unstable", "error")
BROKEN = tuple(
    record(name, verdict)
    for name, verdict in zip(
        (
            "split.round-trip",
            "pop.complete",
            "variable.get-set",
            "graphdef.property-setters",
            "merge.copy",
            "rng.split-restore",
            "module.repr-pure",
        ),
        VERDICTS,
        strict=True,
    )
)
"""A record of every verdict but `holds`."""
OLD = report(
    *BROKEN, record("graph.build-observe"), record("pop.containers"), record("gone.law", "violated", term="merge")
)
NEW = report(
    *(record(each.law) for each in BROKEN[:3]),
    record("graph.build-observe", "violated"),
    record("graphdef.property-setters", "known"),
    record("merge.copy", "known"),
    record("pop.containers", "known"),
    record("rng.split-restore", "unsupported"),
    record("variable.binary-operators"),
    record("module.repr-pure", "error"),
    version="2.0",
)
