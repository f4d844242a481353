"""Train a small classifier on two moons, with the same text on two implementations of NNX.

    python examples/train.py                      # on this project's reference
    python examples/train.py --backend flax       # on flax.nnx, with the same numbers

All that a training needs is state of some Module: parameters, running averages, random streams, the velocities of the
optimizer. So a step is a function that changes Modules, and `jit`, `vmap` and `scan` lift it.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

NAMESPACES = {"reference": "nnxspec.reference_impl", "flax": "flax.nnx"}


def two_moons(seed: int, size: int, noise: float = 0.1) -> tuple[jax.Array, jax.Array]:
    """Points on two half circles that reach into each other, and the half circle each is from (0 or 1)."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, size)
    angle = random.uniform(0, np.pi, size) + np.pi * label
    centre = np.stack([label, label / 2], axis=-1)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=-1) + centre + random.normal(0, noise, (size, 2))
    return jnp.asarray(points, jnp.float32), jnp.asarray(label, jnp.int32)


def batches(seed: int, steps: int, size: int = 64) -> tuple[jax.Array, jax.Array]:
    """Batches of 512 fixed points, stacked along a leading axis: one for each step."""
    points, labels = two_moons(seed, 512)
    chosen = np.random.default_rng(seed + 1).integers(0, 512, (steps, size))
    return points[chosen], labels[chosen]


def define(nnx: Any) -> SimpleNamespace:
    """The Modules and the functions on them, for a namespace with NNX's public names."""

    class Linear(nnx.Module):
        def __init__(self, inputs: int, outputs: int, rngs: Any, use_bias: bool = True) -> None:
            self.kernel = nnx.Param(jax.random.normal(rngs.params(), (inputs, outputs)) / np.sqrt(inputs))
            self.bias = nnx.Param(jnp.zeros(outputs)) if use_bias else None

        def __call__(self, x: jax.Array) -> jax.Array:
            return x @ self.kernel if self.bias is None else x @ self.kernel + self.bias

    class BatchNorm(nnx.Module):
        """Normalizes each feature: by the batch in training, and by running averages over the batches afterwards."""

        def __init__(self, features: int) -> None:
            self.scale, self.bias = nnx.Param(jnp.ones(features)), nnx.Param(jnp.zeros(features))
            self.mean = nnx.BatchStat(jnp.zeros(features))
            self.var = nnx.BatchStat(jnp.ones(features))
            self.use_running_average = False  # a static attribute: Module.train and Module.eval change it

        def __call__(self, x: jax.Array) -> jax.Array:
            if self.use_running_average:
                mean, var = self.mean[...], self.var[...]
            else:
                mean, var = x.mean(0), x.var(0)
                self.mean[...] = 0.9 * self.mean + 0.1 * mean
                self.var[...] = 0.9 * self.var + 0.1 * var
            return (x - mean) * jax.lax.rsqrt(var + 1e-5) * self.scale + self.bias

    class Dropout(nnx.Module):
        """Each call draws a key from a stream of its own, whose count is state as well."""

        def __init__(self, rate: float, rngs: Any) -> None:
            self.rate, self.deterministic = rate, False
            self.stream = rngs.dropout.fork()

        def __call__(self, x: jax.Array) -> jax.Array:
            if self.deterministic:
                return x
            kept = jax.random.bernoulli(self.stream(), 1 - self.rate, x.shape)
            return jnp.where(kept, x / (1 - self.rate), 0)

    class Classifier(nnx.Module):
        def __init__(self, rngs: Any, hidden: int = 32) -> None:
            self.first = Linear(2, hidden, rngs, use_bias=False)  # the norm has one
            self.norm = BatchNorm(hidden)
            self.dropout = Dropout(0.1, rngs)
            self.last = Linear(hidden, 2, rngs)

        def __call__(self, x: jax.Array) -> jax.Array:
            return self.last(self.dropout(jax.nn.relu(self.norm(self.first(x)))))

    class Velocity(nnx.Variable):
        """A kind of Variable of our own: filters such as `nnx.Param` do not select it."""

    class Momentum(nnx.Module):
        """Gradient descent with momentum. It holds the model itself, so that updating one is updating the other."""

        def __init__(self, model: Any, rate: float = 0.1, decay: float = 0.9) -> None:
            self.model, self.rate, self.decay = model, rate, decay
            params = nnx.to_flat_state(nnx.state(model, nnx.Param))
            self.velocities = nnx.List([Velocity(jnp.zeros(param.shape)) for _, param in params])

        def update(self, grads: Any) -> None:
            """Takes one step against the gradients, a State with the paths of the model's Params."""
            params, moved = dict(nnx.to_flat_state(nnx.state(self.model, nnx.Param))), []
            for (path, grad), velocity in zip(nnx.to_flat_state(grads), self.velocities, strict=True):
                velocity[...] = self.decay * velocity + grad
                moved.append((path, params[path] - self.rate * velocity))
            nnx.update(self.model, nnx.from_flat_state(moved))

    def loss(model: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        scores = jax.nn.log_softmax(model(x))
        return -jnp.take_along_axis(scores, y[:, None], axis=1).mean()

    def create(rngs: Any) -> Any:
        return Momentum(Classifier(rngs))

    def train_step(model: Any, optimizer: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        """One step. `model` is `optimizer.model`: one object outside is one object inside of each transform."""
        value, grads = nnx.value_and_grad(loss)(model, x, y)
        optimizer.update(grads)
        return value

    def create_ensemble(rngs: Any, members: int) -> Any:
        """Several optimizers, each with a model of its own, in one: every Variable has a leading axis."""
        split = nnx.split_rngs(splits=members)
        return split(nnx.vmap(create, in_axes=0, out_axes=0))(rngs)

    def train_ensemble(optimizers: Any, xs: jax.Array, ys: jax.Array) -> jax.Array:
        """All steps of all members: a scan over the batches, and in it a vmap over the members."""
        step = nnx.vmap(train_step, in_axes=(0, 0, None, None))

        def body(optimizers: Any, x: jax.Array, y: jax.Array) -> tuple[Any, jax.Array]:
            return optimizers, step(optimizers.model, optimizers, x, y)

        _, losses = nnx.scan(body, in_axes=(nnx.Carry, 0, 0), out_axes=(nnx.Carry, 0))(optimizers, xs, ys)
        return losses

    def vote(models: Any, x: jax.Array) -> jax.Array:
        """The mean of the members' probabilities."""
        probabilities: jax.Array = nnx.vmap(lambda model, x: jax.nn.softmax(model(x)), in_axes=(0, None))(models, x)
        return probabilities.mean(0)

    return SimpleNamespace(**{name: value for name, value in locals().items() if name != "nnx"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one model step by step, then an ensemble in one go, and say how well they do on new points."""
    parser = argparse.ArgumentParser(description="Train a small classifier on two moons.")
    parser.add_argument("--backend", choices=NAMESPACES, default="reference", help="whose NNX (default: reference)")
    parser.add_argument("--steps", type=int, default=200, help="how many batches to train on (default: 200)")
    parser.add_argument("--members", type=int, default=4, help="how many models in the ensemble (default: 4)")
    options = parser.parse_args(arguments)
    if options.steps < 1 or options.members < 1:
        parser.error("--steps and --members take numbers from 1 on")
    try:
        nnx = importlib.import_module(NAMESPACES[options.backend])
    except ImportError as error:
        parser.error(f"the backend {options.backend} cannot be imported ({error}); see README.md for how to install it")
    ours = define(nnx)
    xs, ys = batches(0, options.steps)
    test_x, test_y = two_moons(2, 1000)

    optimizer = ours.create(nnx.Rngs(params=0, dropout=1))
    step = nnx.jit(ours.train_step)
    for i in range(options.steps):
        value = step(optimizer.model, optimizer, xs[i], ys[i])
        if i % max(1, options.steps // 10) == 0 or i == options.steps - 1:
            print(f"step {i:4}  loss {float(value):.6f}")
    optimizer.model.eval()
    print(f"one model: accuracy {float((optimizer.model(test_x).argmax(-1) == test_y).mean()):.3f}")

    optimizers = ours.create_ensemble(nnx.Rngs(params=2, dropout=3), options.members)
    losses = nnx.jit(ours.train_ensemble)(optimizers, xs, ys)
    print("ensemble: last losses", " ".join(f"{float(value):.6f}" for value in losses[-1]))
    optimizers.model.eval()
    print(f"ensemble: accuracy {float((ours.vote(optimizers.model, test_x).argmax(-1) == test_y).mean()):.3f}")


if __name__ == "__main__":
    main()
