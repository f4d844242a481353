"""The Backend protocol in small parts: which public names make up each area, and what they take and give.

Names and meanings are NNX's own. An implementer reads the parts from `Core` downwards and offers as many as fit; what a
backend claims is said by its capabilities (`nnxspec.spec.capabilities`), one part at a time. All signatures use
``Any``: a backend's types are its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Core(Protocol):
    """The least that can be tested: Modules that hold Variables, taken apart and put together again."""

    Module: Any
    Variable: Any
    Param: Any

    def split(self, node: Any, /, *filters: Any) -> tuple[Any, ...]:
        """GraphDef and one State per filter (one State if there is no filter)."""

    def merge(self, graphdef: Any, /, *states: Any, copy: bool = False) -> Any:
        """A new node with the structure of `graphdef` and the leaves of `states`."""


class Annotations(Protocol):
    """Data or static: what of a Module is state."""

    def data(self, value: Any, /) -> Any:
        """Marks a value as data where it is assigned."""

    def static(self, value: Any, /) -> Any:
        """Marks a value as static where it is assigned."""

    def is_data(self, value: Any, /) -> bool:
        """Whether a value is data without being marked."""

    def check_pytree(self, node: Any, /) -> None:
        """Refuses a node with data in a static attribute, with ValueError."""


class Containers(Protocol):
    """Nodes that behave as Python containers."""

    List: Any
    Dict: Any


class VariableTypes(Protocol):
    """The family of Variables, and the registry of their names."""

    BatchStat: Any
    Cache: Any
    Intermediate: Any
    Perturbation: Any

    def variable_type_from_name(self, name: str, /, **options: Any) -> Any:
        """The Variable type registered under a name."""

    def variable_name_from_type(self, typ: Any, /, **options: Any) -> str:
        """The name under which a Variable type is registered."""


class States(Protocol):
    """States: nested mappings from paths to leaves, and the functions on them."""

    State: Any
    GraphDef: Any

    def state(self, node: Any, /, *filters: Any) -> Any:
        """The State of a node, or one State per filter."""

    def graphdef(self, node: Any, /) -> Any:
        """The GraphDef of a node."""

    def to_flat_state(self, state: Any, /) -> Any:
        """(path, leaf) pairs of a State in canonical order."""

    def from_flat_state(self, flat: Any, /) -> Any:
        """The State with the given (path, leaf) pairs."""

    def split_state(self, state: Any, /, *filters: Any) -> Any:
        """One State per filter; together they are the whole."""

    def filter_state(self, state: Any, /, *filters: Any) -> Any:
        """One State per filter; the rest is dropped."""

    def merge_state(self, state: Any, /, *states: Any) -> Any:
        """The union of States; the right-most wins per leaf."""

    def to_pure_dict(self, state: Any, /) -> dict[Any, Any]:
        """Nested plain dict with raw values."""

    def replace_by_pure_dict(self, state: Any, pure: Mapping[Any, Any], /) -> None:
        """Writes the values of a pure dict into a State."""


class Filters(Protocol):
    """The filter language."""

    OfType: Any
    PathContains: Any
    PathIn: Any
    WithTag: Any
    Any: Any
    All: Any
    Not: Any
    Everything: Any
    Nothing: Any


class Updates(Protocol):
    """Writing state back, taking it out, copying it."""

    def update(self, node: Any, state: Any, /, *states: Any) -> None:
        """Writes leaves into a node in place."""

    def pop(self, node: Any, /, *filters: Any) -> Any:
        """Removes the matching leaves and gives them, one State per filter."""

    def clone(self, node: Any, /, **options: Any) -> Any:
        """An independent copy of a graph."""


class Traversal(Protocol):
    """Looking at graphs."""

    def iter_graph(self, node: Any, /) -> Iterator[tuple[Any, Any]]:
        """(path, object) of everything reachable, children before parents."""

    def iter_modules(self, node: Any, /) -> Iterator[tuple[Any, Any]]:
        """(path, Module) of every Module reachable."""

    def iter_children(self, node: Any, /) -> Iterator[tuple[Any, Any]]:
        """(name, Module) of the immediate children."""

    def find_duplicates(self, node: Any, /, **options: Any) -> list[list[Any]]:
        """All paths of each object that has several."""

    def map(self, f: Any, node: Any, /, **options: Any) -> Any:
        """A new node with `f(path, leaf)` in place of each leaf."""

    def recursive_map(self, f: Any, node: Any, /, **options: Any) -> Any:
        """A new graph with `f(path, object)` in place of each object, children first."""


class Streams(Protocol):
    """Random keys as state."""

    Rngs: Any
    RngStream: Any
    RngState: Any
    RngKey: Any
    RngCount: Any

    def split_rngs(self, *args: Any, **options: Any) -> Any:
        """Splits the streams of a node, for a `with` block or a function."""

    def fork_rngs(self, *args: Any, **options: Any) -> Any:
        """Forks the streams of a node, for a `with` block or a function."""

    def reseed(self, node: Any, /, **seeds: Any) -> None:
        """Sets streams to new seeds."""

    def restore_rngs(self, backups: Any, /) -> None:
        """Puts back what a split or fork replaced."""


class Transforms(Protocol):
    """The transforms of jax, lifted to functions of graphs; options and results are those of jax's own."""

    Carry: Any
    DiffState: Any
    StateAxes: Any
    StateSharding: Any

    def jit(self, f: Any, /, **options: Any) -> Any:
        """A compiled function."""

    def cached_partial(self, f: Any, /, *nodes: Any) -> Any:
        """A compiled function with the structure of its first arguments kept between calls."""

    def grad(self, f: Any, /, **options: Any) -> Any:
        """The gradient of a loss, as a State for each differentiated node."""

    def value_and_grad(self, f: Any, /, **options: Any) -> Any:
        """The loss and its gradient."""

    def jvp(self, f: Any, primals: Any, tangents: Any, /, **options: Any) -> Any:
        """Value and tangent."""

    def vjp(self, f: Any, /, *primals: Any, **options: Any) -> Any:
        """Value and pullback."""

    def custom_vjp(self, f: Any, /, **options: Any) -> Any:
        """A function whose gradient rule is given with ``defvjp``."""

    def remat(self, f: Any, /, **options: Any) -> Any:
        """A function that is computed again in the backward pass."""

    def vmap(self, f: Any, /, **options: Any) -> Any:
        """A function over lanes."""

    def pmap(self, f: Any, /, **options: Any) -> Any:
        """A function over devices."""

    def shard_map(self, f: Any, /, **options: Any) -> Any:
        """A function over the blocks of a mesh."""

    def scan(self, f: Any, /, **options: Any) -> Any:
        """A loop over slices with a carry."""

    def cond(self, pred: Any, true_fun: Any, false_fun: Any, /, *operands: Any) -> Any:
        """One of two functions, chosen at run time."""

    def switch(self, index: Any, branches: Any, /, *operands: Any) -> Any:
        """One of several functions, chosen at run time."""

    def while_loop(self, cond_fun: Any, body_fun: Any, init_val: Any, /) -> Any:
        """A loop as long as a condition holds."""

    def fori_loop(self, lower: Any, upper: Any, body_fun: Any, init_val: Any, /) -> Any:
        """A loop over an index."""

    def eval_shape(self, f: Any, /, *args: Any, **kwargs: Any) -> Any:
        """The output with abstract leaves."""

    def checkify(self, f: Any, /, **options: Any) -> Any:
        """A function that gives an error beside its output."""

    def make_jaxpr(self, f: Any, /, **options: Any) -> Any:
        """A function that gives the jaxpr."""

    def transform_metadata(self, f: Any, /, **options: Any) -> Any:
        """A function whose Variables lose an axis of their metadata on the way in and get it on the way out."""


PARTS: tuple[type, ...] = (
    Core,
    Annotations,
    Containers,
    VariableTypes,
    States,
    Filters,
    Updates,
    Traversal,
    Streams,
    Transforms,
)
"""Every part, from the least to the most."""


def names_of(part: type) -> tuple[str, ...]:
    """The public names that a part consists of."""
    own = {**part.__dict__.get("__annotations__", {}), **vars(part)}
    return tuple(name for name in own if not name.startswith("_"))
