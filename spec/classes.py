"""Classes of nodes that laws need beside those of scripts, made once for each backend.

jax keeps every class that is registered as a pytree for good: a class for each example would be a leak.
"""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def module_class(nnx: Any, name: str) -> Any:
    """A Module class without a body, the same at each call."""
    return type(nnx.Module)(name, (nnx.Module,), {"__module__": __name__, "__qualname__": name})
