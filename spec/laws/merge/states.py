"""Laws of what merge takes: states in any number and order, with the right paths and leaves of any kind."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

from ...claims import Claims, Eq, Outcome, Refused, attempt
from ...edits import edited, new_key
from ...flat import nested, reordered
from ...law import SHOULD, Law, law
from ...observation import follow, leaves
from ...terms import MERGE


def dealt(found: dict[Any, Any], piles: tuple[int, ...]) -> list[dict[Any, Any]]:
    """Leaves dealt to five piles by the numbers in `piles`, which are repeated as often as needed."""
    parts: list[dict[Any, Any]] = [{} for _ in range(5)]
    for number, (path, leaf) in enumerate(found.items()):
        parts[piles[number % len(piles)] % 5][path] = leaf
    return parts


@law("merge.order-free", term=MERGE, uses=("split", "merge", "State", "graphdef"))
def order_free(nnx: Any, make: Any, filters: Any, piles: Any, order: Any) -> Claims:
    """merge(gd, s1, ..., sn) does not depend on the order of the states or on how the leaves are partitioned among
    them.
    """
    graphdef, *states = nnx.split(make(), *filters)
    yield Eq(nnx.merge(graphdef, *reordered(states, order)), make(), "groups of a split")
    m = make()
    parts = [nnx.State(nested(part)) for part in dealt(leaves(nnx, m), piles)]
    yield Eq(nnx.merge(nnx.graphdef(m), *reordered(parts, order)), make(), "any partition")


@law("merge.leaf-count", term=MERGE, uses=("merge", "State", "graphdef"))
def leaf_count(nnx: Any, make: Any, edit: Any, leaf: Any) -> Claims:
    """Too few leaves, too many leaves or the same non-empty state twice are refused with ValueError; no state at all
    and a first argument that is no GraphDef are refused with TypeError.
    """
    m = make()
    found = leaves(nnx, m)
    graphdef, s = nnx.graphdef(m), nnx.State(nested(found))
    other = nnx.State(nested(edited(found, edit, leaf)))
    more = nnx.State({new_key(found, (), next(iter(found))[0] if found else "a"): leaf})
    yield Refused(ValueError, lambda: nnx.merge(graphdef, other), (m, other), f"after the edit {edit[0]}")
    yield Refused(ValueError, lambda: nnx.merge(graphdef, s, more), (m, s), "one state too many")
    if found:
        yield Refused(ValueError, lambda: nnx.merge(graphdef, s, s), (m, s), "the same state twice")
        yield Refused(ValueError, lambda: nnx.merge(graphdef, nnx.State({})), (m,), "an empty state")
    yield Refused(TypeError, lambda: nnx.merge(graphdef), (m,), "no state")
    for name, wrong in (("a State", s), ("None", None), ("a Module", nnx.Module()), ("a dict", {})):
        yield Refused(TypeError, partial(nnx.merge, wrong, s), (m, s), f"{name} in place of the GraphDef")


@law("merge.paths-must-match", term=MERGE, uses=("merge", "State", "graphdef"))
def paths_must_match(nnx: Any, make: Any, edit: Any, leaf: Any) -> Claims:
    """A state whose set of paths differs from the graphdef's is refused with ValueError or KeyError, and every leaf is
    installed at its own path.

    What stands below the path of a Variable may be its value, see `merge.pure-values`, so that is left free.
    """
    m = make()
    found = leaves(nnx, m)
    changed = edited(found, edit, leaf)
    graphdef, s = nnx.graphdef(m), nnx.State(nested(changed))
    if set(changed) != set(found):
        yield Refused((ValueError, KeyError), lambda: nnx.merge(graphdef, s), (m, s), f"after the edit {edit[0]}")
    backwards = nnx.State(nested(dict(reversed(found.items()))))
    merged = nnx.merge(graphdef, backwards)
    yield Eq(leaves(nnx, merged), found, "each leaf at its own path")
    values = [path for path, value in found.items() if isinstance(value, nnx.Variable)]
    for one, two in zip(values[:1], values[-1:], strict=True):
        swapped = {**found, one: found[two], two: found[one]}
        came = leaves(nnx, nnx.merge(graphdef, nnx.State(nested(swapped))))
        yield Eq(came, swapped, "two leaves exchanged")


@law("merge.installs-given-leaf", term=MERGE, level=SHOULD, uses=("merge", "State", "graphdef", "variable-types"))
def installs_given_leaf(nnx: Any, make: Any, which: Any, leaf: Any, value: Any) -> Claims:
    """The leaf given at a matching path is installed as it is, also a Variable of another type or an array of another
    shape or dtype.
    """
    m = make()
    found = leaves(nnx, m)
    paths = list(found)
    for path in paths[which % max(1, len(paths)) :][:1]:
        given = {**found, path: leaf if isinstance(found[path], nnx.Variable) else value}
        merged = nnx.merge(nnx.graphdef(m), nnx.State(nested(given)))
        yield Eq(leaves(nnx, merged), given, f"another leaf at {path}")
        yield Eq(follow(merged, path), given[path], f"what stands at {path}")
    yield Eq(nnx.merge(nnx.graphdef(m), nnx.State(nested(found))), make(), "the leaves it had")


@law("merge.pure-values", term=MERGE, level=SHOULD, uses=("state.pure-values", "merge", "State", "graphdef"))
def pure_values(nnx: Any, make: Any) -> Claims:
    """Leaves may be plain values: merge(gd, to_pure_dict(state(m))) is isomorphic to m, with new Variables of the
    recorded type and metadata and without create hooks, whatever the value is (array, scalar, list, dict): the GraphDef
    decides where a leaf ends.
    """
    created: list[int] = []
    kind = nnx.Param
    if nnx.offers("hooks"):

        class Hooked(nnx.Param):  # type: ignore[misc]  # the class is the backend's
            def on_create_value(self, value: Any) -> Any:
                created.append(1)
                return value

        kind = Hooked

    class Holder(nnx.Module):  # type: ignore[misc]  # the class is the backend's
        def __init__(self) -> None:
            self.hooked = kind(1.0)
            self.inner = make()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # hooks may be deprecated
        m, expected = Holder(), Holder()
        count = len(created)
        found = leaves(nnx, m)
        pure = {path: leaf.get_value() if isinstance(leaf, nnx.Variable) else leaf for path, leaf in found.items()}
        came = attempt(lambda: nnx.merge(nnx.graphdef(m), nested(pure)))
        again = attempt(lambda: nnx.merge(nnx.graphdef(m), nnx.State(nested(pure))))
    yield Eq(came, Outcome(expected), "from a pure dict")
    yield Eq(len(created), count, "no create hook runs")
    for path, leaf in leaves(nnx, came.value).items():
        if isinstance(leaf, nnx.Variable):
            yield Eq(leaf is found[path], False, f"a new Variable at {path}")
    yield Eq(again, Outcome(expected), "from a State of values")


@law("merge.leaf-list", term=MERGE, level=SHOULD, uses=("merge", "graphdef"))
def leaf_list(nnx: Any, make: Any, more: Any) -> Claims:
    """One list of leaves in canonical order is accepted in place of a state; a list of another length, and more than
    one, are refused with ValueError.
    """
    m = make()
    row = list(leaves(nnx, m).values())
    graphdef = nnx.graphdef(m)
    yield Refused(ValueError, lambda: nnx.merge(graphdef, row, row), (m,), "two lists")
    yield Refused(ValueError, lambda: nnx.merge(graphdef, row[:1], row[1:]), (m,), "the leaves in two lists")
    yield Refused(ValueError, lambda: nnx.merge(graphdef, [*row, *more]), (m,), "a longer list")
    if row:
        yield Refused(ValueError, lambda: nnx.merge(graphdef, row[:-1]), (m,), "a shorter list")
    yield Eq(nnx.merge(graphdef, row), make(), "one list")


LAWS: tuple[Law, ...] = (order_free, leaf_count, paths_must_match, installs_given_leaf, pure_values, leaf_list)
