"""The inputs of one example as Python in the backend's own API, and the source of a law."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping
from typing import Any

from nnxspec.spec import Backend, Law, Program, Script, elaborate, elaborate_program
from nnxspec.spec.script import limits_of
from nnxspec.spec.script.literals import Literal
from nnxspec.spec.script.world import CLASSES, class_sources

_IMPORTS = {
    "collections": "import collections",
    "dataclasses": "import dataclasses",
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "np": "import numpy as np",
    "types": "import types",
}


def expression(value: Any) -> str:
    """Input data other than a script as a Python expression."""
    if isinstance(value, Literal):
        return value.code()
    if isinstance(value, tuple):
        return "(" + "".join(f"{expression(item)}, " for item in value).strip() + ")" if value else "()"
    return repr(value)


def scripts_by_name(inputs: Mapping[str, Any]) -> dict[str, Script | Program]:
    """Every script and program among the inputs by the name under which it is printed, that of the input or one with a
    number."""
    found: dict[str, Script | Program] = {}
    for name, value in inputs.items():
        if isinstance(value, Script | Program):
            found[name] = value
        elif isinstance(value, tuple):
            found |= {f"{name}_{i}": item for i, item in enumerate(value) if isinstance(item, Script | Program)}
    return found


def _value(name: str, value: Any) -> str:
    if isinstance(value, tuple) and any(isinstance(item, Script | Program) for item in value):
        items = [
            f"{name}_{i}" if isinstance(item, Script | Program) else expression(item) for i, item in enumerate(value)
        ]
        return "(" + "".join(f"{item}, " for item in items).strip() + ")"
    return expression(value)


def mentions(name: str, code: str) -> bool:
    """Whether a Python text uses a name."""
    return re.search(rf"(?<![\w.]){re.escape(name)}\b", code) is not None


def own_names(code: str, backend: Backend) -> str:
    """The text with the names that the backend keeps elsewhere written as its users write them."""
    for name, dotted in backend.names.items():
        code = re.sub(rf"\bnnx\.{re.escape(name)}\b", f"nnx.{dotted}", code)
    return code


def example_source(inputs: Mapping[str, Any], backend: Backend) -> str:
    """Classes and functions that an example needs, then its inputs: functions that build graphs, and assignments."""
    limits = limits_of(backend)
    parts: list[str] = []
    used: set[str] = set()
    for name, script in scripts_by_name(inputs).items():
        made = elaborate_program(script, limits) if isinstance(script, Program) else elaborate(script, limits)
        used |= made.classes
        parts.append(made.source(name))
    values = [
        f"{name} = {_value(name, value)}\n" for name, value in inputs.items() if not isinstance(value, Script | Program)
    ]
    text = "".join(values)
    used |= {name for name in (*CLASSES, "activation", "other_activation") if mentions(name, text)}
    if values:
        parts.append(text)
    classes = class_sources(used)
    return own_names("\n\n".join([classes, *parts] if classes else parts), backend)


def example_imports(code: str, backend: Backend) -> list[str]:
    """The import lines that a Python text needs, the backend's own last."""
    lines = [line for name, line in _IMPORTS.items() if mentions(name, code)]
    return [*lines, backend.imports or f"nnx = ...  # the backend {backend.name}"]


def law_source(law: Law) -> str:
    """The source of a law as it stands in the specification, without the decorator."""
    text = textwrap.dedent(inspect.getsource(law.check))
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    return "\n".join(text.splitlines()[function.lineno - 1 : function.end_lineno]) + "\n"
