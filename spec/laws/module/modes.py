"""Laws of `train`, `eval` and `set_attributes`, and of `sow` and `perturb`."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...claims import Claims, Eq, Refused, attempt
from ...classes import module_class
from ...filtering import live_filter, matches
from ...law import Law, law
from ...observation import nodes
from ...terms import MODULE


def flagged(nnx: Any, make: Any, flags: tuple[int, ...]) -> tuple[Any, dict[Any, Any]]:
    """A graph whose plain Modules carry booleans, and its Modules by canonical path."""
    containers = (nnx.List, nnx.Dict) if nnx.offers("containers") else ()
    m = make()
    modules = {path: n for path, n in nodes(nnx, m).items() if isinstance(n, nnx.Module)}
    plain = [n for n in modules.values() if not isinstance(n, containers)]
    for i, module in enumerate(plain):
        flag = flags[i % len(flags)]
        if flag & 1:
            module.deterministic = flag > 3
        if flag & 2:
            module.use_running_average = flag > 4
    return m, modules


@law("module.set-attributes", term=MODULE, uses=("sharing", "Module.set_attributes", "Module.train", "Module.eval"))
def set_attributes(nnx: Any, make: Any, flags: tuple[int, ...], filters: Any, value: Any) -> Claims:
    """`train`, `eval` and `set_attributes` set an existing attribute once on every Module reached (restricted by
    filters on path and Module if given); a name found nowhere is refused with ValueError by `set_attributes` unless
    that is switched off, and never by `train` and `eval`, which set other attributes too if they are given.

    The path that a filter sees is the canonical one.
    """
    names = ("deterministic", "use_running_average")
    for method, given in (("train", False), ("eval", True)):
        m, _ = flagged(nnx, make, flags)
        oracle, modules = flagged(nnx, make, flags)
        for module in modules.values():
            for name in names:
                if name in nnx.attributes(module):
                    setattr(module, name, given)
        yield Eq(attempt(m.train if method == "train" else m.eval).category, None, f"{method} is not refused")
        yield Eq(m, oracle, method)
    m, _ = flagged(nnx, make, flags)
    oracle, modules = flagged(nnx, make, flags)
    found = False
    for path, module in modules.items():
        chosen = not filters or any(matches(nnx, tree, path, module) for tree in filters)
        if chosen and "deterministic" in nnx.attributes(module):
            module.deterministic, found = value, True
    action = partial(m.set_attributes, *[live_filter(nnx, tree) for tree in filters])
    if found:
        yield Eq(attempt(partial(action, deterministic=value)).category, None, "found, so not refused")
        yield Eq(m, oracle, "set_attributes")
    else:
        yield Refused(ValueError, partial(action, deterministic=value), unchanged=(m,), about="found nowhere")
        action(deterministic=value, raise_if_not_found=False)
        yield Eq(m, oracle, "found nowhere, and that is switched off")
    yield Refused(ValueError, partial(m.set_attributes, nowhere=value), unchanged=(m,), about="a name found nowhere")
    if found:
        both = partial(action, deterministic=value, nowhere=value)
        yield Refused(ValueError, both, about="one name of two found nowhere")

    log: list[str] = []

    class Logged(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __setattr__(self, name: str, new: Any) -> None:
            log.append(name)
            super().__setattr__(name, new)

    shared = Logged()
    shared.deterministic = False
    m.first, m.second = shared, shared
    log.clear()
    yield Eq(attempt(partial(m.set_attributes, deterministic=True)).category, None, "found below, so not refused")
    yield Eq((log, shared.deterministic), (["deterministic"], True), "once on a shared Module")
    m.set_attributes(None, Logged, deterministic=False)
    yield Eq(shared.deterministic, False, "what the second filter alone matches")
    shared.rate = 0
    m.train(rate=1)
    yield Eq((shared.deterministic, shared.rate), (False, 1), "train with another attribute")
    m.eval(rate=2)
    yield Eq((shared.deterministic, shared.rate), (True, 2), "eval with another attribute")


def added(total: Any, value: Any) -> Any:
    """Reduces by a sum."""
    return total + value


def last(_: Any, value: Any) -> Any:
    """Keeps the last value."""
    return value


def paired(total: Any, value: Any) -> Any:
    """Keeps the whole history, nested."""
    return (total, value)


@law("module.sow", term=MODULE, uses=("Module.sow", "variable-types"), tags=("extended",))
def sow(nnx: Any, history: Any) -> Claims:
    """Outside capture `sow` creates a Variable of the given type that holds `reduce(init(), value)`, or reduces into
    the existing one, and returns True. An attribute that is no Variable of just that type is refused with ValueError.

    Without a reducer the values are collected in a tuple. Source: the NNX guide on extracting intermediates; that a
    backend warns about the use outside capture is left free.
    """

    Block = module_class(nnx, "Block")

    types = (nnx.Intermediate, nnx.Cache, nnx.Variable)
    reducers: Any = ((None, None), (added, int), (last, list), (paired, str))
    m, fresh = Block(), Block()
    held: dict[str, Any] = {}
    model: dict[str, Any] = {}
    for name, reducer, value in history:
        cls = types[ord(name) % 3]
        reduce, init = reducers[reducer % len(reducers)]
        if name in model and reducer % len(reducers) != model[name][1]:
            continue  # the reducers do not take one another's results
        options = {} if reduce is None else {"reduce_fn": reduce, "init_fn": init}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield Eq(m.sow(cls, name, value, **options), True, "returns True")
        before = model[name][0] if name in model else () if init is None else init()
        model[name] = (before + (value,) if reduce is None else reduce(before, value), reducer % len(reducers))
        held.setdefault(name, getattr(m, name))
    others = {name: types[ord(name) % 3](value) for name, (value, _) in model.items()}
    for name, variable in others.items():
        setattr(fresh, name, variable)
    yield Eq((m, held), (fresh, others), "one Variable for each name, reduced in place")
    m.plain = 1
    for name in (*model, "plain"):
        for cls in types:
            if cls is not type(getattr(m, name)):
                yield Refused(ValueError, partial(m.sow, cls, name, 1), (m,), f"{cls.__name__} into {name}")


@law(
    "module.perturb",
    term=MODULE,
    uses=("Module.perturb", "Perturbation", "split", "merge", "mutation"),
    tags=("extended",),
)
def perturb(nnx: Any, values: Any, stored: Any, factor: int) -> Claims:
    """The first `perturb` stores a zero Perturbation and returns the value unchanged, later calls return stored plus
    value, and the gradient with respect to the Perturbation is the gradient with respect to the intermediate."""

    class Net(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __call__(self, x: Any) -> Any:
            y = self.perturb("p", x * x)
            return (y * y * factor).sum()

    Block = module_class(nnx, "Block")

    first, *later = values
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        m = Block()
        yield Eq(m.perturb("p", first), first, "the first call returns the value")
        yield Eq((type(m.p), m.p.get_value()), (nnx.Perturbation, jnp.zeros_like(first)), "zeros are stored")
        m.perturb("half", first.astype("bfloat16"))
        yield Eq(m.half.get_value(), jnp.zeros_like(first, "bfloat16"), "zeros of the dtype of the value")
        variable = m.p
        m.p.set_value(stored)
        for value in later:
            yield Eq(m.perturb("p", value), stored + value, "a later call returns stored plus value")
        yield Eq((m.p is variable, m.p.get_value()), (True, stored), "later calls store nothing")
        net = Net()
        net(first)
        graphdef, noise, rest = nnx.split(net, nnx.Perturbation, ...)
        gradient = jax.grad(lambda noise: nnx.merge(graphdef, noise, rest)(first))(noise)
    explicit = jax.grad(lambda e: ((first * first + e) ** 2 * factor).sum())(jnp.zeros_like(first))
    yield Eq(jax.tree.leaves(gradient), [explicit], "the gradient of the intermediate")


LAWS: tuple[Law, ...] = (set_attributes, sow, perturb)
