"""Steps that only bodies have: what each does on the model, which line it becomes, what it does to the arguments."""

from __future__ import annotations

import dataclasses

from . import literals
from .body_model import BodyModel, detached
from .literals import Leaf
from .model import Slot, Thing, pick, reach
from .steps import Step

_EXACT = ("float32", "int32")
"""dtypes in which the sum of two Variables stays exact, also where XLA keeps more bits between two operations."""

_EDITED = ("list", "dict", "OrderedDict", "defaultdict")
"""Plain containers that a body edits in place."""

_SOWN = Slot("sown", "data")


class BodyBuilder(BodyModel):
    """The model of one body; `effects` gathers what it does to the arguments."""

    def _computed(
        self, dtypes: tuple[str, ...] = (*literals.DTYPES, *literals.KEYS), *, weak: bool = True
    ) -> list[Thing]:
        """Variables whose value can be computed with exactly: jax arrays without NaN, infinities and lost bits."""
        return [
            v for v in self.variables() if v.leaf is not None and _is_plain(v.leaf, weak) and v.leaf.dtype in dtypes
        ]

    def _write(self, target: Thing, how: int, code: str) -> None:
        value = f"{target.name}.get_value()"
        line = (
            f"{target.name}.set_value({code.format(value)})"
            if how % 2 == 0 or "body-indexing" in self.without
            else f"{target.name}[...] = {code.format(value)}"
        )
        self.lines.append(line)
        self.affect(target, "value")

    def do_add(self, step: Step) -> None:
        target = pick(self._computed(), step.operand("variable"))
        if target is not None:
            self._write(target, step.operand("how"), _added(target.leaf, str(1 + step.operand("seed") % 3)))

    def do_combine(self, step: Step) -> None:
        target = pick(self._computed(_EXACT, weak=False), step.operand("variable"))
        if target is not None:
            same = [v for v in self._computed(_EXACT, weak=False) if _kind(v) == _kind(target)]
            self._write(target, 0, "{0} + " + f"{pick(same, step.operand('other')).name}.get_value()")

    def do_write_index(self, step: Step) -> None:
        pool = [v for v in self._computed() if v.leaf and v.leaf.shape and 0 not in v.leaf.shape]
        target = pick(pool, step.operand("variable"))
        if target is not None and "body-indexing" not in self.without:
            index = ("0", "-1", "0:1", "..., 0")[step.operand("how") % 4]
            number = (
                str(step.operand("seed") % 4) if target.leaf.dtype != "bool" else str(step.operand("seed") % 2 == 1)
            )
            self.lines.append(f"{target.name}[{index}] = {number}")
            self.affect(target, "value")

    def do_vary(self, step: Step) -> None:
        target = pick(self._computed(weak="body-shapes" not in self.without), step.operand("variable"))
        if target is None:
            return
        leaf = target.leaf
        self.affect(target, "value", "varying")
        whole = "body-indexing" in self.without
        if step.operand("how") % 3 == 2 and leaf.shape and 0 not in leaf.shape and not whole:
            number = "i % 2 == 1" if leaf.dtype == "bool" else f"i.astype({leaf.dtype!r})"
            self.lines.append(f"{target.name}[0] = {number}")
            return
        self._write(target, step.operand("how"), _added(leaf, "i"))
        if leaf.holder == "weak":
            self.affect(target, "shape")
            target.holder, target.leaf = "jax", Leaf("jax", leaf.dtype, leaf.shape, leaf.seed)

    def do_change_array(self, step: Step) -> None:
        def places(node: Thing) -> list[int | str]:
            return [p for p in node.places("data") if (leaf := node.at(p).leaf) is not None and _is_plain(leaf, False)]

        parent = pick([n for n in self.nodes() if places(n)], step.operand("parent"))
        if parent is None:
            return
        place = pick(places(parent), step.operand("which"))
        slot, here = parent.at(place), self.read(parent, place)
        how = step.operand("how") % 3
        if how == 2 and "body-index" not in self.without:
            self.affect(parent, "varying")
            code = _added(slot.leaf, "i")
        else:
            code = _added(slot.leaf, str(1 + how))
        self.assign(parent, place, code.format(here))
        parent.put(place, Slot(code.format(here), "data", leaf=slot.leaf))
        self.affect(parent, "array")

    def do_pop_item(self, step: Step) -> None:
        parent = pick([n for n in self.nodes() if n.kind == "list" and n.items], step.operand("parent"))
        if parent is None or "edits" in self.without:
            return
        last = len(parent.items) - 1
        which = last if "list-edits" in self.without else last - step.operand("which") % (last + 1)
        lost = self.detaches(parent, which, Slot("None", "static"))
        if self.barred_detaching(lost):
            return
        self.lines.append(f"{parent.name}.pop()" if which == last else f"{parent.name}.pop({which})")
        del parent.items[which]
        self.affect(parent, "structure", *detached(lost))

    def _container(self, step: Step, least: int) -> tuple[Thing, int | str] | None:
        """A node and the place of a list or dict in it that has so many items at least."""

        def places(node: Thing) -> list[int | str]:
            found = [(place, node.at(place)) for place in node.places("data")]
            return [place for place, slot in found if slot.container in _EDITED and len(slot.items) >= least]

        parent = pick([n for n in self.nodes() if places(n)], step.operand("parent"))
        return None if parent is None else (parent, pick(places(parent), step.operand("which")))

    def do_container_append(self, step: Step) -> None:
        found = self._container(step, 0)
        if found is None:
            return
        parent, place = found
        slot, here = parent.at(place), self.read(parent, place)
        leaf = Leaf(shape=(2,), seed=step.operand("seed"))
        child = self.fresh_variable("nnx.Param", leaf)
        item = f"[{len(slot.items)}]" if slot.container == "list" else f"['n{len(self.things)}']"
        self.lines.append(
            f"{here}.append({child.name})" if slot.container == "list" else f"{here}{item} = {child.name}"
        )
        objects, access, items = (*slot.objects, child), (*slot.access, item), (*slot.items, item)
        parent.put(place, dataclasses.replace(slot, objects=objects, access=access, items=items))
        self.affect(parent, "structure")

    def do_container_pop(self, step: Step) -> None:
        found = self._container(step, 1)
        if found is None or "edits" in self.without:
            return
        parent, place = found
        slot, here = parent.at(place), self.read(parent, place)
        kept = [(o, item) for o, item in zip(slot.objects, slot.access, strict=True) if item != slot.items[-1]]
        objects, access = tuple(o for o, _ in kept), tuple(item for _, item in kept)
        left = dataclasses.replace(slot, objects=objects, access=access, items=slot.items[:-1])
        lost = self.detaches(parent, place, left)
        if self.barred_detaching(lost):
            return
        self.lines.append(f"{here}.pop()" if slot.container == "list" else f"{here}.pop({slot.items[-1][1:-1]})")
        parent.put(place, left)
        self.affect(parent, "structure", *detached(lost))

    def do_sow(self, step: Step) -> None:
        if "body-sow" in self.without:
            return
        target = pick(self._computed(), step.operand("variable"))
        pool = [
            n
            for n in self.nodes()
            if n.cls in ("Block", "Net") and n.named.get("sown", _SOWN) is _SOWN and "sow" not in n.named
        ]
        parent = pick(pool, step.operand("parent"))
        if target is not None and parent is not None and "variable-types" not in self.without:
            parent.named["sown"] = _SOWN
            self.lines.append(f"{parent.name}.sow(nnx.Intermediate, 'sown', {target.name}.get_value())")
            self.affect(parent, "structure")

    def do_read(self, step: Step) -> None:
        target = pick([v for v in self.variables() if v.holder in ("jax", "weak", "key")], step.operand("variable"))
        if target is not None and "body-outputs" not in self.without:
            self.lines.append(f"out.append({target.name}.get_value())")

    def do_return(self, step: Step) -> None:
        target = self._returned(step.operand("target"))
        if target is None or {"body-outputs", "body-nodes"} & self.without:
            return
        held = reach([target]) & self.inputs
        kinds = {"return:input": target in self.arguments, "return:part": target in self.inputs, "return:mixed": held}
        self.count(next((kind for kind, there in kinds.items() if there), "return:new"))
        if held:
            self.effects.add("returns-input")
        self.lines.append(f"out.append({target.name})")

    def _returned(self, operand: int) -> Thing | None:
        pool = self.pool()
        if "body-inputs" in self.without:
            # Nor may the arguments get hold of it afterwards, or it of them, or what the body took out of them have it.
            held = reach([*self.arguments, *self.inputs])
            held |= self.given if "sharing" in self.without else set()  # two outputs would share it
            pool = [t for t in pool if t in self.made and not reach([t]) & (held | self.inputs)]
        found: Thing | None = pick(pool, operand)
        if found is not None and "body-inputs" in self.without:
            self.given |= reach([found])
        return found

    def do_raise(self, step: Step) -> None:
        self.lines.append("raise RuntimeError('stopped')")
        self.effects.add("raise")
        self.raised = True


def _kind(variable: Thing) -> tuple[str, tuple[int, ...]] | None:
    return None if variable.leaf is None else (variable.leaf.dtype, variable.leaf.shape)


def _is_plain(leaf: Leaf, weak: bool) -> bool:
    if leaf.holder not in (("jax", "weak") if weak else ("jax",)):
        return leaf.holder == "key" and leaf.shape == ()
    special = leaf.dtype in literals.FLOATS and leaf.seed % 7 == 6 and leaf.holder == "jax"
    return not special


def _added(leaf: Leaf | None, number: str) -> str:
    """An expression for a value plus a number, or the like of it for the dtype; the value stands at ``{0}``."""
    assert leaf is not None
    if leaf.holder == "key" and leaf.dtype == "unsafe_rbg":  # vmap of its fold_in is documented to give other keys
        bits = f"jax.random.key_data({{0}}) + jnp.asarray({number}).astype('uint32')"
        return f"jax.random.wrap_key_data({bits}, impl='unsafe_rbg')"
    if leaf.holder == "key":
        return f"jax.random.fold_in({{0}}, {number})"
    if leaf.dtype == "bool":
        return "{0} ^ (i % 2 == 1)" if number == "i" else "~{0}"
    return "{0} + " + (f"i.astype({leaf.dtype!r})" if number == "i" else number)
