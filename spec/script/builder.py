"""Steps that build a graph: what each does to the model, which line it becomes, and which features it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from . import world
from .literals import Leaf
from .makers import Maker, arguments_of
from .model import Slot, Thing, pick
from .steps import Step


class Builder(Maker):
    """The model of one script: `run` takes its steps, of which `do_<step>` elaborates one."""

    def run(self, steps: Iterable[Step]) -> None:
        """Elaborates steps, one after the other."""
        for step in steps:
            handler: Callable[[Step], None] = getattr(self, "do_" + step.name.replace("-", "_"))
            handler(step)

    # steps that add

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
        if "unsorted-containers" in self.without:
            cls = {"Point": "Pair", "OrderedDict": "dict"}.get(cls, cls)
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

    # steps that change what is there

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
            target.expression = f"{target.cls}({arguments_of(target.leaf, target.keywords)})"
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
