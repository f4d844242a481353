"""Loading a mutant: a fresh copy of the reference package in which one module's source has one replacement.

The copy has a package name of its own, so reference and mutants live side by side in one process.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from nnxspec.spec import Backend, BackendError

from .. import reference
from .fault import Fault
from .faults import FAULTS

_PREFIX = "nnxspec_mutant_"


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, fault: Fault) -> None:
        super().__init__(fullname, path)
        self.fault = fault

    @property
    def mutated(self) -> bool:
        """Whether this is the module with the fault."""
        return self.name.partition(".")[2] == self.fault.module

    def path_stats(self, path: str) -> Mapping[str, Any]:
        if self.mutated:  # else the import system would read and write the bytecode of the module without the fault
            raise OSError("the module with the fault is not cached")
        return super().path_stats(path)

    def get_data(self, path: str) -> bytes:
        source = super().get_data(path)
        if not self.mutated:
            return source
        text = source.decode()
        if text.count(self.fault.old) != 1:
            raise BackendError(
                f"mutant {self.fault.name!r} no longer fits the reference: its text occurs "
                f"{text.count(self.fault.old)} times in {self.fault.module}.py; mend it in backends/mutants/faults/"
            )
        return text.replace(self.fault.old, self.fault.new).encode()


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.package = _PREFIX + fault.name.replace("-", "_")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] != self.package:
            return None
        original = "nnxspec.reference_impl" + fullname[len(self.package) :]
        found = importlib.util.find_spec(original)
        if found is None or found.origin is None:
            return None
        places = list(found.submodule_search_locations) if found.submodule_search_locations else None
        loader = _Loader(fullname, found.origin, self.fault)
        return importlib.util.spec_from_file_location(
            fullname, found.origin, loader=loader, submodule_search_locations=places
        )


def namespace(fault: Fault) -> ModuleType:
    """The mutated copy of the reference package.

    Raises:
        BackendError: the fault's text does not occur exactly once in its module.
    """
    finder = _Finder(fault)
    if finder.package in sys.modules:
        return sys.modules[finder.package]
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(finder.package)
    finally:
        sys.meta_path.remove(finder)


def load(name: str) -> Backend:
    """The mutant of that name as a backend.

    Raises:
        BackendError: there is no such mutant, or it no longer fits the reference.
    """
    fault = FAULTS.get(name)
    if fault is None:
        near = difflib.get_close_matches(name, FAULTS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise BackendError(f"unknown mutant {name!r}: {hint}known are {', '.join(FAULTS)}")
    return _backend(fault, f"mutant:{name}")


@contextlib.contextmanager
def fresh() -> Iterator[Backend]:
    """The reference, loaded once more, so that it remembers nothing; it goes on leaving."""
    nowhere = Fault(f"fresh-{next(_NUMBERS)}", "Nothing.", "-", "", "", ())
    try:
        yield _backend(nowhere, "reference")
    finally:
        package = _Finder(nowhere).package
        for module in [each for each in sys.modules if each.partition(".")[0] == package]:
            del sys.modules[module]


_NUMBERS = itertools.count()


def _backend(fault: Fault, name: str) -> Backend:
    nnx = namespace(fault)
    return dataclasses.replace(
        reference.load(),
        name=name,
        namespace=nnx,
        errors={"TraceContextError": (nnx.TraceContextError,)},
        imports=f"from nnxspec.backends.mutants import load\nnnx = load({fault.name!r}).namespace",
    )
