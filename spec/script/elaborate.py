"""Elaboration: a script becomes explicit operations on explicit objects, before any backend is touched.

The result is Python source in the backend's own names. It is executed to build the graph and printed to show it: one
text for both, so what a failure shows is what ran.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from . import literals, world
from .literals import Leaf
from .model import AWKWARD_KEYS, AWKWARD_NAMES, KEYS, NAMES, Slot, Thing, free_name, pick
from .steps import Script, Step, with_implied


@dataclass(frozen=True)
class Elaborated:
    """A script made explicit.

    Args:
        lines: statements that build the graph, the last of which returns the root.
        classes: names of the script classes and functions that the lines use.
        features: how often each feature occurs, for coverage tables and events.
        without: the limits that applied.
    """

    lines: tuple[str, ...]
    classes: frozenset[str]
    features: tuple[tuple[str, int], ...]
    without: frozenset[str]

    def source(self, name: str = "make") -> str:
        """A function of no arguments that builds the graph anew at each call."""
        return f"def {name}():\n" + "".join(f"    {line}\n" for line in self.lines)


class Builder:
    """The model of one script, and the lines that it becomes."""

    def __init__(self, without: frozenset[str]) -> None:
        self.without = without
        self.lines: list[str] = []
        self.classes: set[str] = set()
        self.features: Counter[str] = Counter()
        self.things: list[Thing] = []

    def run(self, steps: Iterable[Step]) -> None:
        """Elaborates steps, one after the other."""
        for step in steps:
            handler: Callable[[Step], None] = getattr(self, "do_" + step.name.replace("-", "_"))
            handler(step)

    # pools

    def settable(self) -> list[Thing]:
        """Variables that may be given a new array."""
        holders = ("jax",) if "shapes" in self.without else ("jax", "numpy", "weak")
        return [v for v in self.variables() if v.holder in holders]

    def pool(self) -> list[Thing]:
        """The objects among which a step may choose."""
        return self.things

    def nodes(self) -> list[Thing]:
        """Nodes to which something can be attached."""
        return [t for t in self.pool() if t.kind in ("module", "list", "dict")]

    def variables(self) -> list[Thing]:
        """Variables whose value or metadata a step may change."""
        return [t for t in self.pool() if t.kind == "variable"]

    def target(self, operand: int) -> Thing:
        """An object to attach once more: even operands prefer Variables, odd ones nodes."""
        variables = self.variables()
        if operand % 2 or not variables:
            variables = [t for t in self.pool() if t.kind != "variable"]
        found: Thing = pick(variables, operand // 2)
        return found

    def count(self, *features: str) -> None:
        self.features.update(features)

    def use(self, code: str) -> str:
        """Notes which script classes and functions an expression uses."""
        for name in (*world.CLASSES, "other_activation", "activation"):
            if name in code:
                self.classes.add(name)
        return code

    def fresh(self, prefix: str, kind: str, expression: str, **more: object) -> Thing:
        thing = Thing(f"{prefix}{len(self.things)}", kind, **more)  # type: ignore[arg-type]  # fields of Thing
        self.things.append(thing)
        thing.expression = self.use(expression)
        self.lines.append(f"{thing.name} = {expression}")
        return thing

    def finished(self, roots: list[Thing], result: str) -> tuple[str, ...]:
        """The statements that build the roots, the last of which returns `result`."""
        if "later-parts" not in self.without:
            return (*self.lines, f"return {result}")
        lines: list[str] = []
        done: set[Thing] = set()

        def write(thing: Thing) -> None:
            if thing in done:
                return
            done.add(thing)
            for slot in thing.slots():
                for part in slot.objects:
                    write(part)
            if thing.kind == "module":
                parts = ", ".join(f"{name}={slot.code}" for name, slot in thing.named.items())
                lines.append(f"{thing.name} = {thing.cls}({parts})")
            else:
                lines.append(f"{thing.name} = {thing.expression}")

        for root in roots:
            write(root)
        return (*lines, f"return {result}")

    # makers

    def new_node(self, index: int) -> Thing:
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
        if "no-label" in self.without:
            label = f"label='v{len(self.things)}'"
            keywords = f"{keywords}, {label}" if keywords else label
        made = f"{cls}({_arguments(leaf, keywords)})"
        return self.fresh("v", "variable", made, cls=cls, holder=leaf.holder, leaf=leaf, keywords=keywords)

    def new_value(self, target: Thing, step: Step) -> Leaf:
        """What a Variable is set to."""
        if "shapes" in self.without and target.leaf is not None:
            return Leaf("jax", target.leaf.dtype, target.leaf.shape, step.operand("seed"))
        return self.leaf("jax", step)

    def metadata(self, index: int) -> str:
        if "metadata" in self.without:
            return ""
        size = len(literals.METADATA) - (literals.UNHASHABLE_METADATA if "unhashable" in self.without else 0)
        return literals.METADATA[index % size]

    def static(self, index: int, parent: Thing) -> str:
        size = len(literals.STATICS) - (literals.UNHASHABLE_STATICS if "unhashable" in self.without else 0)
        code = literals.STATICS[index % size]
        if "nan" in self.without and "nan" in code:
            return "'nan'"
        # jax.tree sees into a container on an opaque node, where status does not exist.
        return "'s'" if parent.opaque and code[0] in "([{" else code

    # attaching

    def attach(self, parent: Thing, operand: int, slot: Slot) -> None:
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
        if isinstance(place, int) or parent.kind == "dict":
            self.lines.append(f"{parent.name}[{place!r}] = {self.use(code)}")
        elif place.isidentifier():
            self.lines.append(f"{parent.name}.{place} = {self.use(code)}")
        else:
            self.lines.append(f"setattr({parent.name}, {place!r}, {self.use(code)})")

    def read(self, parent: Thing, place: int | str) -> str:
        if isinstance(place, int) or parent.kind == "dict":
            return f"{parent.name}[{place!r}]"
        return f"{parent.name}.{place}" if place.isidentifier() else f"getattr({parent.name}, {place!r})"

    def allowed(self, parent: Thing, target: Thing) -> bool:
        if "sharing" in self.without:
            return False
        cyclic = target.reaches([parent])
        if cyclic:
            if "cycles" in self.without:
                return False
            self.count("cycle", "self-cycle" if target is parent else "longer-cycle")
        self.count("sharing", "shared-" + ("variable" if target.kind == "variable" else "node"))
        return True

    # steps

    def do_node(self, step: Step) -> None:
        parent = pick(self.nodes(), step.operand("parent"))
        child = self.new_node(step.operand("class"))
        self.features["empty-node"] -= not parent.slots()
        self.attach(parent, step.operand("name"), Slot(child.name, "data", (child,), child))

    def do_variable(self, step: Step) -> None:
        parent = pick(self.nodes(), step.operand("parent"))
        child = self.new_variable(step)
        self.attach(parent, step.operand("name"), Slot(child.name, "data", (child,), child))

    def do_array(self, step: Step) -> None:
        if "raw-arrays" in self.without:
            return
        holders = [
            h for h, b in (("jax", ""), ("numpy", "numpy"), ("key", "keys"), ("weak", "weak")) if b not in self.without
        ]
        leaf = self.leaf(holders[step.operand("holder") % len(holders)], step)
        self.count("raw-array")
        self.attach(
            pick(self.nodes(), step.operand("parent")), step.operand("name"), Slot(leaf.code(), "data", leaf=leaf)
        )

    def do_value(self, step: Step) -> None:
        parent = pick(self.nodes(), step.operand("parent"))
        if "values" in self.without or parent.opaque:
            return
        self.count("value-leaf")
        codes = ("1", "2.5", "None", "3" if "strings" in self.without else "'s'", "True", "1j")
        self.attach(parent, step.operand("name"), Slot(codes[step.operand("seed") % len(codes)], "data"))

    def do_static(self, step: Step) -> None:
        if "statics" in self.without:
            return
        parent = pick(self.nodes(), step.operand("parent"))
        code = self.static(step.operand("index"), parent)
        self.count("static")
        self.use(code)
        self.attach(parent, step.operand("name"), Slot(code, "static"))

    def do_rngs(self, step: Step) -> None:
        if "rngs" in self.without:
            return
        seed = step.operand("seed")
        forms = (
            (f"nnx.Rngs({seed})", ("default",)),
            (f"nnx.Rngs(params={seed})", ("params",)),
            (f"nnx.Rngs({seed}, dropout={seed + 1})", ("default", "dropout")),
        )
        expression, streams = forms[step.operand("form") % len(forms)]
        child = self.fresh("r", "rngs", expression, streams=streams)
        self.count("rngs")
        parent = pick(self.nodes(), step.operand("parent"))
        self.attach(parent, step.operand("name"), Slot(child.name, "data", (child,), child))

    def do_container(self, step: Step) -> None:
        if "containers" in self.without:
            return
        cls = world.CONTAINERS[step.operand("class") % len(world.CONTAINERS)]
        parent = pick(self.nodes(), step.operand("parent"))
        wanted = 2 if cls in ("Point", "Pair") else 3
        slots = [self._item(step.operand(o), parent) for o in ("first", "second", "third")[:wanted]]
        codes = [slot.code for slot in slots]
        # Keys come unsorted: an OrderedDict keeps their order, a dict does not.
        pairs = ", ".join(f"{key!r}: {code}" for key, code in zip("cab", codes, strict=False))
        text = {
            "list": f"[{', '.join(codes)}]",
            "tuple": f"({', '.join(codes)},)",
            "dict": f"{{{pairs}}}",
            "Point": f"Point({', '.join(codes)})",
            "Pair": f"Pair({', '.join(codes)})",
            "OrderedDict": f"OrderedDict({{{pairs}}})",
            "defaultdict": f"defaultdict(list, {{{pairs}}})",
        }[cls]
        self.count("container", "container:" + cls)
        places = {"Point": (".y", ".x"), "Pair": (".left", ".right"), "list": ("[0]", "[1]", "[2]")}
        places["tuple"] = places["list"]
        items = places.get(cls, ("['c']", "['a']", "['b']"))
        inside = [(o, place) for slot, place in zip(slots, items, strict=False) for o in slot.objects]
        objects, access = tuple(o for o, _ in inside), tuple(place for _, place in inside)
        made = Slot(self.use(text), "data", objects, access=access, container=cls, items=items[: len(slots)])
        self.attach(parent, step.operand("name"), made)

    def _item(self, operand: int, parent: Thing) -> Slot:
        kind, rest = operand % 5, operand // 5
        if kind == 1 and "raw-arrays" not in self.without:
            return Slot(Leaf("jax", "int32", (2,), rest).code(), "data")
        if kind == 2 and "nodes-in-containers" not in self.without:
            child = self.new_node(rest)
            self.count("node-in-container")
            return Slot(child.name, "data", (child,), child)
        if kind == 3:
            pool = [t for t in self.pool() if t.kind == "variable" or "nodes-in-containers" not in self.without]
            target = pick(pool, rest)
            if target is not None and self.allowed(parent, target):
                self.count("sharing-across-containers")
                return Slot(target.name, "data", (target,), target)
        if kind == 4 and "values" not in self.without:
            return Slot(("3", "4" if "strings" in self.without else "'t'", "None")[rest % 3], "data")
        leaf = Leaf(shape=(2,) if "scalars" in self.without else (), seed=rest)
        child = self.fresh_variable("nnx.Param", leaf)
        return Slot(child.name, "data", (child,), child)

    def do_alias(self, step: Step) -> None:
        parent = pick(self.nodes(), step.operand("parent"))
        target = self.target(step.operand("target"))
        if self.allowed(parent, target):
            self.attach(parent, step.operand("name"), Slot(target.name, "data", (target,), target))

    def do_delete(self, step: Step) -> None:
        if "edits" in self.without:
            return
        parent = pick([n for n in self.nodes() if n.slots()], step.operand("parent"))
        if parent is None:
            return
        place = pick(parent.places(), step.operand("which"))
        if isinstance(place, int) and "list-edits" in self.without:
            return
        self.count("edit", "delete")
        if isinstance(place, int):
            del parent.items[place]
        else:
            del parent.named[place]
        item = isinstance(place, int) or parent.kind == "dict" or place.isidentifier()
        self.lines.append(f"del {self.read(parent, place)}" if item else f"delattr({parent.name}, {place!r})")

    def do_swap(self, step: Step) -> None:
        if "edits" in self.without:
            return
        parent = pick([n for n in self.nodes() if len(n.places("data")) > 1], step.operand("parent"))
        if parent is None:
            return
        places = parent.places("data")
        one, two = pick(places, step.operand("which")), pick(places, step.operand("which") + 1 + step.operand("other"))
        if one == two or isinstance(one, str) != isinstance(two, str):
            return
        if isinstance(one, int) and "list-edits" in self.without:
            return
        self.count("edit", "swap")
        first, second = parent.at(one), parent.at(two)
        self.lines.append(f"old = {self.read(parent, one)}")
        for place, slot, code in ((one, second, self.read(parent, two)), (two, first, "old")):
            annotated = slot.thing is None and not parent.opaque and "unmarked" not in self.without
            self.assign(parent, place, f"nnx.data({code})" if annotated else code)
            parent.put(place, slot)

    def do_replace(self, step: Step) -> None:
        if "edits" in self.without:
            return
        parent = pick([n for n in self.nodes() if n.places("data")], step.operand("parent"))
        if parent is None:
            return
        target = self.target(step.operand("target"))
        if not self.allowed(parent, target):
            return
        self.count("edit", "replace")
        place = pick(parent.places("data"), step.operand("which"))
        self.assign(parent, place, target.name)
        parent.put(place, Slot(target.name, "data", (target,), target))

    def do_set_value(self, step: Step) -> None:
        if "writes" in self.without:
            return
        target = pick(self.settable(), step.operand("variable"))
        if target is not None:
            self.count("set-value")
            target.leaf = self.new_value(target, step)
            self.lines.append(f"{target.name}.set_value({target.leaf.code()})")
            target.expression = f"{target.cls}({_arguments(target.leaf, target.keywords)})"
            target.holder = "jax"

    def do_set_metadata(self, step: Step) -> None:
        if "later-parts" in self.without:
            return
        target = pick(self.variables(), step.operand("variable"))
        keywords = self.metadata(step.operand("index"))
        if target is not None and keywords:
            self.count("metadata", "set-metadata")
            self.lines.append(self.use(f"{target.name}.set_metadata({keywords})"))

    def do_set_static(self, step: Step) -> None:
        parent = pick([n for n in self.nodes() if n.places("static")], step.operand("parent"))
        if parent is None:
            return
        place = pick(parent.places("static"), step.operand("which"))
        code = self.static(step.operand("index"), parent)
        self.count("edit", "set-static")
        self.use(code)
        self.assign(parent, place, code)
        parent.put(place, Slot(code, "static"))

    def do_draw(self, step: Step) -> None:
        target = pick([t for t in self.pool() if t.kind == "rngs"], step.operand("rngs"))
        if target is not None:
            self.count("draw")
            self.lines.append(f"{target.name}.{pick(list(target.streams), step.operand('stream'))}()")


def _arguments(leaf: Leaf, keywords: str) -> str:
    return leaf.code() + (f", {keywords}" if keywords else "")


@functools.lru_cache(maxsize=1024)
def _elaborate(script: Script, without: frozenset[str]) -> Elaborated:
    builder = Builder(without)
    root = builder.new_node(script.root)
    builder.run(script.steps)
    lines = builder.finished([root], root.name)
    features = tuple(sorted((name, n) for name, n in builder.features.items() if n > 0))
    return Elaborated(lines, frozenset(builder.classes), features, without)


def elaborate(script: Script, without: Iterable[str] = ()) -> Elaborated:
    """Makes a script explicit under its own limits and further ones (those of a backend)."""
    return _elaborate(script, with_implied((*script.without, *without)))
