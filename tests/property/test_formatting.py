"""`crmsync fmt`, for any order of keys and any comments: the file says the same, no line is lost, twice is once."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crmsync.configuration import read_document
from crmsync.operations.files.formatting import formatted_files
from crmsync.operations.rehearse.configuration import settings_text

ROOT = Path(__file__).parents[2]
SHIPPED = {
    "hubspot.yaml": (ROOT / "mappings" / "hubspot.yaml").read_text("utf-8"),
    "salesforce.yaml": (ROOT / "mappings" / "salesforce.yaml").read_text("utf-8"),
    "general.yaml": (ROOT / "src/crmsync/qualify/presets/general.yaml").read_text("utf-8"),
    "crmsync.yaml": settings_text({"salesforce": "http://127.0.0.1:1", "hubspot": "http://127.0.0.1:2"}),
}
FILES: dict[str, Any] = {
    "mapping.yaml": {
        "format": 1,
        "connector": "x",
        "lead": {"object": "Lead", "email": "Email", "created_at": "Created"},
        "facts": {"need": {"field": "N", "type": "choice", "values": {"b": None, "a": "say: 'it'"}}, "budget": "B"},
        "activities": [
            {"object": "calls", "at": "x", "kind": [{"is": "call", "when": {"A": "1"}}, {"from": "k"}]},
            {"object": "notes", "at": "y", "subject": "first\nsecond\n"},
        ],
    },
    "roster.yaml": {
        "format": 1,
        "people": [{"key": "ann", "email": "ann@x.example", "roles": ["ae"], "weight": 2}],
        "pools": {"b": {"roles": ["ae"]}, "a": {"roles": ["bdr"]}},
    },
}


def shuffled(value: Any, draw: st.DrawFn) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(value[key], draw) for key in draw(st.permutations(list(value)))}
    return [shuffled(item, draw) for item in value] if isinstance(value, list) else value


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """(name, text): a file's content in any order, with comments and empty lines between lines."""
    name = draw(st.sampled_from(sorted(FILES)))
    yaml, text = YAML(), io.StringIO()
    yaml.dump(shuffled(FILES[name], draw), text)
    lines, in_a_text = [], False
    for number, line in enumerate(text.getvalue().splitlines()):
        before = draw(st.sampled_from(["", "", "", "comment", "further in", "empty", "apart"]))
        indent = " " * (len(line) - len(line.lstrip()))
        in_a_text = in_a_text and ":" not in line
        if in_a_text or line.endswith("second"):
            lines.append(line)
            continue
        lines += [""] * (before in ("empty", "apart"))
        if before not in ("", "empty"):
            lines.append(f"{indent}{'  ' * (before == 'further in')}# {number}")
        lines += [""] * (before == "apart")
        in_a_text = line.endswith("|")
        lines.append(line if in_a_text or '"' in line else line + draw(st.sampled_from(["", "", "  ", "  # beside"])))
    return name, "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n\n"]))


def formatted(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8", newline="")
    return formatted_files(path, [path])[0].text


def said_lines(text: str) -> list[str]:
    """Lines that say something, without the dash of a list, which goes to whatever comes first."""
    return sorted(line.strip().removeprefix("- ") for line in text.splitlines() if line.strip())


@settings(max_examples=60)
@given(written())
def test_a_formatted_file_says_the_same(tmp_path_factory: pytest.TempPathFactory, file: tuple[str, str]) -> None:
    name, text = file
    path = tmp_path_factory.getbasetemp() / name
    once = formatted(path, text)
    assert read_document(once, name).data == read_document(text, name).data
    assert said_lines(once) == said_lines(text)
    assert formatted(path, once) == once
    keys = list(read_document(once, name).data)
    assert keys == list(FILES[name]), "in order"


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_shipped_is_in_order(name: str, tmp_path: Path) -> None:
    assert formatted(tmp_path / name, SHIPPED[name]) == SHIPPED[name]
