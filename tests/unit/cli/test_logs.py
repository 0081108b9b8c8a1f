"""What log lines look like, and what never stands in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from crmsync.cli.logs import configure
from crmsync.settings import Environment


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.getLogger("crmsync").setLevel(logging.NOTSET)


def settings(form: str, level: str = "info") -> Environment:
    """An environment that asks for this."""
    return Environment.model_validate({"log_format": form, "log_level": level})


def fail_with_personal_data() -> None:
    """A fault of crmsync in the midst of people's data."""
    held_here = "Xenia Person"
    try:
        raise KeyError(f"cause of {len(held_here)}")
    except KeyError as error:
        raise ValueError("no room for xenia.person@buyer.example") from error


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_unforeseen_exception_is_told_without_data(capsys: pytest.CaptureFixture[str], form: str) -> None:
    configure(settings(form))
    try:
        fail_with_personal_data()
    except ValueError:
        structlog.get_logger().exception("run failed", connection="salesforce")
        logging.getLogger("a.library").exception("failed for xenia.person@buyer.example")
    said = capsys.readouterr().err
    assert "Xenia" not in said
    assert "xenia.person" not in said
    assert "held_here" not in said
    for word in ("run failed", "salesforce", "ValueError: no room for [e-mail]", "KeyError: 'cause of 12'"):
        assert word in said
    assert "test_logs.py:" in said
    assert "in fail_with_personal_data" in said
    assert "failed for [e-mail]" in said


def test_what_the_store_says_while_it_comes_forward_is_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    """It comes by Python's own logging, as libraries' errors do; libraries' warnings stay out."""
    configure(settings("json"))
    logging.getLogger("crmsync.store.migrate").warning("the store %s is brought forward", "here.db")
    logging.getLogger("a.library").warning("a warning")
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "the store here.db is brought forward"


def test_every_json_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure(settings("json"))
    structlog.get_logger().info("run ended", run=7)
    logging.getLogger("a.library").error("in %s words", "two\nor more")
    logging.getLogger("a.library").warning("is not told")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("run ended", "info"),
        ("in two or more words", "error"),
    ]
    assert lines[0]["run"] == 7
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_the_level_is_the_least_that_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    configure(settings("text", "warning"))
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    said = capsys.readouterr().err
    assert "loud" in said
    assert "quiet" not in said
    assert "\x1b[" not in said, "no colours where nobody looks"
