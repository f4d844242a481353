"""Laws of every transform beside transparency: identity, aliasing, structure, outputs, exceptions, untouched leaves."""

from __future__ import annotations

import types
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, EqOrRefused, Refused, attempt
from ...law import SHOULD, Law, law
from ...layers import LOOPS, arguments, eager, lifted, may_depend_on_lane, must_propagate, objects
from ...observation import observe, walk
from ...terms import TRANSFORMATION


def with_body(p: Any, body: Any) -> Any:
    """The program with another body."""
    return types.SimpleNamespace(make=p.make, body=body, effects=frozenset(), groups=p.groups, nodes=p.nodes)


def nothing(i: Any, *args: Any) -> Any:
    """A body that does nothing."""
    return ()


def aliases(nnx: Any, root: Any) -> list[list[Any]]:
    """For every object with identity all paths that lead to it, an object's own parts once."""
    found: dict[int, list[Any]] = {}
    for visit in walk(nnx, root):
        if visit.kind in ("node", "variable"):
            found.setdefault(id(visit.value), []).append(visit.path)
    return list(found.values())


def held(nnx: Any, layers: tuple[Any, ...], p: Any) -> Claims:
    """The claim that arguments and what a caller holds of them are as the eager run leaves them."""
    args = arguments(nnx, layers, p)
    before = objects(nnx, args)
    expected = attempt(lambda: eager(nnx, layers, p))
    run = lifted(nnx, layers, p)
    if expected.error is not None:
        yield Refused(Exception, lambda: run(jnp.int32(0), *args), about="refused, as eagerly")
        return
    after, handles, _ = expected.value

    def outcome() -> Any:
        run(jnp.int32(0), *args)
        return args, before

    about = "arguments, and the objects held before"
    free = not must_propagate(layers, p.effects)
    if free or may_depend_on_lane(layers, p):
        yield EqOrRefused(attempt(outcome), (after, handles), Exception if free else ValueError, about=about)
    else:
        yield Eq(outcome(), (after, handles), about)


@law("transform.identity-preserved", term=TRANSFORMATION, uses=("mutation",))
def identity_preserved(nnx: Any, case: Any) -> Claims:
    """Input nodes and Variables keep their identity outside, and input Variables are updated in place.

    Whoever holds a part of the arguments sees what the program did to it.
    """
    layers, p = case
    yield from held(nnx, layers, p)


@law(
    "transform.detached-objects",
    term=TRANSFORMATION,
    level=SHOULD,
    uses=("transform.structure",),
    reason="The clause of `transform.identity-preserved` on objects that the program takes out of its arguments.",
)
def detached_objects(nnx: Any, case: Any) -> Claims:
    """An input object that the program takes out of its arguments is, for whoever still holds it, as the eager run
    leaves it: with the values that it was given before, or none of the program's doing."""
    layers, p = case
    yield from held(nnx, layers, p)


@law("transform.aliasing-inside", term=TRANSFORMATION, uses=("sharing",))
def aliasing_inside(nnx: Any, case: Any) -> Claims:
    """Two inputs that are the same object outside are the same object inside, and two objects stay two.

    An object that only the transform's own state is (a loop's carry) is met inside as often as outside.
    """
    layers, p = case
    seen: list[Any] = []

    def body(i: Any, *args: Any) -> Any:
        seen.append(aliases(nnx, args))
        return ()

    args = arguments(nnx, layers, p)
    expected = aliases(nnx, args)
    lifted(nnx, layers, with_body(p, body))(jnp.int32(0), *args)
    for inside in seen:
        yield Eq(inside, expected, "paths by object, inside and outside")
    yield Eq(aliases(nnx, args), expected, "afterwards")


@law("transform.structure-propagates", term=TRANSFORMATION, uses=("transform.structure",))
def structure_propagates(nnx: Any, case: Any) -> Claims:
    """Added, deleted, replaced, swapped and newly shared attributes, new cycles, List growth, static changes and
    changed raw arrays are visible outside after jit, grad, remat, vmap, checkify, and cond where the branches agree.

    Containers held as data inside a node take part; plain containers passed as arguments do not, as in jax.
    """
    layers, p = case
    args = arguments(nnx, layers, p)
    expected = attempt(lambda: eager(nnx, layers, p))
    run = lifted(nnx, layers, p)
    if expected.error is not None:
        yield Refused(Exception, lambda: run(jnp.int32(0), *args), about="refused, as eagerly")
        return
    run(jnp.int32(0), *args)
    yield Eq(args, expected.value[0], "arguments")


@law("transform.outputs-identity", term=TRANSFORMATION, uses=("transform.returned-inputs", "sharing"))
def outputs_identity(nnx: Any, case: Any) -> Claims:
    """Returning an input gives the identical object, sharing between outputs and inputs is preserved, and objects
    created inside come back as new graphs."""
    layers, p = case
    args = arguments(nnx, layers, p)
    before = objects(nnx, args)
    after, handles, expected = eager(nnx, layers, p)
    out = lifted(nnx, layers, p)(jnp.int32(0), *args)
    yield Eq((out, args, before), (expected, after, handles), "outputs, arguments, and what was held before")


@law("transform.exception-safe", term=TRANSFORMATION)
def exception_safe(nnx: Any, case: Any) -> Claims:
    """If the function raises, the arguments keep values and structure, no tracer is left in any reachable object, and
    the next transform works."""
    layers, p = case
    args = arguments(nnx, layers, p)
    if any(layer[0] in LOOPS and layer[1] == 0 for layer in layers):
        # No iteration: whether the body is run at all, to find shapes, is left free.
        before = observe(nnx, args)
        attempt(lambda: lifted(nnx, layers, p)(jnp.int32(0), *args))
        yield Eq(args, before, "arguments")
    else:
        run = lifted(nnx, layers, p)
        yield Refused(RuntimeError, lambda: run(jnp.int32(0), *args), unchanged=(args,), about="what the body raises")
    expected = arguments(nnx, layers, p)
    lifted(nnx, layers, with_body(p, nothing))(jnp.int32(0), *args)
    yield Eq(args, expected, "the next call")


@law("transform.no-op-neutral", term=TRANSFORMATION, level=SHOULD)
def no_op_neutral(nnx: Any, case: Any) -> Claims:
    """A transformed function that does nothing leaves every leaf of its arguments unchanged, holder type, dtype and
    bits included.

    A numpy array stays one, with its 64 bits, and a Python scalar stays a Python scalar: they are carried through.
    """
    layers, p = case
    args = arguments(nnx, layers, p)
    before = objects(nnx, args)
    expected = arguments(nnx, layers, p)
    out = lifted(nnx, layers, with_body(p, nothing))(jnp.int32(0), *args)
    yield Eq((args, before), (expected, objects(nnx, expected)), "every leaf")
    yield Eq(out, (), "output")


@law("transform.leaf-kinds", term=TRANSFORMATION, level=SHOULD)
def leaf_kinds(nnx: Any, case: Any) -> Claims:
    """bf16, ints, bools, keys, None, zero-size arrays and container-valued Variables pass through all transforms
    unchanged, weak type included, whatever the program does to others."""
    layers, p = case
    after, _, expected = eager(nnx, layers, p)
    args = arguments(nnx, layers, p)
    out = lifted(nnx, layers, p)(jnp.int32(0), *args)
    yield Eq((args, out), (after, expected), "arguments and output")


LAWS: tuple[Law, ...] = (
    identity_preserved,
    detached_objects,
    aliasing_inside,
    structure_propagates,
    outputs_identity,
    exception_safe,
    no_op_neutral,
    leaf_kinds,
)
