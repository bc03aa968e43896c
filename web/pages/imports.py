"""The import wizard: files, a check that keeps nothing, the run with its progress, the report, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from relgraph_web.imports import Job, Jobs
from relgraph_web.problems import BadRequest, document
from relgraph_web.render import Page, back, page, text_of
from relgraph_web.site import address, current_user, site, window
from werkzeug.wrappers import Response as BaseResponse

from relgraph import LoadError

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
        self.jobs.start(job, graph, dry_run=True, done=_finished(here.user.name))
        return back("import_job", job_id=job.id, as_of=None)

    def show(self, job_id: str) -> Page:
        """Show how far an import is, or its report."""
        window().whole("editor")
        job = self.jobs.job(job_id, current_user().id)
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
