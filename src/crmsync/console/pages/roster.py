"""One person of the roster: absences and last day, changed in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from crmsync.console.drafts import Draft
from crmsync.console.forms import Form, place_in_list
from crmsync.console.saving import address, as_shown, overtaken, reader, saved, taken_away
from crmsync.console.shown import Elsewhere, Shown
from crmsync.console.site import Site
from crmsync.console.visitor import needs
from crmsync.errors import UsageError
from crmsync.operations.edit.absences import persons_days, with_absence, with_last_day, without_absence
from crmsync.operations.edit.opened_file import OpenedFile, opened_file
from crmsync.operations.edit.tried import roster_tried
from crmsync.operations.edit.typed_days import WhyNot, WrongDays
from crmsync.settings import Settings
from crmsync.tongue import to_say

_OF = "roster"
"""What drafts of this page are about."""
_NEW, _LAST_DAY = "new", "ends"
WORDS: Mapping[WhyNot, str] = {
    "missing": to_say("Say which day."),
    "no_day": to_say("This is no day that can be counted with. Write it as 2026-12-24."),
    "no_time": to_say("This is no time of day. Write it as 12:00."),
    "before_begin": to_say("The absence would end before it begins."),
    "before_first_day": to_say("This is before the first day."),
    "there_already": to_say("This absence stands there already."),
}


@needs("admin")
def person(site: Site, settings: Settings, request: Request) -> Shown:
    """What the file says of one. Raises `UsageError` for somebody who is not in the roster."""
    number = request.query_params.get("draft", "")
    draft = _draft(site, settings, request, number)
    return _shown(settings, request, request.path_params["person"], draft, number)


@needs("admin")
def absence(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """Another absence, one more or one less: a draft, or the same one with more in it."""
    connection, key, asked = _connection(request), form.get("person", ""), form.get("absence", _NEW)
    before = _draft(site, settings, request, form.get("draft", ""))
    number = None if asked == _NEW else place_in_list(asked)
    if number is not None:
        as_shown(before, form)
    try:
        if form.get("remove") and number is not None:
            text = without_absence(settings, connection, before.text, key, number)
        else:
            text = with_absence(settings, connection, before.text, key, number, form)
    except WrongDays as error:
        return _shown(settings, request, key, before, form.get("draft", ""), (asked, form, error))
    return _to_draft(site, request, key, before, text)


@needs("admin")
def last_day(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """Another last day, or none: the same."""
    key, typed = form.get("person", ""), None if form.get("clear") else form.get("ends", "")
    before = _draft(site, settings, request, form.get("draft", ""))
    try:
        text = with_last_day(settings, _connection(request), before.text, key, typed)
    except WrongDays as error:
        return _shown(settings, request, key, before, form.get("draft", ""), (_LAST_DAY, form, error))
    return _to_draft(site, request, key, before, text)


@needs("admin")
def keep(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Save the change. Raises `UsageError` where the file was changed meanwhile, or would not be right."""
    draft = _draft(site, settings, request, form.get("draft", ""))
    tried, _ = roster_tried(settings, draft.text)
    if tried is None:
        raise UsageError("this change is not right, so nothing was written", hint="go back, and mend what is told")
    outcome = saved(site, settings, request, draft.file, draft.text, form, None)
    site.drafts.drop(form.get("draft", ""))
    return Elsewhere(_page(request, form.get("person", ""), saved=outcome))


@needs("admin")
def drop(site: Site, _settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Forget the change."""
    site.drafts.drop(form.get("draft", ""))
    return Elsewhere(_page(request, form.get("person", "")))


@needs("admin")
def download(site: Site, settings: Settings, request: Request) -> Response:
    """The changed file, or the file as it is."""
    draft = _draft(site, settings, request, request.query_params.get("draft", ""))
    return taken_away(draft.file, draft.text)


def _connection(request: Request) -> str:
    name: str = request.path_params["connection"]
    return name


def _page(request: Request, key: str, **query: str) -> str:
    return address("routing", "people", _connection(request), key, **query)


def _file(settings: Settings) -> OpenedFile:
    return opened_file(settings.directory, settings.roster_path)


def _draft(site: Site, settings: Settings, request: Request, number: str) -> Draft:
    """The one of this number; without one a draft in which nothing is changed yet."""
    if number:
        return site.drafts.of(number, reader(request), _OF)
    file = _file(settings)
    return Draft(reader(request), _OF, file, file.text)


def _to_draft(site: Site, request: Request, key: str, before: Draft, text: str) -> Elsewhere:
    """The page with what would change in the file."""
    if text == before.file.text:
        return Elsewhere(_page(request, key))
    number = site.drafts.keep(Draft(reader(request), _OF, before.file, text))
    return Elsewhere(_page(request, key, draft=number) + "#change")


def _shown(
    settings: Settings,
    request: Request,
    key: str,
    draft: Draft,
    number: str,
    refused: tuple[str, Form, WrongDays] | None = None,
) -> Shown:
    """`refused`: in which form, what was typed there, and why it cannot stand."""
    connection, diff = _connection(request), draft.file.diff(draft.text)
    findings = roster_tried(settings, draft.text)[1] if diff else ()
    place, typed, error = refused or ("", {}, None)
    values: dict[str, Any] = {
        "connection": connection,
        "it": persons_days(settings, connection, draft.text, key),
        "file": draft.file.name,
        "digest": draft.digest,
        "draft_id": number,
        "overtaken": bool(diff) and overtaken(settings, draft, settings.roster_path),
        "diff": diff,
        "findings": findings,
        "saved": request.query_params.get("saved", ""),
        "place": place,
        "typed": typed,
        "why_not": {name: WORDS[why] for name, why in error.why.items()} if error else {},
    }
    return Shown("roster_person.html", values, 200 if refused is None else 422)
