"""Laws of `jit`: what it traces anew, its options, and the stages of a compilation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...claims import Claims, Eq, Outcome, Refused, attempt
from ...classes import module_class
from ...law import SHOULD, Law, law
from ...observation import leaves, observe
from ...observation.nodes import is_variable
from ...terms import TRANSFORMATION

ASPECTS = ("none", "shape", "dtype", "metadata", "static", "structure", "kind", "argument", "option", "keyword")
"""In what a call may differ from the plain one."""
SHAPES = ((1,), (2,), (1, 1))
DTYPES = ("float32", "int32", "bfloat16")
WORDS = ("", "a", "b")
ARGUMENTS = (np.float32(1), np.int32(1), np.ones(2, "float32"))

Call = tuple[tuple[str, int], ...]
"""A call of a function as data: in what it differs from the plain one, and how."""


def key_of(call: Call) -> tuple[int, ...]:
    """What has to be traced on its own: for each aspect, which of its variants a call has; later words win."""
    chosen = dict(call)
    return tuple(chosen.get(aspect, 0) % 3 for aspect in ASPECTS[1:])


def holder_of(nnx: Any, cls: Any, make: Any, call: Call) -> Any:
    """A node that holds a graph beside what the call says."""
    shape, dtype, metadata, static, structure, kind, *_ = key_of(call)
    holder = cls()
    holder.m = make()
    value = jnp.ones(SHAPES[shape], DTYPES[dtype])
    holder.v = (nnx.Param, nnx.BatchStat, nnx.Variable)[kind](value)
    if metadata:
        holder.v.set_metadata(note=WORDS[metadata])
    holder.word = WORDS[static]
    for number in range(structure):
        holder.more = cls() if number == 0 else holder.v
    return holder


def arguments_of(call: Call) -> tuple[Any, str, dict[str, Any]]:
    """The other arguments of the call: an array, a static one, and one by keyword or not at all."""
    *_, argument, option, keyword = key_of(call)
    return jnp.asarray(ARGUMENTS[argument]), WORDS[option], {WORDS[keyword]: jnp.float32(1)} if keyword else {}


@law("jit.cache", term=TRANSFORMATION, uses=("transform.returned-inputs", "transform.jit", "mutation"))
def cache(nnx: Any, make: Any, calls: tuple[Call, ...], same: bool) -> Claims:
    """Calls with equal graphdefs, static arguments and avals share one trace, also across instances; a change of shape,
    dtype, Variable type or metadata, static attribute, structure, static argument or keyword gives a new one.

    The number of traces is compared with the number of different calls, which is counted on the data that describes
    them. What comes of a call is that of the eager call each time: no trace is taken for another.
    """

    Holder = module_class(nnx, "Holder")

    def work(holder: Any, x: Any, word: str, **more: Any) -> Any:
        holder.v.set_value(holder.v.get_value() * 2)
        return holder.v.get_value() + x + len(holder.word) + len(word) + len(more), holder.v

    traces: list[int] = []

    def counted(holder: Any, x: Any, word: str, **more: Any) -> Any:
        traces.append(1)
        return work(holder, x, word, **more)

    compiled = nnx.jit(counted, static_argnums=2)
    keys: set[tuple[int, ...]] = set()
    for number, call in enumerate(calls):
        x, word, more = arguments_of(call)
        holder, expected = holder_of(nnx, Holder, make, call), holder_of(nnx, Holder, make, call)
        for _ in range(1 + same):
            came = compiled(holder, x, word, **more)
            keys.add(key_of(call))
            yield Eq(len(traces), len(keys), f"traces after call {number}")
            yield Eq((came, holder), (work(expected, x, word, **more), expected), f"result of call {number}")


@law(
    "jit.cache-type-aware", term=TRANSFORMATION, level=SHOULD, uses=("transform.structure", "transform.jit", "mutation")
)
def cache_type_aware(nnx: Any, where: str, values: tuple[Any, ...]) -> Claims:
    """A static attribute, metadata entry or static argument that is equal to that of an earlier call and of another
    type is not taken for it: the function sees the value of this call, and the argument keeps it.

    `1`, `True` and `1.0` are equal in Python and in its dicts, so a cache that compares with `==` alone gives the
    result that was traced for another value.
    """

    Holder = module_class(nnx, "Holder")

    seen: list[Any] = []

    def work(holder: Any, word: Any) -> None:
        found = {
            "static": lambda: holder.word,
            "metadata": lambda: nnx.metadata(holder.v)["note"],
            "argument": lambda: word,
        }
        seen.append(found[where]())
        holder.found = seen[-1]
        holder.v.set_value(holder.v.get_value() + 1)

    def build(value: Any) -> tuple[Any, Any]:
        holder = Holder()
        holder.v = nnx.Param(jnp.float32(0))
        if where == "metadata":
            holder.v.set_metadata(note=value)
        holder.word = value if where == "static" else ""
        return holder, value if where == "argument" else ""

    compiled = nnx.jit(work, static_argnums=1)
    for value in values:
        holder, word = build(value)
        expected, _ = build(value)
        compiled(holder, word)
        work(expected, word)
        yield Eq(holder, expected, f"after a call with {value!r}")


HOW = ("position", "negative", "name", "position-by-name", "name-by-position", "both")
"""How a static argument is declared, and given."""


def with_static(nnx: Any, f: Callable[..., Any], how: str) -> Callable[..., Any]:
    """A function of `(m, x, given)` that gives the last one to the compiled `f` as a static argument."""
    if how == "position":
        compiled = nnx.jit(f, static_argnums=1)
        return lambda m, x, given: compiled(m, given, x)
    if how == "negative":
        compiled = nnx.jit(f, static_argnums=(-2,))
        return lambda m, x, given: compiled(m, given, x)
    if how == "name":
        compiled = nnx.jit(f, static_argnames="given")
        return lambda m, x, given: compiled(m, x=x, given=given)
    if how == "position-by-name":
        compiled = nnx.jit(f, static_argnums=(1,))
        return lambda m, x, given: compiled(m, x=x, given=given)
    if how == "name-by-position":
        compiled = nnx.jit(f, static_argnames=("given",))
        return lambda m, x, given: compiled(m, given, x)
    compiled = nnx.jit(f, static_argnums=1, static_argnames="given")
    return lambda m, x, given: compiled(m, given, x=x)


@law(
    "jit.static-arguments",
    term=TRANSFORMATION,
    uses=("transform.structure", "transform.jit", "mutation", "structural-mutation"),
)
def static_arguments(nnx: Any, make: Any, given: Any, ways: tuple[str, ...], odd: int) -> Claims:
    """Static arguments work as in jax, declared and given by position and by name, and may be assigned to attributes,
    which is visible outside; an output leaf that is neither an array nor part of a node is refused with TypeError.

    They are declared by `static_argnums` and `static_argnames`, of which each implies the other where the signature
    tells, as jax has it. An argument that cannot be hashed is refused with ValueError.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> Any:
        holder = Holder()
        holder.m, holder.v = make(), nnx.Param(jnp.float32(1))
        return holder

    def work(holder: Any, given: Any, x: Any) -> Any:
        holder.given = given
        holder.v.set_value(holder.v.get_value() + x)
        return holder.v.get_value() * 2

    holder, expected, x = build(), build(), jnp.float32(2)
    for how in ways:
        call = with_static(nnx, work, how)
        yield Eq((call(holder, x, given), holder), (work(expected, given, x), expected), how)
        yield Refused(ValueError, lambda: call(holder, x, [1]), unchanged=(holder,), about="an unhashable one")  # noqa: B023  # called at once
        yield Eq((call(holder, x, given), holder), (work(expected, given, x), expected), f"{how}, once more")
    stray = ("text", int, build, object())[odd % 4]
    refused = nnx.jit(lambda holder, given: (holder, given), static_argnums=1)
    yield Refused(TypeError, lambda: refused(holder, stray), unchanged=(holder,), about="a static as output")


def buffers(nnx: Any, root: Any) -> dict[tuple[Any, ...], Any]:
    """The jax array at each leaf that is one, or holds one."""
    found = {path: leaf.get_value() if is_variable(nnx, leaf) else leaf for path, leaf in leaves(nnx, root).items()}
    return {path: value for path, value in found.items() if isinstance(value, jax.Array)}


@law(
    "jit.donation",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("transform.arguments", "transform.jit", "mutation", "mutation.any-value"),
)
def donation(nnx: Any, make: Any, how: str, change: bool) -> Claims:
    """After a call with a donated Module its old buffers are deleted and its Variables hold new ones with the right
    values, also those that the function does not use; what is not donated keeps its buffers.
    """

    Holder = module_class(nnx, "Holder")

    def build() -> tuple[Any, Any]:
        donated, kept = Holder(), Holder()
        donated.m, kept.m = make(), make()
        donated.v, kept.v = nnx.Param(jnp.arange(2.0)), nnx.Param(jnp.arange(2.0))
        return donated, kept

    def work(donated: Any, kept: Any) -> Any:
        if change:
            donated.v.set_value(donated.v.get_value() + kept.v.get_value())
        kept.v.set_value(kept.v.get_value() * 3)
        return jnp.sum(donated.v.get_value())

    (donated, kept), (expected, other) = build(), build()
    if how == "name":
        compiled = nnx.jit(work, donate_argnames="donated")
    else:
        compiled = nnx.jit(work, donate_argnums={"position": 0, "positions": (0,)}[how])
    for number in range(2):
        before, rest = buffers(nnx, donated), buffers(nnx, kept)
        came = compiled(donated=donated, kept=kept) if how == "name" else compiled(donated, kept)
        yield Eq([path for path, x in before.items() if not x.is_deleted()], [], f"not deleted by call {number}")
        yield Eq([path for path, x in rest.items() if x.is_deleted()], [], f"deleted but not donated by call {number}")
        yield Eq((came, donated, kept), (work(expected, other), expected, other), f"after call {number}")


@law("jit.other-effects", term=TRANSFORMATION, level=SHOULD, uses=("transform.arguments", "transform.jit", "mutation"))
def other_effects(nnx: Any, make: Any, calls: tuple[Call, ...], late: bool) -> Claims:
    """Effects on objects that are neither Variables nor attributes of the arguments happen when the function is traced,
    hence once for each trace and in the order of the traces, also those after the last use of the arguments.
    """

    Holder = module_class(nnx, "Holder")

    class Log:
        def __init__(self) -> None:
            self.lines: list[Any] = []
            self.count = 0

    log, table = Log(), {}

    def work(holder: Any, x: Any, word: str, **more: Any) -> Any:
        if not late:
            log.lines.append((word, *sorted(more), *holder.v.get_value().shape))
        holder.v.set_value(holder.v.get_value() + 1)
        out = jnp.sum(holder.v.get_value()) + jnp.sum(x)
        if late:
            log.lines.append((word, *sorted(more), *holder.v.get_value().shape))
        log.count += 1
        table[log.count] = word
        return out

    compiled = nnx.jit(work, static_argnums=2)
    first: dict[tuple[int, ...], Any] = {}
    for number, call in enumerate(calls):
        x, word, more = arguments_of(call)
        compiled(holder_of(nnx, Holder, make, call), x, word, **more)
        first.setdefault(key_of(call), (word, *more, *SHAPES[key_of(call)[0]]))
        yield Eq(log.lines, list(first.values()), f"what was logged up to call {number}")
        yield Eq((log.count, list(table.values())), (len(first), [words[0] for words in first.values()]), "the others")


@law("jit.lower-and-compile", term=TRANSFORMATION, uses=("transform.returned-inputs", "transform.jit", "mutation"))
def lower_and_compile(nnx: Any, make: Any, nested: bool) -> Claims:
    """`jit(f).lower(...)` and `jit(f).eval_shape(...)` leave their arguments as they are; `lower(...).compile()` gives
    a function that does what `jit(f)` does without tracing again, on other instances too, and that refuses other
    structures and shapes with TypeError.

    The stages are those of jax's ahead-of-time compilation.
    """

    Holder = module_class(nnx, "Holder")

    def build(size: int = 2) -> Any:
        holder = Holder()
        holder.m, holder.v = make(), nnx.Param(jnp.arange(float(size)))
        return holder

    def work(arguments: Any, x: Any) -> Any:
        holder = arguments["holder"] if nested else arguments
        holder.v.set_value(holder.v.get_value() + x)
        return holder.v.get_value() * 2, holder

    traces: list[int] = []

    def counted(arguments: Any, x: Any) -> Any:
        traces.append(1)
        return work(arguments, x)

    def packed(holder: Any) -> Any:
        return {"holder": holder} if nested else holder

    holder, expected, x = build(), build(), jnp.float32(2)
    before = observe(nnx, holder)
    lowered = nnx.jit(counted).lower(packed(holder), x)
    yield Eq(holder, before, "after lower")
    compiled = lowered.compile()
    yield Eq(holder, before, "after compile")
    abstract = nnx.jit(work).eval_shape(packed(holder), x)[0]
    yield Eq((abstract.shape, str(abstract.dtype)), ((2,), "float32"), "the shape that eval_shape tells")
    yield Eq(holder, before, "after eval_shape")
    yield Eq(isinstance(lowered.as_text(), str), True, "the text of the lowered function")
    for other, again in ((holder, expected), (holder, expected), (build(), build())):
        yield Eq(attempt(lambda: compiled(packed(other), x)), Outcome(work(packed(again), x)), "a call")  # noqa: B023  # called at once
        yield Eq(other, again, "the argument of a call")
    yield Eq(len(traces), 1, "traces")
    larger, extended = build(3), build()
    extended.more = nnx.Param(jnp.float32(0))
    for about, wrong in (("other shapes", larger), ("another structure", extended)):
        yield Refused(TypeError, lambda: compiled(packed(wrong), x), unchanged=(wrong,), about=about)  # noqa: B023  # see above
    yield Eq((compiled(packed(holder), x), holder), (work(packed(expected), x), expected), "after the refusals")


LAWS: tuple[Law, ...] = (
    cache,
    cache_type_aware,
    static_arguments,
    donation,
    other_effects,
    lower_and_compile,
)
"""The laws of this module."""
