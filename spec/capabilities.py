"""The closed list of capabilities: what a backend says it offers, and the public names each of them rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Capability:
    """One thing a backend may offer.

    Args:
        name: how laws and backends name it.
        meaning: what a backend promises by claiming it.
        names: public names (dotted below a class) that have to be there.
    """

    name: str
    meaning: str
    names: tuple[str, ...] = ()


CAPABILITIES: dict[str, Capability] = {
    c.name: c
    for c in (
        Capability("core", "Modules, Variables, split and merge.", ("Module", "Variable", "Param", "split", "merge")),
        Capability("sharing", "An object held at two places comes back as one object."),
        Capability("cycles", "Graphs may contain cycles."),
        Capability("mutation", "Values of Variables can be changed in place.", ("Variable.set_value",)),
        Capability(
            "mutation.any-value", "A Variable may be set to a value of another shape or dtype.", ("Variable.set_value",)
        ),
        Capability("structural-mutation", "Attributes of nodes can be set and deleted at any time.", ("Module",)),
        Capability("unlabelled", "Variables are told apart by identity, not by a label of the user's.", ("Variable",)),
        Capability("value-alias", "The older attribute `value` of a Variable warns.", ("Variable.value",)),
        Capability("indexing", "Variables are read and written at an index.", ("Variable.__getitem__",)),
        Capability("pytree-values", "A Variable may hold a list or dict of arrays.", ("Variable",)),
        Capability("variable-pytrees", "jax.tree sees into a Variable: its value is its one child.", ("Variable",)),
        Capability(
            "operators", "Arithmetic on a Variable and its attributes are those of its value.", ("Variable.__add__",)
        ),
        Capability("metadata", "Variables carry named metadata.", ("Variable.get_metadata", "Variable.set_metadata")),
        Capability(
            "metadata.copies", "A copy of a Variable takes other metadata.", ("Variable.copy", "Variable.replace")
        ),
        Capability("metadata.names", "Metadata is asked for and deleted by name.", ("Variable.del_metadata",)),
        Capability("variable-types", "Variables have a hierarchy of types.", ("BatchStat", "Cache", "Intermediate")),
        Capability("containers", "List and Dict nodes.", ("List", "Dict")),
        Capability("plain-containers", "Plain containers of Variables and nodes may be attributes.", ("Module",)),
        Capability("annotations", "Data and static status of attributes.", ("data", "static", "is_data")),
        Capability("raw-arrays", "Arrays that no Variable holds are state."),
        Capability("numpy-leaves", "numpy arrays, 64-bit ones too, are leaves and stay numpy arrays."),
        Capability("value-leaves", "Python scalars, None and strings may be data."),
        Capability("abstract-leaves", "A Variable may hold a jax.ShapeDtypeStruct."),
        Capability("unhashable-statics", "Lists and dicts may be statics or metadata."),
        Capability("non-pytrees", "Nodes that jax.tree does not see into.", ("Object",)),
        Capability("filters", "The filter language.", ("OfType", "PathContains", "WithTag", "Any", "All", "Not")),
        Capability("filters.inexact", "PathContains with exact=False.", ("PathContains",)),
        Capability("state", "State mappings and the functions on them.", ("State", "state", "to_flat_state")),
        Capability("state.shares-variables", "The Variables in a State are those of the Module, not a snapshot."),
        Capability("state.pure-values", "A State may hold a plain value in the place of a Variable.", ("State",)),
        Capability("root-leaves", "A Variable or an array may be split by itself.", ("split",)),
        Capability("update", "Writing a State back into a Module.", ("update",)),
        Capability("pop", "Taking leaves out of a Module.", ("pop",)),
        Capability("clone", "Copies of a graph.", ("clone",)),
        Capability("clone.options", "Copies of a chosen part of a graph.", ("clone",)),
        Capability("merge.copies", "Merging copies the leaves if asked to.", ("merge",)),
        Capability("pickling", "Nodes and Variables can be pickled and deep-copied.", ("Module",)),
        Capability("traversal", "Iteration over a graph.", ("iter_graph", "iter_modules", "iter_children")),
        Capability("hooks", "Functions run when a Variable is made, read or written."),
        Capability("trace-guard", "Changing an object from another trace level is refused."),
        Capability("tree-mode", "A second mode in which Modules are plain pytrees.", ("set_graph_mode",)),
        Capability("rng.streams", "Named streams of random keys.", ("Rngs",)),
        Capability("rng.fold-in", "Keys come from folding a count into the stream's key.", ("Rngs",)),
        Capability("rng.split", "Streams are split into many.", ("split_rngs", "Rngs.split")),
        Capability("rng.fork", "Streams are forked.", ("Rngs.fork",)),
        Capability(
            "rng.restore", "Streams are split and forked in place, and restored.", ("split_rngs", "restore_rngs")
        ),
        Capability("rng.reseed", "Streams are set to a new seed.", ("reseed",)),
        Capability("layers", "Linear and Dropout.", ("Linear", "Dropout")),
        Capability(
            "transform.arguments", "Nodes are arguments of functions under transforms, not a part of their closures."
        ),
        Capability(
            "transform.structure",
            "What a function does to attributes, statics, raw arrays and elements of its arguments is seen outside.",
        ),
        Capability("transform.returned-inputs", "A function may return its arguments, or what holds a part of them."),
        Capability("transform.jit", "Compiled functions of graphs.", ("jit",)),
        Capability(
            "transform.cached-partial", "Functions with the structure of their nodes kept.", ("cached_partial",)
        ),
        Capability("transform.grad", "Gradients with respect to the state of graphs.", ("grad", "value_and_grad")),
        Capability(
            "transform.grad-states", "The gradient of a node is a State, of its Params where nothing is chosen."
        ),
        Capability("transform.diff-state", "The leaves to differentiate chosen by a filter.", ("DiffState",)),
        Capability("transform.jvp", "Forward-mode derivatives.", ("jvp",)),
        Capability("transform.vjp", "Pullbacks.", ("vjp",)),
        Capability("transform.custom-vjp", "Functions with a gradient rule of the user's.", ("custom_vjp",)),
        Capability("transform.remat", "Recomputation in the backward pass.", ("remat",)),
        Capability("transform.vmap", "Functions of graphs over lanes.", ("vmap",)),
        Capability("transform.pmap", "Functions of graphs over devices.", ("pmap",)),
        Capability("transform.shard-map", "Functions of graphs over the blocks of a mesh.", ("shard_map",)),
        Capability("transform.scan", "Loops over slices, with a carry.", ("scan", "Carry")),
        Capability("transform.state-axes", "Axes chosen by filters.", ("StateAxes",)),
        Capability("transform.state-sharding", "Shardings chosen by filters.", ("StateSharding",)),
        Capability("transform.cond", "Branches that are chosen at run time.", ("cond", "switch")),
        Capability("transform.while", "Loops without a fixed number of iterations.", ("while_loop",)),
        Capability("transform.fori", "Loops over an index.", ("fori_loop",)),
        Capability("transform.eval-shape", "Shapes and structure without values.", ("eval_shape",)),
        Capability("transform.checkify", "Checks at run time.", ("checkify",)),
        Capability("transform.make-jaxpr", "The jaxpr of a function of graphs.", ("make_jaxpr",)),
        Capability(
            "transform.returns-objects", "Functions under transforms may return Modules and Variables.", ("Module",)
        ),
        Capability("transform.metadata", "Metadata follows the axes that a transform adds.", ("transform_metadata",)),
        Capability("hijax", "Variables as hijax types."),
        Capability("refs", "Variables that hold a mutable jax reference."),
    )
}
"""Every capability by name, in the order in which they are listed to a reader."""
