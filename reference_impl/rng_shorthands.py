"""Shorthands: ``rngs.normal((2, 3))`` is ``jax.random.normal(rngs(), (2, 3))``, and so for every distribution."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import jax

T = TypeVar("T", bound=type)

DISTRIBUTIONS = (
    *("ball", "bernoulli", "beta", "binomial", "bits", "categorical", "cauchy", "chisquare", "choice", "dirichlet"),
    *("double_sided_maxwell", "exponential", "f", "gamma", "generalized_normal", "geometric", "gumbel", "laplace"),
    *("loggamma", "logistic", "lognormal", "maxwell", "multinomial", "multivariate_normal", "normal", "orthogonal"),
    *("pareto", "permutation", "poisson", "rademacher", "randint", "rayleigh", "t", "triangular", "truncated_normal"),
    *("uniform", "wald", "weibull_min"),
)
"""Functions of ``jax.random`` whose first argument is a key."""


def with_distributions(cls: T) -> T:
    """Class decorator: a method for each distribution, which draws one key by calling the object."""
    for name in DISTRIBUTIONS:
        setattr(cls, name, _method(getattr(jax.random, name)))
    return cls


def _method(distribution: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(distribution)
    def draw(self: Callable[[], jax.Array], *args: Any, **kwargs: Any) -> Any:
        return distribution(self(), *args, **kwargs)

    return draw
