"""What a run does so that a death loses nothing: journals, a watcher, verdicts for laws whose worker died."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nnxspec.spec import Law, decode

from . import budget, journal
from .choose import time_limit
from .failure import message
from .outcome import write_script
from .report import Report
from .session import Session
from .standalone import script_or_note
from .verdicts import ERROR, HOLDS, KNOWN, UNSUPPORTED, Record, binding_of, printable
from .watch import Watch, use_watch


class Guard:
    """Around one run, in each of its processes.

    Args:
        config: pytest's configuration.
        session: the session of this process.
    """

    def __init__(self, config: pytest.Config, session: Session) -> None:
        self.session = session
        inherited: Mapping[str, Any] = getattr(config, "workerinput", {})
        self.worker: str = inherited.get("workerid", "")
        self.distributed = bool(self.worker) or bool(getattr(config.option, "tx", None))
        root = Path(inherited.get("nnxspec_root", config.invocation_params.dir))
        self.root = root
        self.folder = journal.state_folder(root)
        self.run: str = inherited.get("nnxspec_run", str(os.getpid()))
        self.seconds = time_limit(config)
        self.known: dict[str, float] = inherited.get("nnxspec_proved", {})
        self.watch: Watch | None = None
        self.watcher: journal.Watcher | None = None
        if not self.worker:
            self.known = budget.proved(self.folder, self._key)
            self.notices = journal.left_behind(self.folder, *self._command()) if self.folder is not None else []
            for notice in self.notices:
                sys.stderr.write(f"nnxspec: {notice}")

    @property
    def _key(self) -> str:
        return f"{self.session.backend.name} {self.session.backend.version}"

    def _command(self) -> tuple[str, str, str]:
        """How a replay command starts, the option for its example, and the backend."""
        named, device = shlex.quote(self.session.named), self.session.device
        if self.session.command == "nnxspec":
            on = "" if device == "cpu" else f" --device {device}"
            return f"nnxspec check {named}{on} --law", "--example", self.session.named
        on = "" if device == "cpu" else f" --nnx-device {device}"
        start = f"pytest --pyargs nnxspec.properties --nnx-backend {named}{on} --nnx-law"
        return start, "--nnx-example", self.session.named

    def _path(self, worker: str) -> Path | None:
        return None if self.folder is None else self.folder / "journal" / f"{self.run}-{worker or 'main'}.json"

    def begin(self) -> None:
        """This process is going to try laws: it gets a journal, and outside of a distributed run a watcher."""
        path = self._path(self.worker)
        self.watch = Watch(
            self.seconds,
            None if path is None else journal.Journal(path),
            fatal=bool(self.worker),
            hard=path is not None,
        )
        use_watch(self.watch)
        if path is not None and not self.distributed:
            self.watcher = journal.Watcher(path, *self._command())

    def passed_on(self) -> dict[str, Any]:
        """What workers have to know."""
        end = {} if self.session.budget is None else {"nnxspec_end": self.session.budget.end}
        return {"nnxspec_root": str(self.root), "nnxspec_run": self.run, "nnxspec_proved": self.known, **end}

    def in_order(self, laws: Iterable[str]) -> dict[str, int]:
        """The place of each law in the order in which a budget is spent on them."""
        order = budget.longest_unproved_first(sorted(laws), self.known)
        if self.session.budget is not None:
            self.session.budget.order = order
        return {law: place for place, law in enumerate(order)}

    def proved(self, report: Report) -> None:
        """Notes which laws were searched without a new failure."""
        if self.session.given("") is None:
            laws = (record.law for record in report.laws if record.verdict in (HOLDS, KNOWN, UNSUPPORTED))
            budget.prove(self.folder, self._key, laws)

    def died(self, node: Any, test: str, report: Any) -> None:
        """A worker died: makes the verdict on the law that it was judging out of its journal, and the message."""
        path = self._path(node.gateway.id)
        entry = None if path is None else journal.read(path)
        how = _how(node)
        if path is None or entry is None:
            where = "between two examples" if path is None else "between two examples, or its journal is elsewhere"
            report.longrepr = f"nnxspec: the worker {node.gateway.id} {how} while it ran {test}, {where}"
            return
        stack = path.with_suffix(".stack")
        where = entry.get("where") or _text(stack)
        if where and not entry.get("why"):
            limit = f"{self.seconds:g} s"
            entry["why"] = f"an example did not end within {limit} and let nothing else run: the process ended"
        entry["why"] = entry.get("why") or f"the process {how}"
        for each in (path, stack):
            each.unlink(missing_ok=True)
        binding = binding_of(entry["judged"])
        record = self._record(None if binding is None else binding.law, entry, where)
        report.nnxspec = record.as_dict()
        if binding is None:  # a law that is bound in a project of its own, which a controller does not collect
            again = journal.once_more(entry["law"], entry["inputs"], *self._command())
            report.longrepr = f"{record.law}: {record.error}\n\n{record.traceback}\n\nOnce more:\n    {again}\n"
        else:
            report.longrepr = message(record, binding.law, self.session, written=write_script(record, self.session))

    def _record(self, law: Law | None, entry: Mapping[str, Any], where: str) -> Record:
        """The verdict on a law whose worker died."""
        record = Record(entry["judged"], entry["term"], entry["level"], verdict=ERROR)
        record.examples = int(entry["examples"])
        record.error = printable(journal.told(entry))
        record.traceback = printable(where.strip()) or record.error
        if entry["law"] != record.law:
            record.traceback += f"\n\nThat example once more: --nnx-replay {self._keep(entry['law'], entry['inputs'])}"
        else:
            record.witness = entry["inputs"]
            record.digest = self._keep(record.law, record.witness)
        found = entry.get("found")
        if found:
            name = self._keep(record.law, found["inputs"])
            record.error += f"; before that another example failed ({name}): {printable(found['difference'])}"
        if law is not None and record.witness is not None:
            inputs = {name: decode(value) for name, value in record.witness.items()}
            record.script = script_or_note(law, inputs, self.session.backend, record)
        return record

    def _keep(self, law: str, witness: Any) -> str:
        if self.folder is None:
            return journal.digest(law, witness)
        return journal.keep(self.folder, law, witness, self.session.named)

    def close(self) -> None:
        """The run is over."""
        if self.watch is not None:
            self.watch.close()
            use_watch(None)
        if self.watcher is not None:
            self.watcher.close()


def _how(node: Any) -> str:
    """How a worker's process ended, as far as it can be known: on this machine it can."""
    process = getattr(getattr(node.gateway, "_io", None), "popen", None)
    try:
        status = None if process is None else process.wait(timeout=5)
    except Exception:
        status = None
    if status is None:
        return "died"
    if status >= 0:
        return f"ended itself with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was killed by {name}" + (" (is there enough memory?)" if name == "SIGKILL" else "")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
