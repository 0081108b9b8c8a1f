"""Addresses of leads' pages: those of the connector, if a reader may be sent there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pydantic import BaseModel

from crmsync.connection import record_pages as pages
from crmsync.connection import registry
from crmsync.contract import ConnectorPlugin, Org
from crmsync.errors import UsageError
from crmsync.showing.record_link import linked
from crmsync.showing.rendering import rendered

PAGE = "https://crm.example/r/Lead/1/view"


@pytest.mark.parametrize(
    "address",
    [PAGE, "http://127.0.0.1:8080/x/1", "http://localhost/x", "https://crm.example:8443/r?id=1#top"],
)
def test_a_page_of_a_crm_is_linked_to(address: str) -> None:
    assert pages.sound(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None, "", "javascript:alert(1)", "http://crm.example/1", "https://user:word@crm.example/1", "https://crm.example",
        "https:///1", "https://crm.example:x/1", 'https://crm.example/"><b>', "https://crm.example/a b",
        "https://crm.example/x)(y", "https://crm.example/\x1b]8;;", "https://crm.example/1\n", f"{PAGE}{'x' * 600}",
        "data:text/html,x", "//crm.example/1", "https://crm.example/[x]", "https://crm.example/ü", "https://crm.example/|",
    ],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(address: str | None) -> None:
    assert pages.sound(address) is None


@pytest.fixture
def fresh() -> Iterator[None]:
    pages._way.cache_clear()
    yield
    pages._way.cache_clear()


def test_a_connector_is_asked_once_and_may_be_missing(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    way: Callable[[Org, str, str], str | None] = lambda org, name, lead: f"{org.pages}/{name}/{lead}"  # noqa: E731

    def load(name: str) -> ConnectorPlugin:
        asked.append(name)
        if name == "gone":
            raise UsageError("not installed")
        return ConnectorPlugin(BaseModel, lambda _: None, record_page=way)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(registry, "load", load)
    assert pages._way("tiny") is way
    assert pages._way("tiny") is way
    assert pages._way("gone") is None
    assert asked == ["tiny", "gone"]


class TerminalStream:
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


@pytest.mark.parametrize(("term", "links"), [("xterm-256color", True), ("dumb", False), ("linux", False)])
@pytest.mark.parametrize("colourless", [False, True])
def test_a_terminal_gets_links_if_it_can(
    monkeypatch: pytest.MonkeyPatch, term: str, colourless: bool, links: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if colourless:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", TerminalStream())
    text = rendered(linked("00Q1", PAGE))
    assert (f";{PAGE}\x1b\\00Q1" in text) is links
    assert "00Q1" in text


def test_files_and_pipes_get_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert rendered(linked("00Q1", PAGE)).strip() == "00Q1"
    assert linked("00Q1", None) == "00Q1"
