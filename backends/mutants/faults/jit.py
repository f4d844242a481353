"""Faults of jit."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "jit-forgets-out-shardings",
        "jit leaves it to the compiler where written leaves lie.",
        "transforms.jit",
        'options["out_shardings"] = (None, list(shardings))',
        'options["out_shardings"] = (None, None)',
        ("jit.shardings",),
    ),
    Fault(
        "jit-statics-by-equality",
        "jit takes a static argument for an equal one of another type.",
        "transforms.jit_options",
        "return (*[(i, type(value), value) for i, value in self.by_position.items()], *named)",
        "return (*self.by_position.items(), *named)",
        ("jit.cache-type-aware",),
        source="chaobrain/brainstate#84",
    ),
    Fault(
        "jit-negative-statics-off-by-one",
        "Negative static_argnums count from one place too far to the left.",
        "transforms.jit_options",
        "numbers = tuple(n + len(positional) if n < 0 else n for n in numbers)",
        "numbers = tuple(n + len(positional) - 1 if n < 0 else n for n in numbers)",
        ("jit.static-arguments",),
    ),
    Fault(
        "jit-loses-donated-buffers",
        "What was donated and not changed does not come back.",
        "transforms.jit",
        "always=None if axes is None else _holders_of_donated(call, placements)",
        "always=None",
        ("jit.donation",),
    ),
    Fault(
        "jit-never-donates",
        "Donation is ignored.",
        "transforms.jit",
        "donated = self.donated and all(",
        "donated = self.donated and not all(",
        ("jit.donation",),
        source="google/flax#5026",
    ),
    Fault(
        "jit-methods-unbound",
        "A method under jit is called without its instance.",
        "transforms.jit",
        "return self if instance is None else functools.partial(self, instance)",
        "return self",
        ("transform.methods",),
    ),
    Fault(
        "jit-lower-runs",
        "lower runs the function as well.",
        "transforms.jit",
        "return Lowered(compiled.lower(",
        "self(*args, **kwargs)\n        return Lowered(compiled.lower(",
        ("jit.lower-and-compile",),
    ),
    Fault(
        "jit-drops-keywords",
        "Arguments by name do not reach the function under jit.",
        "transforms.jit",
        "            out = fun(*args, **kwargs)\n",
        "            out = fun(*args)\n",
        ("transform.keyword-arguments", "transform.default-arguments", "jit.transparent"),
    ),
    Fault(
        "jit-binds-by-position",
        "jit wants all arguments by position.",
        "transforms.jit",
        "        rest, named_rest, statics = self.separate(args, kwargs)\n        key = ",
        (
            "        from .functions import positional\n"
            "\n"
            "        rest, named_rest, statics = self.separate(positional(self._fun, args, dict(kwargs)), {})\n"
            "        key = "
        ),
        ("transform.keyword-only-arguments",),
    ),
    Fault(
        "jit-static-names-by-name-only",
        "What static_argnames names is traced if it comes by position.",
        "transforms.jit_options",
        "    elif implied == (True, False):",
        "    elif False:",
        ("jit.options",),
        source="google/flax#4989",
    ),
    Fault(
        "jit-options-unchecked",
        "Options are not looked at until something goes wrong.",
        "transforms.jit",
        "        check_options(fun, *static, *donated)\n",
        "",
        ("jit.bad-options",),
    ),
    Fault(
        "jit-options-of-another-argument",
        "Donation counts arguments without the static ones.",
        "transforms.jit",
        "        flags = tuple(i in donated for i in places)\n",
        "        flags = tuple(i in donated for i in range(count))\n",
        ("jit.options",),
        source="chaobrain/brainstate#203",
    ),
    Fault(
        "jit-shardings-count-statics",
        "in_shardings has an entry for static arguments too.",
        "transforms.jit",
        "            if len(specs) != count:",
        "            specs = [s for i, s in enumerate(specs) if i in places]\n            if len(specs) != count:",
        ("jit.shardings",),
    ),
    Fault(
        "jit-shardings-count-one-static",
        "Positions in in_shardings are counted as if at most one argument were static.",
        "transforms.jit",
        "            prefix: Any = tuple(",
        (
            "            first = min(statics.by_position, default=total)\n"
            "            specs = [specs[place - (place > first)] for place in places]\n"
            "            prefix: Any = tuple("
        ),
        ("jit.shardings",),
    ),
    Fault(
        "jit-shardings-lose-static-names",
        "With in_shardings, jit does not look at static_argnames.",
        "transforms.jit",
        "self._static = names_and_numbers(fun, *static)",
        "self._static = names_and_numbers(fun, static[0], static[1] if in_shardings is None else None)",
        ("jit.shardings",),
    ),
    Fault(
        "jit-plan-looks-at-nothing",
        "jit goes by what its arguments held at an earlier call, whatever was set or deleted since.",
        "transforms.plan",
        "_look_at(nodes, variables) != self._seen or ",
        "",
        ("jit.sees-changes",),
    ),
    Fault(
        "jit-plan-forgets-statuses",
        "jit does not see that an attribute which it knows became data, or static.",
        "transforms.plan",
        " or list(map(_STATUS, nodes)) != self._statuses:",
        ":",
        ("jit.sees-changes",),
    ),
    Fault(
        "jit-plan-takes-any-container",
        "jit does not see what was changed in plain containers and in raw arrays that stand among attributes.",
        "transforms.plan",
        "        return bool(key == self._key) and _hash(key) == self._hash\n",
        "        return True\n",
        ("jit.sees-changes",),
    ),
)
