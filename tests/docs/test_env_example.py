"""`.env.example` lists every variable that crmsync reads, with meaning, unit and default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel, TypeAdapter

from crmsync.cli.shared import config_option
from crmsync.connection import registry
from crmsync.settings import Environment, variable_prefix
from crmsync.settings.environment import environment
from crmsync_hubspot.settings import HubSpotSettings
from crmsync_salesforce.settings import SalesforceSettings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
CONNECTORS: dict[str, type[BaseModel]] = {"salesforce": SalesforceSettings, "hubspot": HubSpotSettings}
UNITS = {"seconds": r"\bseconds?\b", "size": r"\brecords?\b"}
"""Last word of a name → what its comment has to say."""


@dataclass(frozen=True)
class Variable:
    """`default` is null where there is none; `kind` reads the text."""

    name: str
    meaning: str | None
    default: Any
    kind: Any


def expected() -> Iterator[Variable]:
    """What the program reads, by its settings classes."""
    classes: dict[str, type[BaseModel]]

    @click.command()
    @config_option
    def command(config: Path) -> None: ...

    (option,) = (each for each in command.params if each.envvar)
    yield Variable(str(option.envvar), None, option.default, Path)
    classes = {"CRMSYNC_": Environment, **{variable_prefix(name): of for name, of in CONNECTORS.items()}}
    for prefix, settings in classes.items():
        for name, field in settings.model_fields.items():
            default = None if field.is_required() else field.get_default()
            yield Variable(f"{prefix}{name.upper()}", field.description or "", default, field.annotation)


def listed() -> dict[str, tuple[str, str]]:
    """Variable → (its value, the comment above it)."""
    variables: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"#? ?([A-Z][A-Z0-9_]*)=(.*)", line)
        if found:
            assert found[1] not in variables, f"{found[1]} is listed twice"
            variables[found[1]] = (found[2], " ".join(comment))
        comment = [*comment, line.removeprefix("#").strip()] if line.startswith("#") and not found else []
    return variables


VARIABLES = {variable.name: variable for variable in expected()}


def test_every_connector_is_there() -> None:
    assert set(registry.installed()) == set(CONNECTORS)
    assert {name: registry.load(name).settings for name in CONNECTORS} == CONNECTORS


def test_every_variable_is_listed_and_no_other() -> None:
    assert list(listed()) == list(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_has_its_default_meaning_and_unit(name: str) -> None:
    variable = VARIABLES[name]
    value, comment = listed().get(name, ("", ""))
    given = TypeAdapter(variable.kind).validate_python(value) if value else None
    assert given == variable.default
    assert comment
    if variable.meaning is not None:
        assert comment == " ".join(variable.meaning.split())
    unit = UNITS.get(name.rpartition("_")[2].lower())
    assert unit is None or re.search(unit, comment, re.IGNORECASE), f"the unit of {name} is not told"


def test_a_copy_of_it_changes_nothing(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    without = environment(tmp_path)
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert environment(tmp_path) == without
