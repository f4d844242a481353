"""Two layers, to show how Modules use Variables and streams: Linear has parameters, Dropout draws random numbers."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .module import Module
from .rngs import Rngs, RngStream
from .variable import Param


class Linear(Module):
    """``x @ kernel + bias``.

    Args:
      rngs: the stream ``params`` gives one key for the kernel and one for the bias.
    """

    def __init__(self, in_features: int, out_features: int, *, use_bias: bool = True, rngs: Rngs) -> None:
        self.in_features = in_features
        self.out_features = out_features
        kernel_init, bias_init = jax.nn.initializers.lecun_normal(), jax.nn.initializers.zeros
        self.kernel = Param[jax.Array](kernel_init(rngs.params(), (in_features, out_features)))
        self.bias = Param[jax.Array](bias_init(rngs.params(), (out_features,))) if use_bias else None

    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies the layer to the last axis of ``x``."""
        y: jax.Array = x @ self.kernel[...]
        return y if self.bias is None else y + self.bias[...]


class Dropout(Module):
    """Sets random elements to zero and scales the others up, so that the expected value stays.

    Args:
      rate: the probability of a zero.
      deterministic: return the input instead; ``Module.eval`` sets it, ``Module.train`` clears it.
      rngs: the layer keeps a fork of its stream ``dropout``.
    """

    def __init__(self, rate: float, *, deterministic: bool = False, rngs: Rngs | RngStream) -> None:
        self.rate = rate
        self.deterministic = deterministic
        self.rngs = RngStream.fork(rngs.dropout if isinstance(rngs, Rngs) else rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Applies the layer; each call draws one key."""
        if self.deterministic or self.rate == 0:
            return x
        keep = 1.0 - self.rate
        mask = jax.random.bernoulli(self.rngs(), keep, x.shape)
        return jnp.where(mask, x / keep, 0) if keep else jnp.zeros_like(x)
