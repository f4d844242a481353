"""brainstate as a backend: its graph of States under NNX's names.

The names are in `nnxspec.backends._brainstate_nnx`, where each is one of brainstate's own. What had to be decided:

- Module is `brainstate.graph.Node`, Variable `State`, a Variable in a State is a `TreefyState` in a `NestedDict`. Param
  is ParamState, BatchStat BatchState, Cache ShortTermState, Intermediate DelayState (a ShortTermState, so the hierarchy
  is not NNX's). Methods that brainstate writes as attributes (``state.value``, ``state.note = 1``) are added to its
  classes under NNX's names; nothing that is there is replaced.
- Nodes and States go into transforms by closure, which is how brainstate asks for them: its functions take arrays. So
  an argument that is a node is put into the closure, and in vmap its axis becomes ``in_states`` and ``out_states``. A
  node that is made inside, or a change of structure, has no counterpart there: *lacking*, and so are nodes as outputs.
- What is captured may be written and drawn from (transforms find States by tracing), so the *guard* on captured objects
  and the refusal of bound methods are *lacking*. A list attribute is a container, so are *unhashable statics*.
- *Lacking*, since there is no such name: List and Dict, `data` and `static` (plain containers need no mark), random
  streams with names and folding in (`RandomState` splits one key), item access, operators and the attributes of the
  value on a State, copies with changed metadata, methods for metadata (they are a State's attributes), iter_graph,
  pickling, splitting a State by itself, plain values in a NestedDict, options of clone and merge, DiffState, StateAxes,
  gradients as a State, `scan` and `fori_loop` with axes for nodes (brainstate's have the form of `jax.lax.scan`),
  custom_vjp, jvp and vjp of a function alone (brainstate's take the primals at once), tree mode. Array attributes are
  statics there, documented so: *lacking* raw arrays. Likewise the kinds of values: a State is documented to hold
  arrays, so no Python scalars, strings or abstract values.
- *Offered*, so that a difference is a violation: sharing, cycles, split, merge by name, update, pop, clone, filters and
  everything that the functions on NestedDict do, metadata on States, and the transforms above.
- A State is a snapshot (`treefy_split` copies), and what is documented to be accepted on merging stays a violation
  where a law refuses it: brainstate calls a missing leaf an error, and does not speak of others.
"""

from __future__ import annotations

import inspect
from typing import Any

from nnxspec.spec import Backend

from ._presenting import names_of, presented

_CLAIMED = (
    "core",
    "sharing",
    "cycles",
    "mutation",
    "mutation.any-value",
    "structural-mutation",
    "plain-containers",
    "pytree-values",
    "metadata",
    "variable-types",
    "unlabelled",
    "filters",
    "state",
    "update",
    "pop",
    "clone",
    "transform.jit",
    "transform.grad",
    "transform.remat",
    "transform.vmap",
    "transform.cond",
    "transform.while",
    "transform.eval-shape",
    "transform.checkify",
)


def attributes(node: Any) -> dict[str, Any]:
    """The user's attributes of a node: all of them."""
    return dict(vars(node))


def load() -> Backend:
    """The backend ``brainstate``.

    Raises:
        BackendError: brainstate is not installed.
    """
    names = names_of("brainstate")
    return presented(
        "brainstate",
        _CLAIMED,
        errors={"TraceContextError": (names.brainstate.TraceContextError,)},
        preamble=inspect.getsource(names).split('"""\n', 1)[1].strip("\n"),
        attributes=attributes,
        metadata=names.metadata_of,
    )
