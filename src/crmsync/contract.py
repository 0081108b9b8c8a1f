"""What the core asks of a CRM connector. Implemented by distributions of their own, found by entry point.

A connector speaks the CRM's own words: native records in, native values out. It never hears of stages, criteria
or roles. It is used by one thread. Entry point group `crmsync.connectors`; the entry is a `ConnectorPlugin`.

Native values are text. A connector turns every value of the wire into String: booleans `true`/`false`, numbers
as the shortest decimal text (`250`, `1234.5`), instants as ISO-8601 with zone (`2026-01-31T09:30:00Z`), days as
`YYYY-MM-DD`, several choices joined by `;`, an empty string as null.

Every method may raise `errors.RunStopped` (and its children) after its own retries; never a client library's or
a socket's own exception. Time limits are always set. Nothing personal and no secret goes into a message.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

import polars as pl
from pydantic import BaseModel

from crmsync.errors import UsageError

RECORD_ID = "@id"
LEAD_ID = "@lead"


@dataclass(frozen=True, slots=True)
class Capabilities:
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


@dataclass(frozen=True, slots=True)
class Org:
    """The CRM account behind a connection. `time_zone` is an IANA name; it decides which day an instant is on.

    `pages`: where people open the account in a browser, scheme and host only, such as https://app.hubspot.com; null =
    not known. It is of the CRM's own, whatever an answer says.
    """

    id: str
    name: str
    time_zone: str
    pages: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice field."""

    value: str
    label: str
    active: bool = True


FieldKind = Literal[
    "text", "choice", "choices", "number", "money", "boolean", "date", "datetime", "reference", "unknown"
]
"""What a field holds, in words for every CRM. `choices`: several at once. `reference`: another record's id."""


@dataclass(frozen=True, slots=True)
class NativeField:
    """A field of a CRM object as the signed-in user sees it.

    `type` is the CRM's own word, `kind` the same in the words of all CRMs (`unknown`: the connector does not say).
    `choices`, in the CRM's order, is empty for a field without a fixed list; `open_choices` says that the CRM accepts
    other values than the listed ones. `writable` is false for calculated and read-only fields. `calculated`: the CRM
    works it out (a formula, a rollup), so that it may change without any stamp of the record. `max_length`: the most
    characters it takes; null = not told. `max_digits`: of a number, the most digits before the decimal point; null =
    not told. `clearable` is false for a
    field that always holds something. `currency_field`: of an amount, the field of the same object that says in
    which currency it is; null = all are in one.
    """

    name: str
    label: str
    type: str
    writable: bool
    choices: tuple[Choice, ...] = ()
    open_choices: bool = False
    kind: FieldKind = "unknown"
    calculated: bool = False
    max_length: int | None = None
    currency_field: str | None = None
    clearable: bool = True
    max_digits: int | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a relationship of an object's records leads: to one record of one of these objects, or to none.

    No object: the connector cannot say which. `followed`: records whose parent alone has changed come again with what
    changed since a cursor; else a new value of the parent is seen by the next reading of everything.
    """

    objects: tuple[str, ...]
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Currencies:
    """The account's currencies by their codes. `home` is the one it adds up in.

    `rates`: code → how many units of it are one unit of `home`; the home currency's own is 1.
    """

    home: str
    rates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CrmUser:
    """A person or queue that can own leads. `active` false = must not be assigned. `role`, `team`: CRM's words.

    `groups`, `queues`, `teams`: names of those that a person belongs to, through other groups, too. A `group` as a
    `kind` of its own owns nothing: it only says that a group of this name is there, even if nobody is in it.
    `title`, `profile`: what the person does and may do, in the CRM's words; only `staff` tells them.
    """

    id: str
    name: str
    email: str | None = None
    active: bool = True
    kind: Literal["person", "queue", "group"] = "person"
    role: str | None = None
    team: str | None = None
    time_zone: str | None = None
    groups: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    title: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A test that every wanted record passes: its field holds one of the values, and lies on or after the day.

    Null = not asked. Values are the CRM's own, letter case aside.
    """

    field: str
    any_of: tuple[str, ...] | None = None
    not_before: date | None = None


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What to read. `fields` are native names (dots reach parents where the CRM has them).

    `leads_object`: for activities, the object of the leads they belong to; records that belong to none are left
    out, a record that belongs to several comes once for each. Null: leads themselves, or any other object that stands
    for itself (accounts, companies, opportunities). `cursor`: null = read everything; else what the last page of an
    earlier pull of this object said: read what changed since, with a safe overlap (rows may come again, none may be
    missed). `narrowings`: without a cursor, records that fail one of them may be left out, to have fewer to read; a
    connector that cannot ask so leaves none out. `progress`, if given, is called with (records so far, total or
    null).
    """

    object: str
    fields: tuple[str, ...]
    leads_object: str | None = None
    cursor: str | None = None
    progress: Callable[[int, int | None], None] | None = None
    narrowings: tuple[Narrowing, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what was asked for: a NATIVE frame with `@id` (and `@lead`) and every field asked for.

    `gone`: ids that are no longer part of what was asked for since the cursor (incremental pulls only). Of leads:
    deleted, merged away, converted. Of accounts and the like: deleted, merged away. Of activities: deleted, or
    belonging to no lead any more (moved to another kind of record, or its lead converted); one that still belongs to
    some leads is a record, not gone.
    `cursor`: set on the last page only, and always there; opaque to the core.
    """

    records: pl.DataFrame
    gone: tuple[str, ...] = ()
    cursor: str | None = None


STILL_THERE = "there, "


@dataclass(frozen=True, slots=True)
class Reading:
    """What `read` found: `records` as in a page; `gone` says for each missing id why, in words for the reader.

    The words: `deleted`, `merged into <id>`, `converted`; and where the CRM does not tell these apart, what is known
    (`not there, or not visible to this user`, `deleted: … or keeps it in its recycle bin`). An id that this CRM never
    gave is missing like any other. A word that begins with `STILL_THERE` says that the record is there, and that its
    answer was torn: it is not gone. Every id asked for is in `records` or in `gone`.
    """

    records: pl.DataFrame
    gone: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Write:
    """New native values for one record. `None` = make empty (only sent when the mapping says so).

    `expected`: what the fields held when they were last read (`None` = empty), and perhaps other fields of the same
    change; the connector may use it to compare-and-set, and to know a step backward where the CRM needs a clear
    before the set. `personal`: what else is known of whom the record is about (name, company, e-mail): it is never
    sent, and taken out of the CRM's words.
    """

    id: str
    values: Mapping[str, str | None]
    expected: Mapping[str, str | None]
    personal: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Who has put another value in the place of one that was just written. `source`: the CRM's own word for it."""

    by: Literal["person", "program", "automation"]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a record held right before and right after a write, as the CRM itself tells it.

    `before`: native values that the write met, of every field of `Write.expected`; one that the CRM tells nothing of
    is left out. With it the core sees what a person wrote between the last reading and the write, and gives it back.
    `after`: every field of `Write.expected`, read after the write. `replaced`: of the fields that held what was
    written and do so no more, by whom, where the CRM tells.
    """

    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    replaced: Mapping[str, Replaced] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one write, in the order of the writes.

    `accepted`: the CRM said yes (not yet verified). `refused`: it said no for this record; `message` is its own
    words, freed of personal data. `gone`: deleted, merged or converted meanwhile. `uncertain`: the answer was
    lost; the core reads back to find out. `conflict`: somebody else changed the record before the write got through,
    and nothing was sent over it. `seen`: from a connector that can tell; without it the core reads back by itself.
    """

    id: str
    outcome: Literal["accepted", "refused", "gone", "uncertain", "conflict"]
    message: str = ""
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Creation:
    """A record to make that belongs to a lead (a task, say), once.

    `lead`: id of the lead record. `values`: native field -> value (text, as everywhere). `known_by`: fields of
    `values`: a record of this lead that holds the same in them is this one, and no second is made. `personal`: as in
    a `Write`.
    """

    lead: str
    values: Mapping[str, str]
    known_by: tuple[str, ...]
    personal: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.known_by or not set(self.known_by) <= self.values.keys():
            raise ValueError("`known_by` must name at least one of the values, and nothing else")


@dataclass(frozen=True, slots=True)
class CreationResult:
    """What became of one creation, in the order of the creations. `id` is the record's, where it is there.

    `made`: made and there. `there`: was there already (an earlier call whose answer was lost, say). `refused`:
    the CRM said no, `message` in its words without personal data. `gone`: the lead is. `uncertain`: the answer
    was lost and the record is not (yet) to be seen; the same creation again, later, makes it or finds it.
    """

    lead: str
    outcome: Literal["made", "there", "refused", "gone", "uncertain"]
    id: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """How records of an object are closed: `value` in `field` says that nothing is left to do, and so does any of
    `closed`. Native values.
    """

    field: str
    value: str
    closed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls made through this connector object, and what the CRM says of the day's calls (null: not told so far).

    `calls_left`: how many all programs of the account may still make. `daily_call_limit`: how many they may in all.
    """

    calls: int
    calls_left: int | None = None
    daily_call_limit: int | None = None


@dataclass(frozen=True, slots=True)
class CrmClock:
    """What the CRM's answers say of the time. `at`: its clock at the latest answer that told one; null = none did.

    `unreadable`: answers whose time is none, or lies in another century; they were left aside. `heard`: when the
    answer came, by `crmsync.sdk.running_seconds`; null = not told, and it counts as come just now.
    """

    at: datetime | None = None
    unreadable: int = 0
    heard: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """A value that somebody set, as the CRM's history of the field tells it. `value`: native text, null = made empty.

    `by`: what set it, as far as the CRM says. `user`: native id of that user, as `users` gives it; null = none, or
    not told. `source`: the CRM's own word for where it comes from.
    """

    id: str
    field: str
    value: str | None
    at: datetime
    by: Literal["person", "program", "automation"]
    user: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class FieldProvision:
    """A field to make. `characters`: the most a text has to take; `digits`: of a whole number. `about`: for people.

    `choices`: of a `choice`, in order. A `reference` holds users.
    """

    object: str
    name: str
    label: str
    kind: FieldKind
    about: str = ""
    characters: int | None = None
    digits: int | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ValuesProvision:
    """Values that a choice field is to offer besides those it has."""

    object: str
    field: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class AccessProvision:
    """What the signed-in user has to be allowed, and nothing else. Each: object → fields; none = the object itself.

    `reads`: what is read; `edits`: fields of records that are written; `makes`: fields of records that are made.
    """

    name: str
    reads: Mapping[str, tuple[str, ...]]
    edits: Mapping[str, tuple[str, ...]]
    makes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ListProvision:
    """A list of records for people: those whose `field` holds one of the values. `columns`: fields to show."""

    object: str
    label: str
    field: str
    values: tuple[str, ...]
    columns: tuple[str, ...] = ()


Provision = FieldProvision | ValuesProvision | AccessProvision | ListProvision
"""Something that a CRM is to have so that it can be worked with."""


@dataclass(frozen=True, slots=True)
class Provided:
    """How a provision stands in the CRM, or what became of it.

    `there`: it is there. `missing`: it can be made. `by_hand`: a person has to, and `words` say how. `made`: it was
    made. `refused`: the CRM said no, in its own words. `uncertain`: the answer was lost. `words` of one that is there
    say in what it differs, if anything.
    """

    state: Literal["there", "missing", "by_hand", "made", "refused", "uncertain"]
    words: str = ""


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

        A call or two for some dozens of records. A connector whose CRM keeps no history, or whose user may not see
        it, gives nothing.
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


@dataclass(frozen=True, slots=True)
class SignInWay:
    """A way of signing in, for those who set a connection up.

    `name`: a word for options and files; `title`: one line that says when it suits. `steps`: what to do in the CRM
    first, one by one, each a sentence or two. `settings`: fields of the connector's settings that it needs, in the
    order in which they are asked for; secrets are asked for without being shown.
    """

    name: str
    title: str
    steps: tuple[str, ...]
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectorPlugin:
    """What an entry point of group `crmsync.connectors` names. The entry point's name is the connector's.

    `settings`: a pydantic model of everything the connector needs (address, secrets as `SecretStr`, time limits); the
    core fills it from the connection's `options` in crmsync.yaml and from the environment
    (`CRMSYNC_<CONNECTION>_<FIELD>`). Every field has a description with its unit.
    `open`: builds a Connector from such settings without any call. `starter_mapping`: gives the YAML text of a
    mapping to begin with (`sdk.starter_file` reads it from the connector's package); rehearsals ask for it. Where
    records of more than one object may carry stage and owner, `other_starters` gives a mapping to begin with for each
    of the other native objects.
    `lead_id`: the lead's native id in what a person may write instead: another form of the id, or the address of the
    page of a record of the leads' object; null for a text that holds none. Where that object is not known (null), no
    address names a lead. Without it only native ids and e-mails name leads.
    `record_page`: the other way about, for an account, a native object and a record's id: the address of the record's
    page, so that plans and reports link to it; null where there is none. It makes no call, and of the record the
    address holds the id alone. `lead_id` reads it.
    `title`: what people call the CRM. `sign_in_ways`: the ways of signing in, the usual one first; `crmsync init`
    tells their steps. Without any it asks for every setting that has no default, and for the secrets.
    """

    settings: type[BaseModel]
    open: Callable[[Any], Connector]
    starter_mapping: Callable[[], str] | None = None
    other_starters: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    lead_id: Callable[[str, str | None], str | None] | None = None
    record_page: Callable[[Org, str, str], str | None] | None = None
    title: str | None = None
    sign_in_ways: tuple[SignInWay, ...] = ()
