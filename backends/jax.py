"""Plain jax as a backend: the floor, which shows what a library of modules has to add.

jax has pytrees and, in its newer releases, references (`jax.new_ref`). `nnxspec.backends._jax_nnx` gives NNX's names to
these:

- *Module* is the class that a user of plain jax writes: a mutable Python object that is registered as a pytree. jax
  wants the author to say which attributes are children and which belong to the structure; the class says that arrays,
  Variables, Modules and containers with one of them are children, everything else is structure.
- *Variable* is a pytree with one child, a reference: written in place, also from inside a transform, and keeping shape
  and dtype. A reference may not be returned from a transformed function, be in the carry of a loop, or be passed twice.
- *split* and *merge* are `jax.tree.flatten` and `jax.tree.unflatten`; a treedef is the graphdef, the leaves the state.
- The transforms are jax's own. `scan` is `jax.lax.scan`: the carry first, slices along axis 0. `jax.custom_vjp` is left
  out: NNX gives a backward rule more arguments, so a rule that is written for the one does not fit the other.
- Modules are changed in Python, but inside a transform they are copies: what a function does to their structure is not
  seen outside. So `transform.structure` is *lacking*, and so are functions that return their arguments.

Not offered: sharing and cycles (a pytree is a tree), filters, States as mappings, types of Variables, metadata, random
streams. Options that jax does not have are *unsupported*. Where jax refuses what NNX takes (an index that is out of
bounds, a write that all lanes do to one reference) the verdict is *violated*: it offers the thing.
"""

from __future__ import annotations

from nnxspec.spec import Backend, BackendError

from ._presenting import no_metadata, presented

_OFFERED = frozenset(
    "core mutation indexing structural-mutation unlabelled variable-pytrees raw-arrays numpy-leaves plain-containers "
    "root-leaves pickling refs transform.arguments transform.jit transform.grad transform.jvp transform.vjp "
    "transform.remat transform.vmap transform.scan transform.cond transform.while transform.fori transform.eval-shape "
    "transform.checkify transform.make-jaxpr transform.pmap transform.shard-map".split()
)


def load() -> Backend:
    """The backend ``jax``.

    Raises:
        BackendError: this release of jax has no references.
    """
    import jax

    if not hasattr(jax, "new_ref"):
        raise BackendError("this release of jax has no jax.new_ref: pip install --upgrade jax")
    return presented("jax", _OFFERED, metadata=no_metadata)
