"""Strategies for the options of transforms, as pairs (name, value), and for functions of plain arrays."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nnxspec.spec import Leaf

from .leaves import arrays, small

recipes: SearchStrategy[tuple[int, ...]] = st.lists(st.integers(0, 8), min_size=1, max_size=3).map(tuple)
"""Which polynomial of its arguments a function is."""

flags = st.booleans()
outs = st.integers(0, 3)
"""What kind of container a function returns."""


def some(**options: SearchStrategy[Any]) -> SearchStrategy[tuple[tuple[str, Any], ...]]:
    """Any subset of options, each with a value of its strategy."""
    return st.fixed_dictionaries({}, optional=options).map(lambda drawn: tuple(sorted(drawn.items())))


def wraps(count: int = 3) -> SearchStrategy[tuple[int, ...]]:
    """For each argument, whether it is in a container."""
    return st.tuples(*[st.sampled_from((0, 0, 1, 2, 3, 4))] * count)


def scalars(*dtypes: str, holders: tuple[str, ...] = ("jax", "numpy")) -> SearchStrategy[Leaf]:
    """Scalars of some dtypes."""
    return st.builds(Leaf, st.sampled_from(holders), st.sampled_from(dtypes), st.just(()), small)


def floats(shape: tuple[int, ...] = (2,)) -> SearchStrategy[Leaf]:
    """float32 arrays, and now and then a Python float."""
    return st.builds(Leaf, st.just("jax"), st.just("float32"), st.sampled_from((shape, shape, ())), st.integers(0, 5))


def several(item: SearchStrategy[Any], most: int, least: int = 0) -> SearchStrategy[tuple[Any, ...]]:
    """A tuple of up to `most` items."""
    return st.lists(item, min_size=least, max_size=most).map(tuple)


def subset(*values: Any, least: int = 0) -> SearchStrategy[tuple[Any, ...]]:
    """Some of the values, each once, in any order."""
    return st.lists(st.sampled_from(values), unique=True, min_size=least, max_size=len(values)).map(tuple)


# jit

jit_arguments = st.tuples(floats(), st.integers(-2, 3), floats() | arrays(shape=(2,), dtypes=("int32", "bfloat16")))
_static = st.sampled_from((1, -2, (1,), (-2,))).map(lambda n: ("static_argnums", n))
_named = st.sampled_from(("times", ("times",), ("mode", "times"), ("scale",), ("mode", "scale"), ("mode",)))
_donated = st.sampled_from((0, 2, (), (0,), (0, 2), (2, 0)))
_donated_names = st.sampled_from(("x", (), ("x",), ("y", "x"), "y"))


def _jit(drawn: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    static, named = drawn.pop("static", None), drawn.pop("named", None)
    if static is not None:
        drawn["static_argnums"] = static[1]
    if named is not None and not (static is not None and "times" in named):
        drawn["static_argnames"] = (named,) if isinstance(named, str) else named
    return tuple(sorted(drawn.items()))


_jit_options = st.fixed_dictionaries(
    {},
    optional={
        "static": _static,
        "named": _named,
        "donate_argnums": _donated,
        "donate_argnames": _donated_names,
        "keep_unused": flags,
        "inline": flags,
    },
).map(_jit)


@st.composite
def jit_cases(draw: Any) -> tuple[Any, ...]:
    """Options, and how many arguments are given by name: none where a number counts from the end."""
    options = draw(_jit_options)
    counts_back = dict(options).get("static_argnums") in (-2, (-2,))
    return options, 0 if counts_back else draw(st.integers(0, 2))


jit_bad = st.one_of(
    some(static_argnums=st.sampled_from((3, -4, (0, 5), 7))),
    some(donate_argnums=st.sampled_from((3, -4, (0, 5), 7))),
    some(static_argnames=st.sampled_from(("unknown", ("times", "unknown")))),
    some(donate_argnames=st.sampled_from(("unknown", ("x", "unknown")))),
    st.just((("donate_argnums", 1), ("static_argnums", 1))),
    st.just((("donate_argnums", 1), ("static_argnames", ("times",)))),
    st.just((("static_argnums", (0,)),)),
    st.just((("static_argnums", 1.5),)),
    st.just((("static_argnames", (1,)),)),
)

# gradients


def argnums(count: int) -> SearchStrategy[Any]:
    """Positions of some of `count` arguments, none twice."""
    one = st.integers(0, count - 1)
    many = st.lists(one, unique=True, min_size=1, max_size=count).flatmap(
        lambda chosen: st.tuples(*[st.sampled_from((n, n - count)) for n in chosen])
    )
    return st.integers(-count, count - 1) | many


@st.composite
def gradients(draw: Any) -> tuple[Any, ...]:
    """Arguments with options that fit them."""
    dtype = draw(st.sampled_from(("float32", "float32", "complex64", "int32")))
    count = draw(st.integers(1, 3))
    named = draw(st.integers(0, 1))
    # Integers beside floats: a loss of integers alone has no gradient.
    dtypes = [dtype if dtype != "int32" or not number else "float32" for number in range(count + named)]
    args = tuple(Leaf("jax", each, draw(st.sampled_from(((2,), ()))), draw(small)) for each in dtypes)
    # which argument a negative number means where others are given by name has a law of its own
    numbers = (
        argnums(count)
        if not named
        else argnums(count).map(lambda n: n % count if isinstance(n, int) else tuple(k % count for k in n))
    )
    options = dict(draw(some(argnums=numbers, has_aux=flags, reduce_axes=st.just(()))))
    options |= {"holomorphic": True} if dtype == "complex64" else {}
    options |= {"allow_int": True} if dtype == "int32" else {}
    return args, draw(wraps(count + named)), tuple(sorted(options.items())), named, draw(outs)


grad_bad = st.one_of(
    some(argnums=st.sampled_from(("x", 1.5, None, ("x",), (1.5,)))),
    some(holomorphic=st.just(True)),
    some(allow_int=st.just(False), argnums=st.integers(0, 2)),
    some(reduce_axes=st.just(("i",))),
)

remat_values = st.tuples(st.integers(1, 3), flags)
policies = st.sampled_from(("everything", "nothing", "dots", "named", "others"))


@st.composite
def remats(draw: Any) -> tuple[Any, ...]:
    """Options with the values of the arguments that may be static, and whether the last is given by name."""
    named = draw(flags)
    numbers = ((1,), (1, 1), 1) if named else ((3,), (1, 3), (-1,), (-3, -1), (3, 1), 3)
    options = dict(draw(some(prevent_cse=flags, policy=policies)))
    if draw(st.sampled_from((True, True, False))):
        options["static_argnums"] = draw(st.sampled_from(numbers))
    return tuple(sorted(options.items())), draw(remat_values), named, False


remat_bad = st.tuples(
    some(static_argnums=st.sampled_from((4, -5, (1, 4), 9, "x", 1.5, (1.5,)))), remat_values, flags, flags
)

# lanes


@st.composite
def lanes(draw: Any) -> tuple[Any, ...]:
    """Axes that fit, with sizes, names and collectives that fit them."""
    lane = draw(st.sampled_from(((2,), (), (2, 3))))
    rank = len(lane) + 1
    axis = st.integers(-rank, rank - 1)
    maybe = axis | st.none()
    form = draw(st.sampled_from(("tuple", "tuple", "list", "single")))
    inputs = draw(several(st.one_of(maybe, st.tuples(maybe, maybe)), 3, 1) if form != "single" else st.tuples(maybe))
    flat = [one for axis in inputs for one in (axis if isinstance(axis, tuple) else (axis,))]
    mapped = any(one is not None for one in flat)
    size = draw(st.sampled_from((2, 3, 1)))
    collective = draw(st.sampled_from(("none", "none", "psum", "pmax", "index", "gather")))
    options = dict(draw(some(axis_size=st.just(size), spmd_axis_name=st.sampled_from(("s", ("s",))))))
    if not mapped:
        options["axis_size"] = size
    if collective != "none" or draw(flags):
        options["axis_name"] = "i"
    outputs = draw(several(st.one_of(maybe, st.tuples(maybe, maybe)), 2))
    return lane, inputs, outputs, form, size, tuple(sorted(options.items())), collective


_wrong_inputs = st.sampled_from(
    ((2, 0), (-3, 0), (0, 4), (0,), (0, 0, 0), (None, None), (1.5, 0), ("x", 0), (0, -4))
).map(lambda axes: (axes, (0,), (), ""))
_wrong_outputs = st.sampled_from(((None,), (3,), (-4,), (0, None), (1.5,), ("x",), ((0, 0), 0))).map(
    lambda axes: ((0, 0), axes, (), "")
)
_wrong_sizes = st.sampled_from((2, 0, -1, "x", 1.5)).map(lambda size: ((0, None), (0,), (("axis_size", size),), ""))
_wrong_single = st.sampled_from((2, -3, None, 1.5, "x")).map(lambda axis: ((axis,), (0,), (), "single"))
_wrong_values = st.sampled_from(("ragged", "structure", "keys")).map(lambda fault: ((0, 0), (0,), (), fault))
vmap_bad: SearchStrategy[tuple[Any, ...]] = st.tuples(
    st.sampled_from(((), (2,))), _wrong_inputs | _wrong_outputs | _wrong_sizes | _wrong_single | _wrong_values
).map(lambda pair: (pair[0], *pair[1]))
"""Cases with one fault each: which of several jax would name first is free."""

# loops and branches


@st.composite
def scans(draw: Any) -> tuple[Any, ...]:
    """Axes for arguments and outputs, with lengths that fit."""
    lane = draw(st.sampled_from(((2, 3), (2,), (), (2, 3))))
    axis = st.integers(-len(lane) - 1, len(lane)) | st.sampled_from((len(lane), -1))  # where moving is not swapping
    inputs = list(draw(several(st.one_of(axis, axis, st.none()), 2)))
    outputs: list[Any] = list(draw(several(axis, 2)))
    if draw(st.sampled_from((True, True, True, False))) or not inputs:
        inputs.insert(draw(st.integers(0, len(inputs))), "carry")
        outputs.insert(draw(st.integers(0, len(outputs))), "carry")
    elif not outputs:
        outputs = [0]
    if draw(st.sampled_from((False, False, False, True))):
        inputs, outputs = ["carry", 0], ["carry", 0]
    size = draw(st.sampled_from((3, 2, 3, 1, 2, 0)))
    options = dict(
        draw(
            some(
                length=st.just(size),
                reverse=st.sampled_from((True, True, False)),
                unroll=st.sampled_from((1, 2, 3, True, False)),
                _split_transpose=flags,
            )
        )
    )
    if not any(isinstance(one, int) for one in inputs):
        options["length"] = size
    form = draw(st.sampled_from(("call", "call", "bare", "decorator", "gradient")))
    return lane, tuple(inputs), tuple(outputs), draw(wraps(3)), size, tuple(sorted(options.items())), form


_scan_faults = st.one_of(
    st.sampled_from(("ragged", "no-length", "high", "low", "out-high", "out-low")).map(lambda fault: ((), fault)),
    st.sampled_from(
        (("length", 3), ("length", 1), ("length", 1.5), ("unroll", 0), ("unroll", -1), ("unroll", 1.5))
    ).map(lambda option: ((option,), "")),
)
scan_bad = st.tuples(st.sampled_from(((), (2,))), _scan_faults).map(lambda pair: (pair[0], *pair[1]))

_bound = st.integers(-1, 3) | scalars("int32", "int8", "uint8", "int16")
fori_cases = st.one_of(
    st.tuples(st.tuples(_bound, _bound), st.just(()), flags),
    st.tuples(
        st.tuples(st.integers(-1, 2), st.integers(-1, 3)),
        some(unroll=st.sampled_from((1, 2, 3, True, False))),
        st.just(False),
    ),
)
bad_bounds = st.tuples(st.just(0), st.sampled_from((2, 1.5, None, "x")) | arrays(dtypes=("int32", "float32")))

predicates = st.one_of(
    flags,
    st.integers(-3, 2),
    st.sampled_from((0.0, 2.5, -0.0, -1.5)),
    scalars("bool", "bool", "int32", "float32", "uint8"),
)
indices = st.one_of(st.integers(-2, 4), scalars("int32", "uint8", "int8", "uint32"))
_wrong_choices = st.one_of(
    arrays(shape=(2,), dtypes=("bool", "int32", "float32")),
    arrays(shape=(), dtypes=("complex64",)),
    st.just(1.5),
)
choices: SearchStrategy[tuple[Any, ...]] = st.one_of(
    st.tuples(_wrong_choices, st.just("")),
    st.tuples(
        st.just(1), st.sampled_from(("dtype", "shape", "structure", "operands", "empty", "string", "none", "function"))
    ),
)
"""What is chosen by, and the fault of what is chosen from; one of both is wrong."""
