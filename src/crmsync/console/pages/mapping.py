"""A connection's mapping: facts beside the CRM's fields, value beside value, and what is about to be changed."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from crmsync.console.drafts import Draft
from crmsync.console.errands import Errand
from crmsync.console.forms import Form, place_in_list
from crmsync.console.saving import address, as_shown, overtaken, reader, saved, taken_away
from crmsync.console.shown import Elsewhere, Shown, part_asked
from crmsync.console.site import Site
from crmsync.console.visitor import needs, visitor_of
from crmsync.errors import Finding, UsageError
from crmsync.operations.edit.activities import WORDS, with_rules
from crmsync.operations.edit.facts import with_fact
from crmsync.operations.edit.offers import Offer, offer_of
from crmsync.operations.edit.opened_file import OpenedFile, opened_file
from crmsync.operations.edit.side_by_side import side_by_side
from crmsync.operations.edit.stages import with_stages
from crmsync.operations.edit.tried import mapping_checked, mapping_tried
from crmsync.settings import Settings
from crmsync.tongue import to_say

_ANEW = Response(status_code=200, headers={"HX-Refresh": "true"})
"""The whole page is loaded again."""
PARTS_OF = {"kind": to_say("Kind"), "outcome": to_say("Outcome"), "direction": to_say("Direction")}
"""What is told of an activity."""
_PLACES = re.compile(r"fact-\w{1,100}|stages|activity-\d{1,9}")
"""Where on the page something can be changed."""
_CHECK_AGAIN = "this change was not checked, or found wrong, so nothing was written"


def mapping(site: Site, settings: Settings, request: Request) -> Shown:
    """What the file says and the CRM has. Raises `UsageError` for a connection that there is not."""
    name = _named(settings, request)
    number = request.query_params.get("draft", "")
    draft = site.drafts.of(number, reader(request), name) if number else None
    errand = site.errands.of(("offer", name))
    values: dict[str, Any] = {
        "connections": list(settings.configured),
        "chosen": name,
        "offer": errand,
        "draft_id": number,
        "saved": request.query_params.get("saved", ""),
        "may_edit": visitor_of(request).may("admin"),
        "touched": (),
        "place": _place_of(request),
        "words": WORDS,
        "parts_of": PARTS_OF,
        "digest": draft.digest if draft else _digest(settings, name),
        "overtaken": draft is not None and overtaken(settings, draft, settings.mapping_path(name)),
        **_drafted(site, name, draft),
    }
    shown = settings
    findings: tuple[Finding, ...] = ()
    if name in settings.broken:
        findings = tuple(settings.broken[name].findings)
    if draft is not None:
        tried, findings = mapping_tried(settings, name, draft.text)
        values["touched"] = _touched(settings, tried, name)
        shown = tried or settings
    side = None
    if name not in shown.broken:
        side = side_by_side(shown, name, _answered(errand))
    file = str(settings.mapping_path(name))
    return Shown("mapping.html", {**values, "side": side, "findings": findings, "file": file})


def reading(site: Site, settings: Settings, request: Request) -> Shown | Elsewhere | Response:
    """How far the CRM's fields are read: a part of the page. Once they are, the page comes anew."""
    name = _named(settings, request)
    errand = site.errands.of(("offer", name))
    if not part_asked(request):
        return Elsewhere(_back(name, _number(request)))
    if errand is None or not errand.working:
        return _ANEW
    return Shown("mapping_reading.html", {"chosen": name, "offer": errand, "draft_id": _number(request)})


@needs("admin")
def checking(site: Site, settings: Settings, request: Request) -> Shown | Elsewhere | Response:
    """How far a change is checked: a part of the page. Once it is, the page comes anew."""
    name, number = _named(settings, request), _number(request)
    if not part_asked(request):
        return Elsewhere(_back(name, number))
    errand = site.errands.of(_key(name, site.drafts.of(number, reader(request), name)))
    if errand is None or not errand.working:
        return _ANEW
    return Shown("mapping_checking.html", {"chosen": name, "draft_id": number, "check": errand})


@needs("admin")
def read(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Ask the CRM for its fields, behind the page."""
    name = _named(settings, request)
    site.errands.send(("offer", name), lambda progress: offer_of(settings, name, progress))
    return Elsewhere(_back(name, form.get("draft", "")))


@needs("admin")
def fact(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Another answer for one fact: a draft, or the same one with more in it."""
    name = _named(settings, request)
    before = _draft(site, settings, request, name, form)
    chosen = form.get("fact", "")
    field = form.get("field", "").strip() or None
    told = dict(zip(form.all_of("native"), form.all_of("word"), strict=False))
    if form.get("clear"):
        field = None
    elif field is None:
        raise UsageError(f"no field was named for `{chosen}`", hint="name one, or let the fact be unmapped")
    text = with_fact(settings, name, before.text, chosen, field, told)
    return _to_draft(site, request, name, before, text, f"fact-{chosen}")


@needs("admin")
def stages(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Other values of the CRM for the stages."""
    name = _named(settings, request)
    before = as_shown(_draft(site, settings, request, name, form), form)
    told = dict(zip(form.all_of("native"), form.all_of("stage"), strict=False))
    written = dict(zip(form.all_of("of"), form.all_of("written"), strict=False))
    first = {stage: native for stage, native in written.items() if told.get(native) == stage}
    return _to_draft(site, request, name, before, with_stages(settings, name, before.text, told, first), "stages")


@needs("admin")
def rules(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Other words for what an object's records are."""
    name = _named(settings, request)
    before = as_shown(_draft(site, settings, request, name, form), form)
    numbers = [place_in_list(each) for each in form.all_of("rule")]
    natives, words = form.all_of("native"), form.all_of("word")
    told = {(number, native): word.strip() for number, native, word in zip(numbers, natives, words, strict=False)}
    place = place_in_list(form.get("activity", ""))
    text = with_rules(settings, name, before.text, place, form.get("object", ""), form.get("part", ""), told)
    return _to_draft(site, request, name, before, text, f"activity-{place}")


@needs("admin")
def check(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Hold the change against the CRM's records, behind the page: `check --data`."""
    name = _named(settings, request)
    draft = _draft(site, settings, request, name, form)
    site.errands.send(
        _key(name, draft), lambda progress: mapping_checked(settings, name, draft.text, site.now, progress)
    )
    return Elsewhere(_back(name, form.get("draft", "")))


@needs("admin")
def keep(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Save the change. Raises `UsageError` unless this very text was checked and nothing is wrong with it."""
    name = _named(settings, request)
    draft = _draft(site, settings, request, name, form)
    if not _drafted(site, name, draft)["may_save"]:
        raise UsageError(_CHECK_AGAIN, hint="go back, check it, and save it then")
    outcome = saved(site, settings, request, draft.file, draft.text, form, name)
    site.drafts.drop(form.get("draft", ""))
    return Elsewhere(address("mapping", name, saved=outcome))


@needs("admin")
def drop(site: Site, settings: Settings, request: Request, form: Form) -> Elsewhere:
    """Forget the change."""
    site.drafts.drop(form.get("draft", ""))
    return Elsewhere(address("mapping", _named(settings, request)))


@needs("admin")
def download(site: Site, settings: Settings, request: Request) -> Response:
    """The changed file, or the file as it is."""
    name = _named(settings, request)
    number = _number(request)
    draft = site.drafts.of(number, reader(request), name) if number else None
    file = draft.file if draft else _file(settings, name)
    return taken_away(file, draft.text if draft else file.text)


def _named(settings: Settings, request: Request) -> str:
    asked = request.path_params.get("connection")
    return settings.named((asked,) if asked else ())[0]


def _place_of(request: Request) -> str:
    """Where on the page something was changed last; empty for none."""
    place = request.query_params.get("place", "")
    return place if _PLACES.fullmatch(place) else ""


def _number(request: Request) -> str:
    return request.query_params.get("draft", "")


def _back(name: str, number: str) -> str:
    return address("mapping", name, **({"draft": number} if number else {}))


def _file(settings: Settings, name: str) -> OpenedFile:
    return opened_file(settings.directory, settings.mapping_path(name))


def _draft(site: Site, settings: Settings, request: Request, name: str, form: Form) -> Draft:
    """The one that is sent along, or one in which nothing is changed yet."""
    if number := form.get("draft", ""):
        return site.drafts.of(number, reader(request), name)
    file = _file(settings, name)
    return Draft(reader(request), name, file, file.text)


def _digest(settings: Settings, name: str) -> str:
    """Of the file as it is; empty where it cannot be changed here, as whoever tries is told."""
    try:
        return _file(settings, name).digest
    except UsageError:
        return ""


def _to_draft(site: Site, request: Request, name: str, before: Draft, text: str, place: str) -> Elsewhere:
    """The page with what would change in the file, and the way back to where it was changed."""
    if text == before.file.text:
        return Elsewhere(address("mapping", name) + f"#{place}")
    number = site.drafts.keep(Draft(reader(request), name, before.file, text))
    return Elsewhere(address("mapping", name, draft=number, place=place) + "#change")


def _key(name: str, draft: Draft) -> tuple[str, ...]:
    return ("check", name, draft.file.digest, draft.digest)


def _answered(errand: Errand | None) -> Offer | None:
    return errand.answer if errand is not None else None


def _drafted(site: Site, name: str, draft: Draft | None) -> dict[str, Any]:
    """What is about to be changed, and what its check found."""
    if draft is None:
        return {"draft": None, "diff": (), "check": None, "may_save": False}
    errand = site.errands.of(_key(name, draft))
    checked = errand.answer if errand else None
    file = str(draft.file.path)
    wrong = checked is None or checked.exit_code == 1 or any(
        each.severity == "error" and _same(each.file, file) for each in checked.findings
    )  # fmt: skip
    return {"draft": draft, "diff": draft.file.diff(draft.text), "check": errand, "may_save": not wrong}


def _touched(settings: Settings, tried: Settings | None, name: str) -> list[str]:
    """The facts of which the change says something else."""
    if tried is None or name in settings.broken:
        return []
    before, after = settings.connections[name].mapping.facts, tried.connections[name].mapping.facts
    return [fact for fact in {**before, **after} if before.get(fact) != after.get(fact)]


def _same(told: str, file: str) -> bool:
    return told == file or file.endswith("/" + told.removeprefix("./"))
