"""The verbs of a connector, and what it can do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from crmsync.contract.account import CrmClock, CrmUser, Currencies, Org, Usage
from crmsync.contract.provisions import Provided, Provision
from crmsync.contract.reading import Edit, Page, PullRequest, Reading
from crmsync.errors import UsageError

if TYPE_CHECKING:
    from crmsync.contract.fields import NativeField, Parent
    from crmsync.contract.writing import Closing, Creation, CreationResult, Write, WriteResult


class Capabilities(Struct, frozen=True):
    """What a connector can do, so that the core can plan calls and tell the admin.

    `write_batch_size`: records that one `push` or `create` takes. `activity_objects`: objects that `pull` can read
    with `leads_object` set. `open_objects`: objects whose records may hold fields that `fields` does not list
    (answers of a form, say). `fields_beside`: kinds of fields of leads that `fields` does not list, being without
    number: a field whose name begins with that of one of them is such a one (`list:` says what `list:12` is).
    """

    write_batch_size: int
    activity_objects: tuple[str, ...] = ()
    open_objects: tuple[str, ...] = ()
    fields_beside: tuple[NativeField, ...] = ()


class Connector(Protocol):
    """A signed-in connection to one CRM account. A class that inherits it has to give the abstract verbs."""

    capabilities: Capabilities

    @abstractmethod
    def org(self) -> Org:
        """The account's id, name and time zone. Signs in if that has not happened yet."""

    @abstractmethod
    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        """The object's fields. Raises `UsageError` when there is no such object (for this user)."""

    def parents(self, object_name: str) -> Mapping[str, Parent] | None:
        """The first steps of the paths that `pull` and `read` take beside this object's own fields (`Account.Name`).

        By the name of the step. What comes behind one is a field of the object that it leads to, or a further step
        of that. Null: the connector does not tell, and nobody looks whether a path leads anywhere before it is read.
        """
        return None

    @abstractmethod
    def users(self) -> tuple[CrmUser, ...]:
        """All users and queues, inactive ones too, and the groups that people may be read from."""

    def staff(self) -> tuple[CrmUser, ...]:
        """The same with titles and profiles, for whoever guesses roles; a connector that knows no more leaves it."""
        return self.users()

    @abstractmethod
    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Stream records. Raises `UsageError` naming a field that does not exist. At least one page comes.

        Raises `FullReadNeeded` when the request's cursor cannot be continued without missing something: it is older
        than the CRM remembers what was deleted, or none that this connector wrote. The core pulls everything then.
        """

    def ask(self, object_name: str, leads_object: str | None = None) -> None:
        """One small question: may this user read the object? Raises what a pull of it would.

        A connector that has no smaller one leaves this verb as it is: it reads the first page.
        """
        pages = self.pull(PullRequest(object=object_name, fields=(), leads_object=leads_object))
        next(iter(pages), None)

    @abstractmethod
    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        """The records with these ids as they stand now (fresh, not from a search index)."""

    def same_object(self, one: str, other: str) -> bool:
        """Whether two names are of one object: as a mapping writes it, and as a telling does."""
        return one.casefold() == other.casefold()

    def reread(
        self, request: PullRequest, ids: Sequence[str] = (), of_leads: Sequence[str] = ()
    ) -> Iterator[Page] | None:
        """Records of an object of activities as they stand now: those with these ids, and those of these leads.

        Pages as of `pull` with `leads_object`; `gone`: those of `ids` that are no longer part of it. The request's
        cursor says since when `pull` has not read it, for an object that is asked for by time alone; none comes back.
        Null: the connector cannot do so, and `pull` brings them at its next time.
        """
        return None

    @abstractmethod
    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Write. At most `capabilities.write_batch_size` writes; one result each, in order.

        Raises `UsageError` naming a field that does not exist, and writes nothing then.
        """

    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        """Make records that belong to leads of `leads_object`, each once: it looks before it makes.

        At most `capabilities.write_batch_size` creations; one result each, in order. Two creations of one call
        that are known by the same make one record. The same call again, after a lost answer or a crash, makes
        no second; only a request that the CRM is still at work on cannot be seen, so leave it some seconds.
        Raises `UsageError` for an object that the connector cannot tie to leads, and naming a field that does not
        exist. `read` shows what was made. A connector that makes no records leaves this verb as it is.
        """
        raise UsageError(
            f"this connector makes no records of {object_name}",
            hint="take the task out of the mapping's `hand_off`",
        )

    def closing(self, object_name: str) -> Closing | None:
        """How records that `create` makes of this object are closed; null = not known, or there is no such thing.

        They are read and written by `read` and `push` then. A connector that makes no records leaves this verb as it
        is; of one that makes some and cannot say it, they stay open when a run is taken back.
        """
        return None

    def currencies(self) -> Currencies | None:
        """The account's currencies; null when it has one only, or the user may not see them.

        Asked for only where the mapping reads an amount that has a `currency_field`.
        """
        return None

    def edits(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Edit]:
        """Who set these fields of these records, the newest first, as far as the CRM keeps it.

        A call or two for some dozens of records; of leads that crmsync sees for the first time all are asked for,
        thousands at once. A connector whose CRM keeps no history, or whose user may not see it, gives nothing.
        """
        return ()

    @abstractmethod
    def usage(self) -> Usage:
        """Calls so far."""

    def provided(self, provisions: Sequence[Provision]) -> list[Provided]:
        """Which of these are there, which can be made, and which a person has to make; one answer each, in order.

        Reads only. A connector that makes nothing leaves this verb as it is.
        """
        return [Provided("by_hand", "make it in the CRM") for _ in provisions]

    def provide(self, provisions: Sequence[Provision]) -> list[Provided]:
        """Make these, in this order; one answer each. What exists is never changed or deleted, only added to.

        Asked for provisions that `provided` found missing; one that is there by now is `there`.
        """
        return self.provided(provisions)

    def provision_files(self, provisions: Sequence[Provision]) -> Mapping[str, str]:
        """The same as files (path → text) for those who bring changes of the CRM in by a pipeline of their own.

        None from a connector whose CRM takes no files.
        """
        return {}

    def left_out(self) -> tuple[str, ...]:
        """What could not be read since the connector was opened, and was gone without: one sentence each.

        For parts that nothing else needs (one of many forms, roles of users); runs and checks tell them. Without
        personal data.
        """
        return ()

    def clock(self) -> CrmClock:
        """The CRM's own clock as its answers told it so far. A connector whose CRM tells none leaves it as it is."""
        return CrmClock()

    def close(self) -> None:
        """Release sockets, where there are any."""
        return
