"""equinox as a backend: immutable pytrees, filtered transforms.

The names are in `nnxspec.backends._equinox_nnx`. What had to be decided:

- Module is `equinox.Module`: fields are declared, and given once. So scripts build every node with all its parts, and a
  law that sets an attribute is *unsupported* (`dataclasses.FrozenInstanceError` says so). A field that is left at None,
  its default, is not there.
- equinox has no Variable. Where leaves need a type, its users wrap them in a Module, and choose them with `is_leaf`; so
  Variable is a Module with one field, and Param another type of it. Nothing is ever written to it.
- split is `equinox.partition`: first into arrays and the rest, then the arrays by each filter. The half without arrays
  stands for the GraphDef: it is what its users keep, hash and pass beside the arrays. Filters see leaves: types of
  Variables, everything and nothing; paths and metadata are *lacking*. merge is `equinox.combine`.
- The transforms are the filtered ones. What they have no option for is *unsupported*: static and donated arguments by
  number or name, argnums, shardings. Loops, branches and checkify equinox leaves to jax, whose functions its Modules
  go through as pytrees; so those are jax's own here.
- That a filtered transform takes a Python number for static where jax traces it, or differentiates floats only, is what
  it offers and does differently: *violated* where a law says what jax does.

No sharing and no cycles, no mutation, metadata, States, random streams, clone, update, pop.
"""

from __future__ import annotations

from nnxspec.spec import Backend

from ._presenting import given_fields, no_metadata, presented

_OFFERED = frozenset(
    "core unlabelled variable-pytrees raw-arrays numpy-leaves value-leaves pytree-values plain-containers root-leaves "
    "pickling transform.arguments transform.returned-inputs transform.returns-objects transform.jit transform.grad "
    "transform.jvp transform.vjp transform.remat transform.vmap transform.scan transform.cond transform.while "
    "transform.fori transform.eval-shape transform.checkify".split()
)


def load() -> Backend:
    """The backend ``equinox``.

    Raises:
        BackendError: equinox is not installed.
    """
    return presented("equinox", _OFFERED, attributes=given_fields, metadata=no_metadata)
