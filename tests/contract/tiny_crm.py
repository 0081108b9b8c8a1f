"""A CRM of five leads and a connector to it that keeps every promise of the connector kit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from crmsync.errors import CrmUnreachable, FullReadNeeded, SignInRefused, UsageError
from crmsync.sdk import (
    Capabilities,
    Choice,
    Closing,
    Connector,
    Creation,
    CreationResult,
    CrmUser,
    Edit,
    FieldKind,
    NativeField,
    Org,
    Page,
    Parent,
    PullRequest,
    Reading,
    Usage,
    Write,
    WriteResult,
    native_frame,
)

PAGE = 2


class TinyWorld:
    """Five leads in memory; each change has a number, the cursor is the number of the last one."""

    object = "Lead"
    field = "Note"
    second_field: str | None = "More"
    time_zone: str | None = "Europe/Berlin"
    activity_object: str | None = "Task"
    creation_object: str | None = "Task"
    creation_field = "Subject"
    creation_values: Mapping[str, str] = {"Kind": "a"}
    refused_values: Mapping[str, str] = {"Kind": "z"}
    secrets = ("s3cret",)

    def __init__(self) -> None:
        self.leads: dict[str, tuple[str | None, int]] = {f"L{n}": (f"note {n}" if n else None, 0) for n in range(5)}
        self.more: dict[str, str | None] = {}
        self.deleted: dict[str, int] = {}
        self.busy = 0
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

    def be_busy(self, times: int) -> None:
        self.busy = times

    def refuse_sign_in(self) -> None:
        self.refusing = True

    def go_away(self) -> None:
        self.away = True


class TinyConnector(Connector):
    """A connector that keeps the contract, in a form that is easily broken."""

    kinds: Mapping[str, FieldKind] = {
        "Born": "datetime", "Due": "date", "Big": "boolean", "Size": "number", "Worth": "money"
    }  # fmt: skip
    of_each_kind: Mapping[str, object] = {
        "Born": datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "Due": date(2026, 2, 1), "Big": True,
        "Size": 1e-7, "Worth": 5,
    }  # fmt: skip

    def __init__(self, world: TinyWorld) -> None:
        self.capabilities = Capabilities(10, activity_objects=("Task",))
        self.world = world
        self.calls = self.again = 0

    def call(self) -> None:
        self.calls += 1
        if self.world.refusing:
            raise SignInRefused("the CRM refused the credentials")
        if self.world.away:
            raise CrmUnreachable("the CRM cannot be reached")
        while self.world.busy:
            self.world.busy -= 1
            self.calls += 1
            self.again += 1

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
        return (
            NativeField("Note", "Note", "text", True),
            NativeField("Kind", "Kind", "choice", False, choices),
            NativeField("More", "More", "text", True),
            *(NativeField(name, name, kind, False, kind=kind) for name, kind in self.kinds.items()),
        )

    def parents(self, object_name: str) -> Mapping[str, Parent] | None:
        return {"Master": Parent(("Lead",)), "Other": Parent(())}

    def users(self) -> tuple[CrmUser, ...]:
        self.call()
        return (CrmUser("U1", "Ann", None, True), CrmUser("U2", "Bob", None, False))

    def check(self, fields: Sequence[str]) -> None:
        if unknown := set(fields) - {"Note", "More", "Subject", "Kind", "Status", "Master.Note", *self.kinds}:
            raise UsageError(f"no field {', '.join(unknown)}")

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.call()
        self.check(request.fields)
        if request.object not in {"Lead", "Task"}:
            raise UsageError(f"no object {request.object!r}")
        if request.leads_object:
            rows = [{"@id": task, "@lead": lead} for task, lead in sorted(self.world.tasks)]
            yield Page(native_frame(rows, request.fields, leads=True), cursor="0")
            return
        if not (request.cursor or "0").isdecimal():
            raise FullReadNeeded("the cursor is none of this connector's")
        since = int(request.cursor) if request.cursor else -1
        cursor = str(self.world.changes)
        rows = [self.row(id_) for id_, (_, at) in sorted(self.world.leads.items()) if at > since]
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
        there = [self.row(id_) for id_ in ids if id_ in self.world.leads]
        return Reading(native_frame(there, fields), {id_: "deleted" for id_ in ids if id_ not in self.world.leads})

    def row(self, id_: str) -> dict[str, object]:
        """One lead, with something of each kind."""
        note, more = self.world.leads[id_][0], self.world.more.get(id_)
        return {"@id": id_, "Note": note, "More": more, **self.of_each_kind}

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
        self.world.more[write.id] = write.values.get("More", self.world.more.get(write.id))
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
        return Usage(self.calls, retries=self.again, refused=self.again)

    def close(self) -> None:
        pass
