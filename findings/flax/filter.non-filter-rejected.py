"""The message for an invalid filter is lost: its f-string says {filter:!r} where {filter!r} is meant."""

from flax import nnx

try:
    nnx.state(nnx.Dict(a=nnx.Param(1)), {"a": 1})
    message = "nothing raised"
except TypeError as error:
    message = str(error)
assert "{'a': 1}" in message, f"expected a message that shows the filter, got: {message}"
