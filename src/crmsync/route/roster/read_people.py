"""People whom the roster takes from the CRM: from its groups, queues, teams and roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from crmsync.configuration import did_you_mean
from crmsync.contract import CrmUser
from crmsync.route.people.person import FromCrm, Person, Terms
from crmsync.route.people.shape import User
from crmsync.route.roster.directory import Directory
from crmsync.route.roster.people_findings import Found
from crmsync.route.roster.roster_file import Roster

_WORDS = {"group": "group", "queue": "queue", "team": "team", "role_name": "role"}
_LISTS = frozenset({"role", "roles", "territories", "segments", "languages", "holidays"})


class ReadFromCrm(Struct, frozen=True):
    """What one entry of `from_crm` gave. `words`: the groups or teams it names."""

    words: tuple[str, ...]
    active: int
    inactive: int


class PeopleRead(Struct, frozen=True):
    """`roster` with everybody in it; `entries`: those for this connection."""

    roster: Roster
    entries: tuple[ReadFromCrm, ...]
    findings: tuple[Found, ...]


def with_people_read(roster: Roster, directory: Directory, connection: str) -> PeopleRead:
    """The roster with the people of its `from_crm` entries for this connection: first those named, then the others.

    Who is named and read is one person: what is written there wins, the entry gives what is missing. Somebody named
    for other connections only is found by their key. Who is read by several entries has the words of all; of single
    values the first entry's hold. Those read go by their e-mail in lower case, so that the counters of two CRMs
    agree; without an e-mail of their own, by id, after the others and in the order of their names.
    """
    entries: list[ReadFromCrm] = []
    findings: list[Found] = []
    terms: dict[str, list[FromCrm]] = defaultdict(list)
    for index, entry in enumerate(roster.from_crm):
        if entry.connection != connection:
            continue
        users, wrong = _members(entry, index, directory)
        for user in users:
            terms[user.id].append(entry)
        active = sum(user.active for user in users)
        if not wrong and not active:
            wrong.append((("from_crm", index), f"nobody active in {connection} is meant by this", _EMPTY))
        findings += [*wrong, *_without_zone(entry, index, users, connection)]
        named = tuple(word for key in _WORDS for word in getattr(entry, key))
        entries.append(ReadFromCrm(named, active, len(users) - active))
    if not entries:
        return PeopleRead(roster, (), ())
    people, doubtful = _everybody(roster, terms, directory, connection)
    everybody = roster.model_copy(update={"people": people})
    return PeopleRead(everybody, tuple(entries), (*findings, *doubtful))


def _everybody(
    roster: Roster, terms: Mapping[str, Sequence[FromCrm]], directory: Directory, connection: str
) -> tuple[tuple[Person, ...], list[Found]]:
    """Those named, then those only read. `terms`: the entries that read a user, by native id."""
    people: list[Person] = []
    taken: set[str] = set()
    by_key = {_key(user, directory): user for user in directory.people if user.id in terms}
    for written in roster.people:
        person, found = written, _user_of(written.user, connection, directory)
        if not isinstance(written.user, str) and connection not in written.user and written.person_key in by_key:
            found = by_key[written.person_key]
            person = _person({**_said(written), "user": {**written.user, connection: found.id}})
        if found is None or found.id not in terms:
            people.append(person)
        else:
            taken.add(found.id)
            people.append(_extended(person, _together(terms[found.id]), found))
    keys = {person.person_key: number for number, person in enumerate(people, start=1)}
    wrong: list[Found] = []
    read = [user for user in directory.people if user.id in terms and user.id not in taken]
    for user in sorted(read, key=lambda user: _place(user, directory)):
        key = _key(user, directory)
        if key in keys:
            words = f"a user whom this reads has the key of person {keys[key]}"
            wrong.append((("from_crm",), words, "name that user under `people`, with a `key` of their own"))
        else:
            said = {"user": user.id, "key": key, "team": user.team}
            people.append(_person({**_zone(user), **_together(terms[user.id]), **said}))
    return tuple(people), wrong


_EMPTY = "look into the group or team in the CRM, or take the entry out"


def _members(entry: FromCrm, index: int, directory: Directory) -> tuple[list[CrmUser], list[Found]]:
    """The users meant, inactive ones too, and words that nothing in the CRM fits."""
    wrong: list[Found] = []
    for key, words in _WORDS.items():
        there = {word for user in directory.people for word in _having(user)[key]}
        there |= {"group": directory.groups, "queue": directory.queue_names}.get(key, frozenset())
        for number, word in enumerate(getattr(entry, key)):
            if word not in there:
                here = entry.connection
                message = f"nobody in {here} has the {words} `{word}`"
                if key in ("group", "queue"):
                    message = f"{here} has no {words} `{word}`"
                hint = did_you_mean(word, there) or f"{here} tells no {words}s of its users"
                wrong.append((("from_crm", index, key, number), message, hint))
    excepted = set()
    for number, written in enumerate(entry.except_):
        found = directory.person(written)
        if isinstance(found, CrmUser):
            excepted.add(found.id)
        else:
            words = f"a user under `except` {found} of {entry.connection}"
            wrong.append((("from_crm", index, "except", number), words, directory.hint(written)))
    users = [user for user in directory.people if user.id not in excepted and _fits(entry, user)]
    return users, wrong


def _fits(entry: FromCrm, user: CrmUser) -> bool:
    having = _having(user)
    return all(not getattr(entry, key) or having[key] & set(getattr(entry, key)) for key in _WORDS)


def _having(user: CrmUser) -> Mapping[str, frozenset[str]]:
    """The words of a user by the entry's keys."""
    return {
        "group": frozenset(user.groups),
        "queue": frozenset(user.queues),
        "team": frozenset(user.teams) | ({user.team} if user.team else set()),
        "role_name": frozenset({user.role} if user.role else ()),
    }


def _without_zone(entry: FromCrm, index: int, users: Sequence[CrmUser], connection: str) -> Iterator[Found]:
    if entry.hours is None or "time_zone" in entry.model_fields_set:
        return
    unknown = sum(user.active and not _zone(user) for user in users)
    if unknown:
        words = f"{connection} does not tell in which time zone {unknown} of these people have such hours"
        yield ("from_crm", index, "hours"), words, "write `time_zone`"


def _user_of(written: User, connection: str, directory: Directory) -> CrmUser | None:
    here = written if isinstance(written, str) else written.get(connection)
    found = directory.person(here) if here is not None else None
    return found if isinstance(found, CrmUser) else None


def _key(user: CrmUser, directory: Directory) -> str:
    return user.email.lower() if user.email and directory.person(user.email) is user else user.id


def _place(user: CrmUser, directory: Directory) -> tuple[bool, str, str]:
    """By e-mail; who has none of their own comes after those, by name: ids differ from CRM to CRM."""
    key = _key(user, directory)
    return key == user.id, user.name.lower() if key == user.id else key, key


def _together(entries: Sequence[FromCrm]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for entry in entries:
        for name in Terms.model_fields:
            if name not in entry.model_fields_set:
                continue
            value = getattr(entry, name)
            if name in _LISTS:
                said[name] = tuple(dict.fromkeys((*said.get(name, ()), *value)))
            else:
                said.setdefault(name, value)
    return said


def _extended(person: Person, terms: Mapping[str, Any], user: CrmUser) -> Person:
    written = _said(person)
    more = {"team": user.team, **_zone(user), **terms}
    if written.keys() & {"role", "roles"}:
        more = {name: value for name, value in more.items() if name not in ("role", "roles")}
    return _person({**more, **written})


def _said(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in person.model_fields_set}


def _person(said: Mapping[str, Any]) -> Person:
    return Person.model_validate(dict(said))


def _zone(user: CrmUser) -> dict[str, str]:
    """The user's own time zone, if the CRM tells one that is known."""
    if not user.time_zone:
        return {}
    try:
        return {"time_zone": ZoneInfo(user.time_zone).key}
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return {}
