"""The world of scripts: a fixed pool of classes, as source text, made once per backend.

The text that is executed is the text that is printed. Classes live in a module of their own in ``sys.modules``, so that
instances can be pickled.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..backend import Unsupported
from .literals import FUNCTIONS
from .model import NAMES

NODES = ("Block", "Net", "nnx.List", "nnx.Dict", "Stack", "Opaque")
"""Node classes by index; scripts choose among them."""
VARIABLES = ("nnx.Param", "nnx.Variable", "nnx.BatchStat", "nnx.Cache", "Kernel", "SubKernel", "nnx.Intermediate")
"""Variable classes by index."""
WHOLE = ("Cell", "SubCell")
"""Node classes where nodes get all their parts when they are made: their fields are declared, and None where unused."""
CONTAINERS = ("list", "dict", "tuple", "Point", "OrderedDict", "defaultdict", "Pair")
"""Plain containers and registered pytrees by index."""

CLASSES: dict[str, str] = {
    "Block": "class Block(nnx.Module):\n    pass\n",
    "Net": "class Net(nnx.Module):\n    kind = 'net'\n",
    "Stack": "class Stack(nnx.List):\n    pass\n",
    "Opaque": "class Opaque(nnx.Object):\n    pass\n",
    "Cell": "class Cell(nnx.Module):\n" + "".join(f"    {name}: object = None\n" for name in NAMES),
    "SubCell": "class SubCell(Cell):\n    pass\n",
    "Kernel": "class Kernel(nnx.Param):\n    pass\n",
    "SubKernel": "class SubKernel(Kernel):\n    pass\n",
    "Point": "Point = collections.namedtuple('Point', ['y', 'x'])\n",
    "OrderedDict": "OrderedDict = collections.OrderedDict\n",
    "defaultdict": "defaultdict = collections.defaultdict\n",
    "Pair": (
        "@jax.tree_util.register_dataclass\n@dataclasses.dataclass\nclass Pair:\n    left: object\n    right: object\n"
    ),
}
"""Source of every class a script may use; later ones may build on earlier ones."""

REQUIRES = {
    "Kernel": ("variable-types",),
    "SubKernel": ("Kernel",),
    "SubCell": ("Cell",),
    "Stack": ("nnx.List",),
    "Opaque": ("nnx.Object",),
}

IMPORTS = "import collections\nimport dataclasses\n\nimport jax\nimport jax.numpy as jnp\nimport numpy as np\n"


class World:
    """The classes of scripts made for one backend, and the namespace in which scripts run.

    Args:
        nnx: the backend.
    """

    def __init__(self, nnx: Any) -> None:
        self.nnx = nnx
        module = types.ModuleType(_free_name(f"nnxspec_world_{nnx.name}"))
        sys.modules[module.__name__] = module
        self.globals: dict[str, Any] = vars(module)
        self.globals.update(nnx=nnx, jax=jax, jnp=jnp, np=np)
        exec("import collections, dataclasses, types\n" + FUNCTIONS, self.globals)
        for name, source in CLASSES.items():
            if all(nnx.offers(r.removeprefix("nnx.")) or r in self.globals for r in REQUIRES.get(name, ())):
                exec(compile(source, f"<class {name}>", "exec"), self.globals)
        self._evaluate: Callable[[str], Any] = functools.lru_cache(maxsize=4096)(self._compile)
        self._functions: Callable[[str], Any] = functools.lru_cache(maxsize=256)(self._define)

    def _compile(self, code: str) -> Any:
        return compile(code, "<literal>", "eval")

    def _define(self, source: str) -> Any:
        scope: dict[str, Any] = {}
        exec(compile(source, "<script>", "exec"), self.globals, scope)
        return next(reversed(scope.values()))

    def evaluate(self, code: str) -> Any:
        """The value of an expression over the backend's names and the script classes.

        Raises:
            Unsupported: it names a class that builds on what the backend does not offer.
        """
        try:
            return eval(self._evaluate(code), self.globals)
        except NameError as error:
            if error.name in CLASSES:  # left out, for want of what it builds on
                raise Unsupported(REQUIRES[error.name][0]) from None
            raise

    def define(self, source: str) -> Callable[..., Any]:
        """What `source` defines last: its one function, or its namespace."""
        found: Callable[..., Any] = self._functions(source)
        return found

    def __getattr__(self, name: str) -> Any:
        try:
            return self.globals[name]
        except KeyError:
            raise AttributeError(name) from None


def _free_name(wanted: str) -> str:
    """A module name that no other backend's world has, also where two backends have one name."""
    wanted = "".join(c if c.isalnum() else "_" for c in wanted)
    return wanted if wanted not in sys.modules else f"{wanted}_{len(_WORLDS)}"


_WORLDS: dict[int, World] = {}


def world_of(nnx: Any) -> World:
    """The world of a backend, made at the first call."""
    found = _WORLDS.get(id(nnx))
    if found is None:
        found = _WORLDS[id(nnx)] = World(nnx)
    return found


def class_sources(names: set[str]) -> str:
    """Source text of the named classes and functions, and of what they build on, in order of definition."""
    wanted = set(names)
    for name in names:
        wanted.update(r for r in REQUIRES.get(name, ()) if r in CLASSES)
    parts = [source for name, source in CLASSES.items() if name in wanted]
    if wanted & {"activation", "other_activation"}:
        parts.insert(0, FUNCTIONS)
    return "\n\n".join(parts)
