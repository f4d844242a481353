"""Inputs for the laws of the term Variable."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec import Leaf
from nnxspec.spec.laws.variable import copies, indexing, metadata, operators, values
from nnxspec.spec.script import VariableClass

from .strategies import PLAIN, alike, arrays, float_arrays, graphs, leaves, small
from .strategies import metadata as metadata_dicts
from .strategies import variable as v

UNHASHABLE_TOO = tuple(limit for limit in PLAIN if limit != "unhashable")
HASHABLE = metadata_dicts(hashable=True)
TABLES = ((2, 3), (3,), (2, 3), ())
JITTABLE = (*PLAIN, "abstract", "values", "pytree-values", "numpy", "edits")

test_variable_get_set = bind(
    values.get_set,
    kind=v.kinds,
    first=leaves() | alike,
    history=(st.lists(leaves(), min_size=1, max_size=4) | st.lists(alike, min_size=1, max_size=4)).map(tuple),
)
test_variable_assign_variable = bind(
    values.assign_variable,
    scale=0.5,
    kind=v.kinds,
    value=v.few_arrays((2,), (), (2, 2)),
    other=v.kinds,
    given=v.few_arrays((2,), (), (2, 2)),
    metadata=metadata_dicts(),
)
test_variable_abstract_values = bind(values.abstract_values, kind=v.kinds, value=leaves("abstract"), later=leaves())
test_variable_value_alias = bind(
    values.value_alias,
    kind=v.kinds,
    first=leaves() | alike,
    history=v.histories(st.sampled_from(("read", "write", "set")), leaves() | alike),
)
test_variable_host_values = bind(
    values.host_values,
    kind=v.kinds,
    value=leaves("numpy", "list", "dict", "python", "none"),
    history=v.histories(st.sampled_from(("get", "set", "delete")), small, st.integers(0, 3)),
)
test_variable_indexed_set = bind(
    indexing.indexed_set,
    tried_first=lambda _: v.each_index(),
    scale=0.25,
    kind=v.kinds,
    raw=v.few_arrays(*TABLES, dtypes=("float32", "int32")),
    history=v.histories(
        v.plain_indices,
        v.few_arrays((), (2,), (3,), dtypes=("float32", "bool")) | v.numbers | v.numpy_arrays,
        max_size=2,
    ),
)
test_variable_index_kinds = bind(
    indexing.index_kinds,
    scale=0.4,
    raw=v.few_arrays(*TABLES, dtypes=("float32",)),
    index=v.all_indices,
    value=v.few_arrays((), dtypes=("float32",)),
)
test_variable_binary_operators = bind(
    operators.binary_operators,
    scale=0.2,
    tried_first=lambda _: [
        {"names": (*v.ARITHMETIC, *v.BITWISE), "value": value, "other": other, "boxed": boxed, "jitted": False}
        for value, other, boxed in (
            (Leaf("jax", "int32", (2,), 3), Leaf("python", seed=0), False),
            (Leaf("jax", "float32", (2,), 3), Leaf("jax", "float32", (2,), 1), True),
            (Leaf("jax", "int32", (2,), 1), Leaf("jax", "int32", (2,), 2), False),
        )
    ],
    names=st.lists(st.sampled_from((*v.ARITHMETIC, *v.BITWISE)), min_size=2, max_size=5, unique=True).map(tuple),
    value=v.few_arrays((2,)),
    other=v.operands | v.float_numpy,
    boxed=st.booleans(),
    jitted=st.sampled_from((False, False, False, True)),
)
test_variable_unary_operators = bind(
    operators.unary_operators,
    scale=0.3,
    tried_first=lambda _: [
        {"kind": VariableClass(0), "value": Leaf("jax", dtype, shape, 4)}
        for dtype in v.FEW_DTYPES
        for shape in ((2,), ())
    ],
    kind=v.kinds,
    value=v.few_arrays((2,), (), (2, 2)),
)
test_variable_all_operators = bind(
    operators.all_operators,
    tried_first=lambda _: v.each_operator(),
    use=v.uses,
    value=v.values,
    other=v.values,
)
test_variable_no_augmented_assignment = bind(
    operators.no_augmented_assignment,
    scale=0.5,
    name=st.sampled_from(operators.AUGMENTED),
    value=v.few_arrays((2,), dtypes=("float32", "int32")),
    other=v.few_arrays((2,), dtypes=("float32", "int32")) | v.numbers,
)
test_variable_eq_elementwise = bind(
    operators.eq_elementwise,
    kind=v.kinds,
    value=v.operands,
    metadata=metadata_dicts(),
    other=v.kinds,
    given=v.operands,
    same=st.booleans(),
)
test_variable_hook_order = bind(
    values.hook_order,
    kind=v.kinds,
    where=st.sampled_from(("class", "metadata", "both")),
    many=st.booleans(),
    metadata=metadata_dicts(),
    value=float_arrays(),
    history=v.histories(st.sampled_from(("get", "set", "raw", "copy", "get-item", "set-item")), float_arrays()),
)
test_variable_copy_replace = bind(
    copies.copy_replace,
    kind=v.kinds,
    value=leaves() | alike,
    metadata=metadata_dicts(),
    changes=metadata_dicts(),
    given=leaves() | alike,
)
test_variable_copy_from_type = bind(
    copies.copy_from_type,
    kind=v.kinds,
    value=leaves() | alike,
    metadata=metadata_dicts(),
    other=v.kinds,
    given=leaves() | alike,
    changes=metadata_dicts(),
)
test_variable_with_metadata = bind(
    copies.with_metadata, kind=v.kinds, value=leaves("jax", "numpy", "key", "abstract"), metadata=metadata_dicts()
)
test_variable_pytree = bind(copies.pytree, kind=v.kinds, value=leaves(), metadata=HASHABLE, other=v.kinds, edit=v.edits)
test_variable_pytree_traces = bind(
    copies.pytree_traces,
    kind=v.kinds,
    value=arrays(shape=(2,), dtypes=("float32",)),
    metadata=HASHABLE,
    other=v.kinds,
    edit=v.edits,
)
test_variable_pytree_static_types = bind(
    copies.pytree_static_types, value=arrays(shape=()), first=v.entries, second=v.entries
)
test_variable_subclass_preserved = bind(copies.subclass_preserved, make=graphs(*PLAIN))
test_variable_clone_metadata = bind(copies.clone_metadata, make=graphs(*UNHASHABLE_TOO), on_clone=st.booleans())
test_variable_attribute_access = bind(
    metadata.attribute_access,
    kind=v.kinds,
    value=leaves("jax", "numpy", "key", "abstract"),
    metadata=v.histories(
        st.sampled_from(("note", "tag", "T", "size", "dtype", "ndim", "shape", "itemsize", "nbytes")), small, max_size=3
    ),
    names=st.lists(st.sampled_from(("T", "size", "itemsize", "unknown", "note", "nbytes")), max_size=3).map(tuple),
)
test_variable_metadata_model = bind(
    metadata.metadata_model,
    kind=v.kinds,
    first=metadata_dicts(),
    history=v.histories(
        st.sampled_from(("set", "update", "replace-all", "default", "delete", "nothing", "has")),
        v.metadata_names,
        v.entries,
        max_size=8,
    ),
)
test_variable_metadata_required = bind(
    metadata.metadata_required, kind=v.kinds, value=leaves(), metadata=metadata_dicts()
)
test_variable_metadata_survives = bind(metadata.metadata_survives, make=graphs(*UNHASHABLE_TOO))
test_variable_metadata_propagates = bind(
    metadata.metadata_propagates,
    scale=0.3,
    make=graphs(*JITTABLE, max_chunks=2),
    edits=v.histories(
        st.sampled_from(("set", "delete", "delete", "replace-all", "write")),
        small,
        st.sampled_from(("note", "tag", "extra")),
        v.entries,
    ),
)
