"""The operators of the Python data model, forwarded from a Variable to its value.

Each method applies the builtin operator to the held value, so that a Variable gives the result, or raises the error,
that its value does. The result is a plain value and never a Variable.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np


def _binary(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: ValueOperators, other: Any) -> Any:
        return apply(self.get_value(), value_of(other))

    return method


def _reflected(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: ValueOperators, other: Any) -> Any:
        return apply(value_of(other), self.get_value())

    return method


def _unary(apply: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def method(self: ValueOperators) -> Any:
        return apply(self.get_value())

    return method


def _refused(symbol: str) -> Callable[[Any, Any], NoReturn]:
    def method(self: ValueOperators, other: Any) -> NoReturn:
        raise NotImplementedError(
            f"`variable {symbol} x` would rebind the name to a plain value; write `variable[...] {symbol} x` instead."
        )

    return method


def value_of(x: Any) -> Any:
    """The value of a Variable, any other object itself."""
    return x.get_value() if isinstance(x, ValueOperators) else x


class ValueOperators:
    """Mixin that lets an object with ``get_value`` stand in for its value in expressions and in array functions."""

    __slots__ = ()
    __array_priority__ = 100  # numpy operands on the left leave the operation to the reflected method

    def get_value(self) -> Any:
        """The value that the operators apply to."""
        raise NotImplementedError

    def __jax_array__(self) -> Any:
        return self.get_value()  # not converted: an array on the left must see what it cannot handle

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = np.asarray(self.get_value(), dtype=dtype)
        return array.copy() if copy else array

    __add__, __radd__ = _binary(operator.add), _reflected(operator.add)
    __sub__, __rsub__ = _binary(operator.sub), _reflected(operator.sub)
    __mul__, __rmul__ = _binary(operator.mul), _reflected(operator.mul)
    __matmul__, __rmatmul__ = _binary(operator.matmul), _reflected(operator.matmul)
    __truediv__, __rtruediv__ = _binary(operator.truediv), _reflected(operator.truediv)
    __floordiv__, __rfloordiv__ = _binary(operator.floordiv), _reflected(operator.floordiv)
    __mod__, __rmod__ = _binary(operator.mod), _reflected(operator.mod)
    __divmod__, __rdivmod__ = _binary(divmod), _reflected(divmod)
    __lshift__, __rlshift__ = _binary(operator.lshift), _reflected(operator.lshift)
    __rshift__, __rrshift__ = _binary(operator.rshift), _reflected(operator.rshift)
    __and__, __rand__ = _binary(operator.and_), _reflected(operator.and_)
    __xor__, __rxor__ = _binary(operator.xor), _reflected(operator.xor)
    __or__, __ror__ = _binary(operator.or_), _reflected(operator.or_)
    __rpow__ = _reflected(operator.pow)

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        return pow(self.get_value(), value_of(other), value_of(modulus))

    __lt__, __le__ = _binary(operator.lt), _binary(operator.le)
    __gt__, __ge__ = _binary(operator.gt), _binary(operator.ge)

    # Elementwise, as for arrays: no bool comes back, hence no hash either.
    def __eq__(self, other: object) -> Any:
        return operator.eq(self.get_value(), value_of(other))

    def __ne__(self, other: object) -> Any:
        return operator.ne(self.get_value(), value_of(other))

    __hash__ = None  # type: ignore[assignment]  # the data model spells "unhashable" this way

    __neg__, __pos__, __invert__ = _unary(operator.neg), _unary(operator.pos), _unary(operator.invert)
    __abs__, __floor__, __ceil__, __trunc__ = _unary(abs), _unary(math.floor), _unary(math.ceil), _unary(math.trunc)
    __bool__, __int__, __float__, __complex__ = _unary(bool), _unary(int), _unary(float), _unary(complex)
    __index__, __len__ = _unary(operator.index), _unary(len)
    __iter__: Callable[[Any], Iterator[Any]] = _unary(iter)
    __reversed__ = _unary(reversed)

    def __contains__(self, item: Any) -> bool:
        return value_of(item) in self.get_value()

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(self.get_value()) if ndigits is None else round(self.get_value(), ndigits)

    def __format__(self, spec: str) -> str:
        return format(self.get_value(), spec)

    __iadd__, __isub__, __imul__ = _refused("+="), _refused("-="), _refused("*=")
    __imatmul__, __itruediv__, __ifloordiv__ = _refused("@="), _refused("/="), _refused("//=")
    __imod__, __ipow__ = _refused("%="), _refused("**=")
    __ilshift__, __irshift__ = _refused("<<="), _refused(">>=")
    __iand__, __ixor__, __ior__ = _refused("&="), _refused("^="), _refused("|=")
