"""Laws of `cond` and `switch`: the chosen branch, and nothing of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from ...claims import Claims, Eq, Refused, attempt
from ...classes import module_class
from ...law import Law, law
from ...layers import PROPAGATED, objects
from ...terms import TRANSFORMATION
from .bodies import change
from .loop_changes import parts, rewire, small_tree


def branch(nnx: Any, p: Any, plan: Any, number: int) -> Callable[..., Any]:
    """Branch number `number`: the program with that index, or a plan that changes values only.

    Where the program changes more than values, every branch is the program, so that all leave the same structure.
    """

    def run_program(*args: Any) -> Any:
        return p.body(jnp.int32(number), *args), jnp.int32(number)

    def run_plan(*args: Any) -> Any:
        change(nnx, args, plan, number)
        return (), jnp.int32(number)

    with_values = plan is not None and nnx.offers("mutation") and p.effects <= PROPAGATED
    return run_plan if with_values else run_program


def cond_or_switch(nnx: Any, transform: str, chosen: Any, branches: list[Any], args: tuple[Any, ...]) -> Any:
    """The transform on its branches; `cond` takes the second one if `chosen` is true."""
    if transform == "cond":
        return nnx.cond(chosen, branches[1], branches[0], *args)
    return nnx.switch(chosen, branches, *args)


def choose(nnx: Any, transform: str, form: str, chosen: int, branches: list[Any], args: tuple[Any, ...]) -> Any:
    """Runs the transform with the choice given as a Python value, as an array, or as a tracer."""
    value: Any = bool(chosen) if transform == "cond" else chosen
    if form == "python":
        return cond_or_switch(nnx, transform, value, branches, args)
    if form == "array":
        return cond_or_switch(nnx, transform, jnp.asarray(value), branches, args)
    return nnx.jit(lambda v, *a: cond_or_switch(nnx, transform, v, branches, a))(jnp.asarray(value), *args)


def as_eager(nnx: Any, transform: str, p: Any, plans: Any, chosen: int, form: str) -> Claims:
    """The claim that a transform does what the chosen branch does eagerly, on an equal graph built afresh."""
    branches = [branch(nnx, p, plan, number) for number, plan in enumerate(plans)]
    args, eager_args = p.make(), p.make()
    held, eager_held = objects(nnx, args), objects(nnx, eager_args)
    index = chosen if transform == "cond" else min(max(chosen, 0), len(branches) - 1)
    tried = [attempt(lambda b=b: b(*p.make())) for b in branches]  # type: ignore[misc]  # bound now
    if any(one.error is not None for one in tried):
        # All branches are traced, so one that cannot run is an error, chosen or not.
        yield Refused(
            Exception, lambda: choose(nnx, transform, form, chosen, branches, args), about="a branch that raises"
        )
        return
    expected = branches[index](*eager_args)
    came = choose(nnx, transform, form, chosen, branches, args)
    yield Eq((args, came, held), (eager_args, expected, eager_held), "arguments, output and what was held before")


@law("cond.chosen-branch-only", term=TRANSFORMATION, uses=("transform.cond", "transform.jit"))
def chosen_branch_only(nnx: Any, p: Any, plans: Any, chosen: int, form: str) -> Claims:
    """Only the effects of the chosen branch of cond appear, for concrete and traced predicates; the branches may write
    different Variables and change the structure in the same way.
    """
    yield from as_eager(nnx, "cond", p, plans, chosen, form)


@law("switch.clamped", term=TRANSFORMATION, uses=("transform.cond", "transform.jit"))
def clamped(nnx: Any, p: Any, plans: Any, chosen: int, form: str) -> Claims:
    """switch shows the effects of the chosen branch only, for concrete and traced indices, with the index clamped to
    the range of branches.
    """
    yield from as_eager(nnx, "switch", p, plans, chosen, form)


def restructure(nnx: Any, m: Any, how: str, number: int) -> Any:
    """One structural change of a `small_tree` and an output; `number` tells branches apart where it should."""
    if how == "add":
        m.new = nnx.Param(jnp.float32(number))
    elif how == "delete":
        del m.a
    elif how == "static":
        m.n = 4
    elif how == "deep static":
        m.left.n = "s"
    elif how == "new static":
        m.name = "x"
    elif how == "shape":
        m.a.set_value(jnp.zeros((2,), "float32") + number)
    elif how == "dtype":
        m.b.set_value(jnp.int32(number))
    elif how == "type":
        m.a = nnx.BatchStat(jnp.float32(number))
    elif how == "new array":
        m.array = nnx.data(jnp.ones((2,), "float32") * number)
    elif how == "output":
        return m.a, m.b
    elif how == "output shape":
        return jnp.zeros((2,), "float32")
    elif how == "output node":
        return m.left
    else:
        rewire(nnx, m, how)
    return m.c.get_value()


@law(
    "cond.branches-agree",
    term=TRANSFORMATION,
    uses=("transform.structure", "transform.cond", "transform.jit", "mutation"),
)
def branches_agree(nnx: Any, make: Any, how: str, who: Any, chosen: int, form: str, transform: str) -> Claims:
    """Branches that do not agree on the resulting structure, statics, shapes and dtypes, of arguments or output, are
    refused with TypeError, whichever is chosen; structural changes that all branches make are visible outside.
    """

    Holder = module_class(nnx, "Holder")

    def made(number: int, does: bool) -> Callable[..., Any]:
        def run(m: Any) -> Any:
            m.c.set_value(m.c.get_value() + number)
            return restructure(nnx, m, how if does else "nothing", number)

        return run

    branches = [made(number, does) for number, does in enumerate(who)]
    m, eager = small_tree(nnx, Holder, make), small_tree(nnx, Holder, make)
    held, eager_held = parts(m), parts(eager)
    if len(set(who)) > 1:
        differing = tuple(branches)
        yield Refused(
            TypeError,
            lambda: choose(nnx, transform, form, chosen, list(differing), (m,)),
            unchanged=(held,),
            about=f"{how} in some branches",
        )
        branches = [made(number, False) for number in range(len(who))]
    index = min(max(chosen, 0), len(who) - 1)
    expected = branches[index](eager)
    came = choose(nnx, transform, form, chosen, branches, (m,))
    yield Eq((m, came, held), (eager, expected, eager_held), f"{how} in all branches, or in none")


LAWS: tuple[Law, ...] = (chosen_branch_only, clamped, branches_agree)
