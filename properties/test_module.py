"""Inputs for the laws of the term Module."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec import Leaf
from nnxspec.spec.laws.module import dicts, lists, modes, objects, refusals, status

from .strategies import PLAIN, arrays, float_arrays, graphs, shared, small, statics
from .strategies import module as inputs

ANY = ("list-edits", "names-on-lists")
# Small graphs below a List or Dict: what a container shows of itself must not depend on a Module around it.
CONTAINERS = graphs(*ANY, root=2, max_chunks=1, more=shared) | graphs(*ANY, root=3, max_chunks=1, more=shared)

test_module_data_or_static = bind(
    status.data_or_static,
    tried_first=lambda _: [{"kind": kind, "value": Leaf()} for kind in inputs.THINGS],
    kind=inputs.thing_kinds,
    value=inputs.values,
)
test_module_explicit_status = bind(status.explicit_status, value=inputs.values)
test_module_pytree_leaves = bind(
    status.pytree_leaves, assigned=inputs.assignments, order=inputs.orders, other=statics()
)
test_module_status_sticky = bind(status.status_sticky, history=inputs.sticky_histories)
test_module_set_around_assignment = bind(status.set_around_assignment, given=inputs.set_around)
test_module_non_pytree_objects = bind(
    status.non_pytree_objects, kinds=inputs.nestings_or_none, item=inputs.data_items, value=arrays()
)
test_module_container_needs_annotation = bind(
    refusals.container_needs_annotation, kinds=inputs.nestings, item=inputs.items, value=arrays()
)
test_module_static_holds_no_data = bind(
    refusals.static_holds_no_data, kinds=inputs.nestings_or_none, item=inputs.data_items, value=arrays()
)
test_module_smuggled_data_detected = bind(
    refusals.smuggled_data_detected, kinds=inputs.nestings_or_none, item=inputs.data_items, value=arrays()
)
test_module_slots_rejected = bind(
    refusals.slots_rejected,
    base=st.sampled_from(("Module", "Plain", "List")),
    names=st.lists(st.sampled_from(("a", "b", "_p")), min_size=1, max_size=3, unique=True).map(tuple),
    form=st.sampled_from(("str", "tuple", "list")),
    scale=0.2,
)
test_module_attribute_replacement = bind(objects.attribute_replacement, history=inputs.replacements)
test_module_dataclass_fields = bind(
    objects.dataclass_fields, decorator=st.sampled_from(("nnx", "stdlib")), fields=inputs.field_kinds, value=arrays()
)
test_module_dataclass_identity = bind(
    objects.dataclass_identity, places=inputs.positions, hashed=st.booleans(), compared=st.booleans(), value=arrays()
)
test_module_identity_eq_hash = bind(objects.identity_eq_hash, make=graphs(*PLAIN))
test_module_repr_pure = bind(objects.repr_pure, make=graphs(*ANY, more=shared) | CONTAINERS)
test_module_set_attributes = bind(
    modes.set_attributes,
    make=graphs(*PLAIN, root=0),
    flags=inputs.flags,
    filters=inputs.module_filters,
    value=st.booleans(),
)
test_module_sow = bind(modes.sow, history=inputs.sowings)
test_module_perturb = bind(
    modes.perturb,
    values=st.lists(float_arrays(), min_size=1, max_size=4).map(tuple),
    stored=float_arrays(),
    factor=small,
    scale=0.2,
)
test_module_list_model = bind(
    lists.list_model,
    tried_first=lambda _: [
        {"kind": kind, "start": 2, "history": (step,)} for kind in ("int", "variable") for step in inputs.LIST_STEPS
    ],
    kind=inputs.comparable_kinds,
    start=st.integers(0, 13),
    history=inputs.list_histories,
)
test_module_list_index_kinds = bind(
    lists.list_index_kinds,
    kind=inputs.element_kinds,
    size=st.integers(0, 12),
    at=st.integers(-13, 13),
    holder=st.sampled_from(
        ("int", "int8", "int64", "uint32", "jax", "bool", "float", "str", "none", "tuple", "numpy-float")
    ),
)
test_module_list_equality = bind(lists.list_equality, left=inputs.positions, right=inputs.positions)
test_module_list_mixed_content = bind(
    lists.list_mixed_content, start=inputs.positions.map(lambda p: p * 2), history=inputs.mixed_histories
)
test_module_list_append_pop = bind(
    lists.list_append_pop,
    start=st.lists(st.integers(0, 9), max_size=12).map(tuple),
    more=st.lists(st.integers(0, 9), max_size=4).map(tuple),
    other=st.lists(st.integers(0, 9), max_size=4).map(tuple),
)
test_module_dict_model = bind(
    dicts.dict_model,
    kind=st.sampled_from(("mixed", "variable", "int", "module")),
    start=st.lists(inputs.dict_keys, max_size=4, unique=True).map(tuple),
    history=inputs.dict_histories,
)
test_module_dict_any_key = bind(dicts.dict_any_key, keys=inputs.any_keys)
