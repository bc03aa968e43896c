"""Uploaded files brought into the network: kept in a folder of their own while they are read, and nothing beside it."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from relgraph_web.mapping import preview
from werkzeug.datastructures import FileStorage, MultiDict

from relgraph import Cancelled, Graph, LoadError, NotFound, RelgraphError
from relgraph.exchange import load_into
from relgraph.exchange.mapping import ImportMapping

_JOBS = 20
_KEPT_SECONDS = 3600


def run_upload(graph: Graph, files: MultiDict[str, FileStorage], *, dry_run: bool) -> dict[str, Any]:
    """Import uploaded files by the uploaded mapping and return the report as JSON.

    Raises LoadError where a file is missing or the mapping names one that was not sent.
    """
    with _folder() as folder:
        mapping = receive(files, folder)
        return dict(load_into(graph, mapping, dry_run=dry_run).to_dict())


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="relgraph-import-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def receive_list(files: MultiDict[str, FileStorage], folder: Path) -> Path | None:
    """Write a list that comes without a mapping into a folder; return where it is, None where there is a mapping."""
    given = files.get("mapping")
    if given is not None and given.filename:
        return None
    data = [one for one in files.getlist("data") if one.filename]
    if not data:
        raise LoadError("no file was sent", hint="choose a list, or a mapping (.yaml) and the files it names")
    if len(data) > 1:
        raise LoadError(
            f"{len(data)} files were sent without a mapping", hint="send one list, or a mapping that says how they fit"
        )
    path = folder / plain_name(data[0].filename or "")
    data[0].save(path)
    return path


def receive(files: MultiDict[str, FileStorage], folder: Path) -> ImportMapping:
    """Write uploaded files into a folder and return their mapping.

    A mapping that names any file but those is refused: it would read files of the server.
    """
    given = files.get("mapping")
    if given is None or not given.filename:
        raise LoadError("no mapping was sent", hint="choose the mapping file (.yaml) beside the data")
    data = [one for one in files.getlist("data") if one.filename]
    names = {plain_name(one.filename or "") for one in data}
    path = folder / "_mapping" / (Path(plain_name(given.filename)).stem + ".yaml")
    path.parent.mkdir()
    given.save(path)
    for one in data:
        one.save(folder / plain_name(one.filename or ""))
    mapping = ImportMapping.load(path)
    return _within(mapping, folder, names)


def _within(mapping: ImportMapping, folder: Path, names: set[str]) -> ImportMapping:
    from dataclasses import replace  # noqa: PLC0415 - only here

    inputs = {}
    missing = []
    for name, one in mapping.inputs.items():
        # the folders of a mapping are not sent with its files
        file = plain_name(one.file)
        if file not in names:
            missing.append(file)
        inputs[name] = replace(one, file=file)
    if missing:
        raise LoadError(
            f"the mapping {mapping.name} reads {', '.join(sorted(set(missing)))}, which was not sent",
            hint="choose every file that the mapping names",
        )
    return replace(mapping, inputs=inputs, folder=folder)


def plain_name(name: str) -> str:
    """Return the last part of a path; LoadError where nothing is left of it.

    >>> plain_name("data/../software.csv")
    'software.csv'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    if last in {"", ".", ".."} or len(last) > 200 or not last.isprintable():
        raise LoadError(f"{name[:80]!r} names no file")
    return last


@dataclass(slots=True)
class Job:
    """One import that runs while its page shows how far it is; a ``list`` is a file whose mapping is made here.

    ``meant`` is what its rows are and its columns mean, as somebody chose last.
    """

    id: str
    owner: int
    name: str
    folder: Path
    mapping: ImportMapping | None
    dry_run: bool
    list: Path | None = None
    meant: tuple[str, Mapping[str, str]] | None = None
    begun: float = field(default_factory=time.time)
    state: str = "running"
    progress: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def to_dict(self) -> dict[str, Any]:
        """Return what the page shows."""
        return {
            "id": self.id,
            "name": self.name,
            "dry_run": self.dry_run,
            "state": self.state,
            "progress": self.progress,
            "report": self.report,
            "error": self.error,
        }


class Jobs:
    """The imports of one site that run or ran lately; their files go when they are forgotten."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def prepare(self, owner: int, files: MultiDict[str, FileStorage]) -> Job:
        """Receive files for an import that is then checked and run."""
        folder = Path(tempfile.mkdtemp(prefix="relgraph-import-"))
        try:
            given = receive_list(files, folder)
            mapping = receive(files, folder) if given is None else None
            if given is not None:
                # what cannot be shown is refused at once
                preview(given)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        name = mapping.name if mapping is not None else given.stem if given is not None else ""
        job = Job(token_urlsafe(12), owner, name, folder, mapping, dry_run=True, list=given)
        if mapping is None:
            job.state = "mapping"
        with self._lock:
            old = [one for one in self._jobs.values() if one.begun < time.time() - _KEPT_SECONDS]
            old += sorted(self._jobs.values(), key=lambda one: one.begun)[: max(0, len(self._jobs) - _JOBS)]
            for one in old:
                if one.state != "running":
                    shutil.rmtree(one.folder, ignore_errors=True)
                    self._jobs.pop(one.id, None)
            self._jobs[job.id] = job
        return job

    def start(self, job: Job, graph: Graph, *, dry_run: bool, done: Callable[[Job], None]) -> None:
        """Run an import in the background."""
        job.dry_run, job.state, job.report, job.error, job.progress = dry_run, "running", None, None, {}
        job.stop.clear()
        threading.Thread(target=self._run, args=(job, graph, done), daemon=True).start()

    def _run(self, job: Job, graph: Graph, done: Callable[[Job], None]) -> None:
        def told(progress: Any) -> None:
            job.progress = {
                "phase": progress.phase,
                "input": progress.input,
                "rows": progress.rows,
                "total": progress.total,
                "fraction": progress.fraction,
                "seconds_left": progress.seconds_left,
            }

        try:
            if job.mapping is None:
                raise LoadError("this list has no mapping yet", hint="say what its columns mean")  # noqa: TRY301
            report = load_into(graph, job.mapping, dry_run=job.dry_run, progress=told, cancelled=job.stop.is_set)
            job.report = report.to_dict()
            job.state = "checked" if job.dry_run else "done"
        except Cancelled as error:
            job.error, job.state = error.to_dict(), "stopped"
        except RelgraphError as error:
            job.error, job.state = error.to_dict(), "failed"
        except Exception:
            # whatever it was, the page must not wait for ever; the log has the trace
            job.error = {
                "message": "the import failed on an error of the program; nothing of it was kept",
                "hint": None,
            }
            job.state = "failed"
            raise
        finally:
            done(job)

    def job(self, job_id: str, owner: int) -> Job:
        """Return an import of this person."""
        found = self._jobs.get(job_id)
        if found is None or found.owner != owner:
            raise NotFound("there is no such import of yours", hint="it may be over for more than an hour")
        return found
