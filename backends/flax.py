"""flax.nnx as a backend: its own names, nothing repaired.

`attributes` leaves out what flax keeps for itself on a node, `metadata` what it keeps on a Variable.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

from nnxspec.spec import CAPABILITIES, Backend, BackendError, validated

_NOT_OFFERED = {"refs", "hijax"}
_STORAGE = ("hijax", "ref")
"""Metadata that says how a Variable is stored. `Variable.required_metadata` has eager_sharding too, which does not."""
_OWN_METADATA = ("hijax", "ref", "eager_sharding", "is_hijax", "has_ref", "is_mutable")


def attributes(node: Any) -> dict[str, Any]:
    """The user's attributes of a flax object: without the bookkeeping of Pytree and List."""
    hidden = ("_pytree__", "_object__")
    own = {k: v for k, v in vars(node).items() if not k.startswith(hidden)}
    if getattr(type(node), "_pytree__has_int_keys", False):
        own.pop("_length", None)
    return own


def metadata(variable: Any) -> dict[str, Any]:
    """The user's metadata of a flax Variable."""
    return {k: v for k, v in variable.get_metadata().items() if k not in _OWN_METADATA}


def _claims(nnx: Any, capability: str) -> bool:
    """flax claims all, but those transforms that the installed release does not have yet."""
    there = not capability.startswith("transform.") or all(hasattr(nnx, n) for n in CAPABILITIES[capability].names)
    return there and capability not in _NOT_OFFERED


def load() -> Backend:
    """The backend ``flax``, default mode.

    Raises:
        BackendError: flax is not installed.
    """
    try:
        nnx = importlib.import_module("flax.nnx")
        errors = importlib.import_module("flax.errors")
    except ImportError as error:
        raise BackendError(f"flax cannot be imported ({error}): pip install 'nnxspec[flax]'") from None
    return validated(
        Backend(
            "flax",
            nnx,
            version=importlib.metadata.version("flax"),
            capabilities=frozenset(name for name in CAPABILITIES if _claims(nnx, name)),
            errors={"TraceContextError": (errors.TraceContextError,)},
            imports="from flax import nnx",
            attributes=attributes,
            metadata=metadata,
            required_metadata=_STORAGE,
            distributions=("flax", "jax", "jaxlib"),
            names={
                "PathIn": "filterlib.PathIn",
                "to_predicate": "filterlib.to_predicate",
                "create_path_filters": "statelib.create_path_filters",
            },
        )
    )
