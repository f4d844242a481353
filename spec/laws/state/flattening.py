"""Laws of flat states: paths and leaves in a row, and back."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...claims import Claims, Eq, Outcome, Refused, attempt
from ...edits import new_key
from ...flat import flat, in_order, nested
from ...law import SHOULD, Law, law
from ...terms import VARIABLE_STATE


@law("state.flat-bijection", term=VARIABLE_STATE, needs=(), uses=("State", "to_flat_state", "from_flat_state"))
def flat_bijection(nnx: Any, make: Any, piece: tuple[Any, Any, Any]) -> Claims:
    """from_flat_state(to_flat_state(s)) equals s up to empty branches, flat paths are tuples in canonical order, a flat
    state is a sequence whose items and slices are those of the list of its pairs, and flat states with other paths
    merge into one in canonical order.

    An empty branch holds no leaf, so no flat path tells of it. The leaves themselves are handed over, not copies.
    """
    leaves = make()
    empty = new_key(leaves, (), next(iter(leaves))[0] if leaves else "a")
    s = nnx.State({**nested(leaves), empty: {}})
    in_a_row = nnx.to_flat_state(s)
    yield Eq([path for path, _ in in_a_row], in_order(leaves), "paths in canonical order")
    yield Eq((dict(iter(in_a_row)), s), (leaves, s), "leaves by path")
    yield Eq(nnx.from_flat_state(in_a_row), nnx.State(nested(make())), "there and back")
    yield Eq(nnx.from_flat_state(leaves), nnx.State(nested(make())), "from a dict of paths")
    pairs = [(path, leaves[path]) for path in in_order(leaves)]
    yield Eq((len(in_a_row), leaves), (len(pairs), leaves), "length")
    for index in range(-len(pairs), len(pairs)):
        yield Eq((tuple(in_a_row[index]), leaves), (pairs[index], leaves), f"item {index}")
    yield Refused(IndexError, lambda: in_a_row[len(pairs)], about="an item after the last")
    cut = attempt(lambda: in_a_row[slice(*piece)])
    yield Eq(cut.category, None, f"the slice {piece} is taken")
    yield Eq((list(cut.value), leaves), (pairs[slice(*piece)], leaves), f"the slice {piece}")
    whole = nnx.State(nested(dict(pairs[slice(*piece)])))
    yield Eq(nnx.from_flat_state(cut.value), whole, f"the State of the slice {piece}")
    if nnx.offers("FlatState.merge"):
        merged = nnx.FlatState.merge(pairs[1::2], pairs[::2])
        yield Eq((list(merged), leaves), (pairs, leaves), "merged from two halves")


def unflattened(nnx: Any, pairs: list[Any], sort: bool) -> Any:
    """The State of a FlatState made of pairs."""
    return nnx.from_flat_state(nnx.FlatState(pairs, sort=sort))


@law(
    "state.flat-conflicts", term=VARIABLE_STATE, level=SHOULD, needs=(), uses=("State", "FlatState", "from_flat_state")
)
def flat_conflicts(nnx: Any, path: Any, below: Any, values: Any) -> Claims:
    """In from_flat_state the last of two equal paths wins, sorted or not, and a path that is a proper prefix of another
    is refused with TypeError.
    """
    first, other, last = values
    pairs = [(path, first), (("z",), other), (path, last)]
    expected = Outcome(nnx.State(nested({path: last, ("z",): other})))
    yield Eq(attempt(lambda: nnx.from_flat_state(pairs)), expected, "equal paths, as pairs")
    for sort in (False, True):
        came = attempt(partial(unflattened, nnx, pairs, sort))
        yield Eq(came, expected, f"equal paths, FlatState with sort={sort}")
    short_first = [(path, first), ((*path, *below), last)]
    yield Refused(TypeError, lambda: nnx.from_flat_state(short_first), about="the shorter path first")
    yield Refused(TypeError, lambda: nnx.from_flat_state(short_first[::-1]), about="the longer path first")


@law("state.int-paths-lossless", term=VARIABLE_STATE, level=SHOULD, needs=(), uses=("restore_int_paths",))
def int_paths_lossless(nnx: Any, paths: Any, odd: Any) -> Claims:
    """Restoring int keys from their str form is the inverse of writing int keys as str, and loses no leaf for any set
    of keys.

    Checkpoints write the keys of list-like nodes as strs. What becomes of keys that only resemble numbers is free, as
    long as every leaf is still there.
    """
    plain = nested({path: number for number, path in enumerate(paths)})
    written = nested({tuple(str(key) for key in path): number for number, path in enumerate(paths)})
    yield Eq(nnx.restore_int_paths(written), plain, "int keys written as str")
    strange = nested({path: number for number, path in enumerate(odd)})
    came = attempt(lambda: sorted(flat(nnx.restore_int_paths(strange)).values()))
    yield Eq(came, Outcome(list(range(len(odd)))), "every leaf, once")


LAWS: tuple[Law, ...] = (flat_bijection, flat_conflicts, int_paths_lossless)
