"""Laws of the registry that gives Variable types their names."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...claims import Claims, Eq, Refused, attempt
from ...law import SHOULD, Law, law
from ...terms import PARAMS


def fresh_name(nnx: Any, stem: str) -> str:
    """A name that the registry does not know yet: the registry is global and keeps what earlier runs put into it."""
    number = 0
    while attempt(partial(nnx.variable_type_from_name, f"{stem}_{number}")).error is None:
        number += 1
    return f"{stem}_{number}"


@law(
    "params.type-name-registry",
    term=PARAMS,
    level=SHOULD,
    uses=("variable-types", "variable_type_from_name", "variable_name_from_type", "register_variable_name"),
)
def type_name_registry(nnx: Any, stem: str, kind: Any, how: str) -> Claims:
    """The registry of Variable type names is a bijection: from name to type and back leads to the same name.

    An unknown name or type without permission to register is refused with ValueError, and so is registering a name or a
    type a second time without overwrite; with it, the name and the type are free of what they stood for.
    """

    class Fresh(kind):  # type: ignore[misc]  # the base is an input
        pass

    for name in ("params", "batch_stats", "cache", "intermediates"):
        yield Eq(nnx.variable_name_from_type(nnx.variable_type_from_name(name)), name, "there and back")
    yield Eq(nnx.variable_type_from_name("params") is nnx.Param, True, "params is the name of Param")
    name = fresh_name(nnx, stem)
    yield Refused(ValueError, partial(nnx.variable_type_from_name, name), about="an unknown name")
    yield Refused(ValueError, partial(nnx.variable_name_from_type, Fresh), about="an unknown type")
    if how == "register":
        nnx.register_variable_name(name, Fresh)
        made = Fresh
    elif how == "decorator":
        made = nnx.register_variable_name(name)(Fresh)
        yield Eq(made is Fresh, True, "the decorator gives the class itself")
    elif how == "by-name":
        made = nnx.variable_type_from_name(name, base=kind, allow_register=True)
        yield Eq(issubclass(made, kind), True, "the new type has the given base")
    else:
        Fresh.__name__ = name
        yield Eq(nnx.variable_name_from_type(Fresh, allow_register=True), name, "a type is registered under its name")
        made = Fresh
    yield Eq(nnx.variable_type_from_name(name) is made, True, "from the name to the type")
    yield Eq(nnx.variable_name_from_type(made), name, "from the type to the name")
    yield Refused(ValueError, partial(nnx.register_variable_name, name, nnx.Cache), about="a name registered twice")
    yield Eq(nnx.variable_type_from_name(name) is made, True, "the name still leads to the type")
    second = fresh_name(nnx, stem)
    yield Refused(ValueError, partial(nnx.register_variable_name, second, made), about="a type registered twice")
    nnx.register_variable_name(second, made, overwrite=True)
    yield Eq(nnx.variable_type_from_name(second) is made, True, "renamed: from the new name to the type")
    # names are new in every run, so they are not shown
    yield Eq(nnx.variable_name_from_type(made) == second, True, "renamed: from the type to the new name")
    yield Refused(ValueError, partial(nnx.variable_type_from_name, name), about="renamed: the old name")

    class Heir(kind):  # type: ignore[misc]  # the base is an input
        pass

    nnx.register_variable_name(second, overwrite=True)(Heir)
    yield Eq(nnx.variable_type_from_name(second) is Heir, True, "given away: from the name to the new type")
    yield Eq(nnx.variable_name_from_type(Heir) == second, True, "given away: from the new type to the name")
    yield Refused(ValueError, partial(nnx.variable_name_from_type, made), about="given away: the old type")


LAWS: tuple[Law, ...] = (type_name_registry,)
