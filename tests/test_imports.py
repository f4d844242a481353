"""Who may import whom: every import statement of every room, also those inside functions, against one table."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "nnxspec"


@dataclass(frozen=True)
class Room:
    """What the modules of one room may import besides the standard library and, relatively, their own room.

    Args:
        anywhere: top-level packages and rooms allowed in any statement.
        lazily: those allowed only inside a function or under `if TYPE_CHECKING`.
    """

    anywhere: frozenset[str]
    lazily: frozenset[str] = field(default=frozenset())


def _room(anywhere: str, lazily: str = "") -> Room:
    return Room(frozenset(anywhere.split()), frozenset(lazily.split()))


# A room is written with its package, as its importers write it; the bare package stands for its version.
ROOMS = {
    "spec": _room("jax numpy"),
    "reference_impl": _room("jax numpy"),
    "backends": _room("jax numpy nnxspec.spec", lazily="brainstate equinox flax penzai nnxspec.reference_impl"),
    "properties": _room("hypothesis jax numpy pytest nnxspec.spec nnxspec.harness"),
    "harness": _room("hypothesis jax numpy packaging pytest nnxspec nnxspec.spec"),
    "benchmarks": _room("jax numpy pytest pytest_benchmark nnxspec nnxspec.spec nnxspec.harness", lazily="matplotlib"),
}
# Paths with a rule of their own; the longest one that fits is taken.
SPECIAL = {
    # A mutant is a subclass of what it breaks. Nothing imports this folder before somebody asks for a mutant.
    "backends/mutants": _room("jax numpy nnxspec.spec nnxspec.reference_impl"),
    # Names for a library's things: imported once its backend is asked for.
    "backends/_brainstate_nnx.py": _room("brainstate jax"),
    "backends/_equinox_nnx.py": _room("equinox jax numpy nnxspec.spec"),
    "backends/_flax_before_0_12.py": _room("flax"),
    "backends/_penzai_nnx.py": _room("jax numpy penzai nnxspec.spec"),
    # Every pytest run of every environment in which nnxspec is installed imports this module.
    "harness/plugin.py": _room("pytest", lazily="hypothesis jax numpy _pytest xdist nnxspec nnxspec.spec"),
    "harness/profiles.py": _room("hypothesis nnxspec.spec", lazily="redis"),
}


@dataclass(frozen=True)
class Import:
    """One imported name: `target` is a dotted path, empty when relative and inside the room."""

    line: int
    target: str
    lazy: bool
    escapes: bool = False


def imports(tree: ast.Module, depth: int) -> Iterator[Import]:
    """All imports of a module that lies `depth` packages deep in its room (1 for a file directly in it)."""
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, lazy = stack.pop()
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name, lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield Import(node.lineno, "", lazy, escapes=node.level > depth)
            elif node.module == PACKAGE:
                yield from (Import(node.lineno, f"{PACKAGE}.{alias.name}", lazy) for alias in node.names)
            else:
                yield Import(node.lineno, node.module or "", lazy)
        elif isinstance(node, ast.Call) and (name := _imported_by_call(node)):
            yield Import(node.lineno, name, lazy)
        inside = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            stack += [(child, True) for child in node.body] + [(child, inside) for child in node.orelse]
        else:
            stack += [(child, inside) for child in ast.iter_child_nodes(node)]


def _imported_by_call(call: ast.Call) -> str:
    """The module named by `import_module("...")`, `importorskip("...")` or `__import__("...")`; relative: empty."""
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in ("import_module", "importorskip", "__import__") and call.args:
        first = call.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("."):
            return first.value
    return ""


def unit(target: str) -> str:
    """The unit that the table speaks of: `nnxspec.spec` of `nnxspec.spec.law`, `jax` of `jax.numpy`."""
    parts = target.split(".")
    if parts[0] == PACKAGE:
        return ".".join(parts[:2]) if len(parts) > 1 and parts[1] in ROOMS else PACKAGE
    return parts[0]


def violations(path: str, source: str) -> list[str]:
    """What is wrong with the imports of `source`, as if it lay at `path` (`room/.../module.py`)."""
    parts = path.split("/")
    room = parts[0]
    prefixes = ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]
    rule = next((SPECIAL[prefix] for prefix in prefixes if prefix in SPECIAL), ROOMS[room])
    found = []
    for each in imports(ast.parse(source), depth=len(parts) - 1):
        where = f"{path}:{each.line}"
        name = unit(each.target)
        if each.escapes:
            found.append(f"{where}: a relative import leaves the room; from room to room imports are absolute")
        elif not name or name in sys.stdlib_module_names:
            continue
        elif name == f"{PACKAGE}.{room}":
            found.append(f"{where}: {each.target}: inside a room imports are relative")
        elif name in ROOMS:
            found.append(f"{where}: {each.target}: the room's name is {PACKAGE}.{name}")
        elif name in rule.lazily and not each.lazy:
            found.append(f"{where}: {each.target} may be imported only inside a function")
        elif name not in rule.anywhere | rule.lazily:
            found.append(f"{where}: {each.target} may not be imported here")
    return sorted(found)


def _modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_imports_of_room(room: str) -> None:
    modules = _modules(room)
    assert modules, f"{room}/ holds no module, so this test checks nothing"
    found = [
        line
        for module in modules
        for line in violations(module.relative_to(ROOT).as_posix(), module.read_text(encoding="utf-8"))
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_room_is_in_the_table() -> None:
    rooms = {entry.parent.name for entry in ROOT.glob("*/__init__.py")}
    assert rooms == set(ROOMS)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("spec/law.py", "import hypothesis"),
        ("spec/law.py", "def f():\n    import pytest"),
        ("spec/law.py", "from nnxspec.harness import verdict"),
        ("spec/law.py", "from nnxspec import harness"),
        ("spec/law.py", "from nnxspec import __version__"),
        ("spec/law.py", "import nnxspec.spec.terms"),
        ("spec/law.py", "from .. import harness"),
        ("spec/laws/split.py", "from ... import harness"),
        ("spec/law.py", "import harness"),
        ("spec/law.py", "import importlib\nimportlib.import_module('flax.nnx')"),
        ("reference_impl/split.py", "from nnxspec.spec import Law"),
        ("properties/test_split.py", "from nnxspec.reference_impl import split"),
        ("properties/test_split.py", "class A:\n    def f(self):\n        from flax import nnx"),
        ("properties/test_split.py", "import nnxspec.backends.reference"),
        ("properties/test_split.py", "import pytest\nnnx = pytest.importorskip('flax.nnx')"),
        ("backends/flax.py", "from flax import nnx"),
        ("backends/flax.py", "try:\n    import flax\nexcept ImportError:\n    flax = None"),
        ("backends/reference.py", "import nnxspec.reference_impl"),
        ("backends/flax.py", "def load():\n    import nnxspec.harness"),
        ("backends/mutants/one.py", "def load():\n    import flax"),
        ("harness/plugin.py", "import hypothesis"),
        ("harness/plugin.py", "if not TYPE_CHECKING:\n    from nnxspec.spec import Law"),
        ("harness/run.py", "import nnxspec.properties"),
        ("harness/run.py", "def f():\n    from nnxspec.backends import flax"),
        ("benchmarks/subjects.py", "import nnxspec.properties.strategies"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str) -> None:
    assert len(violations(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("spec/law.py", "import ast, jax.numpy as jnp\nfrom jax import lax\nfrom .terms import TERMS\nfrom . import a"),
        ("spec/laws/split.py", "from ..law import law\nfrom .. import terms"),
        (
            "backends/flax.py",
            "from nnxspec.spec import Backend\n\ndef load():\n    from flax import nnx\n    return nnx",
        ),
        ("backends/flax.py", "if TYPE_CHECKING:\n    from flax import nnx"),
        ("backends/mutants/one.py", "from nnxspec.reference_impl import split"),
        ("harness/plugin.py", "import pytest\n\ndef pytest_configure(config):\n    import hypothesis"),
        ("properties/test_split.py", "from hypothesis import strategies\nfrom nnxspec.harness import bind"),
    ],
)
def test_a_right_import_passes(path: str, source: str) -> None:
    assert violations(path, source) == []
