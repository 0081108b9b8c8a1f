"""Writes the reference that follows from the program: commands, configuration, errors, JSON answers, JSON Schemas …

python scripts/make_reference.py            write them
python scripts/make_reference.py --check    exit 1 when a page is not what the program says
"""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from reference_answers import answers_page

from crmsync import errors
from crmsync.cli.main import COMMANDS, cli
from crmsync.connection import registry
from crmsync.errors import CrmsyncError
from crmsync.mapping import HOLDERS, CrmMapping, WordField, WriteMapping
from crmsync.operations.files.schemas import KINDS, schema_text
from crmsync.plan import GUARDS, GuardKind
from crmsync.route.registry import STRATEGIES
from crmsync.sdk import DEEDS, table_rows
from crmsync.settings import (
    NEEDS,
    NOT_ALERTED,
    SECRETS,
    AlertSettings,
    ConnectionSettings,
    ConsolePerson,
    ConsoleSettings,
    EditSettings,
    EmailChannel,
    Environment,
    GuardSettings,
    HooksSettings,
    LimitSettings,
    RetentionSettings,
    ScheduleSettings,
    SettingsFile,
    SignInElsewhere,
    SlackChannel,
    WatchSettings,
    WebhookChannel,
)
from crmsync.showing.answers.every import ANSWERS, answer_text
from crmsync_hubspot import codes as hubspot
from crmsync_salesforce import codes as salesforce

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- Written by scripts/make_reference.py from the program itself; do not edit. -->"


def pages() -> dict[str, str]:
    """File name → text."""
    schemas = {f"schemas/{kind}.json": schema_text(kind) for kind in KINDS}
    schemas |= {f"schemas/answers/{name}.json": answer_text(name) for name in ANSWERS}
    whole = {"commands.md": commands(), "configuration.md": configuration(), "errors.md": error_page()}
    return {
        **whole,
        "alerts.md": alert_page(),
        "guards.md": guard_page(),
        "json-answers.md": answers_page(NOTE),
        "refusals.md": refusal_page(),
        "roster.md": roster_page(),
        "written-fields.md": written_fields_page(),
        **schemas,
    }


def commands() -> str:
    """Every command's own --help."""
    parts = [NOTE, "# Commands", _help(cli, "crmsync")]
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        parts += [f"## crmsync {name}", _help(command, f"crmsync {name}")]
        if isinstance(command, click.Group):
            for child, nested in command.commands.items():
                parts += [f"### crmsync {name} {child}", _help(nested, f"crmsync {name} {child}")]
    return "\n\n".join(parts) + "\n"


def _help(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, terminal_width=100, max_content_width=100)
    return f"```text\n{command.get_help(context).rstrip()}\n```"


def configuration() -> str:
    """The keys of crmsync.yaml, the variables of the environment, and each installed connector's settings."""
    parts = [NOTE, "# Configuration", "## crmsync.yaml", (inspect.getdoc(SettingsFile) or "")]
    parts += [_table(SettingsFile)]
    for title, model in (
        ("connections.NAME", ConnectionSettings),
        ("connections.NAME.schedule", ScheduleSettings),
        ("connections.NAME.guards", GuardSettings),
        ("connections.NAME.guards.LIMIT", LimitSettings),
        ("retention", RetentionSettings),
        ("edits", EditSettings),
        ("alerts", AlertSettings),
        ("alerts.channels.NAME, by: webhook", WebhookChannel),
        ("alerts.channels.NAME, by: slack", SlackChannel),
        ("alerts.channels.NAME, by: email", EmailChannel),
        ("watch", WatchSettings),
        ("hooks", HooksSettings),
        ("console", ConsoleSettings),
        ("console.oidc", SignInElsewhere),
        ("people of the file that `console: people` names", ConsolePerson),
    ):
        parts += [f"### {title}", inspect.getdoc(model) or "", _table(model)]
    parts += ["## Environment", "Variables, or lines of `.env` beside crmsync.yaml. The environment goes first."]
    parts += [_table(Environment, "CRMSYNC_"), _channel_secrets()]
    for name in registry.installed():
        plugin = registry.load(name)
        parts += [
            f"## Connector {name}",
            f"Each setting is `CRMSYNC_<CONNECTION>_<SETTING>` in the environment or `.env` (here for "
            f"a connection `{name}`), or a key of the connection's `options` in crmsync.yaml unless it is a secret.",
            _table(plugin.settings, f"CRMSYNC_{name.upper()}_"),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(model: type[BaseModel], prefix: str = "") -> str:
    rows = ["| name | type | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        shown = f"{prefix}{name.upper()}" if prefix else field.alias or name
        meaning = (field.description or "").replace("|", "\\|")
        rows.append(f"| `{shown}` | {_type(field.annotation)} | {_default(field)} | {meaning} |")
    return "\n".join(rows)


def _channel_secrets() -> str:
    rows = [
        f"| `CRMSYNC_ALERTS_<NAME>_{secret.upper()}` | {by} | {meaning} |"
        for by, secrets in SECRETS.items()
        for secret, meaning in secrets.items()
    ]
    opening = "Secrets of the channels of alerts (`-` in a name becomes `_`):"
    return "\n".join([opening, "", "| name | channel | meaning |", "|---|---|---|", *rows])


def alert_page() -> str:
    """Every kind of thing that needs a person: what it is, and what an alert says of it."""
    rows = ["| kind | what it is | what an alert says, after the connection's name |", "|---|---|---|"]
    for kind, words in NEEDS.items():
        unasked = " *" if kind in NOT_ALERTED else ""
        rows.append(f"| `{kind}`{unasked} | {words.meaning} | {(words.many or words.one).replace('{number}', 'N')} |")
    return "\n\n".join([NOTE, "# Alerts", ALERT_WORDS.strip(), "\n".join(rows), ALERT_NOTES.strip()]) + "\n"


ALERT_WORDS = """
What may need a person. `crmsync status` and `crmsync alerts` tell it in detail, `/metrics` as `crmsync_needs`, and
channels under `alerts:` in crmsync.yaml are told ([Be told what needs a person](../how-to/be-told.md)). Kinds with a
star are told to a channel only where its `only` names them.
"""
ALERT_NOTES = """
A webhook gets one JSON object a message:

| key | meaning |
|---|---|
| `format` | 1 |
| `source` | `crmsync` |
| `at` | when it was sent, in UTC |
| `subject`, `text` | for people, in the language of crmsync.yaml |
| `alerts` | one object for each thing |

and in each object of `alerts`:

| key | meaning |
|---|---|
| `key` | the same for all that is told of one thing |
| `connection`, `kind` | where it is, and what |
| `state` | `new`, `again`, or `over` |
| `number` | N of the sentence |
| `command` | to look with |
| `since` | when it was found, in UTC |

`crmsync alerts test` sends one with the single alert `{"key": …, "state": "test"}`. Slack gets `{"text": …}`.
"""


def _type(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(item) for item in get_args(annotation) if item is not type(None))
    if origin is Literal:
        return ", ".join(f"`{item}`" for item in get_args(annotation))
    if origin is not None:
        return "mapping"
    if annotation is SecretStr:
        return "secret"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "Path": "file"}
    return names.get(annotation.__name__, annotation.__name__)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        shown = {key: part for key, part in value.model_dump().items() if part is not None}
        return f"`{shown}`".replace("'", "") if isinstance(value, LimitSettings) else "see below"
    return "–" if value is None or value == {} else f"`{value}`"


def error_page() -> str:
    """Every error class: what it says, what to do, and the exit code."""
    rows = ["| error | exit code | meaning and next step |", "|---|---|---|"]
    for kind in _tree(CrmsyncError):
        rows.append(f"| `{kind.__name__}` | {kind.exit_code} | {(inspect.getdoc(kind) or '').splitlines()[0]} |")
    return "\n\n".join([NOTE, "# Errors", (inspect.getdoc(errors) or ""), "\n".join(rows)]) + "\n"


def _tree(kind: type[CrmsyncError]) -> Iterator[type[CrmsyncError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


def guard_page() -> str:
    """Every guard: what it looks at, its names, its limit by default, and what lets a run through."""
    rows = ["| guard | stops when there are too many or too few of | limit by default | to let a run through |"]
    rows += ["|---|---|---|---|"]
    for name, kind in GUARDS.items():
        through = "–" if kind.allowed is None else f"`--allow {name.replace('_', '-')}=N`: {kind.allowed}"
        through += " (or `--allow-changes N`)" if name == "changes" else ""
        readings = ", ".join(f"`{reading}`" for reading in kind.readings)
        rows.append(f"| {readings} | {kind.meaning} | {_guard_default(kind)} | {through} |")
    return "\n\n".join([NOTE, "# Guards", GUARD_WORDS.strip(), "\n".join(rows), GUARD_NOTES.strip()]) + "\n"


def _guard_default(kind: GuardKind) -> str:
    if kind.setting is None:
        return "–"
    default = getattr(GuardSettings(), kind.setting)
    if not isinstance(default, LimitSettings):
        return f"`{kind.setting}: {default:g}`"
    told = {
        name: value for name, value in (("share", default.share), ("number", default.number)) if value is not None
    }
    return f"`{kind.setting}: {{{', '.join(f'{name}: {value:g}' for name, value in told.items())}}}`"


GUARD_WORDS = """
A guard holds a plan, and what was read for it, against a limit. A breached one stops the run before its first
write: the plan is shown with the figure, the limit, some of the leads concerned, and the command that lets it
through; the exit code is 3, in a dry run, too. Several breaches are told at once, and one command is named for all
of them ([Let a large plan through](../how-to/let-a-large-plan-through.md)). What stopped a run is kept with it in
the store.

In a plan's JSON guards stand under `guards` (those of what was read, and `calls`, when they are breached): `name`,
`value`, `limit`, `breached`, `words`, `leads` (the first ten) and `way_on`. Limits stand under `guards:` of a
connection in crmsync.yaml ([Configuration](configuration.md)).
"""
GUARD_NOTES = """
- A share is one of all leads of the connection. No share stops fewer leads than `floor` (50); a number of leads
  (`owner_changes: {number: 400}`) knows no floor.
- A `changed_share` of 1 says that everything may change, as in a rehearsal: of the guards that count leads of the
  plan only those stop that stand in crmsync.yaml themselves. So does `--allow-changes N`, for one run; `--allow
  GUARD=N` beside it still counts.
- "Back on the ladder" is from a higher to a lower rung of the policy's ladder; a disqualified lead counts as
  disqualified.
- `few_leads` and `few_activities` hold a full reading against the last five full ones, and a reading of what
  changed against those of the last seven days, once there are so many, that reached no further back than this one
  (half as far again at most: after a pause there is more to read). The limit is `few_share` of the least of them.
  Readings that were not believed do not count, and neither do dry runs that were let through.
- `unknown` compares, when all leads are looked at, each fact that the mapping provides with the last run that
  looked at all.
- After `few_leads`, `few_activities` or `unknown` the next run reads everything again, until it is believed or let
  through.
- `calls` takes three calls for each batch of changes (read, write, read back), and as many for each batch of tasks.
- `writes_off` stops runs that would write; a dry run has a note instead. `declined` is told when the question
  before the first write was not answered with yes: on a terminal `crmsync run` asks before it writes to several
  connections, or to one for the first time; `--yes`, or no terminal, and nobody is asked.
"""


def written_fields_page() -> str:
    """What `write:` of a mapping may name, what each field must be able to hold, and when it is written."""
    holders = {
        "scores": HOLDERS["score"],
        "bands": HOLDERS["band"],
        "grades": HOLDERS["grade"],
        "stage_days": HOLDERS["first_day"],
        **{content: holder for content, holder in HOLDERS.items() if content in WriteMapping.model_fields},
    }
    rows = ["| key | tells | field |", "|---|---|---|"]
    for name, field in WriteMapping.model_fields.items():
        rows.append(f"| `{name}` | {field.description} | {holders[name].make} |")
    words = ["| key | meaning |", "|---|---|"]
    words += [f"| `{name}` | {field.description} |" for name, field in WordField.model_fields.items()]
    after = CrmMapping.model_fields["write_scores_after_days"]
    parts = [
        NOTE,
        "# Written fields",
        inspect.getdoc(WriteMapping) or "",
        "[Show reps why](../how-to/show-reps-why.md) takes you there step by step.",
        "\n".join(rows),
        "A band, a grade, an action and a reason may be written as a field alone or with these keys; in a list of "
        "choices the word is looked up by value and label:",
        "\n".join(words),
        f"`write_scores_after_days` (default {after.default}) stands beside `write`. {after.description}.",
        WRITTEN_RULES,
    ]
    return "\n\n".join(parts) + "\n"


WRITTEN_RULES = """
## When they are written

All fields that differ from what the CRM holds are written

- with every change of the lead's stage or owner, in the same record update;
- when one of them other than a score or `decided_by` differs;
- when a score differs and `write_scores_after_days` have passed since the lead's fields were last written, or they
  never were.

So a score that only ages is not written daily, and after a run the same facts plan nothing. A lead whose score
waits is looked at again on that day. Numbers and instants are compared by value, texts as they were cut. The plan
says how many leads these fields are written on and how many calls that adds; in its JSON they stand in `writes`,
and `fields` names them. Leads whose stage or owner stays do not count for the guard `changed_share`.

`previous_owner` is written only with a new owner, and days of stages only once crmsync has seen the lead come
there: until then what stands in these fields stays.

## Whose they are

They are crmsync's. What a person or another program writes there is no conflict for stage and owner, and is put
right by the next run. So a field that is read as a fact, or that tells stage, owner or hand-off, cannot be filled.
Leads in a stage that the mapping does not name, and leads that are held or pinned, are not touched. In a record
that crmsync reads back other than it wrote it, the message names the field and not what stands there.

A field that the CRM does not take (its text has become too long, its choices have changed, a rule of the CRM stands
against it) keeps neither stage nor owner nor a task from the lead: the record is written again without all fields for
people. The lead is set aside with the CRM's words, the run ends with exit 4, and the next run tries again.

`crmsync check` says of a field that is missing, read-only, calculated or of the wrong kind what to make instead; of
a list, which values it lacks; of a text, how long it must be.
""".strip()


def refusal_page() -> str:
    """Each shipped connector's tables of codes, by which it decides what a refusal means."""
    parts = [
        NOTE,
        "# Refusals",
        "What the CRMs' codes mean for a run. A refusal is the record's (it is set aside, the others go on), the "
        "call's (it is tried again, or sent in smaller parts) or the person's (the run stops, and there is something "
        "to mend). The connectors decide by these very tables.",
        *(f"- {word}: {meaning}" for word, meaning in DEEDS.items()),
    ]
    for title, codes in (("Salesforce", salesforce), ("HubSpot", hubspot)):
        parts += [f"## {title}: whole calls", inspect.cleandoc(codes.CALLS_NOTE), "\n".join(table_rows(codes.CALLS))]
        parts += [f"## {title}: single records", inspect.cleandoc(codes.RECORDS_NOTE)]
        parts += ["\n".join(table_rows(codes.RECORDS))]
        parts += [f"## {title}: sign-in", "\n".join(table_rows(codes.SIGN_IN))]
    text = "\n\n".join(parts)
    return re.sub(r"\n\n(?=- )", "\n", text).replace("tables.\n- ", "tables.\n\n- ") + "\n"


def roster_page() -> str:
    """The roster's page: between two comments the strategies in their own words; the rest is written by hand."""
    text = (FOLDER / "roster.md").read_text(encoding="utf-8")
    before, begin, rest = text.partition("<!-- strategies: the docstrings of src/crmsync/route/strategies -->\n")
    _, end, after = rest.partition("<!-- end of strategies -->")
    sections = "\n\n".join(f"### `{name}`\n\n{strategy.page}" for name, strategy in STRATEGIES.items())
    return f"{before}{begin}\n{sections}\n\n{end}{after}"


def main() -> int:
    """The command."""
    stale = [name for name, text in pages().items() if not _is(FOLDER / name, text)]
    if "--check" in sys.argv[1:]:
        for name in stale:
            sys.stderr.write(
                f"docs/reference/{name} is not what the program says: python scripts/make_reference.py\n"
            )
        return 1 if stale else 0
    for name, text in pages().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
