"""Laws of what `scan` refuses: axes that make no sense, and a carry that is not the carry any more."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...apart import apart
from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import Law, law
from ...terms import TRANSFORMATION
from .loop_changes import parts, returned, same_variables_stay, small_tree


def live_axes(nnx: Any, spec: Any) -> Any:
    """The axes that data stands for: "carry" is Carry, pairs ("nest", ...) nest, ("axes", axis) is a StateAxes."""
    if spec == "carry":
        return nnx.Carry
    if isinstance(spec, tuple) and spec[:1] == ("nest",):
        return [live_axes(nnx, item) for item in spec[1:]]
    if isinstance(spec, tuple) and spec[:1] == ("axes",):
        return nnx.StateAxes({...: live_axes(nnx, spec[1])})
    if isinstance(spec, tuple):
        return tuple(live_axes(nnx, item) for item in spec)
    return spec


def makes_no_sense(in_axes: Any, out_axes: Any) -> str:
    """Why axes must be refused, or an empty string. Each of the two is one spec or a tuple of specs."""
    ins, outs = (
        axes if isinstance(axes, tuple) and axes[:1] not in (("axes",), ("nest",)) else (axes,)
        for axes in (in_axes, out_axes)
    )
    if max(ins.count("carry"), outs.count("carry")) > 1:
        return "more than one Carry"
    if any(isinstance(spec, tuple) and spec[0] == "nest" and "carry" in spec for spec in ins + outs):
        return "a nested Carry"
    if ins.count("carry") != outs.count("carry"):
        return "Carry on one side only"
    if any(spec is None or spec == ("axes", None) or spec == ("axes", "carry") for spec in outs):
        return "None or a Carry by filter as output axis"
    if any(isinstance(spec, tuple) and spec[0] == "nest" and None in spec for spec in outs):
        return "None as output axis"
    return ""


def argument(nnx: Any, spec: Any) -> Any:
    """An argument that fits a spec, with slices for three iterations."""
    stacked = jnp.arange(3, dtype="float32")
    if isinstance(spec, tuple) and spec[0] == "nest":
        return [argument(nnx, item) for item in spec[1:]]
    if isinstance(spec, tuple) and spec[0] == "axes":
        return nnx.Param(stacked if spec[1] == 0 else jnp.float32(2))
    return stacked if spec == 0 else nnx.Param(jnp.float32(1)) if spec == "carry" else jnp.float32(2)


def total(nnx: Any, inputs: Any) -> Any:
    """The sum over all inputs of one iteration."""
    leaves = jax.tree.leaves(inputs, is_leaf=lambda x: isinstance(x, nnx.Variable))
    return sum(leaf.get_value() if isinstance(leaf, nnx.Variable) else leaf for leaf in leaves)


def output(spec: Any, carry: Any, value: Any) -> Any:
    """An output that fits a spec."""
    if isinstance(spec, tuple) and spec[0] == "nest":
        return [output(item, carry, value) for item in spec[1:]]
    return carry if spec == "carry" else value


@law(
    "scan.spec-errors",
    term=TRANSFORMATION,
    uses=("transform.scan", "transform.state-axes", "mutation"),
)
def spec_errors(nnx: Any, axes: Any) -> Claims:
    """Refused with ValueError: Carry on one side only, more than one Carry, a nested Carry, None as output axis of an
    output, also by filter; other axes are accepted and mean what they say.
    """
    in_axes, out_axes = axes
    outs = out_axes if isinstance(out_axes, tuple) else (out_axes,)
    carries = [position for position, spec in enumerate(in_axes) if spec == "carry"]

    def body(*inputs: Any) -> Any:
        value = total(nnx, inputs)
        carry = inputs[carries[0]] if carries else None
        if carry is not None:
            carry.set_value(carry.get_value() + value)
        found = tuple(output(spec, carry, value) for spec in outs)
        return found if isinstance(out_axes, tuple) else found[0]

    def run(args: Any) -> Any:
        live = {"in_axes": live_axes(nnx, in_axes), "out_axes": live_axes(nnx, out_axes)}
        return nnx.scan(body, length=3, **live)(*args)

    args = tuple(argument(nnx, spec) for spec in in_axes)
    why = makes_no_sense(in_axes, out_axes)
    if why:
        yield Refused(ValueError, lambda: run(args), unchanged=(args,), about=why)
        legal = nnx.scan(lambda c, x: (c, x + 1), in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
        yield Eq(legal(jnp.float32(0), jnp.arange(3))[1], jnp.arange(3) + 1, "the next, legal call")
        return
    others = tuple(argument(nnx, spec) for spec in in_axes)
    carry = others[carries[0]].get_value() if carries else None
    sums = []
    for k in range(3):
        rest = [
            total(nnx, sliced(nnx, spec, arg, k)) for spec, arg in zip(in_axes, others, strict=True) if spec != "carry"
        ]
        value = sum(rest) + (0 if carry is None else carry)
        carry = None if carry is None else carry + value
        sums.append(value)
    if carries:
        others[carries[0]].set_value(carry)
    mine = others[carries[0]] if carries else None
    wanted = tuple(output(spec, mine, jnp.stack(sums)) for spec in outs)
    yield Eq((run(args), args), (wanted if isinstance(out_axes, tuple) else wanted[0], others), "as the Python loop")


def sliced(nnx: Any, spec: Any, arg: Any, k: int) -> Any:
    """What iteration `k` gets of an argument."""
    if isinstance(spec, tuple) and spec[0] == "nest":
        return [sliced(nnx, item, part, k) for item, part in zip(spec[1:], arg, strict=True)]
    if isinstance(spec, tuple) and spec[0] == "axes":
        return arg.get_value()[k] if spec[1] == 0 else arg.get_value()
    return arg[k] if spec == 0 else arg


def as_carry(form: str, node: Any) -> Any:
    """A carry that holds a node: the node itself, or a container around it."""
    return {"bare": node, "tuple": (node, jnp.int32(0)), "dict": {"k": node}}[form]


@law(
    "scan.carry-identity",
    term=TRANSFORMATION,
    uses=("transform.returned-inputs", "transform.scan", "clone", "mutation"),
)
def carry_identity(nnx: Any, make: Any, how: str, form: str, size: int, single: bool) -> Claims:
    """A body of scan that returns another node as carry (a clone, a part, an equal one) is refused with ValueError,
    while replacing a Variable inside the same node by one of its type is allowed.
    """

    Holder = module_class(nnx, "Holder")

    def wrap(m: Any) -> Any:
        return as_carry(form, m)

    def unwrap(carry: Any) -> Any:
        return {"bare": lambda: carry, "tuple": lambda: carry[0], "dict": lambda: carry["k"]}[form]()

    def bad(carry: Any, *rest: Any) -> Any:
        found = wrap(returned(nnx, unwrap(carry), how))
        return found if single else (found, rest[0])

    def good(carry: Any, *rest: Any) -> Any:
        m = unwrap(carry)
        m.a = nnx.Param(m.a.get_value() * 2 + 1)
        m.b.set_value(m.b.get_value() + m.a.get_value())
        return wrap(m) if single else (wrap(m), rest[0])

    def run(body: Any, m: Any) -> Any:
        if single:
            return unwrap(nnx.scan(body, in_axes=nnx.Carry, out_axes=nnx.Carry, length=size)(wrap(m)))
        return unwrap(nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))(wrap(m), jnp.arange(size))[0])

    m, eager = small_tree(nnx, Holder, make), small_tree(nnx, Holder, make)
    held = parts(m)
    # A message that shows a graph with cycles may run into the recursion limit, which costs the thread dear.
    yield Refused(ValueError, lambda: apart(lambda: run(bad, m)), unchanged=(held,), about=f"the carry becomes {how}")
    came = run(good, m)
    for k in range(size):
        good(wrap(eager), k)
    yield Eq(came is m, True, "the carry is the node that was given")
    yield Eq(m, eager, "a Variable replaced in the same node")


@law(
    "scan.carry-structure",
    term=TRANSFORMATION,
    uses=(
        "transform.returned-inputs",
        "transform.scan",
        "mutation",
    ),
)
def carry_structure(nnx: Any, make: Any, how: str, size: int) -> Claims:
    """A carry whose structure, shape or dtype changes in the body of scan is refused with TypeError or ValueError, and
    nothing changes then.
    """

    Holder = module_class(nnx, "Holder")

    def body(carry: Any) -> Any:
        m, x = carry
        if how == "add":
            m.new = nnx.Param(jnp.float32(0))
        elif how == "add array":
            m.new = nnx.data(jnp.float32(0))
        elif how == "add deep":
            m.right.new = nnx.Param(jnp.float32(0))
        elif how == "delete":
            del m.a
        elif how == "shape":
            m.a.set_value(jnp.zeros((2,), "float32"))
        elif how == "dtype":
            m.left.v.set_value(jnp.int32(1))
        elif how == "type":
            m.a = nnx.BatchStat(m.a.get_value())
        elif how == "array shape":
            return m, jnp.zeros((2,), "int32")
        elif how == "array dtype":
            return m, x.astype("float32")
        elif how == "longer":
            return m, x, x
        elif how == "none":
            return None
        elif how == "other container":
            return [m, x]
        return m, x

    def run(m: Any, how_far: Any) -> Any:
        return nnx.scan(how_far, in_axes=nnx.Carry, out_axes=nnx.Carry, length=size)((m, jnp.int32(0)))

    def legal(carry: Any) -> Any:
        carry[0].a.set_value(carry[0].a.get_value() + 1)
        return carry[0], carry[1] + 1

    m = small_tree(nnx, Holder, make)
    held = parts(m)
    yield Refused((TypeError, ValueError), lambda: run(m, body), unchanged=(held,), about=how)
    came = run(m, legal)
    yield Eq((came[0] is m, came[1]), (True, jnp.int32(size)), "the next, legal call")
    yield Eq(held[1].get_value(), jnp.float32(size), "what it wrote")


@law(
    "scan.tree-carry-identity",
    term=TRANSFORMATION,
    uses=("transform.scan", "tree-mode", "mutation"),
    tags=("tree",),
)
def tree_carry_identity(nnx: Any, make: Any, how: str, size: int) -> Claims:
    """In tree mode, a new Variable in the carry of a scan is refused with ValueError; writing to the Variables of the
    carry is not.
    """
    yield from same_variables_stay(nnx, make, "scan", how, size)


LAWS: tuple[Law, ...] = (spec_errors, carry_identity, carry_structure, tree_carry_identity)
