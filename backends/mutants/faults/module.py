"""Faults of Modules: attributes and their statuses, identity, what Modules do for their users."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "sow-replaces",
        "A second sow forgets the first.",
        "module",
        "variable.set_value(reduce_fn(variable.get_value(), value))",
        "variable.set_value(reduce_fn(init_fn(), value))",
        ("module.sow",),
    ),
    Fault(
        "instances-share-statuses",
        "The statuses of attributes are kept with the class.",
        "pytree",
        "_set_status(self, dict(cls._pytree__declared))",
        "_set_status(self, cls._pytree__declared)",
        ("graph.build-observe", "graphdef.history-independent"),
    ),
    Fault(
        "sow-into-subclasses",
        "sow reduces into a Variable of a subclass of the given type.",
        "module",
        "if type(variable) is not variable_type:",
        "if not isinstance(variable, variable_type):",
        ("module.sow",),
    ),
    Fault(
        "set-attributes-pleased-by-one",
        "set_attributes refuses only if it finds none of the names.",
        "module",
        "if missing and raise_if_not_found:",
        "if missing == attributes.keys() and raise_if_not_found:",
        ("module.set-attributes",),
    ),
    Fault(
        "perturbations-in-float32",
        "perturb stores zeros of the default dtype.",
        "module",
        "setattr(self, name, variable(jax.tree.map(jnp.zeros_like, value)))",
        "setattr(self, name, variable(jax.tree.map(lambda x: jnp.zeros(x.shape), value)))",
        ("module.perturb",),
    ),
    Fault(
        "modes-without-more",
        "train and eval ignore further attributes.",
        "module",
        '"use_running_average": evaluate, **more}',
        '"use_running_average": evaluate}',
        ("module.set-attributes",),
    ),
    Fault(
        "dict-of-first-argument-alone",
        "A Dict made of a mapping and keywords has the items of the mapping.",
        "containers",
        "for key, value in dict(items, **more).items():",
        "for key, value in (dict(items) or more).items():",
        ("module.dict-model",),
    ),
    Fault(
        "numpy-arrays-static",
        "A numpy array is a static attribute.",
        "status",
        "return kind is ARRAY or has_identity(kind)",
        'return (kind is ARRAY and type(value).__module__ != "numpy") or has_identity(kind)',
        ("module.data-or-static",),
        source="patrick-kidger/equinox#850",
    ),
    Fault(
        "data-annotation-needs-data",
        "data(v) counts only where v is data anyway.",
        "status",
        "value, as_data = value.value, value.is_data\n",
        "value, as_data = value.value, value.is_data and has_data(value.value)\n",
        ("module.explicit-status",),
    ),
    Fault(
        "attributes-in-order-of-assignment",
        "Attributes are listed in the order in which they were assigned.",
        "names",
        "        self.keys = tuple(sorted(names))\n",
        "        self.keys = names\n",
        ("module.pytree-leaves", "graphdef.iso-invariant"),
        source="google/flax#3790",
    ),
    Fault(
        "status-outlives-attribute",
        "Deleting an attribute does not reset its status.",
        "pytree",
        "        object.__delattr__(self, name)\n        self._pytree_forget(name)",
        "        object.__delattr__(self, name)",
        ("module.status-sticky",),
    ),
    Fault(
        "status-follows-value",
        "An attribute that is data becomes static with a value that is none.",
        "status",
        "        as_data = as_data or known is True\n",
        "",
        ("module.status-sticky",),
    ),
    Fault(
        "opaque-objects-are-pytrees",
        "Objects declared as no pytrees are registered as pytrees all the same.",
        "pytree",
        "        if cls._pytree__is_pytree:\n            jax",
        "        if True:\n            jax",
        ("module.non-pytree-objects",),
    ),
    Fault(
        "containers-hide-data",
        "Data inside a plain container is not looked for.",
        "status",
        "        if not as_data and is_data(x):",
        "        if not as_data and is_data(x) and x is value:",
        ("module.container-needs-annotation", "module.static-holds-no-data", "module.smuggled-data-detected"),
        source="patrick-kidger/equinox#850",
    ),
    Fault(
        "static-attributes-take-data",
        "A static attribute becomes data with the first data assigned to it.",
        "status",
        "        if as_data and known is False:",
        "        if False:",
        ("module.static-holds-no-data",),
    ),
    Fault(
        "constructed-objects-unchecked",
        "Objects are not checked when their constructor returns.",
        "pytree",
        "        check_pytree(self)\n",
        "",
        ("module.smuggled-data-detected",),
    ),
    Fault(
        "slots-accepted",
        "A Module may declare __slots__.",
        "pytree",
        '        if "__slots__" in vars(cls):',
        "        if False:",
        ("module.slots-rejected",),
    ),
    Fault(
        "assignment-writes-through",
        "Assigning an array to a Variable attribute writes into the Variable.",
        "pytree",
        "        value, as_data = self._pytree_admit(name, value)\n        object.__setattr__",
        (
            "        held = vars(self).get(name)\n"
            '        if hasattr(held, "_raw_value") and isinstance(value, jax.Array):\n'
            "            held.set_value(value)\n"
            "            return\n"
            "        value, as_data = self._pytree_admit(name, value)\n"
            "        object.__setattr__"
        ),
        ("module.attribute-replacement",),
    ),
    Fault(
        "fields-declared-upside-down",
        "Dataclass fields declared static are data, and the other way round.",
        "pytree",
        "declared[name] = not static",
        "declared[name] = static",
        ("module.dataclass-fields",),
    ),
    Fault(
        "nodes-by-equality",
        "Graph nodes that are equal are taken for one.",
        "flatten",
        "number = numbers.setdefault(id(value), len(alive)) if",
        "number = numbers.setdefault(value, len(alive)) if",
        ("module.dataclass-identity",),
    ),
    Fault(
        "modules-equal-by-content",
        "Modules with equal attribute names are equal.",
        "pytree",
        "    def __copy__(self) -> Self:\n",
        (
            "    def __eq__(self, other: object) -> bool:\n"
            "        return type(self) is type(other) and vars(self).keys() == vars(other).keys()\n"
            "\n"
            "    __hash__ = object.__hash__\n"
            "\n"
            "    def __copy__(self) -> Self:\n"
        ),
        ("module.identity-eq-hash",),
    ),
    Fault(
        "repr-follows-cycles",
        "The repr of a cycle does not end.",
        "pytree",
        "if id(self) in shown or len(shown) > _REPR_DEPTH:",
        "if False:",
        ("module.repr-pure",),
    ),
    Fault(
        "set-attributes-all-filters",
        "set_attributes wants all filters to match.",
        "module",
        "if not predicates or any(predicate(place.path, place.value)",
        "if not predicates or all(predicate(place.path, place.value)",
        ("module.set-attributes",),
        budget=300,
    ),
    Fault(
        "eval-on-root-only",
        "eval and train change the Module itself, and not those below.",
        "module",
        "        for module, name in found:\n            setattr(module, name, attributes[name])",
        (
            "        for module, name in found:\n"
            "            if module is self:\n"
            "                setattr(module, name, attributes[name])"
        ),
        ("module.set-attributes",),
    ),
    Fault(
        "perturb-forgets-stored",
        "perturb returns the value without the stored perturbation.",
        "module",
        "lambda stored, x: stored + x,",
        "lambda stored, x: x,",
        ("module.perturb",),
    ),
    Fault(
        "set-around-assignment-is-static",
        "An attribute that was put into __dict__ is static.",
        "pytree",
        "flags = [status[k] if k in status else is_data(v) for k, v in zip(keys, values, strict=True)]",
        "flags = [status.get(k, False) for k in keys]",
        ("module.set-around-assignment",),
    ),
    Fault(
        "list-paths-are-names",
        "jax sees the elements of a List as attributes.",
        "pytree",
        "entry = {int: jax.tree_util.SequenceKey, str: jax.tree_util.GetAttrKey}",
        "entry = {int: lambda key: jax.tree_util.GetAttrKey(str(key)), str: jax.tree_util.GetAttrKey}",
        ("module.pytree-leaves",),
    ),
    Fault(
        "field-metadata-lost",
        "The user's metadata of a dataclass field is dropped.",
        "status",
        'metadata={**metadata, "static": not is_data}',
        'metadata={"static": not is_data}',
        ("module.dataclass-fields",),
    ),
)
