"""restore_int_paths turns "10" and "1_0" (and "01") into one key; all leaves but one are lost."""

from flax import nnx

restored = nnx.restore_int_paths({"10": "a", "1_0": "b"})
assert sorted(restored.values()) == ["a", "b"], f"expected both leaves, got {restored}"
