"""A backend: an implementation under test, presented as a namespace with NNX's public names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from .capabilities import CAPABILITIES


class BackendError(Exception):
    """A backend cannot be used as it is; the message is one line that says what to do."""


class Unsupported(Exception):
    """A law asked for what is not there: a public name that the backend does not offer, or a device.

    Args:
        name: the missing name or capability.
        reason: what to tell, if it is not that the backend does not offer the name.
    """

    def __init__(self, name: str, reason: str = "") -> None:
        super().__init__(reason or f"the backend does not offer {name!r}")
        self.name = name
        self.reason = reason


def plain_attributes(node: Any) -> dict[str, Any]:
    """Named attributes of a node as Python sees them; the default of `Backend.attributes`."""
    return dict(vars(node))


def plain_metadata(variable: Any) -> dict[str, Any]:
    """Metadata of a Variable; the default of `Backend.metadata`."""
    return dict(variable.get_metadata())


@dataclass(frozen=True, eq=False)  # a backend is itself, so that what is known of it can be cached
class Backend:
    """An implementation and what has to be known to test it. Its public names are reached as attributes.

    Args:
        name: short name, as given to ``--nnx-backend``.
        namespace: object that has NNX's public names (usually a module). Never repaired, only renamed.
        version: version of the library, for reports.
        capabilities: what it claims, out of `CAPABILITIES`.
        errors: the classes behind ``"TraceContextError"`` and ``"ImmutableVariableError"``.
        imports: the line with which a user imports the namespace as ``nnx``.
        attributes: the named attributes of a node that belong to the user (the observer's way in).
        metadata: the metadata entries of a Variable that belong to the user.
        required_metadata: names of metadata entries that the backend itself keeps and refuses to change.
        names: where the namespace keeps a public name elsewhere: name to dotted name.
        distributions: PyPI distributions whose versions a report states.
        preamble: what stands in the place of `imports` in a stand-alone script, where that line names a module of ours.
        around: gives a context that is entered around each example, such as the mode in which the library is tested.
    """

    name: str
    namespace: Any
    version: str = "unknown"
    capabilities: frozenset[str] = frozenset({"core"})
    errors: Mapping[str, tuple[type[BaseException], ...]] = field(default_factory=dict)
    imports: str = ""
    attributes: Callable[[Any], dict[str, Any]] = plain_attributes
    metadata: Callable[[Any], dict[str, Any]] = plain_metadata
    required_metadata: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    preamble: str = ""
    around: Callable[[], AbstractContextManager[Any]] = nullcontext

    def __getattr__(self, name: str) -> Any:
        # Called only for names that the dataclass does not have.
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            found = self.namespace
            for part in self.names.get(name, name).split("."):
                found = getattr(found, part)
        except AttributeError:
            raise Unsupported(name) from None
        return found

    def offers(self, name: str) -> bool:
        """Whether a capability is claimed, or a (dotted) public name is there; some words are both, such as ``pop``."""
        return name in self.capabilities if name in CAPABILITIES else self.has(name)

    def has(self, name: str) -> bool:
        """Whether a (dotted) public name is there, whatever is claimed."""
        found = self.namespace
        first, *rest = name.split(".")
        for part in [*self.names.get(first, first).split("."), *rest]:
            try:
                found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
            except AttributeError:
                return False
        return True

    def missing(self, uses: Iterable[str]) -> str | None:
        """The first of the names and capabilities that is not offered, or None."""
        return next((name for name in uses if not self.offers(name)), None)

    def error_classes(self, category: Any) -> tuple[type[BaseException], ...]:
        """Exception classes behind one category or a tuple of categories."""
        if isinstance(category, tuple):
            return tuple(cls for one in category for cls in self.error_classes(one))
        if isinstance(category, str):
            return tuple(self.errors.get(category, ()))
        return (category,)


def validated(backend: Backend) -> Backend:
    """The backend itself, after a check that it offers what it claims.

    Raises:
        BackendError: an unknown capability is claimed, or a claimed one rests on a name that is absent.
    """
    for claimed in sorted(backend.capabilities):
        if claimed not in CAPABILITIES:
            known = ", ".join(CAPABILITIES)
            raise BackendError(f"backend {backend.name!r} claims the unknown capability {claimed!r}; known: {known}")
        for name in CAPABILITIES[claimed].names:
            if not backend.has(name):
                raise BackendError(
                    f"backend {backend.name!r} claims the capability {claimed!r} but has no {name!r}: "
                    f"add it, or take {claimed!r} out of its capabilities"
                )
    if "core" not in backend.capabilities:
        missing = next((n for n in CAPABILITIES["core"].names if not backend.has(n)), None)
        detail = f"it has no {missing!r}" if missing else "it does not claim the capability 'core'"
        raise BackendError(f"backend {backend.name!r} cannot be tested: {detail}")
    return backend


def from_namespace(name: str, namespace: Any) -> Backend:
    """A backend out of a bare namespace: claims whatever rests on names that are all there.

    A namespace may say more in ``__nnx_capabilities__`` (names claimed, exactly) and ``__nnx_errors__``.

    Raises:
        BackendError: the namespace lacks a name of the capability ``core``, such as ``split``.
    """
    for required in CAPABILITIES["core"].names:
        if not hasattr(namespace, required):
            raise BackendError(
                f"backend {name!r} has no {required!r}: a backend is a namespace with NNX's public names"
            )
    probe = Backend(name, namespace)
    claimed = getattr(namespace, "__nnx_capabilities__", None)
    if claimed is None:
        claimed = {c.name for c in CAPABILITIES.values() if c.names and all(map(probe.has, c.names))}
        if not probe.has("data"):  # whether containers are data unmarked is for the namespace to say
            claimed -= {"plain-containers"}
    module = getattr(namespace, "__name__", name)
    return validated(
        Backend(
            name,
            namespace,
            version=str(getattr(namespace, "__version__", "unknown")),
            capabilities=frozenset(claimed),
            errors=dict(getattr(namespace, "__nnx_errors__", {})),
            imports=f"import {module} as nnx",
        )
    )
