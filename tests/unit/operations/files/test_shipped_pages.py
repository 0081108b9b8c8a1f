"""Pages of the documentation are found by their topics, and whatever names a topic leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crmsync.errors import UsageError
from crmsync.operations.files.shipped_pages import shipped_page, shipped_pages, with_commands_for_links
from crmsync.showing.documentation.page_text import page_parts, pages_table
from crmsync.showing.rendering import rendered

ROOT = Path(__file__).parents[4]
NAMED = re.compile(r"crmsync docs ([a-z][a-z-]+)")
SOURCES = [*(ROOT / "src" / "crmsync").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]


def test_every_topic_is_one_page() -> None:
    topics = [page.topic for page in shipped_pages()]
    assert len(topics) == len(set(topics)) > 30
    assert {page.kind for page in shipped_pages()} == {"tutorial", "how to", "reference", "explanation"}


def test_whatever_names_a_topic_leads_somewhere() -> None:
    named = {topic for path in SOURCES for topic in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 5
    assert named <= {page.topic for page in shipped_pages()}


@pytest.mark.parametrize("topic", ["go-live", "docs/how-to/go-live.md", "go-live.md"])
def test_a_page_is_found_by_its_topic_or_its_file(topic: str) -> None:
    assert shipped_page(topic).title == "Go live, carefully"


def test_a_misspelt_topic_is_suggested() -> None:
    with pytest.raises(UsageError, match="no page `go-lvie`") as told:
        shipped_page("go-lvie")
    assert "go-live" in str(told.value)


def test_a_search_gives_the_pages_that_hold_the_word() -> None:
    found = {page.topic for page in shipped_pages("HYSTERESIS-OF-NOTHING")}
    assert found == set()
    assert (
        {"guards"}
        <= {page.topic for page in shipped_pages("owner_changes")}
        < {page.topic for page in shipped_pages()}
    )


def test_links_to_pages_say_the_command_and_others_stay() -> None:
    text = "[a](../reference/mapping.md#facts), [b](go-live.md), [c](https://example.com/x.md), [d](#here)"
    said = "a (`crmsync docs mapping`), b (`crmsync docs go-live`), [c](https://example.com/x.md), [d](#here)"
    assert with_commands_for_links(text) == said


@pytest.mark.breadth
def test_every_page_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for page in shipped_pages():
        shown = rendered(*page_parts(page))
        assert len(shown) > 200, page.topic
        assert max(map(len, shown.splitlines())) <= 80, page.topic
    assert max(map(len, rendered(*pages_table(shipped_pages())).splitlines())) <= 80
