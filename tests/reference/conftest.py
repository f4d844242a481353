"""What the tests of refusals share: a few objects, and a check of everything that a refusal has to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import pytest

import nnxspec.reference_impl as nnx
from nnxspec.backends import reference
from nnxspec.spec import observe

BACKEND = reference.load()


class Net(nnx.Module):
    """A Module with parts of every kind."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(3.0), role="weight")
        self.count = nnx.BatchStat(jnp.array(0, jnp.int32))
        self.part = nnx.Dict(b=nnx.Param(jnp.ones(3)))
        self.items = nnx.List([nnx.Variable(jnp.zeros(3))])
        self.stream = nnx.Rngs(noise=0).noise
        self.box = nnx.Variable({"a": jnp.ones(3)})
        self.mode = "train"

    def step(self) -> None:
        """What a legal call may do."""
        self.w[...] = self.w[...] + 1


class Lanes(nnx.Module):
    """Two lanes of a parameter, and a counter without lanes."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(6.0).reshape(2, 3))
        self.count = nnx.BatchStat(jnp.array(0.0))


@dataclass
class World:
    """What a case works on. `wrong` says what is wrong with the next call; None that nothing is."""

    wrong: Any = None
    m: Net = field(default_factory=Net)
    other: Net = field(default_factory=Net)
    lanes: Lanes = field(default_factory=Lanes)
    x: jax.Array = field(default_factory=lambda: jnp.arange(2.0))

    def seen(self, *more: Any) -> Any:
        """Everything, as it is now."""
        return observe(BACKEND, (self.m, self.other, self.lanes, self.x, *more))


@pytest.fixture
def refused() -> Callable[..., None]:
    """Checks that calls are refused with a category and a message, change nothing, and that the next call works.

    It takes the category, the pattern of the message (or one for each thing that can be wrong), and the case, which is
    a function that makes a call for a world. The call is made once for each thing that is wrong, and then once more: it
    must leave and return what it does in a world where nothing was refused. So half-filled caches and tracers are seen.
    """

    def check(error: Any, says: str | Mapping[Any, str], case: Callable[[World], Callable[[], Any]]) -> None:
        world, fresh = World(), World()
        before = world.seen()
        call = case(world)
        for world.wrong, pattern in ({True: says} if isinstance(says, str) else says).items():
            with pytest.raises(error) as raised:
                call()
            assert re.search(pattern, str(raised.value)), f"{world.wrong!r}: {raised.value}"
            assert world.seen() == before, world.wrong
        world.wrong = None
        assert world.seen(call()) == fresh.seen(case(fresh)())

    return check
