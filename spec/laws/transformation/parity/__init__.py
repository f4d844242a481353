"""Option parity: on functions of plain arrays a lifted transform with its options agrees with jax's own.

Two laws for each transform. ``<transform>.options`` draws options that jax accepts, ``<transform>.bad-options`` ones
that it mostly refuses; both state that what comes, a value or the builtin category of a refusal, is what comes of jax.
The options are those that NNX documents for the lifted transform.
"""

from __future__ import annotations

from ....law import Law
from . import branches, compilation, gradients, lanes, linear, loops, scan

LAWS: tuple[Law, ...] = (
    *compilation.LAWS,
    *gradients.LAWS,
    *linear.LAWS,
    *lanes.LAWS,
    *scan.LAWS,
    *loops.LAWS,
    *branches.LAWS,
)
