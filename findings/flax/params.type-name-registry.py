"""One type under two names: variable_name_from_type is then no inverse of variable_type_from_name."""

from flax import nnx


class Fresh(nnx.Param):
    pass


nnx.register_variable_name("first", Fresh)
try:
    nnx.register_variable_name("second", Fresh)
except ValueError:
    raise SystemExit(0) from None
back = nnx.variable_name_from_type(nnx.variable_type_from_name("second"))
assert back == "second", f"expected 'second' (or a ValueError above), got {back!r}"
