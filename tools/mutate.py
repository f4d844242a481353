"""Automatic mutation of the reference: a second opinion on the laws, which nobody picked by hand.

    python tools/mutate.py --sample 150 --seed 1 --report mutation.json

Every place of `reference_impl/` at which one of the operators of `mutations` applies is a mutant; a seeded sample of
them is loaded, each as a package of its own, and the laws are run against it: first in the profile quick, and what
survives in the profile default. Where some laws execute a line of the mutation on the unbroken reference, only these
are run. Needs Python 3.12, whose `sys.monitoring` finds that out at little cost. A mutant that hangs is ended with its
process and counts as killed.

None of the well-kept tools fits. mutmut and cosmic-ray change the files of the tree and start the tests anew for each
mutant: jax alone takes seconds to import, a law compiles what the law before it compiled already, and the package that
they would mutate is reached through a symbolic link. mutmut's trampolines besides put a wrapper around every function,
and the reference looks at signatures, hashes functions and pickles classes. Here a mutant costs about a second.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import select
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mutations import REFERENCE, ROOT, Mutation, mutations, sampled

LIMIT = 600.0
"""Seconds after which a mutant counts as hanging."""

# In a worker


def judged(law: str, backend: Any, profile: str) -> Any:
    """The search that a law makes against a backend, without making its witness smaller."""
    import hypothesis

    from nnxspec.harness import profiles
    from nnxspec.harness.search import search
    from nnxspec.harness.verdicts import load_all_bindings

    binding = load_all_bindings()[law]
    settings = profiles.settings_for(profile, binding.scale, derandomize=True)
    settings = hypothesis.settings(settings, phases=[hypothesis.Phase.generate])
    small = profiles.small_scope(profile, binding.law, binding.scale)
    return search(binding, backend, settings, small=small)


def covered(law: str, profile: str) -> list[str] | None:
    """The lines of the reference that a law executes, as ``module:line``; None if it does not hold there."""
    from nnxspec.backends import reference
    from nnxspec.harness.verdicts import load_all_bindings

    monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # from Python 3.12 on
    tool, prefix = monitoring.COVERAGE_ID, str(REFERENCE.resolve())
    backend, lines = reference.load(), set[str]()
    if backend.missing(load_all_bindings()[law].law.uses) is not None:
        return None

    def on_line(code: Any, line: int) -> Any:
        path = os.path.realpath(code.co_filename)
        if path.startswith(prefix):
            lines.add(".".join(Path(path).relative_to(prefix).with_suffix("").parts) + f":{line}")
        return monitoring.DISABLE

    monitoring.use_tool_id(tool, "nnxspec")
    monitoring.register_callback(tool, monitoring.events.LINE, on_line)
    monitoring.set_events(tool, monitoring.events.LINE)
    monitoring.restart_events()
    seen = judged(law, backend, profile)
    monitoring.set_events(tool, 0)
    monitoring.free_tool_id(tool)
    return sorted(lines) if seen.failure is None and seen.unsupported < seen.examples else None


def killed(mutation: Mutation, laws: list[str], profile: str, seconds: float) -> dict[str, Any]:
    """Which law kills a mutant, and after how many examples of all laws tried.

    Once the time is up no further law is tried, and ``untried`` says how many were not.
    """
    from nnxspec.backends import reference
    from nnxspec.backends.mutants import Fault
    from nnxspec.backends.mutants.loader import namespace

    name = f"auto-{mutation.start}-{mutation.end}-{abs(hash((mutation.module, mutation.new)))}"
    try:
        fault = Fault(name, mutation.describe(), mutation.module, mutation.source(), mutation.mutated(), ())
        nnx = namespace(fault)
    except Exception as error:
        return {"killed": f"import ({type(error).__name__})", "examples": 0}
    errors = {"TraceContextError": (nnx.TraceContextError,)}
    backend, examples = dataclasses.replace(reference.load(), name=name, namespace=nnx, errors=errors), 0
    end = time.perf_counter() + seconds
    for tried, law in enumerate(laws):
        if time.perf_counter() > end:
            return {"killed": "", "examples": examples, "untried": len(laws) - tried}
        seen = judged(law, backend, profile)
        examples += seen.examples
        if seen.failure is not None:
            return {"killed": law, "examples": examples}
    return {"killed": "", "examples": examples}


def work() -> None:
    """Reads tasks as lines of JSON, answers each with a line of JSON."""
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        task = json.loads(line)
        if "cover" in task:
            answer: Any = covered(task["cover"], task["profile"])
        else:
            mutation = Mutation(**task["mutation"] | {"lines": tuple(task["mutation"]["lines"])})
            answer = killed(mutation, task["laws"], task["profile"], task["seconds"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


# In the parent


class Worker:
    """A process that does one task after the other."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def ask(self, task: dict[str, Any]) -> Any:
        """The answer to a task. A process that hangs or dies counts as a kill, and is replaced."""
        if self.process is None:
            command = [sys.executable, __file__, "--worker"]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.close()
            return {"killed": "process ended" if ready else "time", "examples": 0}
        return json.loads(line)

    def close(self) -> None:
        """Ends the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def share_out(items: Iterable[Any], jobs: int, do: Callable[[Worker, Any], None]) -> None:
    """Does something with every item, several at a time, each with a worker of its own."""
    waiting, lock = iter(items), threading.Lock()

    def run() -> None:
        worker = Worker()
        while True:
            with lock:
                item = next(waiting, None)
            if item is None:
                return worker.close()
            do(worker, item)

    threads = [threading.Thread(target=run) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def coverage(jobs: int, *, transforms: bool) -> dict[str, list[str]]:
    """For every law that holds on the reference, the lines of the reference that it executes."""
    from nnxspec.harness.verdicts import load_all_bindings
    from nnxspec.spec.terms import TRANSFORMATION

    found: dict[str, list[str]] = {}

    def cover(worker: Worker, law: str) -> None:
        lines = worker.ask({"cover": law, "profile": "quick"})
        if isinstance(lines, list):
            found[law] = lines

    bindings = load_all_bindings().items()
    share_out([law for law, b in bindings if transforms or b.law.term is not TRANSFORMATION], jobs, cover)
    return found


def covering(lines_of: dict[str, list[str]], mutation: Mutation, kills: Counter[str]) -> list[str]:
    """The laws that execute a line of the mutation, all if it runs at import: first those that killed most so far, then
    those that execute least."""
    wanted = {f"{mutation.module}:{line}" for line in range(mutation.lines[0], mutation.lines[1] + 1)}
    laws = [law for law, lines in lines_of.items() if not mutation.inside or wanted & set(lines)]
    return sorted(laws, key=lambda law: (-kills[law], len(lines_of[law])))


def main() -> int:
    """Command line. Gives 0: survivors are for a person to look at."""
    form = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    form.add_argument("--sample", type=int, default=150, help="how many mutants (default: 150)")
    form.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    form.add_argument("--jobs", type=int, default=2, help="how many processes (default: 2)")
    form.add_argument("--without-transforms", action="store_true", help="neither mutants nor laws of transformations")
    form.add_argument("--modules", default="*", metavar="PATTERN", help="only mutants of these, like 'transforms.*'")
    form.add_argument("--seconds", type=float, default=LIMIT / 2, help="for a mutant in a profile (default: 300)")
    form.add_argument("--coverage", type=Path, help="where the lines that laws execute are kept between runs")
    form.add_argument("--report", type=Path, help="where the results go, as JSON; a report that exists is continued")
    form.add_argument("--list", action="store_true", help="print the sample and stop")
    form.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = form.parse_args()
    sys.path.insert(0, str(ROOT / "src"))
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    if given.worker:
        work()
        return 0
    transforms = not given.without_transforms
    sample = sampled(given.sample, given.seed, given.modules, transforms=transforms)
    if given.list:
        print(f"{len(mutations())} mutants", *(mutation.describe() for mutation in sample), sep="\n")
        return 0
    warnings.simplefilter("ignore")
    if given.coverage and given.coverage.exists():
        lines_of = json.loads(given.coverage.read_text(encoding="utf-8"))
    else:
        lines_of = coverage(given.jobs, transforms=transforms)
        if given.coverage:
            given.coverage.write_text(json.dumps(lines_of), encoding="utf-8")
    done: list[dict[str, Any]] = []
    if given.report and given.report.exists():
        done = json.loads(given.report.read_text(encoding="utf-8"))
    seen = {result["mutant"] for result in done}
    kills = Counter[str](result["killed"] for result in done if result["killed"])

    def hunt(worker: Worker, mutation: Mutation) -> None:
        start, laws = time.perf_counter(), covering(lines_of, mutation, kills)
        answer: dict[str, Any] = {"killed": "", "examples": 0}
        for profile in ("quick", "default") if laws else ():
            task = {"mutation": dataclasses.asdict(mutation), "laws": laws, "profile": profile}
            answer = worker.ask(task | {"seconds": given.seconds})
            if answer["killed"]:
                kills[answer["killed"]] += 1
                break
        seconds = round(time.perf_counter() - start, 1)
        done.append({"mutant": mutation.describe(), **answer, "laws": len(laws), "seconds": seconds})
        what = "SURVIVES" if laws else "NOT REACHED"
        if answer.get("untried"):
            what = f"UNDECIDED ({answer['untried']} laws untried)"
        if answer["killed"]:
            what = f"killed by {answer['killed']}"
        print(f"{len(done):4} {what:48} {mutation.describe()} ({seconds} s)", flush=True)
        if given.report:
            given.report.write_text(json.dumps(done, indent=1), encoding="utf-8")

    share_out([mutation for mutation in sample if mutation.describe() not in seen], given.jobs, hunt)
    count = sum(bool(result["killed"]) for result in done)
    print(f"{count} of {len(done)} mutants killed ({count / len(done):.0%})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
