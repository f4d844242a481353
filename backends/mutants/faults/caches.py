"""Faults of what transforms keep: traces, functions, buffers."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "jit-compiles-each-call",
        "jit forgets what it compiled.",
        "transforms.jit",
        "self._by_axes.append((key, axes, compiled))",
        "pass",
        ("jit.cache", "jit.other-effects", "transform.cached"),
        source="patrick-kidger/equinox#71",
    ),
    Fault(
        "jit-remembers-its-last-trace",
        "jit keeps the arguments of its last trace.",
        "transforms.jit",
        "out = fun(*args, **kwargs)",
        "self._last = inside\n            out = fun(*args, **kwargs)",
        ("transform.no-tracer-leak",),
    ),
    Fault(
        "jit-remembers-its-last-arguments",
        "jit keeps the arguments of its last call.",
        "transforms.jit",
        "result, groups = compiled(packed.call, statics, *packed.groups)",
        "self._last = packed\n            result, groups = compiled(packed.call, statics, *packed.groups)",
        ("transform.lifetime",),
    ),
    Fault(
        "plans-keep-arguments",
        "jit's plan of a call keeps the objects that it found.",
        "transforms.plan",
        "        self._count = len(packed.groups)\n",
        "        self._count, self._kept = len(packed.groups), packed.objects\n",
        ("transform.lifetime",),
    ),
    Fault(
        "plans-write-nothing",
        "From the second call on, jit does not write what has changed.",
        "transforms.plan",
        "        set_raw_values(list(compress(found.variables, effects.written)), leaves[effects.leaves :])\n",
        "",
        ("jit.cache",),
    ),
    Fault(
        "cached-partial-checks-nothing",
        "cached_partial lets the structure of cached nodes change.",
        "transforms.cached_partial",
        "if first_difference(record.defs, defs) is not None:",
        "if False:",
        ("jit.cached-partial",),
    ),
    Fault(
        "cond-compiles-each-call",
        "cond and switch forget what they compiled.",
        "transforms.branches",
        "compiled = _COMPILED.get(",
        "compiled = WeakCache().get(",
        ("cond.cached",),
        source="google/flax#5518",
    ),
    Fault(
        "weak-cache-never-forgets",
        "What was compiled for functions that are gone is taken for new ones at their place.",
        "transforms.functions",
        "refs = [weakref.ref(f, forget) for f in functions]",
        "refs = [weakref.ref(f) for f in functions]",
        ("cond.cached",),
        source="chaobrain/brainstate#203",
    ),
    Fault(
        "weak-cache-keeps-functions",
        "Functions that control flow was given live for ever.",
        "transforms.functions",
        "self._get: Callable[[], Any] = weakref.ref(f)",
        "self._get: Callable[[], Any] = lambda: f",
        ("transform.lifetime",),
    ),
)
