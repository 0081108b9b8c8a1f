"""`crmsync init`, hop by hop: connect, read, suggest, agree, write, check, and a first dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crmsync.errors import UsageError
from crmsync.files import write_for_this_user
from crmsync.operations.check.connections import ConnectionCheck, check_all, findings_of
from crmsync.operations.files.answers_file import Answers
from crmsync.operations.files.shipped_schemas import shipped_schema
from crmsync.operations.init.agreeing import agreed, choices_of_policy
from crmsync.operations.init.answers import KEPT, answers_from, keep
from crmsync.operations.init.asking import Asking
from crmsync.operations.init.chosen import ChosenSetUp
from crmsync.operations.init.files_written import WrittenFile, text_of, written
from crmsync.operations.init.mapping_text import mapping_text
from crmsync.operations.init.other_texts import dotenv_text, roster_text, settings_text
from crmsync.operations.init.policy_choice import policy_text
from crmsync.operations.init.reading_org import read_org
from crmsync.operations.init.signing_in import SignedInConnection, connector_named, signed_in
from crmsync.operations.init.starter import starter_of
from crmsync.operations.run.every_connection import RunReport, run_all
from crmsync.progress import Progress, silent
from crmsync.run.aims.chosen import Chosen as Selected
from crmsync.run.running import RunRequest
from crmsync.settings import document_at, load_settings, policy_of
from crmsync.suggest.shapes import KnownOrg

PILOT = 10
"""Changes of the first dry run."""
_SCHEMAS = ("settings", "policy", "roster", "mapping", "answers")


@dataclass(frozen=True, slots=True)
class NewSetUp:
    """What was made. `gaps`: what had to stay open. `check`, `pilot`: null where there was nothing new to look at."""

    connection: str
    title: str
    org_name: str
    chosen: ChosenSetUp
    notes: tuple[str, ...]
    files: tuple[WrittenFile, ...]
    gaps: tuple[str, ...]
    check: tuple[ConnectionCheck, ...]
    pilot: RunReport | None

    @property
    def exit_code(self) -> int:
        """2 or 1 as `check` and the dry run say, else 4 with facts that had to stay unmapped, else 0."""
        codes = {each.exit_code for each in self.check}
        codes |= (
            {1} if self.pilot is not None and any(it.error.exit_code == 1 for it in self.pilot.failures) else set()
        )
        return next((code for code in (2, 1) if code in codes), 4 if any(self.chosen.unmapped) else 0)

    @property
    def changed(self) -> bool:
        """Whether any file is new or another."""
        return any(file.state not in ("unchanged", "kept") for file in self.files)

    def next_commands(self) -> tuple[tuple[str, str], ...]:
        """The next three, and what each is for. What is wrong comes before what needs it to be right."""
        if self.exit_code == UsageError.exit_code:
            return (
                ("crmsync check", "once more, when what is told above is mended"),
                (f"crmsync fields {self.connection}", "what there is to name"),
                ("crmsync init --replace", "or everything as it is suggested now"),
            )
        return (
            ("crmsync run --dry-run", "the whole plan, with reasons; writes nothing"),
            ("crmsync policy describe", "the policy in plain language, to agree on"),
            (
                f"crmsync run {self.connection} --limit {PILOT}",
                "a pilot that writes, once `writes: on` stands in crmsync.yaml",
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "format": 1,
            "connection": self.connection,
            "exit_code": self.exit_code,
            "files": [{"path": it.path, "state": it.state, "diff": it.diff or None} for it in self.files],
            "facts": [
                {
                    "fact": it.fact,
                    "field": it.field.name if it.field else None,
                    "confidence": it.candidate.confidence if it.candidate else None,
                    "filled": it.field.filled if it.field else None,
                }
                for it in self.chosen.facts
            ],
            "stages": dict(self.chosen.stages),
            "people": [{"user": it.user.id, "roles": list(it.roles)} for it in self.chosen.people],
            "gaps": list(self.gaps),
            "notes": list(self.notes),
            "findings": [each.to_json() for each in findings_of(self.check)],
            "next": [command for command, _ in self.next_commands()],
        }


def set_up(
    directory: Path,
    given: Answers,
    asking: Asking,
    *,
    now: Callable[[], datetime],
    progress: Progress = silent,
) -> NewSetUp:
    """All of it, in `directory`. `given`: answers from options and files, before those that an earlier time kept.

    Raises `UsageError` for what nobody answers or is answered wrongly, `RunStopped` when the CRM refuses or does not
    answer. Answers are kept as they come, so that the next time goes on from there.
    """
    kept = answers_from(directory / KEPT) if (directory / KEPT).is_file() else Answers()
    remember = Memory(directory, answers=asking.a_person)
    answers = connector_named(given.over(kept), asking, remember)
    with signed_in(directory, answers, asking, remember) as signed:
        answers = signed.answers
        asking.tell(f"Signed in to {signed.org.name} ({signed.org.id}), days in {signed.org.time_zone}.")
        remember(answers, signed.variables)
        starter = starter_of(str(answers.connector), answers.lead_object)
        org = read_org(signed.connector, str(answers.connector), starter.mapping, progress)
        open_objects = signed.connector.capabilities.open_objects
        there = directory / "policy.yaml"
        own = policy_of(document_at(there), there) if there.is_file() else None
        preset, policy, answers = choices_of_policy(own, answers, asking, remember)
        decided = agreed(org, policy, starter, answers, asking, remember, shared=own is not None)
    answers = decided.answers
    remember(answers)
    connection = str(answers.connection)
    texts = {
        "crmsync.yaml": settings_text(
            connection, str(answers.connector), answers.options, text_of(directory / "crmsync.yaml")
        ),
        "roster.yaml": roster_text(connection, decided.chosen, text_of(directory / "roster.yaml")),
        f"mappings/{connection}.yaml": mapping_text(org, starter, decided.chosen, signed.title, open_objects),
        ".env": dotenv_text(text_of(directory / ".env") or "", signed.variables),
        **{f"schemas/{kind}.json": shipped_schema(kind) for kind in _SCHEMAS},
    }
    if own is None:
        named = policy_text(signed.org.name, preset, policy, decided.chosen.stages, decided.hand_off)
        texts = {"policy.yaml": named, **texts}
    files = written(
        directory,
        texts,
        asking,
        ours=frozenset(name for name in texts if name.startswith("schemas/")),
        added=frozenset({"crmsync.yaml", "roster.yaml", ".env"}),
    )
    return _tried(directory, signed, org, decided.chosen, files, now=now, progress=progress)


class Memory:
    """Keeps answers as they come, and secrets that have signed in."""

    def __init__(self, directory: Path, *, answers: bool) -> None:
        """`answers`: whether those are kept, and not secrets only."""
        self._directory = directory
        self._answers = answers

    def __call__(self, answers: Answers, variables: dict[str, str] | None = None) -> None:
        """Answers into their file; variables into `.env`, which nobody else may read."""
        self._directory.mkdir(parents=True, exist_ok=True)
        if self._answers:
            keep(self._directory, answers)
        if variables:
            path = self._directory / ".env"
            text = dotenv_text(text_of(path) or "", variables)
            if text != text_of(path):
                write_for_this_user(path, text)


def _tried(
    directory: Path,
    signed: SignedInConnection,
    org: KnownOrg,
    chosen: ChosenSetUp,
    files: Sequence[WrittenFile],
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> NewSetUp:
    """`check --data`, and where something is new the first dry run."""
    connection = str(signed.answers.connection)
    settings = load_settings(directory / "crmsync.yaml")
    checked = check_all(settings, (connection,), now(), data=True, progress=progress)
    pilot = None
    changed = any(file.state not in ("unchanged", "kept") for file in files)
    if changed and not any(each.exit_code for each in checked):
        request = RunRequest(dry_run=True, aim=Selected((), (), (), PILOT, None, True))
        pilot = run_all(settings, (connection,), request, now=now, progress=progress)
    gaps = tuple(chosen.gaps())
    return NewSetUp(
        connection, signed.title, signed.org.name, chosen, org.notes, tuple(files), gaps, tuple(checked), pilot
    )
