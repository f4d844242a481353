"""Inlining: the source of functions together with everything of ours that they refer to, as text that stands alone.

A module's own text says where each of its names comes from: defined there, imported from another module of ours (then
it is followed), or imported from elsewhere (then the import is repeated). Nothing is looked up in live objects, so what
is printed is what the module says.
"""

from __future__ import annotations

import ast
import builtins
import copy
import importlib.util
import inspect
import symtable
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType


class CannotInline(Exception):
    """A function refers to something of ours in a way that cannot be printed; the message names it."""


@dataclass(frozen=True)
class Place:
    """A top-level name of a module of ours."""

    module: str
    name: str


@dataclass
class Piece:
    """One definition, ready to be printed.

    Args:
        place: where it comes from.
        name: the name under which it is printed.
        text: its source.
    """

    place: Place
    name: str
    text: str


@cache
def _module(name: str) -> tuple[ModuleType, str, dict[str, ast.stmt]]:
    """A module, its source, and its top-level statements by the names that they bind."""
    module = sys.modules.get(name) or importlib.import_module(name)
    source = inspect.getsource(module)
    bound: dict[str, ast.stmt] = {}
    for statement in ast.parse(source).body:
        for target in _binds(statement):
            bound[target] = statement
    return module, source, bound


def _binds(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in statement.names)
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


class _Bare(ast.NodeTransformer):
    """Takes away annotations, which nothing needs that only runs; optionally docstrings, and renames globals."""

    def __init__(self, renames: dict[str, str], *, docstrings: bool) -> None:
        self.renames = renames
        self.docstrings = docstrings
        self.in_class = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        outer, self.in_class = self.in_class, False
        self._strip(node)
        self.generic_visit(node)
        self.in_class = outer
        node.name = self.renames.get(node.name, node.name)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        outer, self.in_class = self.in_class, True
        self._strip(node)
        self.generic_visit(node)
        self.in_class = outer
        node.name = self.renames.get(node.name, node.name)
        return node

    def _strip(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        if not self.docstrings and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        constant = "ClassVar" in ast.unparse(node.annotation)
        if self.in_class and not constant:  # the fields of a dataclass; their types need no names
            node.annotation = ast.Name("object", ast.Load())
            if node.value is not None:
                node.value = self.visit(node.value)
            return node
        if node.value is None:
            return None
        return self.generic_visit(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.renames.get(node.id, node.id)
        return node


def _bare(statement: ast.stmt, renames: dict[str, str] | None = None, *, docstrings: bool = False) -> ast.stmt:
    fresh = ast.parse(ast.unparse(statement)).body[0]
    bare = _Bare(renames or {}, docstrings=docstrings).visit(fresh)
    assert isinstance(bare, ast.stmt)
    return ast.fix_missing_locations(bare)


def global_names(statement: ast.stmt) -> list[str]:
    """The global names to which a definition refers, annotations left out, in alphabetical order."""
    names: set[str] = set()
    # Decorators and defaults belong to the table of the module that holds just this definition.
    tables = [symtable.symtable(ast.unparse(_bare(statement)), "<piece>", "exec")]
    while tables:
        current = tables.pop()
        tables += current.get_children()
        top = current.get_type() == "module"
        for symbol in current.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or (top and not symbol.is_assigned())):
                names.add(symbol.get_name())
            elif top and symbol.is_referenced() and symbol.is_namespace():
                names.add(symbol.get_name())
    return sorted(names)


def _statement(place: Place, decorated: bool) -> ast.stmt:
    statement = _module(place.module)[2][place.name]
    if not decorated and isinstance(statement, ast.FunctionDef):
        statement = copy.copy(statement)
        statement.decorator_list = []
    return statement


@cache
def _uses(place: Place, decorated: bool) -> list[str]:
    return global_names(_statement(place, decorated))


@cache
def _local_names(place: Place) -> frozenset[str]:
    """Every name that a definition binds inside itself."""
    inside = list(ast.walk(_statement(place, True)))[1:]
    bound = {node.arg for node in inside if isinstance(node, ast.arg)}
    bound |= {node.id for node in inside if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return frozenset(bound | {node.name for node in inside if isinstance(node, ast.FunctionDef | ast.ClassDef)})


@cache
def _compact(place: Place, decorated: bool) -> str:
    return ast.unparse(_bare(_statement(place, decorated))) + "\n"


@cache
def _verbatim(place: Place, decorated: bool) -> str:
    statement = _statement(place, decorated)
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    return "\n".join(_module(place.module)[1].splitlines()[first - 1 : statement.end_lineno]) + "\n"


def _is_law(statement: ast.stmt) -> bool:
    found = statement.decorator_list if isinstance(statement, ast.FunctionDef) else []
    return any(isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "law" for one in found)


class Inliner:
    """Gathers definitions and the imports they need.

    Args:
        ours: whether a module of this name may not be imported by the text, so that its definitions are copied.
        verbatim: whether definitions of a module of this name are copied with comments and docstrings.
        taken: names that mean something else in the text already.
    """

    def __init__(self, ours: Callable[[str], bool], verbatim: Callable[[str], bool], taken: Iterable[str] = ()) -> None:
        self.ours = ours
        self.verbatim = verbatim
        self.imports: dict[str, str] = {}
        self.pieces: list[Piece] = []
        self._names: dict[Place, str] = {}
        self._taken = set(taken)

    def add(self, module: str, name: str, *, decorated: bool = True) -> str:
        """Adds a definition with all it needs, and gives the name under which the text has it.

        Args:
            module: the module that defines or imports it.
            name: its name there.
            decorated: False to leave its decorators out.

        Raises:
            CannotInline: something that it refers to cannot be printed.
        """
        statement = _module(module)[2].get(name)
        if statement is None:
            if hasattr(builtins, name):
                return name
            raise CannotInline(f"{module} has no top-level {name!r}")
        if isinstance(statement, ast.Import):
            return self._import(statement, name)
        if isinstance(statement, ast.ImportFrom):
            return self._import_from(module, statement, name)
        place = Place(module, name)
        if place in self._names:
            return self._names[place]
        decorated = decorated and not _is_law(statement)  # one law may take another's claims for its own
        self._names[place] = printed = self._free(name)
        renames = {name: printed}
        local = _local_names(place)
        for used in _uses(place, decorated):
            if used != name:
                renames[used] = self.add(module, used)
                if renames[used] != used and renames[used] in local:
                    renames[used] = self._alias(Place(module, used), renames[used])
        renames = {old: new for old, new in renames.items() if old != new}
        self.pieces.append(Piece(place, printed, self._text(place, decorated, renames)))
        return printed

    def _alias(self, place: Place, printed: str) -> str:
        """Another name for what is printed already, where a definition has a local variable of the printed name."""
        if place not in self._names:
            self._names[place] = self._free(place.name)
            # It stands beside what it names, wherever that is printed.
            named = next((piece.place for piece in self.pieces if piece.name == printed), place)
            self.pieces.append(Piece(named, self._names[place], f"{self._names[place]} = {printed}\n"))
        return self._names[place]

    def _text(self, place: Place, decorated: bool, renames: dict[str, str]) -> str:
        if renames:
            return ast.unparse(_bare(_statement(place, decorated), renames)) + "\n"
        return _verbatim(place, decorated) if self.verbatim(place.module) else _compact(place, decorated)

    def _free(self, name: str) -> str:
        free, number = name, 2
        while free in self._taken:
            free, number = f"{name}_{number}", number + 1
        self._taken.add(free)
        return free

    def _import(self, statement: ast.Import, name: str) -> str:
        (alias,) = [a for a in statement.names if (a.asname or a.name.partition(".")[0]) == name]
        if self.ours(alias.name):
            raise CannotInline(f"import {alias.name}: a module of ours is referred to as a whole")
        self.imports[name] = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        return name

    def _import_from(self, module: str, statement: ast.ImportFrom, name: str) -> str:
        (alias,) = [a for a in statement.names if (a.asname or a.name) == name]
        if statement.level:
            package = _module(module)[0].__package__ or ""
            source = importlib.util.resolve_name("." * statement.level + (statement.module or ""), package)
        else:
            source = statement.module or ""
        if self.ours(source):
            if f"{source}.{alias.name}" in sys.modules and alias.name not in _module(source)[2]:
                raise CannotInline(f"{module} imports {source}.{alias.name}, a module of ours, as a whole")
            return self.add(source, alias.name)
        if name in self._taken and name not in self.imports:
            raise CannotInline(f"{module} imports {name} from {source}, and the name is taken")
        line = f"from {source} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        if self.imports.setdefault(name, line) != line:
            raise CannotInline(f"{name} is imported from two places: {line!r} and {self.imports[name]!r}")
        return name
