"""The import wizard: files, a check that keeps nothing, the run with its progress, the report, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, request
from relgraph_web.access import Window
from relgraph_web.imports import Job, Jobs
from relgraph_web.mapping import likely, likely_details, likely_type, mapping_of, preview
from relgraph_web.pages.entity import possible
from relgraph_web.problems import BadRequest, document
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import address, current_user, site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import LoadError, NotFound

_ROWS = 200


class Wizard:
    """The pages of imports of one site."""

    def __init__(self) -> None:
        self.jobs = Jobs()

    def begin(self) -> Page:
        """Ask for the files."""
        window().whole("editor")
        return _start(None)

    def upload(self) -> BaseResponse:
        """Receive files and check them against the network."""
        here = window()
        graph = here.whole("editor")
        try:
            job = self.jobs.prepare(here.user.id, request.files)
        except LoadError as error:
            return _start(document(error)).answer("html")
        if job.mapping is not None:
            self.jobs.start(job, graph, dry_run=True, done=_finished(here.user.name))
        return back("import_job", job_id=job.id, as_of=None)

    def show(self, job_id: str) -> Page:
        """Show how far an import is, or its report."""
        window().whole("editor")
        job = self.jobs.job(job_id, current_user().id)
        if job.list is not None and (job.state == "mapping" or (request.args.get("map") and job.state != "running")):
            return _to_map(window(), job)
        return Page(
            "relgraph/import_job.html",
            {"job": job, "rows": _rows(job)[:_ROWS], "all_rows": len(_rows(job))},
            job.to_dict(),
        )

    def act(self, job_id: str) -> BaseResponse:
        """Run, stop or take back an import."""
        here = window()
        graph = here.whole("editor")
        job = self.jobs.job(job_id, here.user.id)
        match text_of("action"):
            case "map" | "details" as wanted if job.list is not None and job.state != "running":
                try:
                    chosen, meanings = _meant(here, job)
                    if wanted == "details":
                        job.meant = chosen, likely_details(here.vocabulary, meanings)
                        return back("import_job", job_id=job.id, map=1, as_of=None)
                    job.mapping = mapping_of(
                        here.vocabulary, job.list, source=job.name, type_name=chosen, meanings=meanings
                    )
                except LoadError as error:
                    return _to_map(here, job, problem=document(error)).answer("html")
                job.meant = chosen, meanings
                self.jobs.start(job, graph, dry_run=True, done=_finished(here.user.name))
            case "check" if job.mapping is not None and job.state in {"stopped", "failed", "undone"}:
                self.jobs.start(job, graph, dry_run=True, done=_finished(here.user.name))
            case "run" if job.state == "checked":
                self.jobs.start(job, graph, dry_run=False, done=_finished(here.user.name))
            case "stop":
                job.stop.set()
            case "undo" if job.state == "done" and job.report and job.report["batch"]:
                here.undo(job.report["batch"])
                job.state = "undone"
                site().accounts.record(
                    here.user.name, "import taken back", address=address(), batch=job.report["batch"]
                )
            case other:
                raise BadRequest(f"this import is {job.state}: {other or 'that'} cannot be done with it now")
        return back("import_job", job_id=job.id, as_of=None)


def _types(here: Window) -> list[str]:
    return [name for name, one in here.vocabulary.types.items() if not one.abstract]


def _offers(here: Window, type_name: str, meanings: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what columns may mean, in words: facts, relations, and more of the relations that are meant."""
    styles, words, meant = site().styles(), here.vocabulary, set(meanings)
    facts = [(f"field {name}", styles.say(one.label, name)) for name, one in words.fields(type_name).items()]
    relations: list[tuple[str, str]] = []
    more: dict[str, list[tuple[str, str]]] = {}
    for reading, targets in possible(here, type_name):
        for target in targets:
            relation, label = f"{reading.name} {target}", styles.type(target).label
            relations.append((f"relation {relation}", f"{reading.words} … ({label} of this name)"))
            if any(one.split(" ")[1:3] == [reading.name, target] for one in meant):
                more[f"More of “{reading.words} …” ({label})"] = _details(here, relation)
    return {name: offered for name, offered in {"Facts": facts, "Relations": relations, **more}.items() if offered}


def _details(here: Window, relation: str) -> list[tuple[str, str]]:
    """Return what a column may say of a relation beside the name of its other end."""
    predicate = here.vocabulary.readings[relation.split(" ", maxsplit=1)[0]].predicate
    found = []
    for one in predicate.attributes:
        value, words = f"attribute {relation} {one.name}", site().styles().say(one.label, one.name)
        if one.kind == "percent":
            found += [(value, f"{words}, written 25%"), (f"{value} points", f"{words}, 25 is 25%")]
            found.append((f"{value} fraction", f"{words}, 0.25 is 25%"))
        else:
            found.append((value, words))
    if predicate.time == "valid":
        found += [(f"since {relation}", "since"), (f"until {relation}", "until, the day after the last")]
        found.append((f"last {relation}", "until, the last day"))
    return found


def _to_map(here: Window, job: Job, *, problem: dict[str, Any] | None = None) -> Page:
    """Show the beginning of a list, and what its columns may mean."""
    shown, types = preview(cast("Path", job.list)), _types(here)
    if not types:
        raise BadRequest("the vocabulary has no type of entity yet", hint="a designer adds one under Vocabulary")
    before = job.meant or (likely_type(here.vocabulary, types, shown.columns), None)
    chosen = request.values.get("type") or before[0]
    if chosen not in types:
        raise NotFound(f"there is no type {chosen!r}")
    held = (
        before[1] if chosen == before[0] and before[1] is not None else likely(here.vocabulary, chosen, shown.columns)
    )
    meanings = [text_of(f"column.{at}") if problem else held[one] for at, one in enumerate(shown.columns)]
    offers = _offers(here, chosen, meanings)
    return Page(
        "relgraph/import_map.html",
        {
            "job": job,
            "preview": shown,
            "types": types,
            "type": chosen,
            "offers": offers,
            "meanings": meanings,
            "source": text_of("source") or job.name,
            "problem": problem,
        },
        {
            **job.to_dict(),
            "columns": list(shown.columns),
            "type": chosen,
            "meanings": dict(zip(shown.columns, meanings, strict=True)),
            "offers": {value: words for offered in offers.values() for value, words in offered},
        },
        status=200 if problem is None else int(problem["status"]),
    )


def _meant(here: Window, job: Job) -> tuple[str, dict[str, str]]:
    """Return what a form says that rows are and columns mean; LoadError where one cannot mean that."""
    path = cast("Path", job.list)
    columns = preview(path).columns
    chosen = text_of("type")
    if chosen not in _types(here):
        raise NotFound(f"there is no type {chosen!r}")
    meanings = {column: text_of(f"column.{at}") for at, column in enumerate(columns)}
    offers = _offers(here, chosen, meanings.values())
    known = {"", "key", *(value for offered in offers.values() for value, _ in offered)}
    for column, meaning in meanings.items():
        if meaning not in known:
            raise LoadError(f"{column} cannot mean {meaning!r} for {chosen}", hint="choose the type first")
    job.name = text_of("source", most=100) or path.stem
    return chosen, meanings


def register(blueprint: Blueprint) -> None:
    """Register the wizard."""
    wizard = Wizard()
    page(blueprint, "/import", endpoint="imports", forms=())(wizard.begin)
    blueprint.add_url_rule("/import", "upload", wizard.upload, methods=["POST"])
    page(blueprint, "/import/<job_id>", endpoint="import_job")(wizard.show)
    blueprint.add_url_rule("/import/<job_id>", "import_act", wizard.act, methods=["POST"])


def _start(problem: dict[str, Any] | None) -> Page:
    return Page(
        "relgraph/import.html",
        {"problem": problem, "most": site().settings.upload // 1024 // 1024},
        status=problem["status"] if problem else 200,
    )


def _finished(actor: str) -> Any:
    accounts = site().accounts

    def done(job: Job) -> None:
        if not job.dry_run:
            batch = None if job.report is None else job.report.get("batch")
            accounts.record(actor, "import", name=job.name, state=job.state, batch=batch)

    return done


def _rows(job: Job) -> list[dict[str, Any]]:
    return [] if job.report is None else list(job.report.get("rows", ()))
