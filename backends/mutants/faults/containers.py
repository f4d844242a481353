"""Faults of List and Dict."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "list-insert-shifts-no-status",
        "An element inserted into a List is static.",
        "containers",
        "self._pytree__elements.insert(index, _element(self, index, value))",
        "self._pytree__elements.insert(index, _element(self, index, value)._replace(is_data=False))",
        ("module.list-mixed-content",),
    ),
    Fault(
        "list-insert-negative",
        "Inserting at a negative index counts from behind the last element.",
        "containers",
        "self._pytree__elements.insert(index, _element(self, index, value))",
        "self._pytree__elements.insert(index + 1 + len(self) if index < 0 else index, _element(self, index, value))",
        ("module.list-model",),
        budget=300,
    ),
    Fault(
        "list-clear-keeps-first",
        "clear leaves the first element.",
        "containers",
        "        del self[:]",
        "        del self[1:]",
        ("module.list-model", "module.list-history"),
        budget=300,
    ),
    Fault(
        "list-refuses-numpy-index",
        "A List cannot be indexed with an integer of numpy.",
        "containers",
        "        found = self._pytree__elements[index]\n",
        (
            "        if not isinstance(index, (int, slice)):\n"
            "            raise TypeError(index)\n"
            "        found = self._pytree__elements[index]\n"
        ),
        ("module.list-index-kinds",),
    ),
    Fault(
        "lists-equal-by-identity",
        "Lists are equal only to themselves.",
        "containers",
        "return list(self) == list(other) if isinstance(other, (List, list)) else NotImplemented",
        "return self is other",
        ("module.list-equality",),
    ),
    Fault(
        "list-remembers-its-length",
        "A List whose elements were deleted notes its length in an attribute.",
        "containers",
        '        self._pytree_check_writable("delete an element")\n        del self._pytree__elements[index]',
        (
            '        self._pytree_check_writable("delete an element")\n'
            "        del self._pytree__elements[index]\n"
            '        vars(self)["_length"] = len(self._pytree__elements)'
        ),
        ("module.list-append-pop", "module.list-model", "module.list-history"),
    ),
    Fault(
        "dict-takes-any-key",
        "A Dict takes keys that are no strs.",
        "containers",
        "    if not isinstance(key, str):\n        raise",
        "    if False:\n        raise",
        ("module.dict-model",),
    ),
    Fault(
        "dict-hides-underscores",
        "A Dict does not list keys that start with an underscore.",
        "containers",
        "        return iter(self._pytree__elements)\n",
        '        return (key for key in self._pytree__elements if not key.startswith("_"))\n',
        ("module.dict-any-key", "module.dict-model", "module.dict-history"),
    ),
    Fault(
        "list-names-lost",
        "A List put together again has lost its named attributes.",
        "containers",
        "        super()._pytree_fill(_only(parts, str))\n",
        "",
        ("split.list-like-with-names",),
    ),
    Fault(
        "list-pop-deletes-upwards",
        "Leaves are taken out of a List from the first on, so that later ones have moved.",
        "containers",
        "key=lambda key: key if isinstance(key, int) else -1, reverse=True):",
        "key=lambda key: key if isinstance(key, int) else -1):",
        ("pop.containers",),
    ),
    Fault(
        "list-hands-out-copies",
        "A Variable that is read from a List is a copy.",
        "containers",
        "if isinstance(index, slice) else found.value\n",
        'if isinstance(index, slice) else found.value.copy() if hasattr(found.value, "_raw_value") else found.value\n',
        ("graph.write-through-alias", "module.list-model"),
    ),
)
