"""merge_state: leaf against branch raises in one order and replaces in the other; a dict value is written into."""

from flax import nnx

v = nnx.Param({"k": 1})


def outcome(*states):
    try:
        nnx.merge_state(*states)
        return "merged"
    except (TypeError, ValueError):
        return "refused"


leaf, branch = nnx.State({"a": nnx.Param(0)}), nnx.State({"a": {"b": nnx.Param(1)}})
came = [outcome(leaf, branch), outcome(branch, leaf)]
outcome(nnx.State({"a": v}), branch)
assert v.get_value() == {"k": 1}, f"an operand was changed: {v.get_value()}"
assert came[0] == came[1], f"expected the same in both orders, got {came}"
