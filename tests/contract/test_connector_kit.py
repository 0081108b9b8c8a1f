"""The connector kit passes a right connector and fails every wrong one: one wrong connector per check at least."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import polars as pl
import pytest
from pydantic import BaseModel

from crmsync.errors import CrmUnreachable, SignInRefused, UsageError
from crmsync.sdk import (
    CHANGED_AT,
    Capabilities,
    Choice,
    Closing,
    Connector,
    ConnectorPlugin,
    Creation,
    CreationResult,
    CrmClock,
    CrmUser,
    Edit,
    NativeField,
    Org,
    Page,
    Parent,
    PullRequest,
    Reading,
    Seen,
    Usage,
    Write,
    WriteResult,
    native_frame,
)
from crmsync.testing import ConnectorConformance, World

PAGE = 2


class TinyWorld:
    """Five leads in memory; each change has a number, the cursor is the number of the last one."""

    object = "Lead"
    field = "Note"
    activity_object: str | None = "Task"
    creation_object: str | None = "Task"
    creation_field = "Subject"
    creation_values: Mapping[str, str] = {"Kind": "a"}
    refused_values: Mapping[str, str] = {"Kind": "z"}
    secrets = ("s3cret",)

    def __init__(self) -> None:
        self.leads: dict[str, tuple[str | None, int]] = {f"L{n}": (f"note {n}" if n else None, 0) for n in range(5)}
        self.deleted: dict[str, int] = {}
        self.tasks = {("T1", "L1"), ("T1", "L2"), ("T2", "L3")}
        self.made: dict[str, tuple[str, dict[str, str]]] = {}
        self.history: list[Edit] = []
        self.changes = 0
        self.refusing = self.away = False

    def values(self) -> dict[str, str | None]:
        return {lead: value for lead, (value, _) in self.leads.items()}

    def activities(self) -> set[tuple[str, str]]:
        return set(self.tasks)

    def held(self, lead: str) -> dict[str, str | None]:
        return {task: values["Subject"] for task, (owner, values) in self.made.items() if owner == lead}

    def edit(self, lead: str, value: str | None) -> None:
        self.changes += 1
        self.history.append(Edit(lead, "Note", value, datetime(2026, 1, 1, 0, self.changes, tzinfo=UTC), "person"))
        self.leads[lead] = (value, self.changes)

    def delete(self, lead: str) -> None:
        self.changes += 1
        del self.leads[lead]
        self.deleted[lead] = self.changes

    def refuse_sign_in(self) -> None:
        self.refusing = True

    def go_away(self) -> None:
        self.away = True


class TinyConnector:
    """A connector that keeps the contract, in a form that is easily broken."""

    def __init__(self, world: TinyWorld) -> None:
        self.capabilities = Capabilities(10, activity_objects=("Task",))
        self.world = world
        self.calls = 0

    def call(self) -> None:
        self.calls += 1
        if self.world.refusing:
            raise SignInRefused("the CRM refused the credentials")
        if self.world.away:
            raise CrmUnreachable("the CRM cannot be reached")

    def org(self) -> Org:
        self.call()
        return Org("O1", "Tiny", "Europe/Berlin", pages="https://tiny.example")

    @staticmethod
    def page(org: Org, object_name: str, record_id: str) -> str | None:
        """The way to make addresses that the plugin of this connector brings."""
        sound = re.fullmatch(r"[A-Za-z0-9]{1,18}", record_id)
        return f"{org.pages}/{object_name}/{record_id}" if sound else None

    @staticmethod
    def lead_of(text: str, object_name: str | None) -> str | None:
        page, _, record = text.rpartition("/")
        return record if page.endswith(f"/{object_name}") else None

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        self.call()
        if object_name not in {"Lead", "Task"}:
            raise UsageError(f"no object {object_name!r}")
        choices = (Choice("a", "A"), Choice("b", "B", active=False))
        return (NativeField("Note", "Note", "text", True), NativeField("Kind", "Kind", "choice", False, choices))

    def parents(self, object_name: str) -> Mapping[str, Parent] | None:
        return {"Master": Parent(("Lead",)), "Other": Parent(())}

    def users(self) -> tuple[CrmUser, ...]:
        self.call()
        return (CrmUser("U1", "Ann", None, True), CrmUser("U2", "Bob", None, False))

    def check(self, fields: Sequence[str]) -> None:
        if unknown := set(fields) - {"Note", "Subject", "Kind", "Status", "Master.Note"}:
            raise UsageError(f"no field {', '.join(unknown)}")

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.call()
        self.check(request.fields)
        if request.leads_object:
            rows = [{"@id": task, "@lead": lead} for task, lead in sorted(self.world.tasks)]
            yield Page(native_frame(rows, request.fields, leads=True), cursor="0")
            return
        since = int(request.cursor) if request.cursor else -1
        cursor = str(self.world.changes)
        rows = [{"@id": id_, "Note": v} for id_, (v, at) in sorted(self.world.leads.items()) if at > since]
        gone = tuple(id_ for id_, at in self.world.deleted.items() if at > since >= 0)
        starts = range(0, max(len(rows), 1), PAGE)
        for start in starts:
            self.call()
            if request.progress:
                request.progress(min(start + PAGE, len(rows)), len(rows))
            last = start == starts[-1]
            frame = native_frame(rows[start : start + PAGE], request.fields)
            yield Page(frame, gone if last else (), cursor if last else None)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        self.call()
        self.check(fields)
        if object_name == "Task":
            return Reading(native_frame([{"@id": id_, **self.world.made[id_][1]} for id_ in ids], fields))
        there = [{"@id": id_, "Note": self.world.leads[id_][0]} for id_ in ids if id_ in self.world.leads]
        return Reading(native_frame(there, fields), {id_: "deleted" for id_ in ids if id_ not in self.world.leads})

    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        self.call()
        self.check([name for write in writes for name in write.values])
        return [self.write(write) for write in writes]

    def write(self, write: Write) -> WriteResult:
        if write.id in self.world.made:
            self.world.made[write.id][1].update({name: value or "" for name, value in write.values.items()})
            return WriteResult(write.id, "accepted")
        if write.id not in self.world.leads:
            return WriteResult(write.id, "gone")
        self.world.edit(write.id, write.values["Note"])
        return WriteResult(write.id, "accepted")

    def closing(self, object_name: str) -> Closing | None:
        return Closing("Status", "done", frozenset({"done", "dropped"})) if object_name == "Task" else None

    def edits(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Edit]:
        self.call()
        return [edit for edit in reversed(self.world.history) if edit.id in ids and edit.field in fields]

    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        self.call()
        if object_name != "Task":
            raise UsageError(f"no object {object_name!r} can be made")
        for creation in creations:
            self.check(tuple(creation.values))
        return [self.make(creation) for creation in creations]

    def make(self, creation: Creation) -> CreationResult:
        if creation.lead not in self.world.leads:
            return CreationResult(creation.lead, "gone")
        for task in self.like(creation):
            return CreationResult(creation.lead, "there", task)
        if creation.values["Kind"] == "z":
            return CreationResult(creation.lead, "refused", message="no such kind")
        task = f"T{len(self.world.made) + 10}"
        self.world.made[task] = (creation.lead, {"Status": "open", **creation.values})
        return CreationResult(creation.lead, "made", task)

    def like(self, creation: Creation) -> list[str]:
        known = {name: creation.values[name] for name in creation.known_by}
        made = self.world.made.items()
        return [id_ for id_, (lead, values) in made if lead == creation.lead and known.items() <= values.items()]

    def usage(self) -> Usage:
        return Usage(self.calls)

    def close(self) -> None:
        pass


# --- one thing wrong each -------------------------------------------------------------------------------------


class CallsWhenOpened(TinyConnector):
    def __init__(self, world: TinyWorld) -> None:
        super().__init__(world)
        self.org()


class DoesNotCount(TinyConnector):
    def usage(self) -> Usage:
        return Usage(0)


class CountsOnlyTheFirst(TinyConnector):
    def usage(self) -> Usage:
        return Usage(min(self.calls, 1))


class OrgWithoutZone(TinyConnector):
    def org(self) -> Org:
        return Org("O1", "Tiny", "Berlin time")


class UsersTwice(TinyConnector):
    def users(self) -> tuple[CrmUser, ...]:
        return super().users() * 2


class FieldsTwice(TinyConnector):
    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return super().fields(object_name) * 2


class NothingIsWritable(TinyConnector):
    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return tuple(replace(field, writable=False) for field in super().fields(object_name))


class AnyObjectIsThere(TinyConnector):
    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return super().fields("Lead")


def with_pages(change: Callable[[TinyConnector, PullRequest, list[Page]], list[Page]]) -> type[TinyConnector]:
    """A connector whose pulls give other pages than they should."""

    class Broken(TinyConnector):
        def pull(self, request: PullRequest) -> Iterator[Page]:
            return iter(change(self, request, list(super().pull(request))))

    return Broken


LosesThePageEnd = with_pages(lambda _, __, pages: [replace(p, records=p.records.head(PAGE - 1)) for p in pages])
FirstPageTwice = with_pages(lambda _, __, pages: [pages[0], *pages])
ReadsSincePagesWereRead = with_pages(
    lambda c, _, pages: [*pages[:-1], replace(pages[-1], cursor=str(c.world.changes + 1))]
)
CursorOnEveryPage = with_pages(lambda _, __, pages: [replace(page, cursor="0") for page in pages])
NoCursor = with_pages(lambda _, __, pages: [replace(page, cursor=None) for page in pages])
NoCursorWhenNothingIsNew = with_pages(
    lambda _, request, pages: [replace(page, cursor=None) for page in pages] if request.cursor else pages
)
NoPageWhenNothingIsNew = with_pages(
    lambda _, request, pages: [page for page in pages if not request.cursor or page.records.height]
)
NeverGone = with_pages(lambda _, __, pages: [replace(page, gone=()) for page in pages])
ColumnTooMany = with_pages(
    lambda _, __, pages: [replace(p, records=p.records.with_columns(more=None)) for p in pages]
)


def _changed(text: str) -> type[TinyConnector]:
    """A connector whose records were all changed at this instant."""
    stamp = pl.lit(text).alias(CHANGED_AT)
    return with_pages(lambda _, __, pages: [replace(p, records=p.records.with_columns(stamp)) for p in pages])


ChangedWithoutAZone = _changed("2026-01-31T09:30:00")


class ChangedInTheFuture(_changed("2026-01-31T09:30:00Z")):  # type: ignore[misc]
    def clock(self) -> CrmClock:
        return CrmClock(datetime(2026, 1, 31, 9, 29, tzinfo=UTC))


NotText = with_pages(
    lambda _, __, pages: [replace(p, records=p.records.with_columns(Note=pl.lit(1, pl.Int64))) for p in pages]
)
EmptyStrings = with_pages(
    lambda _, __, pages: [replace(p, records=p.records.with_columns(pl.col("^Note$").fill_null(""))) for p in pages]
)
ActivitiesOfOneLeadOnly = with_pages(
    lambda _, request, pages: [
        replace(p, records=p.records.unique("@id", maintain_order=True)) if request.leads_object else p for p in pages
    ]
)


class TellsNothingOfParents(TinyConnector):
    def pull(self, request: PullRequest) -> Iterator[Page]:
        for page in super().pull(request):
            own = [name for name in page.records.columns if "." not in name]
            yield replace(page, records=page.records.select(own))


class StaleCursor(TinyConnector):
    """Takes its cursor when the last page is read: what changed before that and after a page is lost."""

    def pull(self, request: PullRequest) -> Iterator[Page]:
        for page in super().pull(request):
            yield replace(page, cursor=str(self.world.changes)) if page.cursor else page


class NoActivities(TinyConnector):
    def __init__(self, world: TinyWorld) -> None:
        super().__init__(world)
        self.capabilities = Capabilities(10)


class WrongProgress(TinyConnector):
    def pull(self, request: PullRequest) -> Iterator[Page]:
        for page in super().pull(replace(request, progress=None)):
            if request.progress:
                request.progress(PAGE, None)
            yield page


class AnyFieldIsThere(TinyConnector):
    def check(self, fields: Sequence[str]) -> None:
        pass


class ReadsACopy(TinyConnector):
    def __init__(self, world: TinyWorld) -> None:
        super().__init__(world)
        self.copy = dict(world.leads)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        rows = [{"@id": id_, "Note": self.copy[id_][0]} for id_ in ids if id_ in self.world.leads]
        return replace(super().read(object_name, ids, fields), records=native_frame(rows, fields))


class ReadsSilently(TinyConnector):
    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        return replace(super().read(object_name, ids, fields), gone={})


class CannotReadNothing(TinyConnector):
    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        return super().read(object_name, ids, fields) if ids else Reading(pl.DataFrame())


class ResultsOutOfOrder(TinyConnector):
    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        return sorted(super().push(object_name, writes), key=lambda result: result.outcome)


class EverythingAccepted(TinyConnector):
    def write(self, write: Write) -> WriteResult:
        super().write(write)
        return WriteResult(write.id, "accepted")


class WritesNothing(TinyConnector):
    def write(self, write: Write) -> WriteResult:
        return WriteResult(write.id, "accepted" if write.id in self.world.leads else "gone")


class WritesToOthers(TinyConnector):
    def write(self, write: Write) -> WriteResult:
        self.world.edit(max(self.world.leads), "spilt")
        return super().write(write)


class DropsUnknownFields(TinyConnector):
    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        self.call()
        return [self.write(write) for write in writes]


class CrashesOnUnknownFields(TinyConnector):
    def check(self, fields: Sequence[str]) -> None:
        dict.fromkeys(("Note", "Subject", "Kind"))[fields[-1]]


class RefusesUnknownFieldsTooLate(TinyConnector):
    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        results = [self.write(write) for write in writes]
        return results or super().push(object_name, writes)

    def write(self, write: Write) -> WriteResult:
        result = super().write(write)
        self.check(tuple(write.values))
        return result


class RefusesUnknownFieldsByResult(TinyConnector):
    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        try:
            return super().push(object_name, writes)
        except UsageError:
            return [WriteResult(write.id, "refused", "no such field") for write in writes]


class NeverEmpties(TinyConnector):
    def write(self, write: Write) -> WriteResult:
        if write.values["Note"] is None:
            return WriteResult(write.id, "accepted")
        return super().write(write)


class SaysItMetWhatItExpected(TinyConnector):
    def write(self, write: Write) -> WriteResult:
        return replace(super().write(write), seen=Seen(write.expected, write.values))


class TellsTheOldestFirst(TinyConnector):
    def edits(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Edit]:
        return super().edits(object_name, ids, fields)[::-1]


class TellsOfEverybody(TinyConnector):
    def edits(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Edit]:
        return super().edits(object_name, list(self.world.leads), fields)


class ClosesNothing(TinyConnector):
    def write(self, write: Write) -> WriteResult:
        return WriteResult(write.id, "accepted") if write.id in self.world.made else super().write(write)


class KnowsAnotherWord(TinyConnector):
    def closing(self, object_name: str) -> Closing | None:
        return Closing("Status", "done", frozenset({"dropped"}))


class ClosesWhatIsClosed(TinyConnector):
    def closing(self, object_name: str) -> Closing | None:
        return Closing("Status", "done", frozenset({"done", "open"}))


class MakesEveryTime(TinyConnector):
    def like(self, creation: Creation) -> list[str]:
        return []


class LooksOnlyBeforeTheCall(TinyConnector):
    """Twins within a call are made twice."""

    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        there = dict(self.world.made)
        kept = self.world
        results = []
        for creation in creations:
            made, kept.made = kept.made, dict(there)
            (result,) = super().create(object_name, leads_object, [creation])
            if result.outcome == "made":
                name = f"T{len(made) + 10}"
                made[name] = kept.made[result.id or ""]
                result = replace(result, id=name)
            kept.made = made
            results.append(result)
        return results


class ForgetsWhatItMade(TinyConnector):
    def make(self, creation: Creation) -> CreationResult:
        return replace(super().make(creation), id="T0")


class SaysMadeAndDoesNothing(TinyConnector):
    def make(self, creation: Creation) -> CreationResult:
        result = super().make(creation)
        self.world.made.pop(result.id or "", None)
        return result


class SaysMadeForWhatIsThere(TinyConnector):
    def make(self, creation: Creation) -> CreationResult:
        result = super().make(creation)
        return replace(result, outcome="made") if result.outcome == "there" else result


class LooksAtTheTextAlone(TinyConnector):
    """One lead's record passes for another's."""

    def like(self, creation: Creation) -> list[str]:
        return [id_ for id_, (_, held) in self.world.made.items() if held["Subject"] == creation.values["Subject"]]


class LooksAtTheLeadAlone(TinyConnector):
    def like(self, creation: Creation) -> list[str]:
        return [id_ for id_, (lead, _) in self.world.made.items() if lead == creation.lead]


class DropsValues(TinyConnector):
    def make(self, creation: Creation) -> CreationResult:
        result = super().make(creation)
        self.world.made[result.id or ""][1]["Kind"] = "b"
        return result


class CreatesOutOfOrder(TinyConnector):
    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        return sorted(super().create(object_name, leads_object, creations), key=lambda result: result.outcome)


class StopsAtARefusal(TinyConnector):
    refused = False

    def make(self, creation: Creation) -> CreationResult:
        if self.refused:
            return CreationResult(creation.lead, "refused", message="after another")
        result = super().make(creation)
        self.refused = result.outcome == "refused"
        return result


class MakesForTheGone(TinyConnector):
    def make(self, creation: Creation) -> CreationResult:
        return replace(super().make(creation), outcome="made")


class RefusesInSilence(TinyConnector):
    def make(self, creation: Creation) -> CreationResult:
        return replace(super().make(creation), message="")


class MakesSomethingOfNothing(TinyConnector):
    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        return super().create(object_name, leads_object, creations) or [CreationResult("L1", "made", "T0")]


class MakesAnything(TinyConnector):
    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        return super().create("Task", leads_object, creations)


class SecretInMessage(TinyConnector):
    def call(self) -> None:
        try:
            super().call()
        except (SignInRefused, CrmUnreachable) as error:
            raise type(error)("could not sign in with s3cret") from None


class OtherErrors(TinyConnector):
    def call(self) -> None:
        try:
            super().call()
        except (SignInRefused, CrmUnreachable) as error:
            raise ConnectionError("socket trouble") from error


MAKING = (
    MakesEveryTime,
    LooksOnlyBeforeTheCall,
    DropsValues,
    CreatesOutOfOrder,
    MakesSomethingOfNothing,
    MakesAnything,
)
"""One at least for each check of `create`."""


class PagesElsewhere(TinyConnector):
    @staticmethod
    def page(org: Org, object_name: str, record_id: str) -> str | None:
        return f"https://elsewhere.example/{record_id}"


class PagesOverPlainHttp(TinyConnector):
    def org(self) -> Org:
        return replace(super().org(), pages="http://tiny.example")


class NoPages(TinyConnector):
    @staticmethod
    def page(org: Org, object_name: str, record_id: str) -> str | None:
        return None


class PagesThatNameNoLead(TinyConnector):
    @staticmethod
    def lead_of(text: str, object_name: str | None) -> str | None:
        return None


class PagesOfAnyObjectNameALead(TinyConnector):
    @staticmethod
    def lead_of(text: str, object_name: str | None) -> str | None:
        return text.rpartition("/")[2] if object_name else None


class PagesNameALeadOfNoKnownObject(TinyConnector):
    @staticmethod
    def lead_of(text: str, object_name: str | None) -> str | None:
        page, _, record = text.rpartition("/")
        return record if object_name is None or page.endswith(f"/{object_name}") else None


class PagesOfAnyText(TinyConnector):
    @staticmethod
    def page(org: Org, object_name: str, record_id: str) -> str | None:
        return f"{org.pages}/{object_name}/{record_id}"


class KitOfTiny(ConnectorConformance):
    """The kit with a plugin that makes addresses as the connector says."""

    def __init__(self, connector: TinyConnector) -> None:
        self.plugin = ConnectorPlugin(  # type: ignore[misc]
            BaseModel, lambda _: connector, lead_id=connector.lead_of, record_page=connector.page
        )


BROKEN: dict[str, list[type[TinyConnector]]] = {
    "test_opening_makes_no_call": [CallsWhenOpened],
    "test_calls_are_counted": [DoesNotCount, CountsOnlyTheFirst],
    "test_the_org_has_a_known_time_zone": [OrgWithoutZone],
    "test_users_have_ids_of_their_own": [UsersTwice],
    "test_fields_are_told_once_with_what_may_be_written": [FieldsTwice, NothingIsWritable],
    "test_an_unknown_object_is_named": [AnyObjectIsThere],
    "test_what_stands_behind_a_parent_can_be_read": [TellsNothingOfParents],
    "test_a_full_pull_brings_every_record_exactly_once": [LosesThePageEnd, FirstPageTwice],
    "test_a_full_pull_brings_the_values": [LosesThePageEnd, EmptyStrings],
    "test_frames_are_text_in_the_columns_asked_for": [ColumnTooMany, NotText, EmptyStrings],
    "test_the_last_page_alone_has_a_cursor": [
        CursorOnEveryPage,
        NoCursor,
        NoCursorWhenNothingIsNew,
        NoPageWhenNothingIsNew,
    ],
    "test_progress_ends_at_the_number_of_records": [WrongProgress],
    "test_an_incremental_pull_sees_an_edit": [ReadsSincePagesWereRead],
    "test_an_incremental_pull_may_say_when_a_record_was_changed": [ChangedWithoutAZone, ChangedInTheFuture],
    "test_an_edit_during_a_pull_is_not_lost": [StaleCursor],
    "test_an_incremental_pull_names_what_is_gone": [NeverGone],
    "test_reading_is_fresh_and_says_who_is_gone": [ReadsACopy, ReadsSilently],
    "test_reading_nothing_is_allowed": [CannotReadNothing],
    "test_a_push_has_one_outcome_per_write_in_order": [
        ResultsOutOfOrder,
        EverythingAccepted,
        WritesNothing,
        WritesToOthers,
    ],
    "test_a_push_can_make_empty": [NeverEmpties],
    "test_a_push_that_says_what_it_met_says_what_was_there": [SaysItMetWhatItExpected],
    "test_who_set_a_field_is_told_newest_first": [TellsTheOldestFirst],
    "test_nothing_is_told_of_records_that_are_not_asked_for": [TellsOfEverybody],
    "test_pushing_an_unknown_field_is_refused_by_its_name": [
        DropsUnknownFields,
        CrashesOnUnknownFields,
        RefusesUnknownFieldsTooLate,
        RefusesUnknownFieldsByResult,
    ],
    "test_an_unknown_field_is_named": [AnyFieldIsThere],
    "test_activities_come_once_for_each_of_their_leads": [ActivitiesOfOneLeadOnly, NoActivities],
    "test_a_creation_is_made_once": [
        MakesEveryTime,
        ForgetsWhatItMade,
        SaysMadeAndDoesNothing,
        SaysMadeForWhatIsThere,
    ],
    "test_what_was_made_can_be_closed_and_opened_again": [ClosesNothing, KnowsAnotherWord, ClosesWhatIsClosed],
    "test_nothing_is_known_of_closing_what_is_not_there": [KnowsAnotherWord],
    "test_leads_with_the_same_text_have_one_each": [LooksAtTheTextAlone, MakesEveryTime],
    "test_another_text_is_another_record": [LooksAtTheLeadAlone, LooksOnlyBeforeTheCall],
    "test_the_values_of_a_creation_arrive": [DropsValues],
    "test_creations_have_one_outcome_each_in_order": [
        CreatesOutOfOrder,
        StopsAtARefusal,
        MakesForTheGone,
        RefusesInSilence,
        SaysMadeAndDoesNothing,
    ],
    "test_creating_nothing_is_allowed": [MakesSomethingOfNothing],
    "test_what_cannot_be_made_is_told": [MakesAnything, AnyFieldIsThere],
    "test_refused_credentials_are_told_without_secrets": [SecretInMessage, OtherErrors],
    "test_a_crm_that_is_away_stops_the_run_in_words": [SecretInMessage, OtherErrors],
    "test_a_records_address_is_a_page_of_the_crm_with_the_id_alone": [
        PagesElsewhere,
        PagesOverPlainHttp,
        NoPages,
        PagesThatNameNoLead,
        PagesOfAnyObjectNameALead,
        PagesNameALeadOfNoKnownObject,
    ],
    "test_an_address_is_made_without_a_call_and_for_ids_alone": [PagesOfAnyText],
}


class TestTiny(ConnectorConformance):
    """A right connector passes, in the three lines that the kit promises."""

    plugin = ConnectorPlugin(BaseModel, TinyConnector, lead_id=TinyConnector.lead_of, record_page=TinyConnector.page)
    world = pytest.fixture(lambda self: TinyWorld())
    connector = pytest.fixture(lambda self, world: TinyConnector(world))


@pytest.mark.parametrize(
    ("check", "broken"), [(check, broken) for check, wrong in BROKEN.items() for broken in wrong]
)
def test_each_check_fails_a_connector_that_breaks_its_promise(check: str, broken: type[TinyConnector]) -> None:
    world = TinyWorld()
    connector = broken(world)
    run: Callable[[Any, Connector, TinyWorld], None] = getattr(ConnectorConformance, check)
    with pytest.raises((AssertionError, pytest.fail.Exception, ZoneInfoNotFoundError, ConnectionError, KeyError)):
        run(KitOfTiny(connector), connector, world)


def test_every_check_of_the_kit_has_a_broken_connector() -> None:
    checks = {name for name, _ in inspect.getmembers(ConnectorConformance) if name.startswith("test_")}
    assert checks == set(BROKEN)
    assert all(BROKEN.values())


class BareWorld(World):
    """What a CRM that holds leads and nothing else has to tell."""

    object = "Lead"
    field = "Note"

    def __init__(self) -> None:
        self.crm = TinyWorld()

    def values(self) -> Mapping[str, str | None]:
        return self.crm.values()

    def edit(self, lead: str, value: str) -> None:
        self.crm.edit(lead, value)

    def delete(self, lead: str) -> None:
        self.crm.delete(lead)

    def go_away(self) -> None:
        self.crm.go_away()


class BareConnector(Connector):
    """What a connector to such a CRM has to give: the rest is inherited."""

    capabilities = Capabilities(write_batch_size=10)

    def __init__(self, crm: TinyWorld) -> None:
        self.tiny = TinyConnector(crm)

    def org(self) -> Org:
        return self.tiny.org()

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return self.tiny.fields(object_name)

    def users(self) -> tuple[CrmUser, ...]:
        return self.tiny.users()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        return self.tiny.pull(request)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        return self.tiny.read(object_name, ids, fields)

    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        return self.tiny.push(object_name, writes)

    def usage(self) -> Usage:
        return self.tiny.usage()


def test_a_connector_that_inherits_the_rest_passes_and_skips_what_its_crm_has_not() -> None:
    skipped = set()
    for check in BROKEN:
        world = BareWorld()
        try:
            getattr(ConnectorConformance(), check)(BareConnector(world.crm), world)
        except pytest.skip.Exception:
            skipped.add(check)
    making = {name for name, wrong in BROKEN.items() if any(each in wrong for each in MAKING)}
    assert skipped == making | {
        "test_what_was_made_can_be_closed_and_opened_again",
        "test_activities_come_once_for_each_of_their_leads",
        "test_who_set_a_field_is_told_newest_first",
        "test_refused_credentials_are_told_without_secrets",
        "test_a_records_address_is_a_page_of_the_crm_with_the_id_alone",
        "test_an_address_is_made_without_a_call_and_for_ids_alone",
    }


def test_a_connector_that_makes_no_records_says_so() -> None:
    connector = BareConnector(TinyWorld())
    with pytest.raises(UsageError, match="makes no records of Task"):
        connector.create("Task", "Lead", [])
    connector.close()


def test_a_missing_verb_is_told_when_the_connector_is_made() -> None:
    class Half(Connector):
        capabilities = Capabilities(1)

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]


def test_a_crm_without_activities_skips_that_check() -> None:
    world = TinyWorld()
    world.activity_object = None
    with pytest.raises(pytest.skip.Exception):
        ConnectorConformance().test_activities_come_once_for_each_of_their_leads(TinyConnector(world), world)


@pytest.mark.parametrize(
    "check", sorted(name for name, wrong in BROKEN.items() if any(each in wrong for each in MAKING))
)
def test_a_connector_that_makes_nothing_skips_the_checks_of_making(check: str) -> None:
    world = TinyWorld()
    world.creation_object = None
    with pytest.raises(pytest.skip.Exception):
        getattr(ConnectorConformance(), check)(TinyConnector(world), world)
