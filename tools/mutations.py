"""Where a mutation can be made in the reference: places in the text, and what stands there instead."""

from __future__ import annotations

import ast
import dataclasses
import fnmatch
import random
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "reference_impl"

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
OPERATORS = (
    *("comparison", "condition", "and-or", "arithmetic", "number", "text", "boolean"),
    *("no-statement", "no-raise", "return-none", "no-keyword", "no-filter", "break-continue"),
)
"""Kinds of mutation."""


@dataclasses.dataclass(frozen=True)
class Mutation:
    """One mutation: a piece of the text of a module and what stands there instead.

    Args:
        module: module of the reference, without the package.
        operator: one of `OPERATORS`.
        start: offset of the piece.
        end: where it ends.
        new: what stands there instead.
        lines: first and last line of the piece.
        inside: whether it is in the body of a function, and so does not run at import.
    """

    module: str
    operator: str
    start: int
    end: int
    new: str
    lines: tuple[int, int]
    inside: bool

    def source(self) -> str:
        """The text of the module."""
        return (REFERENCE / (self.module.replace(".", "/") + ".py")).read_text(encoding="utf-8")

    def mutated(self) -> str:
        """The text of the module with the mutation."""
        source = self.source()
        return source[: self.start] + self.new + source[self.end :]

    def describe(self) -> str:
        """Place, and both texts, on one line."""
        old = " ".join(self.source()[self.start : self.end].split())
        return f"{self.module}:{self.lines[0]} [{self.operator}] {old}  ->  {' '.join(self.new.split())}"


class Finder(ast.NodeVisitor):
    """Finds every mutation of one module; annotations, messages, docstrings and printing are left alone."""

    def __init__(self, module: str, source: str) -> None:
        self.module, self.source = module, source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line.encode()))
        self.bytes = source.encode()
        self.found: list[Mutation] = []
        self.functions = 0

    def offset(self, line: int, column: int) -> int:
        """Offset in characters of a place that ast gives in bytes."""
        return len(self.bytes[: self.starts[line - 1] + column].decode())

    def text(self, node: Any) -> str:
        return self.source[
            self.offset(node.lineno, node.col_offset) : self.offset(node.end_lineno, node.end_col_offset)
        ]

    def add(self, operator: str, node: Any, new: str) -> None:
        start, end = self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)
        self.found.append(
            Mutation(self.module, operator, start, end, new, (node.lineno, node.end_lineno), self.functions > 0)
        )

    def rewrite(self, operator: str, node: ast.expr, new: ast.expr) -> None:
        self.add(operator, node, f"({ast.unparse(new)})")

    # what is left alone

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in ("__repr__", "__str__") or any("overload" in ast.unparse(d) for d in node.decorator_list):
            return
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self.functions += 1
        self.body(node.body)
        self.functions -= 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.body(node.body)

    def visit_Module(self, node: ast.Module) -> None:
        self.body(node.body)

    def body(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not docstring and not isinstance(statement, ast.Import | ast.ImportFrom):
                self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        self.add("no-raise", node, "pass")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Text for people."""

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {ast.unparse(target) for target in node.targets}
        if not names & {"__all__", "__slots__"} and not all(name[:1].isupper() and "." not in name for name in names):
            self.visit(node.value)

    # mutations

    def visit_Compare(self, node: ast.Compare) -> None:
        for i, kind in enumerate(node.ops):
            left, right = (node.left, *node.comparators)[i], node.comparators[i]
            old, new = COMPARISONS[type(kind)]
            start = self.offset(left.end_lineno, left.end_col_offset)  # type: ignore[arg-type]  # ast.parse sets both
            end = self.offset(right.lineno, right.col_offset)
            between = self.source[start:end]
            if between.count(old) == 1:
                lines = (left.end_lineno or 0, right.lineno)
                self.found.append(
                    Mutation(
                        self.module,
                        "comparison",
                        start,
                        end,
                        between.replace(old, f" {new} "),
                        lines,
                        self.functions > 0,
                    )
                )
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self.rewrite("and-or", node, ast.BoolOp(other, node.values))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.rewrite("condition", node, node.operand)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        other = ARITHMETIC.get(type(node.op))
        if other is not None:
            self.rewrite("arithmetic", node, ast.BinOp(node.left, other(), node.right))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.add("boolean", node, repr(not node.value))
        elif isinstance(node.value, int):
            self.add("number", node, repr(node.value + 1))
        elif isinstance(node.value, str):
            self.add("text", node, repr("XX" + node.value))

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            return
        self.add("condition", node.test, f"(not ({self.text(node.test)}))")
        self.visit(node.test)
        self.body(node.body)
        self.body(node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.add("condition", node.test, f"(not ({self.text(node.test)}))")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self.add("no-filter", test, "True")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self.add("return-none", node, "return None")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self.add("no-statement", node, "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.add("no-statement", node, "pass")
        self.visit(node.value)

    def visit_Delete(self, node: ast.Delete) -> None:
        self.add("no-statement", node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self.add("break-continue", node, "continue")

    def visit_Continue(self, node: ast.Continue) -> None:
        self.add("break-continue", node, "break")

    def visit_Call(self, node: ast.Call) -> None:
        if ast.unparse(node.func) in ("TypeVar", "cast", "warnings.warn", "isinstance.__doc__"):
            return
        for i, keyword in enumerate(node.keywords):
            if keyword.arg not in (None, "strict"):
                rest = [k for j, k in enumerate(node.keywords) if j != i]
                self.rewrite("no-keyword", node, ast.Call(node.func, node.args, rest))
        for part in (node.func, *node.args, *(k.value for k in node.keywords if k.arg != "strict")):
            self.visit(part)


def mutations() -> list[Mutation]:
    """Every mutation of the reference that changes its meaning on paper, in a fixed order."""
    found: list[Mutation] = []
    for path in sorted(REFERENCE.rglob("*.py")):
        if path.name != "__init__.py":
            source = path.read_text(encoding="utf-8")
            finder = Finder(".".join(path.relative_to(REFERENCE).with_suffix("").parts), source)
            finder.visit(ast.parse(source))
            found += finder.found
    return sorted(set(found), key=lambda m: (m.module, m.start, m.end, m.new))


def sampled(count: int, seed: int, pattern: str = "*", *, transforms: bool) -> list[Mutation]:
    """A sample of the mutations of the modules that match, with or without those of the transforms."""
    found = [m for m in mutations() if transforms or not m.module.startswith("transforms")]
    found = [m for m in found if fnmatch.fnmatchcase(m.module, pattern)]
    return random.Random(seed).sample(found, min(count, len(found)))
