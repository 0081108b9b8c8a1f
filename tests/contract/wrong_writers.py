"""Connectors with one thing wrong each: in writing, making records, refusing, and pages of records."""

from __future__ import annotations

from collections.abc import Sequence

from tiny_crm import TinyConnector

from crmsync.errors import CrmUnreachable, SignInRefused, UsageError
from crmsync.sdk import (
    Closing,
    Creation,
    CreationResult,
    Edit,
    Org,
    Seen,
    Write,
    WriteResult,
)
from crmsync.values import replace


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


class WritesTheFirstValueOnly(TinyConnector):
    def write(self, write: Write) -> WriteResult:
        first = next(iter(write.values))
        return super().write(replace(write, values={first: write.values[first]}))


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
