"""The policy: to read, its versions, and changed while what it would make of the leads is told beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from crmsync.configuration import as_typed
from crmsync.console.forms import Form
from crmsync.console.saving import address, reader, saved
from crmsync.console.shown import Elsewhere, Shown, part_asked
from crmsync.console.site import Site
from crmsync.console.visitor import keeps, needs, visitor_of
from crmsync.errors import Finding, UsageError
from crmsync.operations.edit.committed import versions as file_versions
from crmsync.operations.edit.opened_file import OpenedFile, digest_of, opened_file
from crmsync.operations.edit.saved import ChangedMeanwhile
from crmsync.operations.edit.tried import policy_tried
from crmsync.operations.policy.description import policy_page
from crmsync.run.carrying_out import POLICY_OF_PLANS
from crmsync.settings import Settings
from crmsync.store import Store

MOST_VERSIONS = 20
_FEWEST_ROWS, _MOST_ROWS = 16, 40


def policy(site: Site, settings: Settings, request: Request) -> Shown:
    """What `crmsync policy describe` tells, and whether runs go by it."""
    page = policy_page(settings.policy, site.tongue(settings))
    standing = list(_standing(settings))
    terms = [part.term for section in page.sections for part in section.parts if part.term]
    values = {
        "page": page,
        "terms": terms,
        "file": settings.policy_document.file,
        "ran_by": [it.connection for it in standing if it.same],
        "not_yet": [it.connection for it in standing if it.same is False],
        "saved": request.query_params.get("saved", ""),
        "may_edit": visitor_of(request).may("admin"),
    }
    return Shown("policy.html", values)


def versions(_site: Site, settings: Settings, _request: Request) -> Shown:
    """What each version changed, as far as git knows; and what was changed here."""
    file = _file(settings)
    with closing(Store(settings.store)) as store:
        done = store.console.deeds(most=200)
    deeds = [each for each in done if each.what == "file_changed" and each.about.get("file") == file.name]
    found = file_versions(file, MOST_VERSIONS)
    values = {"file": file.name, "versions": found, "deeds": deeds, "standing": list(_standing(settings))}
    return Shown("policy_versions.html", values)


@needs("admin")
def editing(site: Site, settings: Settings, request: Request) -> Shown:
    """The file's text, to be changed."""
    file = _file(settings)
    return Shown("policy_edit.html", _edited(site, request, file, Form({"text": (file.text,)})))


def _typed_anew(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """The text again for somebody who has signed in anew since the page was loaded. Nothing is tried or written."""
    file = _file(settings)
    values = _edited(site, request, file, form)
    values["digest"] = form.get("digest", "")
    if part_asked(request):
        return Shown("policy_trial.html", values)
    trouble = UsageError(
        "you have signed in anew since this page was loaded, so nothing was written",
        hint="below is your text: send it again",
    )
    return Shown("policy_edit.html", {**values, "trouble": trouble}, 403)


@keeps(_typed_anew)
@needs("admin")
def trying(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """The text as somebody has typed it: what is wrong, and what it would make of the leads. Nothing is written."""
    file = _file(settings)
    text = as_typed(file.text, form.get("text", ""))
    tried, findings = policy_tried(settings, text)
    if tried is not None and text != file.text:
        site.trials.begin(reader(request), digest_of(text.encode("utf-8")), settings.files[0], text)
    values = _edited(site, request, file, form, findings)
    if form.get("digest") != file.digest:
        values["trouble"] = ChangedMeanwhile(
            f"{file.name} has been changed meanwhile",
            hint="your text stands here still, and what is told of it is how it differs from the file as it is now",
        )
    return Shown("policy_trial.html" if part_asked(request) else "policy_edit.html", values)


@needs("admin")
def trial(site: Site, _settings: Settings, request: Request) -> Shown | Elsewhere:
    """How far the trial has come: a part of the page."""
    if not part_asked(request):
        return Elsewhere(address("policy", "edit"))
    newest, last = site.trials.of(reader(request))
    return Shown("policy_trial_moves.html", {"trial": newest, "last": last})


@keeps(_typed_anew)
@needs("admin")
def keep(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """Save the text, if it is right and the file is still the one that it was made from; else the text stays here."""
    file = _file(settings)
    text = as_typed(file.text, form.get("text", ""))
    tried, findings = policy_tried(settings, text)
    if tried is None:
        return Shown("policy_edit.html", _edited(site, request, file, form, findings), 422)
    if text == file.text:
        return Elsewhere(address("policy", saved="there_already"))
    try:
        if form.get("digest") != file.digest:
            raise ChangedMeanwhile(
                f"{file.name} has been changed meanwhile, so nothing was written",
                hint="below is your text, and beside it how it differs from the file as it is now; save it again if "
                "that is what you want",
            )
        outcome = saved(site, settings, request, file, text, form, None)
    except UsageError as error:
        return Shown("policy_edit.html", {**_edited(site, request, file, form), "trouble": error}, 409)
    return Elsewhere(address("policy", saved=outcome))


def _edited(
    site: Site, request: Request, file: OpenedFile, form: Form, findings: tuple[Finding, ...] = ()
) -> dict[str, Any]:
    """The text as it was sent, with whatever was typed beside it."""
    newest, last = site.trials.of(reader(request))
    text = as_typed(file.text, form.get("text", ""))
    digest = digest_of(text.encode("utf-8"))
    changed = text != file.text
    return {
        "name": file.name,
        "digest": file.digest,
        "text": text.removeprefix("\ufeff"),
        "rows": max(_FEWEST_ROWS, min(_MOST_ROWS, text.count("\n") + 2)),
        "reason": form.get("reason", ""),
        "trouble": None,
        "findings": findings,
        "diff": file.diff(text) if changed else (),
        "trial": newest if newest and newest.digest == digest else None,
        "last": last if changed else None,
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a connection's last run, and the last plan that was approved or applied there, went by this wording;
    null = there was none.
    """

    connection: str
    runs: bool | None
    plans: bool | None

    @property
    def same(self) -> bool | None:
        """Of whatever there was: a plan that was written is as good as a run, and no proof that all leads follow."""
        return self.runs if self.runs is not None else self.plans


def _standing(settings: Settings) -> Iterator[Standing]:
    with closing(Store(settings.store)) as store:
        for name in settings.configured:
            known, now = store.runs.digests(name), settings.policy.digest
            yield Standing(name, *(known[it] == now if it in known else None for it in ("policy", POLICY_OF_PLANS)))


def _file(settings: Settings) -> OpenedFile:
    return opened_file(settings.directory, settings.policy_path)
