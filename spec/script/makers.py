"""Objects and values that steps make, and how they are attached to what is there."""

from __future__ import annotations

from . import literals, world
from .lines import Lines
from .literals import Leaf
from .model import AWKWARD_KEYS, AWKWARD_NAMES, KEYS, NAMES, Slot, Thing, free_name
from .steps import Step


class Maker(Lines):
    """The model, and what can be added to it within the limits."""

    def new_node(self, index: int) -> Thing:
        """A node of a class out of the pool that the limits leave."""
        later = "later-parts" not in self.without
        classes = [c for c in (world.NODES if later else world.WHOLE) if not self._barred(c)]
        cls = classes[index % len(classes)]
        kind = "list" if cls in ("nnx.List", "Stack") else "dict" if cls == "nnx.Dict" else "module"
        self.count("empty-node", "node:" + cls)
        expression = f"{cls}([])" if kind == "list" else f"{cls}({{}})" if kind == "dict" else f"{cls}()"
        return self.fresh("m", kind, expression, cls=cls, opaque=cls == "Opaque")

    def _barred(self, cls: str) -> bool:
        if cls == "Opaque":
            return "non-pytrees" in self.without
        if cls == "Stack" and "names-on-lists" in self.without:
            return True
        return cls in ("nnx.List", "nnx.Dict", "Stack") and "list-nodes" in self.without

    def leaf(self, holder: str, step: Step) -> Leaf:
        """A value of a holder, with the dtype, shape and seed that a step's operands choose."""
        dtypes = literals.DTYPES + (literals.WIDE if holder == "numpy" else ())
        shape = literals.SHAPES[step.operand("shape") % len(literals.SHAPES)]
        if holder == "key":
            dtypes, shape = literals.KEYS, shape if shape in ((), (2,)) else ()
        dtype = dtypes[step.operand("dtype") % len(dtypes)]
        if "scalars" in self.without and not shape:
            shape = (2,)
        if holder == "weak":
            dtype, shape = "float32", ()
        self.count(f"holder:{holder}", f"dtype:{dtype}")
        if 0 in shape:
            self.count("zero-size")
        return Leaf(holder, dtype, shape, step.operand("seed"))

    def new_variable(self, step: Step) -> Thing:
        """A Variable with the type, value and metadata that a step's operands choose."""
        classes = world.VARIABLES[:1] if "variable-types" in self.without else world.VARIABLES
        cls = classes[step.operand("kind") % len(classes)]
        barred = {
            "numpy": "numpy",
            "key": "keys",
            "python": "values",
            "none": "values",
            "abstract": "abstract",
            "weak": "weak",
            "list": "pytree-values",
            "dict": "pytree-values",
        }
        holders = [h for h in ("jax", *literals.HOLDERS) if barred.get(h) not in self.without]
        if "mixed-values" in self.without:
            holders = [h for h in holders if h != "list"]
        leaf = self.leaf(holders[step.operand("holder") % len(holders)], step)
        keywords = self.metadata(step.operand("metadata"))
        self.count("variable", "type:" + cls)
        if keywords:
            self.count("metadata")
        return self.fresh_variable(cls, leaf, keywords)

    def fresh_variable(self, cls: str, leaf: Leaf, keywords: str = "") -> Thing:
        """A Variable of a class, with a value and metadata."""
        if "no-label" in self.without:
            label = f"label='v{len(self.things)}'"
            keywords = f"{keywords}, {label}" if keywords else label
        made = f"{cls}({arguments_of(leaf, keywords)})"
        return self.fresh("v", "variable", made, cls=cls, holder=leaf.holder, leaf=leaf, keywords=keywords)

    def new_value(self, target: Thing, step: Step) -> Leaf:
        """What a Variable is set to."""
        if "shapes" in self.without and target.leaf is not None:
            return Leaf("jax", target.leaf.dtype, target.leaf.shape, step.operand("seed"))
        return self.leaf("jax", step)

    def metadata(self, index: int) -> str:
        """Keyword arguments of a Variable; empty for none."""
        if "metadata" in self.without:
            return ""
        size = len(literals.METADATA) - (literals.UNHASHABLE_METADATA if "unhashable" in self.without else 0)
        return literals.METADATA[index % size]

    def static(self, index: int, parent: Thing) -> str:
        """The code of a static value that the node can hold."""
        size = len(literals.STATICS) - (literals.UNHASHABLE_STATICS if "unhashable" in self.without else 0)
        code = literals.STATICS[index % size]
        if "nan" in self.without and "nan" in code:
            return "'nan'"
        # jax.tree sees into a container on an opaque node, where status does not exist.
        return "'s'" if parent.opaque and code[0] in "([{" else code

    # how they are attached

    def attach(self, parent: Thing, operand: int, slot: Slot) -> None:
        """Attaches something to a node under a name or index that is free there; the operand chooses it."""
        code = slot.code
        marked = (not self._is_array(code) or "bare-arrays" in self.without) and "unmarked" not in self.without
        if slot.status == "data" and slot.thing is None and marked and not parent.opaque:
            code = f"nnx.data({code})"
        if parent.kind == "list" and not self._named_on_list(parent, operand):
            size = len(parent.items)
            if operand % 3 == 1 and size and "list-edits" not in self.without:
                self.lines.append(f"{parent.name}.insert({operand % size}, {code})")
                parent.items.insert(operand % size, slot)
                self.count("insert")
            else:
                self.lines.append(f"{parent.name}.append({code})")
                parent.items.append(slot)
                if size >= 10:
                    self.count("long-list")
            return
        pool = (KEYS if parent.kind == "dict" else NAMES) + (
            () if "awkward-names" in self.without else AWKWARD_KEYS if parent.kind == "dict" else AWKWARD_NAMES
        )
        pool = NAMES if parent.kind == "list" else pool
        if "later-parts" in self.without and set(pool) <= set(parent.named):
            return  # every field is in use
        name = free_name(parent.named, pool, operand)
        if name in AWKWARD_NAMES or name in AWKWARD_KEYS:
            self.count("awkward-name")
        self.assign(parent, name, code)
        parent.named[name] = slot

    def _named_on_list(self, parent: Thing, operand: int) -> bool:
        return parent.cls == "Stack" and operand % 3 == 2 and "names-on-lists" not in self.without

    @staticmethod
    def _is_array(code: str) -> bool:
        return code.startswith(("jnp.", "np.", "jax.random."))

    def assign(self, parent: Thing, place: int | str, code: str) -> None:
        """The statement that puts something at a place; the model is left as it is."""
        if isinstance(place, int) or parent.kind == "dict":
            self.lines.append(f"{parent.name}[{place!r}] = {self.use(code)}")
        elif place.isidentifier():
            self.lines.append(f"{parent.name}.{place} = {self.use(code)}")
        else:
            self.lines.append(f"setattr({parent.name}, {place!r}, {self.use(code)})")

    def read(self, parent: Thing, place: int | str) -> str:
        """The expression for what stands at a place."""
        if isinstance(place, int) or parent.kind == "dict":
            return f"{parent.name}[{place!r}]"
        return f"{parent.name}.{place}" if place.isidentifier() else f"getattr({parent.name}, {place!r})"

    def allowed(self, parent: Thing, target: Thing) -> bool:
        """Whether the limits let an object that is there be attached once more, which is counted."""
        if "sharing" in self.without:
            return False
        cyclic = target.reaches([parent])
        if cyclic:
            if "cycles" in self.without:
                return False
            self.count("cycle", "self-cycle" if target is parent else "longer-cycle")
        self.count("sharing", "shared-" + ("variable" if target.kind == "variable" else "node"))
        return True


def arguments_of(leaf: Leaf, keywords: str) -> str:
    """What a Variable is made with: its value, then its metadata."""
    return leaf.code() + (f", {keywords}" if keywords else "")
