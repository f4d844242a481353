"""Laws of `checkify`."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax.experimental import checkify

from ...claims import Claims, Eq, Refused, attempt
from ...law import Law, law
from ...terms import TRANSFORMATION


@law("checkify.updates-kept", term=TRANSFORMATION, uses=("transform.checkify",))
def updates_kept(nnx: Any, p: Any, checks: tuple[bool, ...], late: bool) -> Claims:
    """A function under checkify returns the error beside its output and leaves its arguments as the eager run does,
    also where a check fails; the error is that of the first check that fails, and none where all pass.
    """
    eager = p.make()
    out = p.body(jnp.int32(0), *eager)

    def checked(flags: Any, *args: Any) -> Any:
        found = p.body(jnp.int32(0), *args) if late else None
        for number in range(len(checks)):
            checkify.check(flags[number], f"check {number} failed with {{n}}", n=jnp.int32(number))
        return found if late else p.body(jnp.int32(0), *args)

    args = p.make()
    error, came = nnx.checkify(checked)(jnp.array(checks, bool), *args)
    yield Eq((args, came), (eager, out), "arguments and output")
    failed = [number for number, passes in enumerate(checks) if not passes]
    message = error.get()
    if failed:
        yield Eq((message or "").startswith(f"check {failed[0]} failed with {failed[0]}"), True, f"{message!r}")
        yield Refused(ValueError, error.throw, unchanged=(args,), about="thrown")
    else:
        yield Eq(message, None, "no error")
        yield Eq(attempt(error.throw).value, None, "nothing to throw")


@law(
    "checkify.automatic-checks",
    term=TRANSFORMATION,
    uses=("transform.returned-inputs", "transform.checkify", "mutation", "transform.returns-objects"),
)
def automatic_checks(nnx: Any, kind: str, number: int, fails: bool) -> Claims:
    """The checks of jax that are asked for look at the values of Variables too: division by zero, NaN, and indices out
    of bounds are reported, others are not, and the update that failed is kept.
    """
    errors = {"div": checkify.div_checks, "nan": checkify.nan_checks, "index": checkify.index_checks}[kind]
    start, at = jnp.array([1.0, float(number), 2.0]), jnp.int32(number % 3)

    class Net(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self) -> None:
            self.w = nnx.Param(start)
            self.at = nnx.Variable(at + (5 if fails and kind == "index" else 0))

    def f(m: Any, low: Any) -> Any:
        value = m.w.get_value()
        if kind == "index":
            m.w.set_value(value + value[m.at.get_value()])
        elif kind == "div":
            m.w.set_value(value / low)
        else:
            m.w.set_value(jnp.log(value - low))
        return m

    low = jnp.float32({"div": 0.0 if fails else 2.0, "nan": 9.0 if fails else 0.0, "index": 0.0}[kind])
    m, eager = Net(), Net()
    error, came = nnx.checkify(f, errors=errors)(m, low)
    plain, expected = checkify.checkify(lambda w, at, low: branch(kind, w, at, low), errors=errors)(
        start, eager.at.get_value(), low
    )
    yield Eq(error.get() is None, plain.get() is None, f"reported: {plain.get()}")
    yield Eq((came, m.w.get_value()), (m, expected), "the update, and the input returned")
    quiet, _ = nnx.checkify(f)(Net(), low)
    yield Eq(quiet.get(), None, "only what is asked for is reported")


def branch(kind: str, value: Any, at: Any, low: Any) -> Any:
    """What the update computes, as a function of arrays."""
    if kind == "index":
        return value + value[at]
    return value / low if kind == "div" else jnp.log(value - low)


LAWS: tuple[Law, ...] = (updates_kept, automatic_checks)
