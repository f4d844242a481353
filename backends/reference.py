"""The reference implementation as a backend. Its nodes keep their bookkeeping in slots, so nothing has to be hidden."""

from __future__ import annotations

import importlib
import sys

from nnxspec.spec import CAPABILITIES, Backend, BackendError, validated

_NOT_OFFERED = {"tree-mode", "hijax", "refs", "transform.make-jaxpr"}


def load() -> Backend:
    """The backend ``reference``.

    Raises:
        BackendError: jax is too old for it, or it lacks a name that one of its capabilities rests on.
    """
    try:
        nnx = importlib.import_module("nnxspec.reference_impl")
    except (ImportError, AttributeError) as error:
        raise BackendError(f"the reference needs jax 0.10 or newer ({error}): pip install 'jax>=0.10'") from None
    return validated(
        Backend(
            "reference",
            nnx,
            version=sys.modules[__name__.partition(".")[0]].__version__,  # it is part of the package
            capabilities=frozenset(CAPABILITIES) - _NOT_OFFERED,
            errors={"TraceContextError": (nnx.TraceContextError,)},
            imports="from nnxspec import reference_impl as nnx",
            required_metadata=tuple(sorted(nnx.Variable.required_metadata)),
            distributions=("jax", "jaxlib"),
        )
    )
