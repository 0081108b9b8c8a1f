"""`crmsync provision`: what the CRM lacks for what mapping and policy ask of it, and making that.

It goes beside runs: no lead is read or written, the store is not touched. Nothing that exists is changed or deleted;
values are added to lists. What was made is looked at again, by a connector that remembers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crmsync.connection.agreement import written_words
from crmsync.connection.machine_clock import clock_held_against
from crmsync.connection.opening import connector_of, object_fields
from crmsync.contract import (
    AccessProvision,
    Connector,
    FieldProvision,
    ListProvision,
    Provided,
    Provision,
    ValuesProvision,
)
from crmsync.errors import UsageError
from crmsync.languages.tongues import tongue_of
from crmsync.mapping import provisions
from crmsync.qualify.language.policy import Policy
from crmsync.settings import ConnectionConfiguration, Settings
from crmsync.values import replace

State = Literal["there", "missing", "by_hand", "made", "refused", "uncertain", "did_not_stick"]
_NOT_DONE = frozenset({"refused", "uncertain", "did_not_stick"})


@dataclass(frozen=True, slots=True)
class ProvisionLine:
    """One thing that the CRM is to have, and how it stands. `words`: what is to be known of it."""

    provision: Provision
    state: State
    words: str = ""

    @property
    def kind(self) -> str:
        """`field`, `values`, `access` or `list`."""
        match self.provision:
            case FieldProvision():
                return "field"
            case ValuesProvision():
                return "values"
            case AccessProvision():
                return "access"
            case ListProvision():
                return "list"

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {"kind": self.kind, **_named(self.provision), "state": self.state, "words": self.words}


@dataclass(frozen=True, slots=True)
class ProvisionReport:
    """What one connection's CRM has and lacks. `org`: whose account; `files`: those that were written instead."""

    connection: str
    org: str
    dry_run: bool
    lines: tuple[ProvisionLine, ...]
    declined: bool = False
    files: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """3 where nobody said yes, 4 where something could not be made."""
        if self.declined:
            return 3
        return 4 if any(line.state in _NOT_DONE for line in self.lines) else 0

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "format": 1,
            "connection": self.connection,
            "org": self.org,
            "dry_run": self.dry_run,
            "provisions": [line.to_json() for line in self.lines],
            "files": list(self.files),
        }


def provisioned(
    settings: Settings,
    name: str,
    *,
    dry_run: bool,
    files: Path | None,
    approve: Callable[[ProvisionReport], bool],
) -> ProvisionReport:
    """Look what is missing, and make it, or write it as `files` into this folder.

    `approve` is asked with what is missing, before the first call that changes anything. Raises
    `ConfigurationError` for files, `RunStopped` where the CRM refuses the sign-in or does not answer, `UsageError`
    where the CRM takes no files, or one of them is there already and holds something else.
    """
    configuration = settings.connection(name)
    with connector_of(settings, name) as connector:
        with clock_held_against(connector):
            org = connector.org()
        wanted = _wanted(settings.policy, configuration, connector)
        states = connector.provided(wanted)
        found = ProvisionReport(name, f"{org.name} ({org.id})", dry_run or files is not None, _lines(wanted, states))
        if files is not None:
            return replace(found, files=_written(connector, wanted, files))
        missing = [line.provision for line in found.lines if line.state == "missing"]
        if dry_run or not missing:
            return found
        if not approve(found):
            return replace(found, declined=True)
        made = dict(zip(map(id, missing), connector.provide(missing), strict=True))
    with connector_of(settings, name) as fresh:
        seen = dict(zip(map(id, missing), fresh.provided(missing), strict=True))
    return replace(found, lines=tuple(_ended(line, made, seen) for line in found.lines))


def _wanted(policy: Policy, configuration: ConnectionConfiguration, connector: Connector) -> tuple[Provision, ...]:
    mapping = configuration.mapping
    fields = object_fields(connector, configuration, mapping.lead.object, ("lead", "object"))
    by_name = {each.name: each for each in fields}
    words = written_words(policy, mapping, tongue_of(configuration.language))
    return provisions(mapping, by_name, words, tuple(_worked(policy)))


def _worked(policy: Policy) -> Iterator[str]:
    """Stages above the lowest one and below that of the last hand-over: somebody has to qualify these leads."""
    last = policy.stages_handed_over[-1:]
    for rung in policy.ladder[1:]:
        if rung.stage in last:
            return
        yield rung.stage


def _lines(wanted: Sequence[Provision], states: Sequence[Provided]) -> tuple[ProvisionLine, ...]:
    pairs = zip(wanted, states, strict=True)
    return tuple(ProvisionLine(provision, state.state, state.words) for provision, state in pairs)


def _ended(line: ProvisionLine, made: Mapping[int, Provided], seen: Mapping[int, Provided]) -> ProvisionLine:
    """What became of it: what the CRM said is believed only where the CRM shows it, too."""
    told, now = made.get(id(line.provision)), seen.get(id(line.provision))
    if told is None or now is None:
        return line
    if now.state == "there":
        return replace(line, state="there" if told.state == "there" else "made", words=told.words or now.words)
    if told.state in ("made", "there"):
        words = "the CRM said that it was made, and does not show it: look there before you run this again"
        return replace(line, state="did_not_stick", words=words)
    return replace(line, state=told.state, words=told.words)


def _written(connector: Connector, wanted: Sequence[Provision], folder: Path) -> tuple[str, ...]:
    texts = connector.provision_files(wanted)
    if not texts:
        raise UsageError(
            "this CRM takes no files for what is missing", hint="leave --files out: crmsync makes it by calls"
        )
    for path, text in sorted(texts.items()):
        _write(folder / path, text)
    return tuple(str(folder / path) for path in sorted(texts))


def _write(path: Path, text: str) -> None:
    """A file that is there already stays as it is; where it holds something else, that is told."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text("utf-8") != text:
            raise UsageError(f"{path} is there already and holds something else", hint="name an empty folder")
        path.write_text(text, "utf-8", newline="\n")
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else "is no text"
        raise UsageError(f"{path} cannot be written: {told.lower()}", hint="name another folder") from None


def _named(provision: Provision) -> dict[str, Any]:
    match provision:
        case FieldProvision():
            return {
                "object": provision.object,
                "name": provision.name,
                "label": provision.label,
                "type": provision.kind,
                "values": [choice.value for choice in provision.choices],
            }
        case ValuesProvision():
            return {
                "object": provision.object,
                "name": provision.field,
                "label": None,
                "type": None,
                "values": [choice.value for choice in provision.choices],
            }
        case ListProvision():
            return {
                "object": provision.object,
                "name": provision.field,
                "label": provision.label,
                "type": None,
                "values": list(provision.values),
            }
        case AccessProvision():
            return {"object": None, "name": provision.name, "label": None, "type": None, "values": []}
