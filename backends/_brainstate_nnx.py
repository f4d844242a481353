"""NNX's names for the things of brainstate: the namespace that `nnxspec.backends.brainstate` presents, and says why.

This text, without this docstring, also stands at the top of the scripts that are written for brainstate.
"""

import functools

import brainstate
import jax
from brainstate import graph, transform
from brainstate.util import NestedDict
from brainstate.util import filter as filters

INTERNAL = ("_value", "_level", "_source_info", "_hooks_manager", "_name", "_been_writen", "_trace_state")


def metadata_of(state):
    found = {k: v for k, v in vars(state).items() if k not in INTERNAL}
    if isinstance(state, brainstate.TreefyState):
        del found["type"], found["value"]
    return {k: v for k, v in found.items() if k != "tag" or v is not None}


def set_metadata(state, *args, **metadata):
    if len(args) == 1:  # a mapping replaces all
        for name in set(metadata_of(state)) - set(args[0]):
            setattr(state, name, None) if name == "tag" else delattr(state, name)
    for name, value in {**(dict([args]) if len(args) == 2 else dict(*args)), **metadata}.items():
        setattr(state, name, {value} if name == "tag" and isinstance(value, str) else value)


def get_metadata(state, *args):
    return (
        metadata_of(state)
        if not args
        else metadata_of(state)[args[0]]
        if len(args) == 1
        else metadata_of(state).get(*args)
    )


for cls in (brainstate.State, brainstate.TreefyState):
    cls.get_value = lambda state: state.value
    cls.set_value = lambda state, value: setattr(state, "value", value)
    cls.get_raw_value = lambda state: state.value
    cls.set_raw_value = lambda state, value: setattr(state, "value", value)
    cls.set_metadata = set_metadata
brainstate.State.get_metadata = get_metadata
brainstate.State.to_state = brainstate.State.to_state_ref


@jax.tree_util.register_static
class Place:
    """Where an object stands among arguments that are arrays otherwise: the transforms get it without a leaf."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return isinstance(other, Place) and self.number == other.number

    def __hash__(self):
        return self.number


def is_object(value):
    return isinstance(value, graph.Node | brainstate.State)


class Held:
    """The nodes and States of some arguments: functions under transforms hold them by closure, as brainstate asks."""

    def __init__(self, args):
        self.objects = [x for x in jax.tree.leaves(args, is_leaf=is_object) if is_object(x)]
        self.objects = list({id(x): x for x in self.objects}.values())

    def hide(self, tree):
        number = {id(x): n for n, x in enumerate(self.objects)}
        return jax.tree.map(lambda x: Place(number[id(x)]) if id(x) in number else x, tree, is_leaf=is_object)

    def show(self, tree):
        is_place = lambda x: isinstance(x, Place)  # noqa: E731  # said once
        return jax.tree.map(lambda x: self.objects[x.number] if is_place(x) else x, tree, is_leaf=is_place)

    def closed(self, f):
        @functools.wraps(f)
        def inner(*args, **kwargs):
            args, kwargs = self.show((args, kwargs))
            return self.hide(f(*args, **kwargs))

        return inner

    def call(self, function, *args, **kwargs):
        args, kwargs = self.hide((args, kwargs))
        return self.show(function(*args, **kwargs))


def lifted(lift):
    """A transform of brainstate that takes a function and options, for functions that take nodes and States."""

    def given(f=None, **options):
        if f is None:
            return functools.partial(given, **options)
        made = {}  # one function for the same objects, so that it is compiled once for them

        @functools.wraps(f)
        def call(*args, **kwargs):
            held = Held((args, kwargs))
            held, function = made.setdefault(
                tuple(map(id, held.objects)), (held, lift(held.closed(f) if held.objects else f, **options))
            )
            return held.call(function, *args, **kwargs)

        return call

    return given


def states_of(value):
    objects = Held(value).objects
    return [s for x in objects for s in ([x] if isinstance(x, brainstate.State) else graph.states(x).values())]


def vmap(f=None, *, in_axes=0, out_axes=0, **options):
    """`in_axes` of a node or State are the `in_states` and `out_states` of brainstate."""
    if f is None:
        return functools.partial(vmap, in_axes=in_axes, out_axes=out_axes, **options)

    @functools.wraps(f)
    def call(*args):
        held = Held(args)
        if not held.objects:
            return transform.vmap(f, in_axes=in_axes, out_axes=out_axes, **options)(*args)
        axes = in_axes if isinstance(in_axes, tuple | list) else [in_axes] * len(args)
        mapped = {}
        for axis, arg in zip(axes, args, strict=True):
            if isinstance(axis, int) and states_of(arg):
                mapped.setdefault(axis, {}).update({id(state): state for state in states_of(arg)})
        function = transform.vmap(
            held.closed(f), in_axes=in_axes, out_axes=out_axes, in_states=mapped, out_states=mapped, **options
        )
        return held.call(function, *args)

    return call


def value_and_grad(f=None, **options):
    if f is None:
        return functools.partial(value_and_grad, **options)
    both = lifted(transform.grad)(f, return_value=True, **options)

    @functools.wraps(f)
    def call(*args, **kwargs):
        gradient, value, *aux = both(*args, **kwargs)
        return ((value, *aux) if aux else value), gradient

    return call


def cond(pred, true_fun, false_fun, *operands):
    held = Held(operands)
    return held.call(transform.cond, pred, held.closed(true_fun), held.closed(false_fun), *operands)


def switch(index, branches, *operands):
    held = Held(operands)
    return held.call(transform.switch, index, [held.closed(f) for f in branches], *operands)


def while_loop(cond_fun, body_fun, init_val):
    held = Held(init_val)
    return held.call(transform.while_loop, held.closed(cond_fun), held.closed(body_fun), init_val)


def eval_shape(f, *args, **kwargs):
    held = Held((args, kwargs))
    return held.call(transform.eval_shape, held.closed(f), *args, **kwargs)


class nnx:
    """NNX's names."""

    Module = graph.Node
    Variable = brainstate.State
    Param = brainstate.ParamState
    BatchStat = brainstate.BatchState
    Cache = brainstate.ShortTermState
    Intermediate = brainstate.DelayState
    VariableState = brainstate.TreefyState
    State = NestedDict
    GraphDef = graph.GraphDef

    data = staticmethod(lambda value: value)
    split = staticmethod(graph.treefy_split)
    merge = staticmethod(graph.treefy_merge)
    state = staticmethod(graph.treefy_states)
    graphdef = staticmethod(graph.graphdef)
    update = staticmethod(graph.update_states)
    pop = staticmethod(graph.pop_states)
    clone = staticmethod(graph.clone)
    iter_modules = staticmethod(graph.iter_node)

    to_flat_state = staticmethod(lambda state: list(state.to_flat().items()))
    from_flat_state = staticmethod(NestedDict.from_flat)
    split_state = staticmethod(NestedDict.split)
    filter_state = staticmethod(NestedDict.filter)
    merge_state = staticmethod(NestedDict.merge)
    to_pure_dict = staticmethod(NestedDict.to_pure_dict)
    replace_by_pure_dict = staticmethod(NestedDict.replace_by_pure_dict)

    to_predicate = staticmethod(filters.to_predicate)
    OfType = filters.OfType
    PathContains = filters.PathContains
    WithTag = filters.WithTag
    Any = filters.Any
    All = filters.All
    Not = filters.Not
    Everything = filters.Everything
    Nothing = filters.Nothing

    jit = staticmethod(lifted(transform.jit))
    remat = staticmethod(lifted(transform.checkpoint))
    checkify = staticmethod(lifted(transform.checkify))
    grad = staticmethod(lifted(transform.grad))
    value_and_grad = staticmethod(value_and_grad)
    vmap = staticmethod(vmap)
    cond = staticmethod(cond)
    switch = staticmethod(switch)
    while_loop = staticmethod(while_loop)
    eval_shape = staticmethod(eval_shape)
