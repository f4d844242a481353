"""Laws of what a Module refuses: data where jax would not see it, annotations in the wrong place, slots."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...claims import Claims, Eq, Refused
from ...classes import module_class
from ...law import Law, law
from ...terms import MODULE
from .seeing import data_item, is_child, nest


@law("module.container-needs-annotation", term=MODULE, uses=("annotations",))
def container_needs_annotation(nnx: Any, kinds: tuple[str, ...], item: str, value: Any) -> Claims:
    """A list, dict or tuple that holds data at any depth is refused with ValueError when assigned to an attribute
    without `data`, `List` or `Dict`, and so is an annotation nested inside a container.

    Without data the container is accepted and is static; with `data` around the whole it is accepted and is data.
    """

    Block = module_class(nnx, "Block")

    class Built(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, a: Any) -> None:
            self.a = a

    m = Block()
    m.b = value
    if item in ("data", "static"):
        inner = nnx.data(value) if item == "data" else nnx.static("s")
        bad = nest(kinds, inner)
        yield Refused(ValueError, partial(setattr, m, "a", nnx.data(bad)), unchanged=(m,), about="inside data(...)")
    else:
        bad = nest(kinds, data_item(nnx, item, value))
        good = Block()
        good.a = nnx.data(bad)
        yield Eq(is_child(good, "a"), True, "accepted as data")
    yield Refused(ValueError, partial(setattr, m, "a", bad), unchanged=(m,), about="assigned")
    yield Refused(ValueError, partial(Built, bad), about="assigned in the constructor")
    m.a = nest(kinds, "plain")
    yield Eq(is_child(m, "a"), False, "without data it is static")


@law("module.static-holds-no-data", term=MODULE, uses=("annotations",))
def static_holds_no_data(nnx: Any, kinds: tuple[str, ...], item: str, value: Any) -> Claims:
    """Data under `static(...)`, and data assigned to an attribute that is static already, are refused with
    ValueError."""

    Block = module_class(nnx, "Block")

    thing = nest(kinds, data_item(nnx, item, value))
    m = Block()
    yield Refused(ValueError, partial(setattr, m, "a", nnx.static(thing)), unchanged=(m,), about="under static(...)")
    m.a = "s"
    yield Refused(ValueError, partial(setattr, m, "a", thing), unchanged=(m,), about="on a static attribute")
    yield Refused(
        ValueError, partial(setattr, m, "a", nnx.static(thing)), unchanged=(m,), about="static(...) on static"
    )
    m.a = nnx.data(thing)
    yield Refused(ValueError, partial(setattr, m, "a", nnx.static(thing)), unchanged=(m,), about="static(...) on data")
    yield Eq(is_child(m, "a"), True, "data(...) makes it data")


@law("module.smuggled-data-detected", term=MODULE, uses=("annotations", "check_pytree"))
def smuggled_data_detected(nnx: Any, kinds: tuple[str, ...], item: str, value: Any) -> Claims:
    """Data put into a static container during construction is refused with ValueError when the constructor returns, and
    data put there later is reported with ValueError by `check_pytree`."""

    class Built(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, thing: Any) -> None:
            self.inner: list[Any] = []
            self.a = nest(kinds, self.inner) if kinds else self.inner
            if thing is not None:
                self.inner.append(thing)

    class Table(nnx.Module):  # type: ignore[misc]  # a backend's class is known at run time only
        def __init__(self, thing: Any) -> None:
            self.a = {}
            self.a["k"] = thing

    thing = data_item(nnx, item, value)
    yield Refused(ValueError, partial(Built, thing), about="a list filled in the constructor")
    yield Refused(ValueError, partial(Table, thing), about="a dict filled in the constructor")
    m = Built(None)
    nnx.check_pytree(m)
    m.inner.append(nest(kinds, thing))
    yield Refused(ValueError, partial(nnx.check_pytree, m), unchanged=(m,), about="filled later")
    m.inner.clear()
    yield Eq(nnx.check_pytree(m), None, "emptied again")


@law("module.slots-rejected", term=MODULE, uses=("structural-mutation",))
def slots_rejected(nnx: Any, base: str, names: tuple[str, ...], form: str) -> Claims:
    """A Module subclass that declares `__slots__` is refused with TypeError.

    Attributes in slots are not in the instance's dict, where a Module keeps what it has. Empty slots are left free.
    """

    Plain = module_class(nnx, "Plain")

    parent: Any = Plain if base == "Plain" or not nnx.offers(base) else nnx.Module if base == "Module" else nnx.List

    def define() -> Any:
        class Slotted(parent):  # type: ignore[misc]  # a backend's class is known at run time only
            __slots__ = names[0] if form == "str" else names if form == "tuple" else list(names)

        return Slotted

    class Fine(parent):  # type: ignore[misc]  # a backend's class is known at run time only
        slots = names

    yield Refused(TypeError, define, about=f"{form} of names")
    yield Eq(isinstance(Fine(), nnx.Module), True, "without slots it is accepted")


LAWS: tuple[Law, ...] = (container_needs_annotation, static_holds_no_data, smuggled_data_detected, slots_rejected)
