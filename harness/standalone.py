"""The stand-alone script of a failure: one file in the backend's own API that shows it under plain Python.

The example comes first, then the law as the specification states it; below stands what judges its claims, copied out of
the specification. The script raises AssertionError with the first difference while the violation is there, and ends
quietly when it is not.
"""

from __future__ import annotations

import ast
import platform
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import jax

import nnxspec
from nnxspec.spec import CAPABILITIES, Backend, Law

from .devices import HOST_DEVICES
from .example import example_imports, example_source
from .inline import CannotInline, Inliner
from .overlooking import PassedOver, passed_over

if TYPE_CHECKING:
    from .verdicts import Record

_LAWS = ("nnxspec.spec.laws", "nnxspec.spec.filtering")

_ADAPTER = '''class Adapter:
    """The library's names, and the few questions that the law asks beside them."""

    offered = {offered}
    lacking = {lacking}
    names = {names}
    errors = {errors}
    required_metadata = {required}
    attributes = staticmethod({attributes})
    metadata = staticmethod({metadata})

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        found = nnx
        for part in self.names.get(name, name).split("."):
            if not hasattr(found, part):
                raise {unsupported}(name)
            found = getattr(found, part)
        return found

    def offers(self, name):
        if name in self.offered or name in self.lacking:
            return name in self.offered
        found = nnx
        first, *rest = name.split(".")
        for part in [*self.names.get(first, first).split("."), *rest]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True

    def error_classes(self, category):
        if isinstance(category, tuple):
            return tuple(cls for one in category for cls in self.error_classes(one))
        return self.errors.get(category, ()) if isinstance(category, str) else (category,)
'''

_DEVICES = f"""import os

# Before jax starts: as many devices as the law needs.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_NUM_CPU_DEVICES", "{HOST_DEVICES}")

"""

_CLAIMS = """def {entry}():
    backend = Adapter()
    stated = {law}(backend{inputs})
    for claim in [stated] if isinstance(stated, ({eq}, {refused}, {either})) else stated:
        violation = {judge}(backend, claim)
        if violation is not None{known}:
            raise AssertionError(
                f"{id}: {{violation}}\\n\\nexpected:\\n{{violation.expected}}\\n\\ncame:\\n{{violation.came}}"
            )
    print("{id} holds on this example{beside}")
"""

_KNOWN = """# What is known of the law, and passed over here: claims with their first differences, and exceptions.
KNOWN = {passed}({claims}, {raised})
"""

_BESIDE_KNOWN = """def main():
    try:
        judge_claims()
    except AssertionError:
        raise
    except Exception as error:
        if not KNOWN.error(error):
            raise
        print(f"{id} holds on this example, beside what is known: {{error!r}}")
"""

_MAIN = """if __name__ == "__main__":
    main()
"""


def standalone(law: Law, inputs: Mapping[str, Any], backend: Backend, record: Record | None = None) -> str:
    """A program that checks a law on one example with nothing but the backend's library.

    Args:
        law: the law.
        inputs: the example, as strategies draw it.
        backend: the implementation under test.
        record: what came of it, for the comment at the top.

    Raises:
        CannotInline: the law or a hook of the backend refers to something that cannot be printed.
    """
    example = example_source(inputs, backend)
    hooks = {backend.attributes.__module__, backend.metadata.__module__}
    gathered = Inliner(
        ours=lambda name: name.partition(".")[0] == "nnxspec" or name in hooks,
        verbatim=lambda name: name.startswith(_LAWS) or name == law.check.__module__,
        taken={*_assigned(example), "nnx", "Adapter", "main", "judge_claims", "backend", "KNOWN"},
    )
    function = gathered.add(law.check.__module__, law.check.__name__, decorated=False)
    spec = "nnxspec.spec"
    beside = passed_over(record.overlooked if record is not None else (), inputs)
    claims = _CLAIMS.format(
        id=law.id,
        entry="judge_claims" if beside.raised else "main",
        known=" and not KNOWN.violation(violation.about, violation.difference)" if beside.claims else "",
        beside=", beside what is known" if beside.claims else "",
        law=function,
        inputs="".join(f", {name}={name}" for name in inputs),
        judge=gathered.add(f"{spec}.checking", "judge"),
        eq=gathered.add(f"{spec}.claims", "Eq"),
        refused=gathered.add(f"{spec}.claims", "Refused"),
        either=gathered.add(f"{spec}.claims", "EqOrRefused"),
    )
    main = [claims, _BESIDE_KNOWN.format(id=law.id), _MAIN] if beside.raised else [claims, _MAIN]
    if beside.claims or beside.raised:
        passed = gathered.add(PassedOver.__module__, PassedOver.__name__)
        main.insert(0, _KNOWN.format(passed=passed, claims=repr(beside.claims), raised=repr(beside.raised)))
    errors = _errors(backend, gathered)
    others = len(gathered.pieces)
    adapter = _ADAPTER.format(
        offered=_words(name for name in CAPABILITIES if name in backend.capabilities),
        lacking=_words(name for name in CAPABILITIES if name not in backend.capabilities),
        names=_dict(dict(backend.names)),
        errors=errors,
        required=repr(backend.required_metadata),
        attributes=_hook(gathered, backend.attributes),
        metadata=_hook(gathered, backend.metadata),
        unsupported=gathered.add(f"{spec}.backend", "Unsupported"),
    )
    texts: dict[str, list[str]] = {"law": [], "helpers": [], "judging": [], "hooks": []}
    for index, piece in enumerate(gathered.pieces):
        is_law = (piece.place.module, piece.name) == (law.check.__module__, function)
        kind = "law" if is_law else "helpers" if gathered.verbatim(piece.place.module) else "judging"
        texts["hooks" if index >= others else kind].append(piece.text)
    setup = _DEVICES if any(piece.place.module == f"{spec}.devices" for piece in gathered.pieces) else ""
    *plain, library = example_imports(example, backend)
    library = backend.preamble or library
    imports = _sorted_imports({*plain, *gathered.imports.values()})
    parts = [
        f"{_header(law, backend, record)}\nfrom __future__ import annotations\n\n{setup}{imports}\n\n{library}\n",
        _title("The example") + example,
        _title("The law") + _spaced(*texts["law"], *texts["helpers"]),
        _title("The library, and what the law has to know of it") + _spaced(*texts["hooks"], adapter),
        _title("How the law's claims are judged") + _spaced(*texts["judging"]),
        *main,
    ]
    return _spaced(*parts)


def _spaced(*parts: str) -> str:
    return "\n\n".join(part.rstrip("\n") + "\n" for part in parts)


def script_or_note(law: Law, inputs: Mapping[str, Any], backend: Backend, record: Record | None = None) -> str:
    """`standalone`, or a comment that says why it cannot be had."""
    try:
        return standalone(law, inputs, backend, record)
    except (CannotInline, OSError, TypeError) as error:
        return f"{_header(law, backend, record)}\nraise SystemExit({f'this script cannot be printed: {error}'!r})\n"


def _assigned(code: str) -> set[str]:
    """Names that a Python text defines at its top level."""
    names: set[str] = set()
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return names


def _errors(backend: Backend, gathered: Inliner) -> str:
    """The backend's own exception classes, by category, as a Python expression."""
    text = []
    for category, classes in backend.errors.items():
        for cls in classes:
            gathered.imports[cls.__module__] = f"import {cls.__module__}"
        text.append(f"{category!r}: ({''.join(f'{cls.__module__}.{cls.__qualname__}, ' for cls in classes).strip()})")
    return "{" + ", ".join(text) + "}"


def _hook(gathered: Inliner, hook: Any) -> str:
    module, name = getattr(hook, "__module__", None), getattr(hook, "__qualname__", "")
    if module is None or not name.isidentifier():
        raise CannotInline(f"{hook!r} is no function at the top level of a module")
    return gathered.add(module, name)


def _dict(value: dict[str, Any]) -> str:
    items = [f"{key!r}: {item!r}" for key, item in value.items()]
    if len(", ".join(items)) < 90:
        return "{" + ", ".join(items) + "}"
    return "{\n" + "".join(f"        {item},\n" for item in items) + "    }"


def _words(words: Iterable[str]) -> str:
    """A tuple of strings, written so that a reader can skip it."""
    lines = textwrap.wrap(" ".join(words), 100, break_long_words=False, break_on_hyphens=False) or [""]
    if len(lines) == 1:
        return f"{lines[0]!r}.split()"
    return "(\n" + "".join(f"        {line + ' '!r}\n" for line in lines) + "    ).split()"


def _sorted_imports(lines: set[str]) -> str:
    """Import lines, those of the standard library first, ``import`` before ``from``."""

    def group(line: str) -> tuple[bool, bool, str]:
        top = line.split()[1].partition(".")[0]
        return (top not in sys.stdlib_module_names, line.startswith("from"), line)

    ordered = sorted(lines, key=group)
    first_other = next((i for i, line in enumerate(ordered) if group(line)[0]), len(ordered))
    return "\n".join(
        [*ordered[:first_other], *([""] if 0 < first_other < len(ordered) else []), *ordered[first_other:]]
    )


def _title(text: str) -> str:
    return f"# {text}\n\n\n"


def _header(law: Law, backend: Backend, record: Record | None) -> str:
    verdict = "checked with"
    if record is not None:
        verdict = "an error in" if record.error else "violated by"
    lines = [f"{law.id} ({law.level}; {law.term.name}), {verdict} {backend.name} {backend.version}.", ""]
    lines += textwrap.wrap(law.statement, 110)
    if record is not None:
        shown = (
            ("Raised, where no claim speaks of an exception", record.error),
            ("Expected", record.expected),
            ("Came", record.came),
            ("First difference", record.difference),
        )
        for title, text in shown:
            if text:
                lines += ["", f"{title}:", *textwrap.indent(text, "  ").splitlines()]
    versions = f"nnxspec {nnxspec.__version__}, jax {jax.__version__}, Python {platform.python_version()}"
    lines += ["", f"Written by {versions}. Run it with plain Python: it fails as long as this is so."]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)
