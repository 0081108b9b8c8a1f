"""crmsync.yaml, roster.yaml and `.env`, new or with what was added to those that are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crmsync.configuration import comment, flow, read_document, rewritten
from crmsync.errors import ConfigurationError
from crmsync.operations.init.chosen import ChosenSetUp, PersonChosen
from crmsync.operations.init.starter import parts_of

_ROSTER_HEAD = """\
# yaml-language-server: $schema=schemas/roster.json
# Who qualifies leads (bdr) and who receives them (ae). Users who are inactive in the CRM are skipped.
# More (weights, absences, territories, hours): crmsync docs roster
format: 1
"""


def settings_text(connection: str, connector: str, options: Mapping[str, Any], there: str | None) -> str:
    """crmsync.yaml with the connection; one that is there already stays as it is."""
    block = [f"  {connection}:", f"    connector: {connector}", f"    mapping: mappings/{connection}.yaml"]
    block += ["    writes: off   # `on` lets runs write to this CRM; a dry run never does"]
    if options:
        block += ["    options:", *(f"      {name}: {flow(value)}" for name, value in options.items())]
    block += ["    schedule: {every_minutes: 15}   # of `crmsync serve`"]
    if there is None:
        head = (
            "# yaml-language-server: $schema=schemas/settings.json\n# Connections of crmsync. Secrets are in .env.\n"
        )
        files = "format: 1\npolicy: policy.yaml\nroster: roster.yaml\nstore: crmsync.db\nconnections:\n"
        return head + files + "\n".join(block) + "\n"
    data = read_document(there, "crmsync.yaml").data
    if connection in (data.get("connections") or {}):
        return there
    told = "".join(
        part.rstrip("\n") + "\n" + "\n".join(_indented(block, part)) + "\n" if key == "connections" else part
        for key, part in parts_of(there)
    )
    new = read_document("\n".join(["connections:", *block]), "crmsync.yaml").data["connections"]
    return _as_the_file_is_written(
        told, there, "crmsync.yaml", "connections", {**(data.get("connections") or {}), **new}
    )


def roster_text(connection: str, chosen: ChosenSetUp, there: str | None) -> str:
    """roster.yaml with everybody who has a role; who stands there already stays as written."""
    data = read_document(there, "roster.yaml").data if there is not None else {}
    known = {str(name).lower() for person in data.get("people") or () for name in _names(person.get("user"))}
    emails = Counter((person.user.email or "").lower() for person in chosen.people)
    new = [it for it in chosen.people if not {it.user.id.lower(), (it.user.email or "").lower()} & (known - {""})]
    entries = [line for person in new for line in _entry(connection, person, emails)]
    if there is None:
        return _ROSTER_HEAD + ("people:\n" + "\n".join(entries) + "\n" if entries else "people: []\n")
    if not entries:
        return there
    added = "\n".join(entries) + "\n"
    parts = parts_of(there)
    if not any(key == "people" for key, _ in parts):
        return there.rstrip("\n") + "\npeople:\n" + added
    told = "".join(
        part.rstrip("\n").removesuffix(" []") + "\n" + "\n".join(_indented(entries, part)) + "\n"
        if key == "people"
        else part
        for key, part in parts
    )
    people = [*(data.get("people") or ()), *read_document(f"people:\n{added}", "roster.yaml").data["people"]]
    return _as_the_file_is_written(told, there, "roster.yaml", "people", people)


def _indented(lines: Sequence[str], part: str) -> list[str]:
    """With the indent of what stands below a key already; by itself a line has two spaces."""
    below = (line for line in part.splitlines()[1:] if line.strip() and not line.lstrip().startswith("#"))
    first = next(below, "  ")
    return [first[: len(first) - len(first.lstrip())] + line[2:] for line in lines]


def _as_the_file_is_written(told: str, there: str, file: str, key: str, wanted: Any) -> str:
    """What was added below a key line by line, where the file says what it should then; else the same as a value in
    braces, say, is changed: without our comments. Raises `UsageError` where it cannot be added at all.
    """
    try:
        if read_document(told, file).data.get(key) == wanted:
            return told
    except ConfigurationError:
        pass
    return rewritten(there, file, (key,), wanted)


def _names(user: Any) -> Sequence[Any]:
    return list(user.values()) if isinstance(user, dict) else [user]


def _entry(connection: str, person: PersonChosen, emails: Counter[str]) -> Iterator[str]:
    user = person.user
    own = user.email and emails[user.email.lower()] == 1
    named: Any = user.email if own else {connection: user.id}
    parts: dict[str, Any] = {"user": named, "roles": list(person.roles)}
    if user.teams:
        parts["team"] = user.teams[0]
    yield f"  # {comment(user.name)}{f': {comment(person.why)}' if person.why else ''}"
    yield f"  - {flow(parts)}"


def dotenv_text(there: str, variables: Mapping[str, str]) -> str:
    """`.env` with these variables; those that stand there with the same value stay where they are."""
    lines = there.splitlines()
    for name, value in variables.items():
        line = f"{name}={_quoted(value)}"
        places = [index for index, each in enumerate(lines) if each.replace("export ", "").startswith(f"{name}=")]
        if places:
            lines[places[-1]] = line
        else:
            lines.append(line)
    return "\n".join(lines) + "\n" if lines else ""


def _quoted(value: str) -> str:
    """Between single quotes, in which a backslash and a quote are written with a backslash before them."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
