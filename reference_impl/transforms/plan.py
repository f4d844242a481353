"""Plans: what `jit` found in the arguments of a call, so that the next call with these objects need not look again.

A call takes its arguments apart, hands the leaves to the compiled function, and writes what comes back. All of that but
the leaves is the same in the next step of a training. A `Plan` remembers it, and what it rests on: which objects there
were, and what each of them held, by identity. To see that this still holds takes a few comparisons of lists, which
Python makes in C; to take a graph of 500 Variables apart takes some ten thousand steps of the interpreter.

    plan = plans.get(key)                            # by the objects among the arguments
    found = plan.find(args, kwargs)                  # the leaves of today; None where anything else has changed
    result, groups = plan.compiled(plan.call, statics, *found.groups)
    return plan.finish(found, result, groups)        # the changes written, and the output

A plan keeps no object alive: it holds weak references and ids. An id means something only while its object lives, so
all objects are looked up first, and one that is gone ends the plan.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, compress
from typing import Any, NamedTuple

from ..bulk import set_raw_values
from ..graphdef import LEAF, Def, NodeDef, Ref, StaticDef, VariableDef, structure_key
from ..nodes import NodeType, has_identity, kind_of
from ..statics import is_constant
from ..variable import Variable
from .lift import Call, Groups, Packed, unpack
from .program import Table, build, is_kept

Key = tuple[Any, ...]


def call_key(args: Sequence[Any], kwargs: Mapping[str, Any], more: Any) -> Key:
    """What tells calls apart at first sight: objects with identity by their id, other arguments by their type."""
    key = (more, *map(_at_first_sight, args))
    return (*key, *kwargs, *map(_at_first_sight, kwargs.values())) if kwargs else key


def _at_first_sight(x: Any) -> Any:
    return id(x) if has_identity(kind_of(x)) else type(x)


class Plans:
    """The plans of one function, by key."""

    MOST = 64
    """How many there are at most."""

    def __init__(self) -> None:
        self._plans: dict[Key, Plan] = {}
        self.get = self._plans.get
        self.clear = self._plans.clear

    def __len__(self) -> int:
        return len(self._plans)

    def add(self, key: Key, plan: Plan) -> None:
        """Remember a plan, and forget those whose arguments are gone; of many, the oldest."""
        for known, old in list(self._plans.items()):
            if known == key or (old.refs and old.refs[0]() is None):
                del self._plans[known]
        self._plans[key] = plan
        if len(self._plans) > self.MOST:
            del self._plans[next(iter(self._plans))]


class Found(NamedTuple):
    """The objects of a plan, by number, those among them that are written all at once, and the leaves of a call."""

    objects: list[Any]
    variables: list[Variable[Any]]
    groups: Groups


class _Loose:
    """What a plan has to take apart in each call, since it holds leaves, plain containers or changeable statics.

    Args:
        number: that of an object, or -1 for the arguments.
        defs: what it held.
        position: that of its first leaf.
    """

    __slots__ = ("_hash", "_key", "number", "position")

    def __init__(self, number: int, defs: tuple[Def, ...], position: int) -> None:
        self.number = number
        self.position = position
        self._key = structure_key(defs)
        self._hash = _hash(self._key)

    def fits(self, defs: tuple[Def, ...]) -> bool:
        """Whether it holds the same now.

        The hash tells most changes of a static object in place. None is promised: jax wants statics that do not change.
        """
        key = structure_key(defs)
        return bool(key == self._key) and _hash(key) == self._hash


class _Effects(NamedTuple):
    """What a result means: the definitions of the output, how many leaves it has, and which Variables take the rest."""

    root: tuple[Def, ...]
    leaves: int
    written: list[bool]


class Plan:
    """What one call found.

    Args:
        packed: the arguments taken apart.
        args: the arguments by position, without static ones.
        kwargs: the arguments by name, without static ones.
        compiled: the compiled function.
        by_type: whether the types of the leaves decide to which group each belongs; else there is but one group.
    """

    def __init__(
        self, packed: Packed, args: Sequence[Any], kwargs: Mapping[str, Any], compiled: Any, *, by_type: bool
    ) -> None:
        self.call, self.compiled = packed.call, compiled
        self.refs = [weakref.ref(x) for x in packed.objects]
        self._count = len(packed.groups)
        self._leaf_types = list(map(type, packed.leaves)) if by_type else None
        self._effects: dict[int, tuple[Call, _Effects | None]] = {}
        self._loose: list[_Loose] = []
        self._leaf_args = [i for i, x in enumerate(args) if not has_identity(kind_of(x))]
        self._leaf_names = [name for name in sorted(kwargs) if not has_identity(kind_of(kwargs[name]))]
        root, *records = packed.call.program.records
        if any(isinstance(kind_of(x), NodeType) and not has_identity(kind_of(x)) for x in (*args, *kwargs.values())):
            self._loose.append(_Loose(-1, root, 0))
            self._leaf_args, self._leaf_names = [], []
        position = _leaf_count(root)
        for number, (x, defs) in enumerate(zip(packed.objects, records, strict=True)):
            if not _holds_constants(x, defs):
                self._loose.append(_Loose(number, defs, position))
            position += _leaf_count(defs)
        loose = {entry.number for entry in self._loose}
        firm = [(number not in loose, isinstance(x, Variable)) for number, x in enumerate(packed.objects)]
        self._is_node = [is_firm and not is_variable for is_firm, is_variable in firm]
        self._is_variable = [is_firm and is_variable for is_firm, is_variable in firm]
        nodes = list(compress(packed.objects, self._is_node))
        self._seen = _look_at(nodes, list(compress(packed.objects, self._is_variable)))
        self._statuses = [dict(node._pytree__status) for node in nodes]

    def find(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Found | None:
        """The objects and leaves of a call with the same key, if all is as it was but for values; else None."""
        objects: list[Any] = [ref() for ref in self.refs]
        nodes, variables = list(compress(objects, self._is_node)), list(compress(objects, self._is_variable))
        try:
            if _look_at(nodes, variables) != self._seen or list(map(_STATUS, nodes)) != self._statuses:
                return None
            leaves = [args[i] for i in self._leaf_args]
            if kwargs:
                leaves += [kwargs[name] for name in self._leaf_names]
            leaves += map(_RAW_VALUE, variables)
        except AttributeError:  # an object that is gone shows as None, which has none of the attributes
            return None
        if self._loose and not self._take_apart(objects, args, kwargs, leaves):
            return None
        if self._leaf_types is None:
            return Found(objects, variables, [leaves])
        if self._leaf_types != list(map(type, leaves)):
            return None
        return Found(objects, variables, self.call.groups(leaves, self._count))

    def _take_apart(
        self, objects: list[Any], args: Sequence[Any], kwargs: Mapping[str, Any], leaves: list[Any]
    ) -> bool:
        """Put the leaves of what is loose into their places; False if its structure has changed."""
        table = Table(objects)
        for loose in self._loose:
            x = objects[loose.number] if loose.number >= 0 else (tuple(args), dict(kwargs))
            record = table.record(x, of_object=loose.number >= 0)
            if not loose.fits(record.defs):
                return False
            leaves[loose.position : loose.position] = record.leaves
        return True

    def finish(
        self, found: Found, result: Call, groups: Groups, check: Callable[[Call, Call], None] | None = None
    ) -> Any:
        """As `unpack`: write what has changed, and give back the output.

        Args:
            found: what `find` gave.
            result: the static side of what came back.
            groups: the leaves that came back.
            check: raises if a change that is not one of values alone is not to be written.
        """
        known = self._effects.get(id(result))
        if known is None:
            if len(self._effects) > Plans.MOST:
                self._effects.clear()
            known = self._effects[id(result)] = result, self._effects_of(result)
        effects = known[1]
        if effects is None:
            if check is not None:
                check(self.call, result)
            return unpack(result, groups, found.objects)
        leaves = groups[0] if self._count == 1 else result.leaves(groups)
        out = leaves[: effects.leaves]
        if effects.root == _NO_OUTPUT:
            root = None
        else:
            root = out[0] if effects.root == _ONE_LEAF else build(effects.root, iter(out), found.objects)
        set_raw_values(list(compress(found.variables, effects.written)), leaves[effects.leaves :])
        return root

    def _effects_of(self, result: Call) -> _Effects | None:
        """What a result means if all that has changed are values of Variables; else None, and `unpack` has to see."""
        root, *after = result.program.records
        before = self.call.program.records[1:]
        if len(after) != len(before):
            return None
        written = []
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            kept = is_kept(new, number)
            if not kept and not (self._is_variable[number] and structure_key(new) == structure_key(old)):
                return None
            if self._is_variable[number]:
                written.append(not kept)
        return _Effects(root, _leaf_count(root), written)


_ONE_LEAF = (LEAF,)
_NO_OUTPUT = (NodeDef(type(None), (), None, None),)
_ATTRIBUTES = operator.attrgetter("__dict__")
_STATUS = operator.attrgetter("_pytree__status")
_ELEMENTS = operator.attrgetter("_pytree__elements")
_METADATA = operator.attrgetter("_metadata")
_RAW_VALUE = operator.attrgetter("_raw_value")


def _look_at(nodes: list[Any], variables: list[Variable[Any]]) -> tuple[list[Any], ...]:
    """What nodes and Variables hold: two such looks are equal if nothing was set or deleted between them.

    Statuses are left out, which would have to be copied.
    """
    metadata = list(map(_METADATA, variables))
    attributes = list(map(_ATTRIBUTES, nodes))
    entries = [*attributes, *filter(None, metadata)]  # few Variables have any
    elements: list[Any] = []
    for held in map(_ELEMENTS, nodes):
        if held is not None:
            elements.append(len(held))
            if type(held) is dict:
                elements.extend(held)
                held = held.values()
            elements.extend(map(id, chain.from_iterable(held)))  # the ids of value, status, value, status, ...
    return (
        list(map(type, nodes + variables)),
        list(map(len, attributes + metadata)),
        list(chain.from_iterable(entries)),
        list(map(id, chain.from_iterable(map(dict.values, entries)))),
        elements,
    )


def _holds_constants(x: Any, defs: Sequence[Def]) -> bool:
    """Whether all that an object holds is the same as long as its attributes, elements or metadata are the same."""
    head, *rest = defs
    if isinstance(head, VariableDef):
        return all(map(is_constant, head.metadata.values()))
    assert isinstance(head, NodeDef)
    # without a status the type decides what is static, and types can be registered
    has_status = head.flags is not None and x._pytree__status.keys() >= vars(x).keys()
    return all(isinstance(d, Ref) or (has_status and isinstance(d, StaticDef) and is_constant(d.value)) for d in rest)


def _hash(key: tuple[Any, ...]) -> int | None:
    try:
        return hash(key)
    except TypeError:  # jax refuses such a call, and its plan is not kept
        return None


def _leaf_count(defs: Sequence[Def]) -> int:
    return sum(1 for d in defs if d is LEAF or isinstance(d, VariableDef))
