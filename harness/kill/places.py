"""Where a fault is: the lines of the reference of which one has to be executed for the fault to make a difference."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import lookup

Function = ast.FunctionDef | ast.AsyncFunctionDef
Statement = ast.stmt | ast.ExceptHandler


def folder() -> Path:
    """The folder of the reference implementation."""
    return Path(str(lookup.load("reference").namespace.__file__)).parent


@functools.cache
def source(module: str) -> str:
    """The text of a module of the reference, which is named without the package."""
    path = folder() / module.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")


@functools.cache
def place(fault: Any) -> frozenset[int] | None:
    """The lines of the sound module that lead into a fault: without one of them the mutant is as the reference.

    They are the lines of the statements that the fault changes; of a compound statement that changes in its head, the
    head; where lines are added alone, the statements before and after in the same block. If something moves out of a
    block, or a part of a statement has no line of its own (``else:``), the whole function leads into the fault.

    Args:
        fault: the fault.

    Returns:
        Numbers of lines; None if the fault is, or may be, felt when the module is imported: every law reaches it.
    """
    old = source(fault.module)
    new = old.replace(fault.old, fault.new)
    before, after = old.splitlines(), new.splitlines()
    least = min(len(before), len(after))
    first = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), least)
    tail = 0
    while tail < least - first and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    removed = _code(before, range(first + 1, len(before) - tail + 1))
    added = _code(after, range(first + 1, len(after) - tail + 1))
    was, now = _module(old), _Module(new)
    inside = {was.function_of(line) for line in removed} | {now.function_of(line) for line in added}
    if None in inside or not inside:
        return None
    depth = min((_indent(after, line) for line in added), default=99)
    if removed:
        kept = [] if depth < min(_indent(before, line) for line in removed) else removed
    else:  # a neighbour counts if it is in the same block, so that it is executed if and only if what is added is
        near = [line for line in (_near(before, first, -1), _near(before, first + 1, 1)) if line]
        kept = [line for line in near if _indent(before, line) == depth and was.function_of(line) in inside]
    statements = [was.statement_of(line) for line in kept]
    if not statements or None in statements:
        return frozenset(line for name in inside if name for line in was.lines_of(name)) or None
    return frozenset(line for lines in statements if lines for line in lines)


def _code(lines: list[str], numbers: Iterable[int]) -> list[int]:
    """Those of some lines, by number from 1, that are neither blank nor a comment."""
    return [n for n in numbers if (text := lines[n - 1].strip()) and not text.startswith("#")]


def _near(lines: list[str], start: int, step: int) -> int:
    """The nearest line of code from a number on; 0 if there is none."""
    while 1 <= start <= len(lines):
        if _code(lines, [start]):
            return start
        start += step
    return 0


def _indent(lines: list[str], number: int) -> int:
    text = lines[number - 1]
    return len(text) - len(text.lstrip())


@dataclass(frozen=True)
class _Scope:
    name: str
    first: int
    body: int
    last: int


class _Module:
    """Functions and statements of a module by line."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.functions = list(_functions(self.tree, ""))

    def function_of(self, line: int) -> str | None:
        """The dotted name of the innermost function whose body has the line, or whose head has it while it stands in
        another function; None outside of all functions, where code runs at import."""
        inside = [scope for scope in self.functions if scope.body <= line <= scope.last]
        return max(inside, key=lambda scope: scope.first).name if inside else None

    def lines_of(self, name: str) -> list[int]:
        """The lines of a function's body, or of several (getter and setter of a property)."""
        return [n for scope in self.functions if scope.name == name for n in range(scope.body, scope.last + 1)]

    def statement_of(self, line: int) -> range | None:
        """The lines of the innermost statement that has the line, or of its head; None if only its body has it."""
        around = [node for node in ast.walk(self.tree) if isinstance(node, Statement)]
        around = [node for node in around if _begin(node) <= line <= (node.end_lineno or node.lineno)]
        if not around:
            return None
        node = max(around, key=lambda each: (_begin(each), -(each.end_lineno or 0)))
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        if not body:
            return range(node.lineno, (node.end_lineno or node.lineno) + 1)
        start = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else _begin(body[0])
        return range(_begin(node), start) if line < start else None


_module = functools.cache(_Module)


def _begin(node: Statement) -> int:
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _functions(node: ast.AST, prefix: str) -> Iterator[_Scope]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):  # no statement is in it
            continue
        if isinstance(child, Function):
            name = f"{prefix}{child.name}"
            yield _Scope(name, child.lineno, _begin(child.body[0]), child.end_lineno or child.lineno)
            yield from _functions(child, f"{name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)
