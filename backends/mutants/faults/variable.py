"""Faults of Variables: values, operators, metadata, copies."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "copy-loses-metadata",
        "A copy of a Variable has only the metadata that was passed.",
        "variable",
        "return self.from_metadata(value, self._metadata | _without_required(metadata))",
        "return self.from_metadata(value, _without_required(metadata))",
        ("variable.copy-replace",),
    ),
    Fault(
        "class-hooks-win",
        "A hook that the class defines goes before one in the metadata.",
        "variable",
        "metadata = self._class_hooks | _without_required(metadata)",
        "metadata = _without_required(metadata) | self._class_hooks",
        ("variable.hook-order",),
    ),
    Fault(
        "jax-forgets-metadata",
        "A Variable that jax puts together has no metadata.",
        "variable",
        "new_variable(cls, value, dict(metadata.items) if metadata is not None else {}, trace_state())",
        "new_variable(cls, value, {}, trace_state())",
        ("split.state-crosses-jit", "variable.pytree", "state.pytree", "variable.metadata-propagates"),
    ),
    Fault(
        "pickle-forgets-metadata",
        "Metadata is not pickled.",
        "variable",
        "return self._raw_value, dict(self._metadata)",
        "return self._raw_value, {}",
        ("copy.pickle-deepcopy", "variable.metadata-survives", "variable.metadata-history"),
        budget=300,
    ),
    Fault(
        "set-value-keeps-dtype",
        "A new value of the same shape is cast to the dtype of the old one.",
        "variable",
        "                value = held.at[index].set(value)\n        object.__setattr__",
        (
            "                value = held.at[index].set(value)\n"
            "        elif isinstance(value, jax.Array) and isinstance(self._raw_value, jax.Array):\n"
            "            if value.shape == self._raw_value.shape and not "
            "any(jax.numpy.issubdtype(x.dtype, jax.dtypes.prng_key) for x in (value, self._raw_value)):\n"
            "                value = value.astype(self._raw_value.dtype)\n"
            "        object.__setattr__"
        ),
        ("variable.get-set",),
    ),
    Fault(
        "constructor-unwraps-variables",
        "A Variable made of a Variable holds its value.",
        "variable",
        "        _initialize(self, value, metadata, trace_state())\n        if metadata:",
        (
            "        value = value_of(value)\n"
            "        _initialize(self, value, metadata, trace_state())\n"
            "        if metadata:"
        ),
        ("variable.assign-variable",),
    ),
    Fault(
        "abstract-values-without-shape",
        "Only real arrays have a shape.",
        "variable",
        "return self._raw_value.shape  #",
        "return self._raw_value.shape if isinstance(self._raw_value, jax.Array) else ()  #",
        ("variable.abstract-values",),
    ),
    Fault(
        "value-attribute-warns-no-more",
        "Reading .value does not warn.",
        "variable",
        "        _warn_about_value_attribute(stacklevel=3)\n",
        "",
        ("variable.value-alias",),
        source="google/flax#5097",
    ),
    Fault(
        "ellipsis-gives-any-value",
        "v[...] gives the value whatever it is, also one that has no items.",
        "variable",
        "if index is not MISSING and not (index is ... and isinstance(value, jax.Array)):",
        "if index is not MISSING and index is not ...:",
        ("variable.host-values",),
        source="google/flax#5097",
    ),
    Fault(
        "ellipsis-replaces-any-value",
        "v[...] = x stores x, whatever its shape and dtype.",
        "variable",
        "if not (index is ... and _same_array_type(held, value)):",
        "if index is not ...:",
        ("variable.indexed-set",),
    ),
    Fault(
        "numpy-index-is-tuple",
        "An index array of numpy counts as a tuple of indices.",
        "variable",
        "            value = value[index]\n",
        (
            '            value = value[tuple(index) if type(index).__module__ == "numpy" and '
            'getattr(index, "ndim", 0) else index]\n'
        ),
        ("variable.index-kinds",),
        budget=300,
    ),
    Fault(
        "slices-lose-their-step",
        "Writing through a slice ignores its step.",
        "variable",
        "value = held.at[index].set(value)",
        "value = held.at[slice(index.start, index.stop) if isinstance(index, slice) else index].set(value)",
        ("variable.indexed-set",),
        budget=300,
    ),
    Fault(
        "reflected-minus",
        "x - v is v - x.",
        "operators",
        "__sub__, __rsub__ = _binary(operator.sub), _reflected(operator.sub)",
        "__sub__, __rsub__ = _binary(operator.sub), _binary(operator.sub)",
        ("variable.binary-operators",),
        source="google/flax#4049",
    ),
    Fault(
        "invert-negates",
        "~v is -v.",
        "operators",
        "_unary(operator.invert)",
        "_unary(operator.neg)",
        ("variable.all-operators",),
        source="google/flax#4049",
    ),
    Fault(
        "augmented-assignment-rebinds",
        "v += x binds the name to an array.",
        "operators",
        '__iadd__, __isub__, __imul__ = _refused("+="), _refused("-="), _refused("*=")',
        '__isub__, __imul__ = _refused("-="), _refused("*=")',
        ("variable.no-augmented-assignment",),
        source="google/flax#4967",
    ),
    Fault(
        "equality-looks-at-type",
        "Variables of different types are unequal whatever they hold.",
        "operators",
        "return operator.eq(self.get_value(), value_of(other))",
        (
            "return operator.eq(self.get_value(), value_of(other)) if not isinstance(other, "
            "ValueOperators) or type(other) is type(self) else False"
        ),
        ("variable.eq-elementwise",),
        source="google/flax#5097",
    ),
    Fault(
        "treedef-in-order-of-metadata",
        "The order in which metadata was set is part of the treedef.",
        "values",
        "self.items = tuple(sorted(entries.items(), key=lambda item: item[0]))",
        "self.items = tuple(entries.items())",
        ("variable.pytree-traces",),
    ),
    Fault(
        "treedef-confuses-metadata",
        "Metadata that is equal but of another type gives an equal treedef.",
        "values",
        "self._key = freeze(self.items)",
        "self._key = self.items",
        ("variable.pytree-static-types",),
        source="google/flax#3863",
    ),
    Fault(
        "jax-forgets-subclasses",
        "What jax puts together is of a type that is known by a name.",
        "variable",
        "new_variable(cls, value, dict(metadata.items)",
        ("new_variable(cls if cls.__module__ == __name__ else cls.__mro__[1], value, dict(metadata.items)"),
        ("variable.subclass-preserved", "params.grad-default"),
    ),
    Fault(
        "clones-share-metadata",
        "A clone has the metadata dict of its source.",
        "clone",
        "    metadata = copy_containers(metadata, arrays=True) if metadata else {}\n",
        "",
        ("variable.clone-metadata",),
        source="google/flax#3518",
    ),
    Fault(
        "attributes-become-metadata",
        "Setting an unknown attribute sets metadata.",
        "variable",
        "        if not inspect.isdatadescriptor(inspect.getattr_static(type(self), name, None)):\n",
        (
            "        if not inspect.isdatadescriptor(inspect.getattr_static(type(self), name, None)):\n"
            "            self._metadata[name] = value\n"
            "            return\n"
            "        if False:\n"
        ),
        ("variable.attribute-access",),
        source="google/flax#4993",
    ),
    Fault(
        "attributes-of-values-hidden",
        "An unknown attribute is not looked up at the value.",
        "variable",
        "        return getattr(self._raw_value, name)\n",
        "        raise AttributeError(name)\n",
        ("variable.attribute-access",),
    ),
    Fault(
        "falsy-metadata-is-missing",
        "An entry that is false counts as missing where a default is given.",
        "variable",
        "return self._metadata.get(name, default)",
        "return self._metadata.get(name) or default",
        ("variable.metadata-model",),
        budget=300,
    ),
    Fault(
        "required-metadata-ignored",
        "Asking for another value of a required entry is ignored.",
        "variable",
        "        if metadata[name]:\n            raise",
        "        if False:\n            raise",
        ("variable.metadata-required",),
    ),
    Fault(
        "variables-copied-on-assignment",
        "An attribute gets a copy of the Variable that is assigned.",
        "pytree",
        "        value, as_data = self._pytree_admit(name, value)\n        object.__setattr__",
        (
            "        value, as_data = self._pytree_admit(name, value)\n"
            '        value = value.copy() if hasattr(value, "_raw_value") else value\n'
            "        object.__setattr__"
        ),
        ("graph.build-observe", "variable.metadata-history"),
        budget=300,
    ),
    Fault(
        "lists-copy-variables",
        "A List holds copies of the Variables that it is made of.",
        "containers",
        '    return _Element(*admit(f"{type(owner).__name__}[{key!r}]", value, None))',
        (
            '    value = value.copy() if hasattr(value, "get_raw_value") else value\n'
            '    return _Element(*admit(f"{type(owner).__name__}[{key!r}]", value, None))'
        ),
        ("graph.build-observe",),
    ),
    Fault(
        "class-hooks-lost-to-metadata",
        "The hooks that a class defines are left out where metadata is given.",
        "variable",
        "        if metadata or self._class_hooks:\n            metadata = self._class_hooks | ",
        "        if metadata or self._class_hooks:\n            metadata = ({} if metadata else self._class_hooks) | ",
        ("variable.hook-order",),
    ),
    Fault(
        "class-hooks-ignored",
        "The hooks that a class defines do not run.",
        "variable",
        "        cls._class_hooks = {name: getattr(cls, name) for name in HOOKS if hasattr(cls, name)}",
        "        cls._class_hooks = {}",
        ("variable.hook-order",),
    ),
    Fault(
        "with-metadata-forgets",
        "A wrapped initializer gives the value without the metadata.",
        "variable",
        "return VariableMetadata(initializer(*args, **kwargs), metadata)",
        "return VariableMetadata(initializer(*args, **kwargs), {})",
        ("variable.with-metadata",),
    ),
    Fault(
        "items-skip-set-hooks",
        "Set hooks do not run where an item is written.",
        "variable",
        '        if self._metadata:\n            value = self._run_hooks("on_set_value", value)',
        '        if self._metadata and index is MISSING:\n            value = self._run_hooks("on_set_value", value)',
        ("variable.hook-order",),
    ),
    Fault(
        "metadata-handed-out",
        "get_metadata gives the dict in which the Variable keeps its metadata.",
        "variable",
        "return dict(self._metadata)",
        "return self._metadata",
        ("variable.metadata-model",),
    ),
    Fault(
        "value-under-another-key",
        "jax finds the value of a Variable under another name.",
        "variable",
        '_VALUE_KEY = GetAttrKey("value")',
        '_VALUE_KEY = GetAttrKey("raw_value")',
        ("variable.pytree",),
    ),
    Fault(
        "abs-is-pos",
        "abs of a Variable gives the value as it is.",
        "operators",
        "= _unary(abs), _unary(math.floor)",
        "= _unary(operator.pos), _unary(math.floor)",
        ("variable.unary-operators",),
    ),
    Fault(
        "metadata-of-one-for-all",
        "Variables that are made without metadata share what is set later.",
        "variable",
        "            if self._metadata:\n                self._metadata.update(entries)\n",
        "            if True:\n                self._metadata.update(entries)\n",
        ("variable.metadata-model", "variable.metadata-history"),
    ),
)
