"""Inputs for the laws of option parity."""

from hypothesis import strategies as st

from nnxspec.spec.laws.transformation.parity import branches, compilation, gradients, lanes, linear, loops, scan

from ..strategies import options as o
from ..strategies.leaves import arrays, float_arrays, leaves, small
from ..strategies.spread import bind_spread

three = st.tuples(float_arrays(), float_arrays(), float_arrays())
operands = o.several(o.floats(), 3, 1)
unit = st.lists(o.floats(), min_size=3, max_size=3).map(tuple)
names = st.sampled_from(("grad", "value_and_grad"))
forms = st.sampled_from(("call", "lists", "function", "decorator"))

test_jit_options = bind_spread(
    compilation.jit_options,
    24,
    scale=0.4,
    recipe=o.recipes,
    args=o.jit_arguments,
    case=o.jit_cases(),
    out=o.outs,
    decorator=o.flags,
    places=st.just(()) | st.tuples(*[st.integers(0, 2)] * 3),
)
test_jit_bad_options = bind_spread(
    compilation.jit_bad_options,
    16,
    scale=0.4,
    args=o.jit_arguments,
    options=o.jit_bad,
    named=st.integers(0, 2),
    fault=st.sampled_from(("", "unhashable", "decorator")),
)
test_eval_shape_options = bind_spread(
    compilation.eval_shape_options,
    12,
    scale=0.6,
    recipe=o.recipes,
    args=o.several(leaves("jax", "numpy", "abstract", "python", "weak", "none"), 3),
    wraps=o.wraps(),
    out=o.outs,
    named=st.integers(0, 2),
)
test_checkify_options = bind_spread(
    compilation.checkify_options,
    16,
    scale=0.3,
    errors=o.subset(*compilation.ERRORS),
    args=float_arrays((2,)),
    index=st.integers(-3, 3),
    limit=st.sampled_from((0, 10)),
    out=o.outs,
)
test_grad_options = bind_spread(
    gradients.grad_options, 24, scale=0.4, recipe=o.recipes, case=o.gradients(), decorator=o.flags
)
test_value_and_grad_options = bind_spread(
    gradients.value_and_grad_options, 20, scale=0.4, recipe=o.recipes, case=o.gradients(), decorator=o.flags
)
test_grad_bad_options = bind_spread(
    gradients.grad_bad_options,
    12,
    scale=0.6,
    name=names,
    args=st.tuples(*[float_arrays() | arrays(shape=(2,), dtypes=("int32", "bool"))] * 3),
    options=o.grad_bad,
    out=st.sampled_from((0, 4)),
    fault=st.sampled_from(("", "", "no-aux")),
)
test_remat_options = bind_spread(
    gradients.remat_options,
    12,
    scale=0.2,
    recipe=o.recipes,
    seed=small,
    case=o.remats(),
    decorator=o.flags,
)
test_remat_bad_options = bind_spread(gradients.remat_bad_options, 8, scale=0.3, case=o.remat_bad)
test_jvp_options = bind_spread(
    linear.jvp_options,
    16,
    scale=0.5,
    recipe=o.recipes,
    primals=three,
    tangents=three,
    wraps=o.wraps(),
    has_aux=o.flags,
    out=o.outs,
    form=forms,
)
test_jvp_bad_options = bind_spread(
    linear.jvp_bad_options,
    10,
    scale=0.5,
    primals=unit,
    tangents=o.several(o.floats() | arrays(shape=(2,), dtypes=("int32", "float16")), 3, 1),
    has_aux=o.flags,
    fault=st.sampled_from(("", "", "structure")),
)
test_vjp_options = bind_spread(
    linear.vjp_options,
    16,
    scale=0.5,
    recipe=o.recipes,
    primals=st.tuples(*[float_arrays() | arrays(shape=(2,), dtypes=("int32", "float16"))] * 3),
    cotangents=o.several(float_arrays(), 2, 1),
    wraps=o.wraps(),
    options=o.some(has_aux=o.flags, reduce_axes=st.just(())),
    out=o.outs,
    form=forms,
)
test_vjp_bad_options = bind_spread(
    linear.vjp_bad_options,
    10,
    scale=0.5,
    primals=three,
    cotangents=o.several(o.floats() | arrays(shape=(2,), dtypes=("int32", "float16")), 2, 1),
    options=o.some(has_aux=o.flags, reduce_axes=st.just(("i",))),
    fault=st.sampled_from(("", "", "structure", "no-aux")),
)
test_custom_vjp_options = bind_spread(
    linear.custom_vjp_options,
    16,
    scale=0.3,
    recipe=o.recipes,
    nondiff=o.subset(0, 1, 2).filter(lambda chosen: len(chosen) < 3).map(lambda chosen: tuple(sorted(chosen))),
    count=st.just(3),
    factor=st.integers(-1, 3),
    seed=small,
    decorator=o.flags,
)
test_vmap_options = bind_spread(lanes.vmap_options, 20, scale=0.5, recipe=o.recipes, case=o.lanes(), decorator=o.flags)
test_vmap_bad_options = bind_spread(lanes.vmap_bad_options, 24, scale=0.6, case=o.vmap_bad)
test_scan_options = bind_spread(scan.scan_options, 20, scale=0.3, recipe=o.recipes, case=o.scans())
test_scan_bad_options = bind_spread(scan.scan_bad_options, 16, scale=0.4, case=o.scan_bad)
test_fori_options = bind_spread(
    loops.fori_options, 16, scale=0.3, recipe=o.recipes, case=o.fori_cases, value=o.floats(), wrap=st.integers(0, 4)
)
test_fori_bad_options = bind_spread(
    loops.fori_bad_options,
    12,
    scale=0.4,
    bounds=o.bad_bounds,
    options=o.some(unroll=st.sampled_from((0, -1, 2, True))),
    fault=st.sampled_from(("", "dtype", "shape", "traced")),
)
test_while_options = bind_spread(
    loops.while_options,
    12,
    scale=0.3,
    recipe=o.recipes,
    value=o.floats(),
    wrap=st.integers(0, 4),
    limit=st.integers(0, 3),
    fault=st.sampled_from(("", "", "int", "vector", "pair", "shape", "dtype")),
)
test_cond_options = bind_spread(
    branches.cond_options,
    16,
    scale=0.3,
    recipe=o.recipes,
    pred=o.predicates,
    args=o.several(o.floats(), 3),
    wraps=o.wraps(),
    out=o.outs,
    traced=o.flags,
)
test_switch_options = bind_spread(
    branches.switch_options,
    16,
    scale=0.3,
    recipe=o.recipes,
    index=o.indices,
    count=st.integers(1, 3),
    args=o.several(o.floats(), 3),
    wraps=o.wraps(),
    out=o.outs,
    traced=o.flags,
)
test_cond_bad_options = bind_spread(
    branches.cond_bad_options,
    16,
    scale=0.5,
    case=o.choices,
    name=st.sampled_from(("cond", "switch")),
    count=st.integers(2, 3),
)
