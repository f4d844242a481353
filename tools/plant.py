"""Faults planted in an installed flax: would `nnxspec check flax` notice them?

    python tools/plant.py --faults tools/planted.toml --report planted.json
    python tools/plant.py --automatic 40 --seed 1 --report planted.json

Each fault is one replacement in the text of one module of `flax.nnx`, made while it is imported, in a process of its
own that is forked before jax has started; no file of flax is changed. The laws of the object model that execute a
changed line on the unbroken flax are run against it as `nnxspec check` runs them, with the deviations that nnxspec
brings along, derandomised and without making witnesses smaller, until one fails. Needs Python 3.12, whose
`sys.monitoring` finds those laws at little cost.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import fnmatch
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import pkgutil
import random
import select
import signal
import sys
import time
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from mutations import ROOT, Finder

MODULES = ("graphlib", "statelib", "variablelib", "rnglib", "filterlib", "pytreelib", "module", "helpers", "traversals")
"""Where faults of the object model are planted."""


@dataclasses.dataclass(frozen=True)
class Planted:
    """A fault: what stands in the text of one module of `flax.nnx`, and what is put there instead.

    Args:
        name: short name.
        module: module of `flax.nnx`.
        old: text that occurs exactly once.
        new: what is put in its place.
        laws: patterns of the laws to try, for a fault in what runs at import, which all laws would reach.
        start: offset of the text, where it may occur several times.
    """

    name: str
    module: str
    old: str
    new: str
    laws: tuple[str, ...] = ()
    start: int = -1

    def applied(self, source: str) -> str:
        """The text of the module with the fault.

        Raises:
            ValueError: the old text does not occur exactly once.
        """
        if self.start >= 0:
            return source[: self.start] + self.new + source[self.start + len(self.old) :]
        if source.count(self.old) != 1:
            raise ValueError(f"{self.name}: its text occurs {source.count(self.old)} times in {self.module}.py")
        return source.replace(self.old, self.new)


@functools.cache
def bodies_of(module: str) -> tuple[range, ...]:
    """The lines of the bodies of the functions of a module."""
    tree = ast.parse(source_of(module))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return tuple(range(node.body[0].lineno, (node.end_lineno or 0) + 1) for node in functions)


def lines_of(fault: Planted) -> tuple[range, bool]:
    """The lines that a fault touches, and whether all of them are in bodies of functions."""
    source, old, new = source_of(fault.module), fault.old, fault.new
    prefix = os.path.commonprefix([old, new])
    suffix = os.path.commonprefix([old[len(prefix) :][::-1], new[len(prefix) :][::-1]])
    changed = old[len(prefix) : len(old) - len(suffix)]
    start = fault.start if fault.start >= 0 else source.index(old)
    first = source.count("\n", 0, start + len(prefix)) + 1
    touched = range(first, first + changed.rstrip("\n").count("\n") + 1) if changed else range(first - 1, first + 1)
    return touched, all(any(line in body for body in bodies_of(fault.module)) for line in touched)


def place(module: str) -> str:
    """The file of a module of `flax.nnx`, below its folder and without its suffix."""
    return module.replace(".", "/")


@functools.cache
def source_of(module: str) -> str:
    """The text of a module of the installed `flax.nnx`."""
    spec = importlib.util.find_spec("flax")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).with_name("nnx").joinpath(f"{place(module)}.py").read_text(encoding="utf-8")


class _Loader(importlib.machinery.SourceFileLoader):
    fault: Planted

    def get_code(self, fullname: str) -> Any:
        return compile(self.fault.applied(Path(self.path).read_text(encoding="utf-8")), self.path, "exec")


class _Planter(importlib.abc.MetaPathFinder):
    def __init__(self, fault: Planted) -> None:
        self.fault = fault

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if fullname != f"flax.nnx.{self.fault.module}":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert spec is not None and spec.origin is not None
        spec.loader = _Loader(fullname, spec.origin)
        spec.loader.fault = self.fault
        return spec


@functools.cache
def bindings() -> dict[str, Any]:
    """The laws with their strategies, by id."""
    from nnxspec import properties
    from nnxspec.harness.binding import BINDINGS

    for module in pkgutil.walk_packages(properties.__path__, "nnxspec.properties."):
        if ".test_" in module.name:
            importlib.import_module(module.name)
    return dict(BINDINGS)


# What a forked process does


def judged(law: str, session: Any, profile: str) -> tuple[str, str]:
    """What `nnxspec check` says of a law, and why: the verdict, without making a witness smaller."""
    import hypothesis

    from nnxspec.harness import profiles
    from nnxspec.harness.excluding import narrowed
    from nnxspec.harness.search import replay, search
    from nnxspec.harness.verdicts import one_line

    binding = bindings()[law]
    if session.backend.missing(binding.law.uses) is not None:
        return "unsupported", ""
    entries = session.deviations.by_law.get(law, ())
    known = [each for each in entries if replay(binding.law, session.backend, each.inputs(binding.law)).failure]
    if not all(each.excludes for each in known):
        return "known", "not searched"
    settings = profiles.settings_for(profile, binding.scale, derandomize=True)
    settings = hypothesis.settings(settings, phases=[hypothesis.Phase.generate])
    small = profiles.small_scope(profile, binding.law, binding.scale)
    rest = narrowed(binding, [one for each in known for one in each.excludes]) if known else binding
    seen = search(rest, session.backend, settings, small=small)
    nothing = (hypothesis.errors.Unsatisfiable, hypothesis.errors.FailedHealthCheck)
    if seen.failure is None or known and seen.witness is None and isinstance(seen.failure, nothing):
        return ("known" if known else "holds"), ""
    return "fails", one_line(seen.failure)


@functools.cache
def shipped() -> list[Any]:
    """The deviations that nnxspec brings along; read once, so that all faults are judged by the same."""
    from nnxspec.harness import deviations

    return [entry for path in deviations.shipped() for entry in deviations.load(path, shipped=True)]


def session_with_flax() -> Any:
    """A session with flax and the deviations that nnxspec brings along."""
    from nnxspec.backends import flax
    from nnxspec.harness.deviations import Deviations
    from nnxspec.harness.devices import announce
    from nnxspec.harness.session import Session

    announce(None)
    backend = flax.load()
    by_law: dict[str, list[Any]] = {}
    for entry in shipped():
        if entry.fits(backend):
            by_law.setdefault(entry.law, []).append(entry)
    return Session(backend, "flax", derandomize=True, deviations=Deviations(by_law))


def hunt(fault: Planted, laws: Sequence[str], profiles: Sequence[str], tell: Callable[[Any], None]) -> None:
    """Runs laws until one fails, and tells which."""
    sys.meta_path.insert(0, _Planter(fault))
    try:
        importlib.import_module("flax.nnx")
    except Exception as error:
        return tell({"killed": "import", "why": f"{type(error).__name__}: {error}"[:200]})
    session = session_with_flax()
    for profile in profiles:
        for law in laws:
            verdict, why = judged(law, session, profile)
            if verdict == "fails":
                return tell({"killed": law, "why": why, "profile": profile})
    return tell({"killed": ""})


def survey(laws: Sequence[str], tell: Callable[[Any], None]) -> None:
    """Tells of each law what it says of the unbroken flax, how long it takes and which lines of flax it executes."""
    monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # from Python 3.12 on
    tool, session, lines = monitoring.COVERAGE_ID, session_with_flax(), set[str]()

    def on_line(code: Any, line: int) -> Any:
        folder, _, name = code.co_filename.rpartition("/flax/nnx/")
        if folder:
            lines.add(f"{name.removesuffix('.py')}:{line}")
        return monitoring.DISABLE

    monitoring.use_tool_id(tool, "plant")
    monitoring.register_callback(tool, monitoring.events.LINE, on_line)
    monitoring.set_events(tool, monitoring.events.LINE)
    for law in laws:
        lines.clear()
        monitoring.restart_events()
        start = time.perf_counter()
        verdict, why = judged(law, session, "default")
        seconds = round(time.perf_counter() - start, 2)
        tell({"law": law, "verdict": verdict, "why": why, "seconds": seconds, "lines": sorted(lines)})


def forked(do: Callable[[Callable[[Any], None]], None], seconds: float) -> tuple[list[Any], str]:
    """What a forked process tells, and how it ended: empty, ``time``, or ``died``."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        warnings.simplefilter("ignore")

        def tell(value: Any) -> None:
            os.write(writer, json.dumps(value).encode() + b"\n")

        status = 1
        try:
            do(tell)
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    heard, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([reader], [], [], left)[0]:
            break
        part = os.read(reader, 1 << 16)
        if not part:
            break
        heard += part
    over = left <= 0 or time.monotonic() >= end
    if over:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(reader)
    answers = [json.loads(line) for line in heard.splitlines()]
    return answers, "time" if over else "died" if status else ""


# What the first process does


def reaching(fault: Planted, known: Iterable[dict[str, Any]], kills: Counter[str]) -> list[str]:
    """The laws that execute a line that the fault touches, all where it runs at import; likely ones first."""
    lines, inside = lines_of(fault)
    touched = {f"{place(fault.module)}:{line}" for line in lines}
    found = [law for law in known if law["verdict"] != "fails"]  # one that fails without the fault tells nothing
    found = [law for law in found if law["lines"] and (not inside or touched & set(law["lines"]))]
    if fault.laws:
        found = [law for law in found if any(fnmatch.fnmatchcase(law["law"], each) for each in fault.laws)]
    return [law["law"] for law in sorted(found, key=lambda law: (-kills[law["law"]], law["seconds"]))]


def automatic(count: int, seed: int, known: Sequence[dict[str, Any]]) -> list[Planted]:
    """A sample of those mutations of `MODULES` that some law executes."""
    found = []
    for module in MODULES:
        source = source_of(module)
        finder = Finder(module, source)
        finder.visit(ast.parse(source))
        for one in sorted(set(finder.found), key=lambda m: (m.start, m.end, m.new)):
            if one.inside:
                old = source[one.start : one.end]
                shown = f"{' '.join(old.split())[:70]} -> {' '.join(one.new.split())[:70]}"
                name = f"{module}:{one.lines[0]} [{one.operator}] {shown}"
                found.append(Planted(name, module, old, one.new, start=one.start))
    if not count:
        return []
    reached = {line for law in known for line in law["lines"]}
    chosen = [each for each in found if any(f"{place(each.module)}:{line}" in reached for line in lines_of(each)[0])]
    print(f"{len(chosen)} of {len(found)} mutations are executed by a law", flush=True)
    return random.Random(seed).sample(chosen, min(count, len(chosen)))


def main() -> int:
    """Command line. Gives 0: survivors are for a person to look at."""
    form = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    form.add_argument("--faults", type=Path, help="a TOML file of faults")
    form.add_argument("--only", default="", help="only faults whose name has this in it")
    form.add_argument("--automatic", type=int, default=0, help="how many automatic mutants besides (default: 0)")
    form.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    form.add_argument("--survey", type=Path, default=Path("plant-survey.json"), help="what laws execute; kept")
    form.add_argument("--first", default="", help="laws that are tried first, with commas between")
    form.add_argument("--profiles", default="quick,default", help="profiles, one after the other")
    form.add_argument("--seconds", type=float, default=400, help="for one fault (default: 400)")
    form.add_argument("--report", type=Path, help="where the results go, as JSON; a report that exists is continued")
    form.add_argument("--list", action="store_true", help="print the faults and stop")
    given = form.parse_args()
    sys.path.insert(0, str(ROOT / "src"))
    warnings.simplefilter("ignore")
    laws = list(bindings())
    shipped()
    known = json.loads(given.survey.read_text(encoding="utf-8")) if given.survey.exists() else []
    if rest := [law for law in laws if law not in {each["law"] for each in known}]:
        surveyed, ended = forked(lambda tell: survey(rest, tell), 7200)
        print(f"{len(surveyed)} of {len(rest)} laws surveyed {ended}", flush=True)
        known = [each for each in known if each["law"] in laws] + surveyed
        given.survey.write_text(json.dumps(known), encoding="utf-8")
    faults = automatic(given.automatic, given.seed, known)
    if given.faults:
        written = tomllib.loads(given.faults.read_text(encoding="utf-8"))["fault"]
        faults = [*(Planted(**{**each, "laws": tuple(each.get("laws", ()))}) for each in written), *faults]
    faults = [fault for fault in faults if given.only in fault.name]
    for fault in faults:
        compile(fault.applied(source_of(fault.module)), fault.name, "exec")
    if given.list:
        print(*(fault.name for fault in faults), sep="\n")
        return 0
    done: list[dict[str, Any]] = []
    if given.report and given.report.exists():
        done = json.loads(given.report.read_text(encoding="utf-8"))
    seen, kills = {one["fault"] for one in done}, Counter(one["killed"] for one in done)
    kills.update(dict.fromkeys(given.first.split(","), 1000))
    for fault in faults:
        if fault.name in seen:
            continue
        start, reached = time.monotonic(), reaching(fault, known, kills)
        answers, ended = forked(
            lambda tell, fault=fault, reached=reached: hunt(fault, reached, given.profiles.split(","), tell),  # type: ignore[misc]
            given.seconds,
        )
        answer = answers[-1] if answers else {"killed": "" if ended == "time" else ended, "why": ended}
        kills[answer["killed"]] += 1
        seconds = round(time.monotonic() - start, 1)
        done.append({"fault": fault.name, **answer, "laws": len(reached), "seconds": seconds})
        what = f"killed by {answer['killed']}" if answer["killed"] else "SURVIVES" if reached else "NOT REACHED"
        print(
            f"{len(done):4} {what:48} {fault.name} ({len(reached)} laws, {seconds} s) {answer.get('why', '')}",
            flush=True,
        )
        if given.report:
            given.report.write_text(json.dumps(done, indent=1), encoding="utf-8")
    print(f"{sum(bool(one['killed']) for one in done)} of {len(done)} killed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
