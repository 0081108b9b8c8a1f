"""What is left of an indented line stands further in, within the terminal's width, and nothing of it is lost."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from crmsync.showing.foreign_text import markup
from crmsync.showing.rendering import rendered

LONG = "10 leads are left alone: Status = [Nurturing] (10) → to have them decided, name the values"


@pytest.fixture(autouse=True, params=[30, 60, 80])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return int(request.param)


@pytest.mark.parametrize("text", [LONG, f"{LONG} {'日本' * 9} {LONG}", "x" * 200])
@pytest.mark.parametrize("indent", [2, 4])
def test_it_goes_on_further_in(columns: int, text: str, indent: int) -> None:
    first, *others = rendered(f"{' ' * indent}[bold]{markup(text)}[/bold]").splitlines()
    assert first.startswith(" " * indent) and first[indent] != " "
    assert others
    for line in others:
        assert line.startswith(" " * (indent + 2)) and line[indent + 2] != " "
    assert all(cell_len(line) <= columns for line in (first, *others))
    assert "".join((first, *others)).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["  short", "  two\n  lines", "not indented, " * 9])
def test_other_lines_are_as_they_were(text: str) -> None:
    assert rendered(text).replace("\n", " ").split() == text.split()
    assert not any(line.startswith("    ") for line in rendered(text).splitlines())


def test_a_line_that_just_fits_stays_one(columns: int) -> None:
    line = "  " + "word " * ((columns - 6) // 5) + "x" * (columns - 2 - (columns - 6) // 5 * 5)
    assert rendered(f"  [bold]{line[2:]}[/bold]") == f"{line}\n"
    assert len(line) == columns
