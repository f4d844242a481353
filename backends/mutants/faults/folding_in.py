"""Faults of drawing keys."""

from __future__ import annotations

from ..fault import Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "draw-folds-next-count",
        "A draw folds in the count plus one.",
        "rngs",
        "key = jax.random.fold_in(self.key.get_value(), count)",
        "key = jax.random.fold_in(self.key.get_value(), count + 1)",
        ("fold.key-sequence",),
    ),
    Fault(
        "draw-replaces-count",
        "A draw puts a new Variable in the place of the count.",
        "rngs",
        "        self.count.set_value(count + 1)\n",
        "        self.count = RngCount[jax.Array](count + 1, tag=self.tag)\n",
        ("fold.draw-advances-count",),
    ),
    Fault(
        "draw-counts-double",
        "A draw adds two to the count.",
        "rngs",
        "        self.count.set_value(count + 1)\n",
        "        self.count.set_value(count + 2)\n",
        ("fold.draw-advances-count", "fold.key-sequence", "rng.history"),
    ),
    Fault(
        "draws-repeat",
        "The count goes round after four draws.",
        "rngs",
        "jax.random.fold_in(self.key.get_value(), count)",
        "jax.random.fold_in(self.key.get_value(), count % 4)",
        ("fold.streams-independent",),
    ),
    Fault(
        "keys-rewrapped",
        "A typed key is taken apart and wrapped with the default implementation.",
        "rngs",
        "                return jnp.asarray(seed)",
        "                return jax.random.wrap_key_data(jax.random.key_data(seed)[..., :2])",
        ("fold.key-impl-preserved",),
    ),
    Fault(
        "pickled-streams-restart",
        "A pickled or deep-copied count is zero.",
        "rngs",
        '    """How many keys a stream has handed out, a uint32."""\n',
        (
            '    """How many keys a stream has handed out, a uint32."""\n'
            "\n"
            "    def __getstate__(self) -> Any:\n"
            "        return self._raw_value * 0, dict(self._metadata)\n"
        ),
        ("fold.copies-continue", "rng.history"),
        source="google/flax#5529",
    ),
    Fault(
        "count-saturates",
        "The count stays at its greatest value.",
        "rngs",
        "        self.count.set_value(count + 1)\n",
        "        self.count.set_value(jnp.minimum(count, jnp.uint32(0xFFFFFFFE)) + 1)\n",
        ("fold.counter-wraps",),
    ),
    Fault(
        "first-of-many-keys",
        "Drawing from several keys draws from the first.",
        "rngs",
        "        if self.key.shape != ():\n",
        (
            "        if self.key.shape != ():\n"
            "            return jax.random.fold_in(self.key.get_value().ravel()[0], "
            "self.count.get_value().ravel()[0])\n"
            "        if False:\n"
        ),
        ("fold.key-shape",),
    ),
)
