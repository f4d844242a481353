"""The backend of a library whose things get NNX's names in a module of their own."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from nnxspec.spec import Backend, BackendError, validated


def names_of(library: str) -> ModuleType:
    """The module `nnxspec.backends._<library>_nnx`, which imports the library.

    Raises:
        BackendError: the library is not installed.
    """
    try:
        return importlib.import_module(f"{__package__}._{library}_nnx")
    except ImportError as error:
        raise BackendError(f"{library} cannot be imported ({error}): pip install 'nnxspec[{library}]'") from None


def presented(library: str, offered: Iterable[str], **fields: Any) -> Backend:
    """The backend that a library is with the names of `names_of(library)`.

    Args:
        library: its name, which is also that of its distribution.
        offered: the capabilities that it has.
        fields: further ones of the backend.

    Raises:
        BackendError: the library is not installed.
    """
    return validated(
        Backend(
            library,
            names_of(library).nnx,
            version=importlib.metadata.version(library),
            capabilities=frozenset(offered),
            imports=f"from nnxspec.backends._{library}_nnx import nnx",
            distributions=tuple(dict.fromkeys((library, "jax", "jaxlib"))),
            **fields,
        )
    )


def given_fields(node: Any) -> dict[str, Any]:
    """The fields of a node that were given a value: one that is left at None, its default, is not there."""
    return {name: value for name, value in vars(node).items() if value is not None}


def no_metadata(variable: Any) -> dict[str, Any]:
    """The metadata of what has none."""
    return {}
