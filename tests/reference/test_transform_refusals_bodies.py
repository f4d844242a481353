"""What transforms refuse of the functions they get: losses, rules, carries, branches and bodies of loops."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.reference_impl import transforms as T

from .refusals import Refused, Run, refusal, step


def loss(m: Any, x: Any = 1.0) -> Any:
    """The sum of a parameter, which it changes."""
    step(m)
    return (m.w[...] * x).sum()


# --- grad, jvp, vjp, custom_vjp ------------------------------------------------------------------------------------

ARGNUMS: dict[str, tuple[Any, str]] = {
    "twice": ((0, 0), r"argument 0 is named twice in argnums=\(0, 0\)"),
    "DiffState": ((0, T.DiffState(0, ...)), r"argument 0 is named twice in argnums=\(0, DiffState\("),
    "negative": ((1, -1), r"argument 1 is named twice in argnums=\(1, -1\)"),
    "too big": (2, r"cannot differentiate argument 2: the call has 2 positional arguments"),
    "too small": (T.DiffState(-3), r"cannot differentiate argument -3: the call has 2 positional arguments"),
}


@pytest.mark.parametrize("transform", [T.grad, T.value_and_grad])
def test_grad_argnums(transform: Any, refused: Refused) -> None:
    def case(w: Any) -> Any:
        return lambda: transform(loss, argnums=ARGNUMS.get(w.wrong, (0,))[0])(w.m, 2.0)

    refused(ValueError, {wrong: says for wrong, (_, says) in ARGNUMS.items()}, case)


@refusal(TypeError, r"argnums are ints or DiffStates, got 'm'")
def test_grad_argnum_by_name(w: Any) -> Any:
    names: Any = "m"
    return lambda: T.grad(loss, argnums=names if w.wrong else 0)(w.m)


@refusal(
    TypeError,
    {
        "array": r"scalar-output.*\(3,\)",
        "int": r"real-valued outputs.*int32",
        "node": r"the loss is a scalar array, got a Net",
        "no pair": r"with has_aux=True the function returns a pair, got \w+",
    },
)
def test_grad_losses(w: Any) -> Any:
    def f(m: Any) -> Any:
        step(m)
        results = {"array": (m.w[...], 0), "int": (m.count[...], 0), "node": (m, 0), "no pair": m.w.sum()}
        return results.get(w.wrong, (m.w.sum(), m))

    return lambda: T.grad(f, has_aux=True)(w.m)


@refusal(TypeError, r"int32")
def test_grad_of_ints(w: Any) -> Any:
    return lambda: T.grad(loss, argnums=T.DiffState(0, (nnx.BatchStat, nnx.Param) if w.wrong else nnx.Param))(w.m)


@refusal(
    (TypeError, ValueError),  # as in jax: TypeError but for the shape
    {
        "number": r"jvp got 1 primals and 2 tangents",
        "missing": r"there is no tangent for argument 0 at \('part', 'b'\)",
        "shape": r"different primal and tangent shapes.*\(3,\).*\(7,\)",
    },
)
def test_jvp_tangents(w: Any) -> Any:
    def call() -> Any:
        tangents = nnx.clone(nnx.state(w.m))
        if w.wrong == "missing":
            del tangents["part"]
        if w.wrong == "shape":
            tangents["w"].set_value(jnp.zeros(7))
        return T.jvp(loss, (w.m,), (tangents,) * (2 if w.wrong == "number" else 1))

    return call


@refusal(
    ValueError,
    {
        "key": r"the cotangent has another structure than the output",
        "shape": r"float32\[7\].*expected float32\[3\]",
    },
)
def test_vjp_cotangents(w: Any) -> Any:
    _, pull_back = T.vjp(lambda m: {"a": m.w[...]}, w.m)
    return lambda: pull_back({"b" if w.wrong == "key" else "a": jnp.ones(7 if w.wrong == "shape" else 3)})


def ruled(w: Any, **options: Any) -> Any:
    f = T.custom_vjp(loss, **options)
    count = 1 if options else 2
    f.defvjp(
        lambda m, x: loss(m, x) if w.wrong == "fwd" else (loss(m, x), None),
        lambda *args: (None,) * (count + 1 if w.wrong == "bwd" else count),
    )
    return f


@refusal(
    TypeError,
    {
        "node": r"nondiff_argnums points at argument 0, which holds a node; use a DiffState",
        "fwd": r"fwd returns \(output, residuals\), got \w+",
        "bwd": r"bwd returns a tuple of 1 tangents, got",
    },
)
def test_custom_vjp_rules(w: Any) -> Any:
    def call() -> Any:
        f = ruled(w, nondiff_argnums=(0 if w.wrong == "node" else 1,))
        return T.grad(lambda m: f(m, 1.0))(w.m)

    return call


@refusal(ValueError, r"an argument is named twice in nondiff_argnums=\(1, 1\)")
def test_custom_vjp_argnums(w: Any) -> Any:
    return lambda: ruled(w, nondiff_argnums=(1, 1) if w.wrong else (1,))(w.m, 1.0)


@refusal(AttributeError, r"no gradient was defined for .*: call defvjp\(fwd, bwd\)")
def test_custom_vjp_without_rules(w: Any) -> Any:
    return lambda: (T.custom_vjp(loss) if w.wrong else ruled(w))(w.m, 1.0)


# --- scan ----------------------------------------------------------------------------------------------------------

C = T.Carry
AXES: dict[str, tuple[dict[str, Any], str]] = {
    "in only": ({"out_axes": 0}, r"Carry must be in both, in_axes=.* and out_axes=0, or in none"),
    "out only": ({"in_axes": 0}, r"Carry must be in both, in_axes=0 and out_axes="),
    "two": ({"in_axes": (C, C)}, r"there can be one Carry only in in_axes=\("),
    "two out": ({"out_axes": (C, C)}, r"there can be one Carry only in out_axes=\("),
    "nested": ({"in_axes": ([C], 0)}, r"Carry cannot be nested in in_axes=\("),
    "nested out": ({"out_axes": (C, {"a": C})}, r"Carry cannot be nested in out_axes=\("),
    "in StateAxes": ({"out_axes": (C, T.StateAxes({...: C}))}, r"Carry cannot be nested in out_axes=\("),
    "None": ({"out_axes": (C, None)}, r"outputs of a scan are stacked, so None is no axis in out_axes=\("),
    "None inside": ({"out_axes": (C, [None])}, r"outputs of a scan are stacked, so None is no axis in out_axes=\("),
    "length": ({"length": 5}, r"`length` argument of 5.*\[2\]"),
    "axis": ({"in_axes": (C, 1)}, r"argument 1 has the shape \(2,\), and no axis 1"),
}


def test_scan_axes(refused: Refused) -> None:
    def case(w: Any) -> Any:
        return lambda: T.scan(lambda c, x: (step(c), (c, x))[1], **AXES.get(w.wrong, ({}, ""))[0])(w.m, w.x)

    refused(ValueError, {wrong: says for wrong, (_, says) in AXES.items()}, case)


CHANGED = r"body of a loop must leave references, structure and statics as they are, but it changed .*"
STATIC = CHANGED + r"Net in argument 0, at 'mode'.* from the static value 'train' to the static value 'eval'"
GROWS = CHANGED + r"List in argument 0 at \('items',\)"
OTHER = r"the body of a loop returns its own arguments, updated; the Net .*another object"
STRUCTURE = r"the body of a loop returns a value of another structure"


def swap(m: Any) -> None:
    m.w, m.part.b = m.part.b, m.w


OUTSIDE = nnx.Dict(w=nnx.Param(jnp.ones(3)))


def then(change: Run, error: Any, says: str, *, carry: bool = False) -> tuple[Run, Any, str, bool]:
    """What a body does, and how it is refused; with `carry` what `change` gives is the carry returned."""
    return change, error, says, carry


BODIES: dict[str, tuple[Run, Any, str, bool]] = {
    "clone": then(nnx.clone, ValueError, OTHER, carry=True),
    "captured": then(lambda m: OUTSIDE, ValueError, OTHER.replace("Net", "Dict"), carry=True),
    "part": then(lambda m: m.part, ValueError, STRUCTURE, carry=True),
    "in a tuple": then(lambda m: (m,), ValueError, STRUCTURE, carry=True),
    "static": then(lambda m: setattr(m, "mode", "eval"), ValueError, STATIC),
    "attribute": then(lambda m: setattr(m, "new", nnx.Param(0)), ValueError, CHANGED + "Net in argument 0"),
    "deleted": then(lambda m: m.part.pop("b"), ValueError, CHANGED + r"Dict in argument 0 at \('part',\)"),
    "list": then(lambda m: m.items.append(nnx.Param(0)), ValueError, GROWS),
    "swap": then(swap, ValueError, CHANGED + r"argument 0"),
    "metadata": then(lambda m: m.w.set_metadata(role="b"), ValueError, CHANGED + r"Param in argument 0 at \('w',\)"),
    "shape": then(lambda m: m.w.set_value(jnp.zeros(7)), TypeError, r"float32\[3\].*float32\[7\]"),
    "dtype": then(lambda m: m.w.set_value(jnp.zeros(3, jnp.int32)), TypeError, r"float32\[3\].*int32\[3\]"),
}


@pytest.mark.parametrize("loop", ["scan", "while_loop", "fori_loop"])
@pytest.mark.parametrize("name", BODIES)
def test_bodies(name: str, loop: str, refused: Refused) -> None:
    change, error, says, carry = BODIES[name]

    def case(w: Any) -> Any:
        def body(m: Any) -> Any:
            m.count[...] = m.count[...] + 1
            changed = change(m) if w.wrong else None
            return changed if w.wrong and carry else m

        if loop == "scan":
            scanned = T.scan(lambda m, x: (body(m), x))
            return lambda: scanned(w.m, w.x)
        if loop == "fori_loop":
            return lambda: T.fori_loop(0, 2, lambda i, m: body(m), w.m)
        return lambda: T.while_loop(lambda m: m.count[...] < 2, body, w.m)

    refused(error, says, case)


@refusal(
    ValueError,
    {
        "alone": r"the body of a scan returns a tuple with the carry at 0",
        "stacked": r"inconsistent aliasing: the \w+ at argument 0 at \('\w+',\) is also at the output at \(1, '\w+'\)",
        "part stacked": r"inconsistent aliasing: the Param at argument 0 at \('w',\) is also at the output at \(1,\)",
    },
)
def test_scan_outputs(w: Any) -> Any:
    def body(m: Any, x: Any) -> Any:
        step(m)
        return {"alone": m, "stacked": (m, m), "part stacked": (m, m.w)}.get(w.wrong, (m, x))

    f = T.scan(body)
    return lambda: f(w.m, w.x)


# --- cond, switch --------------------------------------------------------------------------------------------------

DIFFER = "leave different structures: .*"
BRANCHES: dict[str, tuple[Run, str]] = {
    "static": (lambda m: setattr(m, "mode", "eval"), DIFFER + r"Net in argument 0, at 'mode'.*'train'.*'eval'"),
    "attribute": (lambda m: setattr(m, "new", nnx.Param(0)), DIFFER + r"Net in argument 0"),
    "deleted": (lambda m: (m.part.pop("b"), None)[1], DIFFER + r"Dict in argument 0 at \('part',\)"),
    "list": (lambda m: m.items.append(nnx.Param(0)), DIFFER + r"List in argument 0 at \('items',\)"),
    "metadata": (lambda m: m.w.set_metadata(role="b"), DIFFER + r"Param in argument 0 at \('w',\)"),
    "swap": (swap, DIFFER + r"argument 0"),
    "shape": (lambda m: m.w.set_value(jnp.zeros(7)), r"float32\[3\].*float32\[7\]"),
    "dtype": (lambda m: m.w.set_value(jnp.zeros(3, jnp.int32)), r"float32\[3\].*int32\[3\]"),
    "output": (lambda m: {"a": 1.0}, DIFFER + r"the value returned"),
    "input returned": (lambda m: m.w, DIFFER + r"the value returned"),
}


@pytest.mark.parametrize("transform", ["cond", "switch"])
def test_branches(transform: str, refused: Refused) -> None:
    def case(w: Any) -> Any:
        def other(m: Any) -> Any:
            return None if w.wrong is None else BRANCHES[w.wrong][0](m)

        if transform == "cond":
            return lambda: T.cond(True, step, other, w.m)
        return lambda: T.switch(0, [step, step, other], w.m)

    number = "branches 0 and " + ("1" if transform == "cond" else "2") + " "
    says = {wrong: (number if text.startswith(DIFFER) else "") + text for wrong, (_, text) in BRANCHES.items()}
    refused(TypeError, says, case)


@refusal(TypeError, {"array": r"[Pp]red.*scalar", "text": r"str"})
def test_cond_predicates(w: Any) -> Any:
    wrong: Any = {"array": jnp.array([True]), "text": "yes"}
    return lambda: T.cond(wrong.get(w.wrong, True), step, step, w.m)


@refusal(TypeError, r"[Ii]ndex.*float32")
def test_switch_index(w: Any) -> Any:
    return lambda: T.switch(0.5 if w.wrong else 0, [step, lambda m: None], w.m)


@refusal(ValueError, r"switch needs at least one branch")
def test_switch_without_branches(w: Any) -> Any:
    return lambda: T.switch(0, [] if w.wrong else [step], w.m)


# --- while_loop ----------------------------------------------------------------------------------------------------


@refusal(TypeError, {"array": r"cond_fun.*bool.*\[3\]", "int": r"cond_fun.*bool.*int32"})
def test_while_conditions(w: Any) -> Any:
    def condition(m: Any) -> Any:
        return {"array": m.w[...] < 1, "int": m.count[...]}.get(w.wrong, m.w[...][0] < 2)

    return lambda: T.while_loop(condition, lambda m: (step(m), m)[1], w.m)


@refusal(ValueError, r"Reverse-mode differentiation does not work for lax.while_loop")
def test_while_gradient(w: Any) -> Any:
    def f(m: Any) -> Any:
        if w.wrong:
            T.while_loop(lambda m: m.w[...][0] < 2, lambda m: (step(m), m)[1], m)
        return m.w.sum()

    g = T.grad(f)
    return lambda: g(w.m)
