"""Form submissions as activities: the pseudo-object `form_submissions`.

HubSpot's submissions carry no contact id. A submission belongs to the contact named by a hidden field `hs_object_id`
(or to the one it was merged into), else to the contact with its e-mail address (also a secondary one); one that joins
to nobody is left out. The submissions API has no date filter but gives the newest first, so an incremental pull reads
each form until it is `submissions_overlap_days` behind its last cursor: at least one call per form.

A form that HubSpot lists and then refuses (404, say) is left out and told; the cursor remembers from when on it is to
be read. So is a submission that lacks its date, its id or its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from crmsync.sdk import (
    CHANGED_AT,
    LEAD_ID,
    RECORD_ID,
    NativeField,
    Page,
    PagingGuard,
    PullRequest,
    UsageError,
    crm_words,
    in_halves,
)
from crmsync_hubspot.cursor import Cursor
from crmsync_hubspot.errors import HubSpotRefused, of_one_record
from crmsync_hubspot.gateway import BATCH, Gateway
from crmsync_hubspot.instants import as_text, from_milliseconds, from_text
from crmsync_hubspot.object_names import CONTACTS, LEADS, plural
from crmsync_hubspot.parts import JsonObject, id_in, objects_in, text_in
from crmsync_hubspot.primary_contacts import PrimaryContacts
from crmsync_hubspot.pull import ROWS_PER_PAGE, Paging, Row, refuse_future
from crmsync_hubspot.records import MERGED_IDS, merged_ids
from crmsync_hubspot.settings import HubSpotSettings
from crmsync_hubspot.told_records import Records

FORM_SUBMISSIONS = "form_submissions"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""From here on a form is read that never was: whole."""

OWN_FIELDS = {
    "submittedAt": ("Submitted at", "datetime"),
    "form": ("Name of the form", "string"),
    "formId": ("Id of the form", "string"),
    "pageUrl": ("Address of the page", "string"),
}
"""Fields of every submission: label and type. All other names are those of the form's own fields."""

_CONTACT_ID = "hs_object_id"


def pull_submissions(
    gateway: Gateway,
    settings: HubSpotSettings,
    request: PullRequest,
    leads_object: str,
    people: PrimaryContacts,
    leave_out: Callable[[str], None],
) -> Iterator[Page]:
    """The pages of a pull of submissions with their contacts, or the leads of these: once for each.

    `@id` is the submission's `conversionId`. `leave_out` is told, in words, what is left out.
    """
    if plural(leads_object) not in {CONTACTS, LEADS}:
        raise UsageError(
            f"form submissions belong to contacts, not to {leads_object}",
            hint="map form_submissions only where the leads' object is contacts or leads",
        )
    paging = Paging(request, gateway, leads=True)
    late = timedelta(days=settings.submissions_overlap_days)
    last = Cursor.from_text(request.cursor) if request.cursor is not None else None
    overlap = timedelta(seconds=settings.overlap_seconds)
    contacts = _Contacts(gateway, people if plural(leads_object) == LEADS else None)
    seen: set[str] = set()
    waiting: list[Row] = []
    broken = 0

    def joined() -> Iterator[Page]:
        yield from paging.add(contacts.joined(waiting), len(waiting), None)
        waiting.clear()

    for forms in gateway.forms():
        # What is submitted while this pull runs comes again: forms are read one after the other.
        paging.began(forms.server_time - timedelta(seconds=settings.settle_seconds))
        if last is not None:
            refuse_future(request.object, last.read - overlap, forms.server_time)
        for form in forms.results:
            number = id_in(form.get("id"))
            if not number:
                continue
            begin = last.behind.get(number, last.read) if last else EPOCH
            since = None if begin == EPOCH else begin - overlap - late
            for page in _pages(gateway, number, since):
                if isinstance(page, HubSpotRefused):
                    paging.stays_behind(number, begin)
                    leave_out(_not_readable(form, page))
                    continue
                fresh = _unseen(page.results, seen)
                broken += len(page.results) - len(_sound(page.results))
                waiting += [
                    _stamped(_row(each, form), begin - overlap if last else None)
                    for each in fresh
                    if since is None or _submitted(each) >= since
                ]
                if len(waiting) >= ROWS_PER_PAGE:
                    yield from joined()
    if broken:
        leave_out(f"{broken:,} form submissions without a date, an id or values are left out")
    yield from joined()
    yield paging.last()


def _not_readable(form: JsonObject, refused: HubSpotRefused) -> str:
    name = crm_words(str(form.get("name") or "")[:60])
    return (
        f"the submissions of the form {str(form['id'])[:40]}{f' ({name})' if name else ''} cannot be read "
        f"({refused.status}) and are left out; the next run asks again, or take the form out of HubSpot"
    )


def ask_for_submissions(gateway: Gateway) -> None:
    """The forms, and the first one's newest submissions; raises what a pull would, but for a form that is refused."""
    for forms in gateway.forms():
        for form in forms.results:
            if id_in(form.get("id")):
                with suppress(HubSpotRefused):
                    gateway.submissions(str(form["id"]))
                return
        return


def submission_fields(gateway: Gateway) -> tuple[NativeField, ...]:
    """The fields of every submission and those of all forms; none can be written."""
    fields = {name: NativeField(name, label, kind, False) for name, (label, kind) in OWN_FIELDS.items()}
    definitions = (
        each
        for page in gateway.forms()
        for form in page.results
        for group in objects_in(form.get("fieldGroups"))
        for each in objects_in(group.get("fields"))
    )
    for each in definitions:
        if name := text_in(each.get("name")):
            label, kind = text_in(each.get("label")) or name, text_in(each.get("fieldType")) or "string"
            fields.setdefault(name, NativeField(name, label, kind, False))
    return tuple(fields.values())


def _pages(gateway: Gateway, form_id: str, since: datetime | None) -> Iterator[Records | HubSpotRefused]:
    """A form's submissions, newest first, down to the first page that ends before `since`, or to a refusal."""
    guard = PagingGuard("form submissions")
    ids: set[str] = set()
    after: str | None = None
    while True:
        try:
            page = gateway.submissions(form_id, after=after)
        except HubSpotRefused as refused:
            yield refused
            return
        yield page
        known = len(ids)
        ids.update(str(each.get("conversionId")) for each in page.results)
        dated = _sound(page.results)
        if page.after is None or (since and dated and _submitted(dated[-1]) < since):
            return
        after = guard.check(page.after, news=len(ids) > known)


def _unseen(submissions: Sequence[JsonObject], seen: set[str]) -> list[JsonObject]:
    """Those not seen before, which are noted: a new submission pushes older ones onto the next page, too."""
    fresh = []
    for each in _sound(submissions):
        key = str(each["conversionId"])
        if key not in seen:
            seen.add(key)
            fresh.append(each)
    return fresh


def _sound(submissions: Sequence[JsonObject]) -> list[JsonObject]:
    """Those that have an id, an instant, and values, none as they may be: torn ones would be nobody's."""
    return [
        each
        for each in submissions
        if each.get("conversionId") and _has_instant(each) and isinstance(each.get("values"), list)
    ]


def _has_instant(submission: JsonObject) -> bool:
    try:
        _submitted(submission)
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    return True


def _submitted(submission: JsonObject) -> datetime:
    return from_milliseconds(int(submission["submittedAt"]))


def _row(submission: JsonObject, form: JsonObject) -> dict[str, Any]:
    """One submission's values by field name; a field given several times is joined by `;`."""
    values: dict[str, list[str]] = {}
    for each in objects_in(submission.get("values")):
        if each.get("name") and each.get("value") not in (None, "", []):
            values.setdefault(str(each["name"]), []).append(str(each["value"]))
    return {
        **{name: ";".join(given) for name, given in values.items()},
        "submittedAt": as_text(_submitted(submission)),
        "form": form.get("name") or form["id"],
        "formId": form["id"],
        "pageUrl": submission.get("pageUrl"),
        RECORD_ID: str(submission["conversionId"]),
    }


def _stamped(row: Row, since: datetime | None) -> Row:
    """With the instant as that of a change, if it lies after the last reading: older ones come again and again."""
    news = since is not None and from_text(row["submittedAt"]) >= since
    return {**row, CHANGED_AT: row["submittedAt"]} if news else row


class _Contacts:
    """Finds the live contacts behind ids and addresses; each is asked for once per pull.

    `people`: where the leads are records of their own, who is whose contact.
    """

    def __init__(self, gateway: Gateway, people: PrimaryContacts | None) -> None:
        self._gateway = gateway
        self._people = people
        self._by_id: dict[str, str | None] = {}
        self._by_address: dict[str, str | None] = {}

    def joined(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
        """The rows that belong to a contact (or to a lead of one), with `@lead`."""
        self._find([str(row[_CONTACT_ID]) for row in rows if _CONTACT_ID in row], self._by_id, None)
        addresses = [_address(row) for row in rows if _CONTACT_ID not in row]
        self._find([each for each in addresses if each], self._by_address, "email")
        owned = [(row, contact) for row in rows if (contact := self._contact_of(row))]
        leads = self._people.leads_of(contact for _, contact in owned) if self._people else None
        for row, contact in owned:
            for lead in (contact,) if leads is None else leads.get(contact, ()):
                yield {**row, LEAD_ID: lead}

    def _contact_of(self, row: Mapping[str, Any]) -> str | None:
        named = row.get(_CONTACT_ID)
        return self._by_id[str(named)] if named else self._by_address.get(_address(row) or "")

    def _find(self, keys: Sequence[str], known: dict[str, str | None], id_property: str | None) -> None:
        """Note the contact of every key, null where there is none."""
        unknown = sorted(set(keys) - known.keys())
        known.update(dict.fromkeys(unknown))
        for start in range(0, len(unknown), BATCH):
            for _, found in in_halves(
                unknown[start : start + BATCH],
                lambda part: self._gateway.read_batch(CONTACTS, part, _NAMES, id_property=id_property),
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
