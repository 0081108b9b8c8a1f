"""`crmsync check`: everything that can be known to be wrong before a run. Writes nothing, to the CRM or the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

from crmsync.connection.doubts import doubts
from crmsync.connection.fitting import described_accounts, described_activities, reading_findings
from crmsync.connection.machine_clock import clock_held_against
from crmsync.connection.opening import Opened, connector_of, opened
from crmsync.connection.prepared import Prepared
from crmsync.connection.snapshot import Snapshot, readable
from crmsync.connection.stored_kind import (
    ANOTHER_ACCOUNT_HINT,
    ANOTHER_NAME_HINT,
    ANOTHER_OBJECT_HINT,
    SHARED_HINT,
    another_account,
    another_name,
    another_object,
    shared_in_words,
    shared_leads,
)
from crmsync.contract import Org
from crmsync.errors import ConfigurationError, CrmsyncError, Finding
from crmsync.mapping import account_fields
from crmsync.operations.check.change_channel import subscribed
from crmsync.operations.check.data import looked_at
from crmsync.operations.check.data_counts import DataCheck
from crmsync.operations.check.exposed_files import exposed_findings
from crmsync.operations.check.hand_off_words import hand_off_words
from crmsync.operations.check.roster_words import roster_words
from crmsync.operations.check.variables import channel_findings, variable_findings
from crmsync.progress import Progress, silent
from crmsync.route.choosing.strategy import Need
from crmsync.route.registry import needing
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import Settings
from crmsync.store import stored_snapshots, why_unusable


class CheckLine(Struct, frozen=True):
    """One line of the table: what was looked at, whether it is right, and in words what was found."""

    what: str
    right: bool
    found: str


@dataclass
class ConnectionCheck:
    """One connection's points; `exit_code` is 0, 1 (not reachable or refused) or 2 (something to mend).

    `findings`: what is wrong in its files, and what is worth a look. `data`: what its records hold, once they were
    read. `with_data`: they were to be. `seen`: what the CRM says of its own set-up; null = it could not be asked.
    """

    connection: str
    points: list[CheckLine] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    data: DataCheck | None = None
    with_data: bool = False
    exit_code: int = 0
    seen: Snapshot | None = None

    def to_json(self) -> dict[str, Any]:
        """For `--format json`; findings come beside the connections. Of records that were not read: empty lists."""
        data = self.data or (DataCheck() if self.with_data else None)
        return {
            "connection": self.connection,
            "exit_code": self.exit_code,
            "points": [{"what": point.what, "right": point.right, "found": point.found} for point in self.points],
            **(data.to_json() if data else {}),
        }


def check_all(
    settings: Settings, names: Sequence[str], now: datetime, *, data: bool = False, progress: Progress = silent
) -> list[ConnectionCheck]:
    """Look at the named connections, or all, as things are at `now`; with `data` also at what their records hold.

    Raises `UsageError` for a name that is not configured.
    """
    results = [_check(settings, name, now, data=data, progress=progress) for name in settings.named(names)]
    for result in results[:1]:
        if unusable := list(channel_findings(settings)):
            result.exit_code = 2
        result.findings += [*unusable, *variable_findings(settings)]
        result.findings += [*exposed_findings(settings), *_shared(settings, results)]
    return results


def _shared(settings: Settings, results: Sequence[ConnectionCheck]) -> Iterator[Finding]:
    """Connections that work the same leads; each pair is told once, at the later one."""
    before: dict[str, Snapshot] = {}
    for result in results:
        if result.seen is None:
            continue
        configuration = settings.connection(result.connection)
        if shared := shared_leads(configuration, result.seen.org, before, settings.connections):
            told = shared_in_words(configuration, result.seen.org, shared)
            yield settings.file.warning(("connections", result.connection), told, SHARED_HINT, at_key=True)
        before[result.connection] = result.seen


def findings_of(results: Sequence[ConnectionCheck]) -> list[Finding]:
    """All findings, each once, errors first, by their places."""
    found = {finding: None for result in results for finding in result.findings}
    return sorted(found, key=lambda each: (each.severity != "error", each.file, each.line, each.column))


def _check(settings: Settings, name: str, now: datetime, *, data: bool, progress: Progress) -> ConnectionCheck:
    result = ConnectionCheck(name, with_data=data)
    files = f"{settings.file.file}, {settings.policy_document.file}, {settings.roster_document.file}"
    with _told(result):
        configuration = settings.connection(name)
        result.points.append(CheckLine("files", True, f"{files}, {configuration.mapping_document.file}"))
        with opened(settings, configuration, now) as connection:
            result.seen = connection.snapshot
            _points(connection, result, now)
            _store(connection, result)
            result.points += [CheckLine("clock", True, note) for note in connection.clock_notes]
            described, accounts = described_activities(connection), described_accounts(connection)
            result.findings += doubts(connection, {**described.fields, **accounts.fields})
            findings = [*described.findings, *accounts.findings] or reading_findings(connection)
            if findings:
                raise ConfigurationError(findings)
            fields = sum(len(activity.at) for activity in connection.prepared.mapping.activities)
            objects = ", ".join(activity.object for activity in connection.prepared.mapping.activities)
            result.points.append(
                CheckLine("activities", True, f"{objects or 'none mapped'}" if fields else "none mapped")
            )
            result.points += _accounts(connection.prepared)
            result.points += _not_switched_on(connection.prepared)
            result.points += [CheckLine("left out", True, words) for words in connection.connector.left_out()]
            _changes(connection, result)
            if data:
                result.data = looked_at(connection, progress)
                result.findings += result.data.findings
                result.exit_code = (
                    2 if result.exit_code or any(each.severity == "error" for each in result.data.findings) else 0
                )
            usage = connection.connector.usage()
            left = "left today: not told" if usage.calls_left is None else f"{usage.calls_left:,} left today"
            left += f" of {usage.daily_call_limit:,}" if usage.daily_call_limit is not None else ""
            result.points.append(CheckLine("calls", True, f"{usage.calls:,} made for this check, {left}"))
    if name in settings.broken:  # its files are told; what else is wrong should not wait for the next check
        with _told(result), connector_of(settings, name) as connector, clock_held_against(connector):
            result.points.append(_signed_in(connector.org()))
    return result


@contextmanager
def _told(result: ConnectionCheck) -> Iterator[None]:
    """What is raised within becomes points; of two kinds of trouble, exit code 2 stands."""
    try:
        with unforeseen_in_words():
            yield
    except ConfigurationError as error:
        result.exit_code = 2
        result.findings += error.findings
        count = len(error.findings)
        found = f"{count:,} {'mistake' if count == 1 else 'mistakes'}, told below"
        result.points.append(CheckLine("configuration", False, found))
    except CrmsyncError as error:
        result.exit_code = max(result.exit_code, error.exit_code)
        result.points.append(CheckLine("sign-in", False, str(error)))


def _store(connection: Opened, result: ConnectionCheck) -> None:
    """Whether the store can be used, and is of this account and of these records: runs refuse another one."""
    ready = connection.prepared
    store = ready.settings.store
    if why := why_unusable(store):
        step = "" if "→" in why else " → restore a backup, or name another `store`"
        result.points.append(CheckLine("store", False, f"{why}{step}"))
        result.exit_code = max(result.exit_code, 1)
        return
    texts = dict(stored_snapshots(store))
    text = texts.pop(ready.name, None)
    known, here = Snapshot.from_text(text) if text else None, connection.snapshot.org
    others, configured = readable(texts), ready.settings.configured
    for told, hint in (
        (another_account(ready.name, here, known), ANOTHER_ACCOUNT_HINT),
        (another_object(ready.configuration, known), ANOTHER_OBJECT_HINT),
        (None if text else another_name(ready.configuration, here, others, configured), ANOTHER_NAME_HINT),
    ):
        if told:
            result.points.append(CheckLine("store", False, f"{told} → {hint}"))
            result.exit_code = 2


def _changes(connection: Opened, result: ConnectionCheck) -> None:
    """Whether the CRM tells of changes where they are subscribed to. A refusal keeps no run from its work."""
    ready = connection.prepared
    try:
        if told := subscribed(ready.settings, ready.name, connection.snapshot.org.id):
            result.points.append(CheckLine("changes", True, told))
    except CrmsyncError as error:
        result.points.append(CheckLine("changes", False, str(error)))
        result.exit_code = max(result.exit_code, error.exit_code)


def _accounts(ready: Prepared) -> Iterator[CheckLine]:
    """Whose records tell who owns a company, and whether anybody asks."""
    if ready.mapping.accounts:
        objects = ", ".join(account_fields(ready.mapping.accounts))
        asking = " or ".join(needing(Need.ACCOUNTS))
        unread = "" if ready.accounts_asked else f" (not read: no rule of the roster has the strategy {asking})"
        yield CheckLine("accounts", True, objects + unread)
    for asked, lacking in _not_told(ready):
        several = len(lacking) > 1
        told = "do not tell it and count" if several else "does not tell it and counts"
        words = f"{', '.join(lacking)} {told} for no such rule"
        yield CheckLine("accounts", True, f"rules ask for {asked}: {words}")


def _not_told(ready: Prepared) -> Iterator[tuple[str, list[str]]]:
    """What rules of the roster ask of accounts, with the objects whose entries do not tell it."""
    asked = [(f"the same {name}", name) for name in ready.roster.facts_compared]
    entries = ready.accounts_asked
    if ready.roster.ages_count and (silent := [each.object for each in entries if each.created_at is None]):
        yield "the age (`created_at`)", list(dict.fromkeys(silent))
    for words, name in asked:
        if silent := [each.object for each in entries if name not in each.facts]:
            yield f"{words} (`facts`)", list(dict.fromkeys(silent))


def _not_switched_on(ready: Prepared) -> Iterator[CheckLine]:
    """No mistake: it is how a connection begins."""
    if ready.configuration.settings.writes != "on":
        words = f"off: run shows its plan and stops; `writes: on` in {ready.settings.file.file} switches it on"
        yield CheckLine("writes", True, words)


def _signed_in(org: Org) -> CheckLine:
    return CheckLine("sign-in", True, f"{org.name} ({org.id}), days in {org.time_zone}")


def _points(opened: Opened, result: ConnectionCheck, now: datetime) -> None:
    ready = opened.prepared
    mapping = ready.mapping
    facts = len(mapping.mapped_facts)
    unmapped = len(mapping.facts) - facts
    active = [member for member in ready.roster.members if member.active]
    roles = Counter(role for member in active for role in member.person.all_roles)
    roster = ", ".join(f"{count} {role}" for role, count in sorted(roles.items())) or "nobody"
    result.points += [
        _signed_in(ready.org),
        CheckLine("fields", True, f"{len(mapping.lead_fields)} fields of {mapping.lead.object}, {facts} facts"),
        CheckLine("stages", True, ", ".join(mapping.stage.values)),
        CheckLine("roster", True, f"active: {roster}"),
    ]
    result.points += [CheckLine("roster", True, words) for words in roster_words(ready, now)]
    if unmapped:
        result.points.append(CheckLine("unmapped", True, f"{unmapped} facts are unknown for every lead here"))
    result.points += [
        CheckLine(
            "roster",
            True,
            f"{ready.roster.roster.people[skipped.person - 1].person_key} is skipped: {skipped.reason}",
        )
        for skipped in ready.roster.skipped
    ]
    result.points += [CheckLine("hand-off", True, words) for words in hand_off_words(ready)]
