"""Form submissions as activities: the pseudo-object `form_submissions`.

HubSpot's submissions carry no contact id. A submission belongs to the contact named by a hidden field `hs_object_id`
(or to the one it was merged into), else to the contact with its e-mail address (also a secondary one); one that joins
to nobody is left out. The submissions API has no date filter but gives the newest first, so an incremental pull reads
each form until it is `submissions_overlap_days` behind its last cursor: at least one call per form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crmsync.sdk import LEAD_ID, RECORD_ID, NativeField, Page, PagingGuard, PullRequest, UsageError, in_halves
from crmsync_hubspot.errors import HubSpotRefused, of_one_record
from crmsync_hubspot.gateway import BATCH, Gateway, JsonObject, Records
from crmsync_hubspot.instants import as_text, from_milliseconds
from crmsync_hubspot.pull import ROWS_PER_PAGE, Paging, Row, window_start
from crmsync_hubspot.records import MERGED_IDS, merged_ids
from crmsync_hubspot.settings import HubSpotSettings

FORM_SUBMISSIONS = "form_submissions"
OWN_FIELDS = {
    "submittedAt": ("Submitted at", "datetime"),
    "form": ("Name of the form", "string"),
    "formId": ("Id of the form", "string"),
    "pageUrl": ("Address of the page", "string"),
}
"""Fields of every submission: label and type. All other names are those of the form's own fields."""

_CONTACT_ID = "hs_object_id"


def pull_submissions(
    gateway: Gateway, settings: HubSpotSettings, request: PullRequest, leads_object: str
) -> Iterator[Page]:
    """The pages of a pull of submissions with their contacts. `@id` is the submission's `conversionId`."""
    if leads_object != "contacts":
        raise UsageError(
            f"form submissions belong to contacts, not to {leads_object}",
            hint="map form_submissions only where the leads' object is contacts",
        )
    paging = Paging(request, leads=True)
    late = timedelta(days=settings.submissions_overlap_days)
    since = window_start(request.cursor, settings) - late if request.cursor is not None else None
    contacts = _Contacts(gateway)
    seen: set[str] = set()
    waiting: list[Row] = []

    def joined() -> Iterator[Page]:
        yield from paging.add(contacts.joined(waiting), len(waiting), None)
        waiting.clear()

    for forms in gateway.forms():
        # What is submitted while this pull runs comes again: forms are read one after the other.
        paging.began(forms.server_time - timedelta(seconds=settings.settle_seconds))
        for form in forms.results:
            for page in _pages(gateway, str(form["id"]), since):
                fresh = _unseen(page.results, seen)
                waiting += [_row(each, form) for each in fresh if since is None or _submitted(each) >= since]
                if len(waiting) >= ROWS_PER_PAGE:
                    yield from joined()
    yield from joined()
    yield paging.last()


def submission_fields(gateway: Gateway) -> tuple[NativeField, ...]:
    """The fields of every submission and those of all forms; none can be written."""
    fields = {name: NativeField(name, label, kind, False) for name, (label, kind) in OWN_FIELDS.items()}
    definitions = (
        each
        for page in gateway.forms()
        for form in page.results
        for group in form.get("fieldGroups") or []
        for each in group.get("fields") or []
    )
    for each in definitions:
        name, kind = str(each["name"]), str(each.get("fieldType") or "string")
        fields.setdefault(name, NativeField(name, str(each.get("label") or name), kind, False))
    return tuple(fields.values())


def _pages(gateway: Gateway, form_id: str, since: datetime | None) -> Iterator[Records]:
    """A form's submissions, newest first, down to the first page that ends before `since`."""
    guard = PagingGuard("form submissions")
    after: str | None = None
    while True:
        page = gateway.submissions(form_id, after=after)
        yield page
        if page.after is None or (since and page.results and _submitted(page.results[-1]) < since):
            return
        after = guard.check(page.after)


def _unseen(submissions: Sequence[JsonObject], seen: set[str]) -> list[JsonObject]:
    """Those not seen before, which are noted: a new submission pushes older ones onto the next page, too."""
    fresh = []
    for each in submissions:
        key = str(each["conversionId"])
        if key not in seen:
            seen.add(key)
            fresh.append(each)
    return fresh


def _submitted(submission: JsonObject) -> datetime:
    return from_milliseconds(int(submission["submittedAt"]))


def _row(submission: JsonObject, form: JsonObject) -> dict[str, Any]:
    """One submission's values by field name; a field given several times is joined by `;`."""
    values: dict[str, list[str]] = {}
    for each in submission.get("values") or []:
        if each.get("value") not in {None, ""}:
            values.setdefault(str(each["name"]), []).append(str(each["value"]))
    return {
        **{name: ";".join(given) for name, given in values.items()},
        "submittedAt": as_text(_submitted(submission)),
        "form": form.get("name") or form["id"],
        "formId": form["id"],
        "pageUrl": submission.get("pageUrl"),
        RECORD_ID: str(submission["conversionId"]),
    }


class _Contacts:
    """Finds the live contacts behind ids and addresses; each is asked for once per pull."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._by_id: dict[str, str | None] = {}
        self._by_address: dict[str, str | None] = {}

    def joined(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
        """The rows that belong to a contact, with `@lead`."""
        self._find([str(row[_CONTACT_ID]) for row in rows if _CONTACT_ID in row], self._by_id, None)
        addresses = [_address(row) for row in rows if _CONTACT_ID not in row]
        self._find([each for each in addresses if each], self._by_address, "email")
        for row in rows:
            named = row.get(_CONTACT_ID)
            lead = self._by_id[str(named)] if named else self._by_address.get(_address(row) or "")
            if lead:
                yield {**row, LEAD_ID: lead}

    def _find(self, keys: Sequence[str], known: dict[str, str | None], id_property: str | None) -> None:
        """Note the contact of every key, null where there is none."""
        unknown = sorted(set(keys) - known.keys())
        known.update(dict.fromkeys(unknown))
        for start in range(0, len(unknown), BATCH):
            for _, found in in_halves(
                unknown[start : start + BATCH],
                lambda part: self._gateway.read_batch("contacts", part, _NAMES, id_property=id_property),
                HubSpotRefused,
                halve=of_one_record,
            ):
                # A refused single key is one that HubSpot takes for no address or no id: it has no contact.
                for record in [] if isinstance(found, HubSpotRefused) else found.results:
                    names = _addresses(record) if id_property else [str(record["id"]), *merged_ids(record)]
                    known.update(dict.fromkeys(names, str(record["id"])))


_NAMES = ("email", "hs_additional_emails", MERGED_IDS)


def _addresses(record: JsonObject) -> list[str]:
    """Every e-mail address of a contact, in lower case."""
    held = record["properties"]
    also = str(held.get("hs_additional_emails") or "").split(";")
    return [str(each).strip().lower() for each in (held.get("email"), *also) if each]


def _address(row: Mapping[str, Any]) -> str | None:
    """The e-mail address as HubSpot keeps it: lower case. Null for what cannot be one."""
    address = str(row.get("email") or "").strip().lower()
    return address if "@" in address and " " not in address else None
