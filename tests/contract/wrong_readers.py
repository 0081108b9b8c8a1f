"""Connectors with one thing wrong each: in what they say of the CRM, in pulling, and in reading back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
from tiny_crm import PAGE, TinyConnector, TinyWorld

from crmsync.errors import CrmUnreachable, UsageError
from crmsync.sdk import (
    CHANGED_AT,
    Capabilities,
    CrmClock,
    CrmUser,
    NativeField,
    Org,
    Page,
    PullRequest,
    Reading,
    Usage,
    native_frame,
)
from crmsync.values import replace


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


class OrgInAnotherZone(TinyConnector):
    def org(self) -> Org:
        return replace(super().org(), time_zone="Asia/Tokyo")


class UsersWithNumbers(TinyConnector):
    def users(self) -> tuple[CrmUser, ...]:
        return tuple(replace(user, id=number) for number, user in enumerate(super().users()))  # type: ignore[arg-type]


class UsersInBytes(TinyConnector):
    def users(self) -> tuple[CrmUser, ...]:
        return tuple(replace(user, email=b"ann@firm.example") for user in super().users())  # type: ignore[arg-type]


class FieldsWithoutLabels(TinyConnector):
    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return tuple(replace(each, label=None) for each in super().fields(object_name))  # type: ignore[arg-type]


class FieldsOfAnotherKind(TinyConnector):
    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return tuple(replace(each, kind="string") for each in super().fields(object_name))  # type: ignore[arg-type]


def with_values(**values: object) -> type[TinyConnector]:
    """A connector that gives these values of the wire as they are."""

    class Broken(TinyConnector):
        of_each_kind: Mapping[str, object] = {**TinyConnector.of_each_kind, **values}

    return Broken


InstantsWithoutAZone = with_values(Born="2026-01-31T09:30:00")
InstantsInBytes = with_values(Born=str(b"2026-01-31T09:30:00Z"))
InstantsAsNumbers = with_values(Born=1769851800000)
DaysAsInstants = with_values(Due="2026-02-01T00:00:00Z")
PythonsTrue = with_values(Big="True")
NoneInWords = with_values(Size="None")
Exponents = with_values(Size="1e-07")
AmountsAsPeopleWriteThem = with_values(Worth="1,234.50")


class ClockWithoutAZone(TinyConnector):
    def clock(self) -> CrmClock:
        return CrmClock(datetime(2026, 1, 31, 9, 29))  # noqa: DTZ001 - the mistake


class TakesAnyCursor(TinyConnector):
    def pull(self, request: PullRequest) -> Iterator[Page]:
        sound = (request.cursor or "").isdecimal()
        return super().pull(request if sound else replace(request, cursor=None))


class CrashesOnAnothersCursor(TinyConnector):
    def pull(self, request: PullRequest) -> Iterator[Page]:
        int(request.cursor or "0")
        return super().pull(request)


class ReadsNothingOfAnUnknownObject(TinyConnector):
    def ask(self, object_name: str, leads_object: str | None = None) -> None:
        pass


class RefusalsWithoutAName(TinyConnector):
    def check(self, fields: Sequence[str]) -> None:
        try:
            super().check(fields)
        except UsageError:
            raise UsageError("the CRM said 400") from None

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        try:
            return super().fields(object_name)
        except UsageError:
            raise UsageError("the CRM said 404") from None

    def ask(self, object_name: str, leads_object: str | None = None) -> None:
        self.fields(object_name)


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
OnlyTheFirstPageOfChanges = with_pages(
    lambda _, request, pages: [replace(pages[-1], records=pages[0].records)] if request.cursor else pages
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


class TakesARefusalForNothing(TinyConnector):
    """What the CRM says when it is busy is no list of records, and is read as an empty one."""

    def pull(self, request: PullRequest) -> Iterator[Page]:
        busy, self.world.busy = self.world.busy, 0
        for page in super().pull(request):
            yield replace(page, records=page.records.clear()) if busy else page


class StopsWhereItIsToWait(TinyConnector):
    def call(self) -> None:
        if self.world.busy:
            raise CrmUnreachable("too many calls")
        super().call()


class CountsNoRefusals(TinyConnector):
    def usage(self) -> Usage:
        return replace(super().usage(), refused=0)


class CountsNoRetries(TinyConnector):
    def usage(self) -> Usage:
        return replace(super().usage(), retries=0)


class CannotReadNothing(TinyConnector):
    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        return super().read(object_name, ids, fields) if ids else Reading(pl.DataFrame())


class KeepsItsSockets(TinyConnector):
    def org(self) -> Org:
        self.sockets = socket.socketpair()
        return super().org()
