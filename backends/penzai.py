"""penzai as a backend: structs as pytrees, and variables that are told apart by their labels.

The names are in `nnxspec.backends._penzai_nnx`. What had to be decided:

- Module is `pz.Struct`, made a pytree dataclass where it is defined. Its fields are declared, and given once; so
  scripts build every node with all its parts, and a law that sets an attribute is *unsupported*. A field that was left
  at None, its default, is not there.
- Variable is `pz.StateVariable` and Param `pz.Parameter`, as subclasses that add NNX's names and change nothing; penzai
  has the two side by side, and a virtual base makes a Param a Variable. Metadata is a dict, which no function asks by
  name. Scripts give every Variable a label of its own; one that a law makes gets a label as penzai gives it to state
  variables, from the object's id. A variable is a leaf of jax.tree, so what laws say of its pytree is *unsupported*.
- split is `pz.unbind_variables` with frozen values: the tree with slots stands for the GraphDef, and the values are a
  tuple, so there are no States with paths. merge is `pz.bind_variables` with `unfreeze_as_copy`, always a copy. Arrays
  that no variable holds stay in the tree: raw arrays are *lacking*.
- jit is `pz.variable_jit`, the one transform for functions of variables that penzai has; no variable may be returned.
- A stream of Rngs is a `pz.RandomStream`. Names for many streams, a default one, splitting and forking are *lacking*.
- Two places of one variable stay one variable, by its label; but a struct is a tree, so *sharing* is not claimed.
"""

from __future__ import annotations

from nnxspec.spec import Backend

from ._presenting import given_fields, presented

_OFFERED = frozenset(
    "core merge.copies mutation mutation.any-value metadata metadata.copies pytree-values unhashable-statics "
    "plain-containers root-leaves pickling rng.fold-in transform.arguments transform.jit".split()
)


def load() -> Backend:
    """The backend ``penzai``.

    Raises:
        BackendError: penzai is not installed.
    """
    return presented("penzai", _OFFERED, attributes=given_fields)
