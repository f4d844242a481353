"""From what a user types to a backend: a known name, a variant of one, a registered name, or `module[:attribute]`.

A module of ours may offer variants of its library (``flax:simple``): its `VARIANTS` maps each to the function that
loads it. A name that is known comes first, so ``flax:tree`` is the variant and never an attribute of a module.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.metadata
import importlib.util
import inspect
import os
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from nnxspec.spec import Backend, BackendError, from_namespace, validated

GROUP = "nnxspec.backends"
"""Group of entry points by which packages register backends."""

_MUTANT = "mutant:"


@dataclass(frozen=True)
class Known:
    """A backend that can be named.

    Args:
        name: its name.
        target: ``module:attribute`` that loads it.
        origin: the distribution that registers it, or ``nnxspec``.
    """

    name: str
    target: str
    origin: str


def known() -> dict[str, Known]:
    """Every backend that has a name: our own, and those that installed packages register."""
    found: dict[str, Known] = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        origin = entry.dist.name if entry.dist is not None else "?"
        found.setdefault(entry.name, Known(entry.name, entry.value, origin))
    # Ours are found without an installation too: a checkout on the path is enough.
    package = importlib.import_module(GROUP)
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg and not module.name.startswith("_"):
            path = f"{GROUP}.{module.name}"
            found[module.name] = Known(module.name, f"{path}:load", "nnxspec")
            for variant, loader in getattr(importlib.import_module(path), "VARIANTS", {}).items():
                name = f"{module.name}:{variant}"
                found[name] = Known(name, f"{path}:{loader}", "nnxspec")
    return dict(sorted(found.items()))


def load(named: str) -> Backend:
    """The backend that a user named.

    Args:
        named: a known name, that of a variant included, ``mutant:NAME``, or ``module[:attribute]``: the attribute is a
            `Backend`, a function that returns one, or a bare namespace with NNX's public names. Without attribute the
            module's ``load`` is taken if it has one, else the module itself is the namespace.

    Raises:
        BackendError: there is no such backend, or it cannot be used; the message is one line that says what to do.
    """
    names = known()
    if named in names:
        return _load(names[named].target, named)
    if named.startswith(_MUTANT):
        mutant: Backend = importlib.import_module(f"{GROUP}.mutants").load(named.removeprefix(_MUTANT))
        return mutant
    module, colon, attribute = named.partition(":")
    if not module or (colon and not attribute) or not all(part.isidentifier() for part in module.split(".")):
        raise BackendError(f"{named!r} is no backend: give a name ({', '.join(names)}) or module[:attribute]")
    if not _exists(module):
        near = difflib.get_close_matches(named, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise BackendError(
            f"unknown backend {named!r}: {hint}known are {', '.join(names)}; anything else is module[:attribute], "
            f"and no module {module!r} can be found"
        )
    try:
        return _load(named, named)
    except BackendError as error:
        variants = [name for name in names if name.startswith(f"{module}:")]
        hint = f"; {module} is also known as {', '.join(variants)}" if colon and variants else ""
        raise BackendError(f"{error}{hint}") from None


def _exists(module: str) -> bool:
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.append(os.getcwd())  # the user's adapter usually lies where the command is typed
    first = module.partition(".")[0]
    try:
        return first in sys.modules or importlib.util.find_spec(first) is not None
    except (ImportError, ValueError):
        return False


def _load(target: str, named: str) -> Backend:
    module_name, _, attribute = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except BackendError:
        raise
    except Exception as error:
        raise BackendError(
            f"backend {named!r}: importing {module_name} fails with {_brief(error)}; "
            f"see where with: python -c 'import {module_name}'"
        ) from None
    if not attribute and not hasattr(module, "split") and _takes_nothing(getattr(module, "load", None)):
        attribute = "load"
    found: Any = module
    for part in attribute.split(".") if attribute else ():
        try:
            found = getattr(found, part)
        except AttributeError:
            raise BackendError(f"backend {named!r}: {module_name} has no {attribute!r}") from None
    try:
        return _as_backend(found, named, module, attribute)
    except BackendError:
        raise
    except Exception as error:
        raise BackendError(f"backend {named!r}: {target} fails with {_brief(error)}") from None


def _takes_nothing(found: Any) -> bool:
    return inspect.isfunction(found) and not inspect.signature(found).parameters


def _as_backend(found: Any, named: str, module: ModuleType, attribute: str) -> Backend:
    if inspect.isroutine(found):
        found = found()
        if found is None:
            raise BackendError(f"backend {named!r}: {attribute}() returned None instead of a Backend")
        attribute = f"{attribute}()"
    if isinstance(found, Backend):
        return validated(found)
    backend = from_namespace(named, found)
    if attribute:
        imports = f"import {module.__name__}\nnnx = {module.__name__}.{attribute}"
        backend = dataclasses.replace(backend, imports=imports)
    return backend


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:200]


def describe() -> Iterator[tuple[Known, str]]:
    """Every known backend with its installed version, or with what to do to have it."""
    for each in known().values():
        try:
            yield each, load(each.name).version
        except BackendError as error:
            yield each, str(error)
