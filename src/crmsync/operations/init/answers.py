"""Answers to what `crmsync init` asks: kept as they are given, so that it can go on, and be replayed. No secrets."""

from __future__ import annotations

from pathlib import Path

from crmsync.configuration import flow, read_document, validated
from crmsync.errors import ConfigurationError, Finding
from crmsync.files import Unreadable, read_text, write_for_this_user
from crmsync.operations.files.answers_file import Answers

KEPT = "init-answers.yaml"
_HEAD = (
    "# yaml-language-server: $schema=schemas/answers.json\n"
    "# What was answered to `crmsync init`: it goes on from here, and `--answers FILE` replays it elsewhere.\n"
    "# No secrets stand here; they are in .env.\n"
)


def answers_from(path: Path) -> Answers:
    """A file of answers. Raises `ConfigurationError` with file and line."""
    try:
        text = read_text(path, largest_bytes=1_000_000)
    except Unreadable as error:
        raise ConfigurationError([Finding(str(path), 0, 0, str(error), "name a file of answers")]) from None
    return validated(Answers, read_document(text, str(path)))


def keep(directory: Path, answers: Answers) -> None:
    """Put the answers into the folder's file, unless they stand there already."""
    path = directory / KEPT
    text = text_of_answers(answers)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    write_for_this_user(path, text)


def text_of_answers(answers: Answers) -> str:
    """As the file has them."""
    told = answers.model_dump(mode="json", exclude_defaults=True)
    lines = ["format: 1"]
    for name, value in told.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {flow(key)}: {flow(inner)}" for key, inner in value.items())]
        else:
            lines.append(f"{name}: {flow(value)}")
    return _HEAD + "\n".join(lines) + "\n"
