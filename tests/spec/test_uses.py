"""What a law calls on live objects is in its `uses`: a backend without it is unsupported, and no error.

Names of the namespace need no test: asking a backend for one that it lacks says so. A method is looked up on an object
of the backend's own, and raises AttributeError.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nnxspec.harness.inline import Inliner
from nnxspec.spec import Law
from nnxspec.spec.laws import LAWS

METHODS = {
    "set_value": {"mutation", "mutation.any-value"},
    "set_metadata": {"metadata"},
    "get_metadata": {"metadata"},
    "del_metadata": {"metadata.names"},
    "fork": {"rng.fork"},
    "broadcast": {"rng.split", "Rngs.broadcast"},
}
"""Methods of Variables and streams, and the capabilities one of which says that they are there."""
BY_NAME = {"metadata.names"}
"""What `get_metadata` needs where it is given a name."""


def definitions(law: Law) -> list[ast.AST]:
    """A law and the helpers that it calls, as far as they stand beside laws."""
    inliner = Inliner(lambda module: module.startswith("nnxspec"), lambda module: False)
    inliner.add(law.check.__module__, law.check.__name__, decorated=False)
    return [ast.parse(p.text) for p in inliner.pieces if p.place.module.startswith("nnxspec.spec.laws")]


def calls(trees: list[ast.AST]) -> Iterator[tuple[str, set[str]]]:
    """The methods of the table that are called, or handed on, and what each of them needs."""
    called = {node.func: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
        if node.attr in METHODS and not (isinstance(node.value, ast.Name) and node.value.id in ("nnx", "jnp", "np")):
            by_name = node.attr == "get_metadata" and node in called and bool(called[node].args)
            yield node.attr, BY_NAME if by_name else METHODS[node.attr]


def asked(trees: list[ast.AST]) -> set[str]:
    """The texts in the definitions: what a law asks for by `offers` or `hasattr` before it uses it is among them."""
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def missing(law: Law) -> set[str]:
    """Methods that a law calls and whose capability is neither in its `uses` nor asked for."""
    trees = definitions(law)
    known = asked(trees) | set(law.uses)
    return {method for method, needs in calls(trees) if not needs & known}


def test_what_laws_call_is_in_their_uses() -> None:
    found = {law.id: methods for law in LAWS if (methods := missing(law))}
    assert found == {}
