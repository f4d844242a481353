"""flax.nnx as a backend: its own names, nothing repaired, in its three modes.

``flax`` is the default mode: graphs, and transforms that carry back whatever happened to their arguments.
``flax:simple`` is graph mode without graph updates: transforms carry back values and metadata of input Variables and
nothing else. ``flax:tree`` is tree mode, in which Modules are plain pytrees besides. A mode is put in force around each
example by flax's own configuration, which holds in every thread (`nnx.set_graph_mode` holds in one).

What flax documents a mode not to have is a capability that the mode does not claim (`_SIMPLE_LACKS`, `_TREE_LACKS`: the
docstrings of the transforms in flax 0.12, and the errors that name the way out); what it offers and does differently is
there to be seen.

Names that an older release does not have are capabilities that it does not claim, too. Releases before 0.12 have the
methods of Variables as properties (``v.value``): these get the methods' names (`nnxspec.backends._flax_before_0_12`),
and nothing else. In releases that have no `nnx.List` plain containers are data without a mark; where a State holds
`VariableState`, it is a snapshot.

`attributes` leaves out what flax keeps for itself on a node, `metadata` what it keeps on a Variable.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import importlib.metadata
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nnxspec.spec import CAPABILITIES, Backend, BackendError, validated

VARIANTS = {"simple": "load_simple", "tree": "load_tree"}
"""Modes that have a name of their own, and what loads each."""

_NOT_OFFERED = {"refs", "hijax"}
_SIMPLE_LACKS = {
    "transform.structure",
    "transform.returned-inputs",
    "transform.grad-states",
    "transform.diff-state",
    "transform.state-axes",
    "transform.state-sharding",
    "transform.cached-partial",
    "rng.restore",
}
"""What ``graph_updates=False`` is documented not to have: updates of structure, "Variable aliasing (duplicate outputs,
or input Variables returned as outputs)", gradients as States, prefixes by filter, streams split in place."""
_TREE_LACKS = _SIMPLE_LACKS | {"sharing", "cycles", "non-pytrees"}
"""What ``graph=False`` is documented not to have beside that: shared references, cycles, nodes that are no pytrees."""
_STORAGE = ("hijax", "ref")
"""Metadata that says how a Variable is stored. `Variable.required_metadata` has eager_sharding too, which does not."""
_OWN_METADATA = ("hijax", "ref", "eager_sharding", "is_hijax", "has_ref", "is_mutable")


def attributes(node: Any) -> dict[str, Any]:
    """The user's attributes of a flax object: without the bookkeeping of Pytree and List."""
    hidden = ("_pytree__", "_object__")
    own = {k: v for k, v in vars(node).items() if not str(k).startswith(hidden)}
    if getattr(type(node), "_pytree__has_int_keys", False):
        own.pop("_length", None)
    return own


def metadata(variable: Any) -> dict[str, Any]:
    """The user's metadata of a flax Variable."""
    return {k: v for k, v in variable.get_metadata().items() if k not in _OWN_METADATA}


def _in_force(flags: Mapping[str, bool]) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """A context in which flax's configuration has these flags, and has its own again afterwards."""

    @contextlib.contextmanager
    def around() -> Iterator[None]:
        config = importlib.import_module("flax").config
        before = {name: getattr(config, name) for name in flags}
        for name, value in flags.items():
            config.update(name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                config.update(name, value)

    return around


def _lacks(nnx: Any) -> set[str]:
    """What the installed release does not have, where no name says it."""
    lacks: set[str] = set()
    if not hasattr(nnx, "List"):  # before 0.12
        lacks |= {"non-pytrees", "unhashable-statics", "root-leaves", "pickling"}
    if not nnx.Variable.get_value.__module__.startswith("flax"):  # the property is the method's name there
        lacks.add("value-alias")
    if getattr(nnx.variablelib, "VariableState", nnx.Variable) is not nnx.Variable:
        lacks.add("state.shares-variables")
    options = {"filters.inexact": (nnx.PathContains, "exact"), "merge.copies": (nnx.merge, "copy")}
    for capability, (function, option) in {**options, "clone.options": (nnx.clone, "variables")}.items():
        if option not in inspect.signature(function).parameters:
            lacks.add(capability)
    return lacks


def _claims(backend: Backend, capability: str, lacks: set[str]) -> bool:
    """flax claims all, but what rests on names that the installed release does not have yet."""
    if capability == "plain-containers":
        return True
    return capability not in lacks | _NOT_OFFERED and all(map(backend.has, CAPABILITIES[capability].names))


def load() -> Backend:
    """The backend ``flax``, default mode.

    Raises:
        BackendError: flax is not installed.
    """
    return _load("flax", {}, set())


def load_simple() -> Backend:
    """The backend ``flax:simple``, graph mode without graph updates.

    Raises:
        BackendError: flax is not installed, or its release does not have the mode.
    """
    return _load("flax:simple", {"nnx_graph_updates": False}, _SIMPLE_LACKS)


def load_tree() -> Backend:
    """The backend ``flax:tree``, tree mode.

    Raises:
        BackendError: flax is not installed, or its release does not have the mode.
    """
    return _load("flax:tree", {"nnx_graph_mode": False, "nnx_graph_updates": False}, _TREE_LACKS)


def _load(name: str, flags: Mapping[str, bool], lacks: set[str]) -> Backend:
    try:
        nnx = importlib.import_module("flax.nnx")
        errors = importlib.import_module("flax.errors")
        config = importlib.import_module("flax").config
    except ImportError as error:
        raise BackendError(f"flax cannot be imported ({error}): pip install 'nnxspec[flax]'") from None
    version = importlib.metadata.version("flax")
    if any(not hasattr(config, flag) for flag in flags):
        raise BackendError(f"flax {version} does not have the mode of {name!r}: pip install 'flax>=0.12.8'")
    setting = "".join(f"flax.config.update({flag!r}, {value})\n" for flag, value in flags.items())
    lines = f"import flax\nfrom flax import nnx\n\n{setting}".rstrip("\n") if flags else "from flax import nnx"
    preamble = ""
    methods = [getattr(nnx.Variable, method, None) for method in ("get_value", "set_metadata")]
    if any(method is None or not method.__module__.startswith("flax") for method in methods):
        from . import _flax_before_0_12 as names  # which imports flax, and adds the names

        lines = "from flax import nnx\nimport nnxspec.backends._flax_before_0_12"
        preamble = inspect.getsource(names).split('"""\n', 1)[1].strip("\n")
    backend = Backend(
        name,
        nnx,
        version=version,
        errors={"TraceContextError": (errors.TraceContextError,)},
        imports=lines,
        preamble=preamble,
        attributes=attributes,
        metadata=metadata,
        required_metadata=_STORAGE,
        distributions=("flax", "jax", "jaxlib"),
        names={
            "PathIn": "filterlib.PathIn",
            "to_predicate": "filterlib.to_predicate",
            "create_path_filters": "statelib.create_path_filters",
            "VariableState": "variablelib.VariableState",  # the name itself warns where it is an alias of Variable
        },
        around=_in_force(flags) if flags else contextlib.nullcontext,
    )
    lacks = lacks | _lacks(nnx)
    offered = frozenset(c for c in CAPABILITIES if _claims(backend, c, lacks))
    return validated(dataclasses.replace(backend, capabilities=offered))
