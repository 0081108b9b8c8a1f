"""Results that come piece by piece: what stdout and the file hold when something ends them."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmsync.cli import shared
from crmsync.cli.shared import put_all
from crmsync.errors import StoreUnavailable, UsageError


def pieces(error: Exception | None) -> Iterator[str]:
    yield "one\n"
    yield "two\n"
    if error:
        raise error


def test_what_is_not_found_comes_after_what_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.txt"
    out.write_text("old")
    with pytest.raises(UsageError, match="no such lead"):
        put_all(pieces(UsageError("no such lead")), out)
    assert capsys.readouterr().out == out.read_text() == "one\ntwo\n"


def test_half_a_result_takes_the_place_of_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.txt"
    out.write_text("old")
    with pytest.raises(StoreUnavailable):
        put_all(pieces(StoreUnavailable("gone")), out)
    told = capsys.readouterr()
    assert (out.read_text(), told.out) == ("old", "one\ntwo\n")
    assert f"{out} is as it was: the result is not whole" in told.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("error", [None, UsageError("no such lead")])
def test_stdout_is_whole_whatever_becomes_of_the_file(
    error: Exception | None, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "x" * 100_000

    def many() -> Iterator[str]:
        yield from (long, long)
        yield from pieces(error)

    with pytest.raises(UsageError, match="/dev/full cannot be written" if error is None else "no such lead"):
        put_all(many(), Path("/dev/full"))
    told = capsys.readouterr()
    assert told.out == f"{long}{long}one\ntwo\n"
    assert ("/dev/full cannot be written" in told.err) == (error is not None)


@pytest.mark.parametrize("error", [UsageError("no such lead"), StoreUnavailable("gone")])
def test_an_error_is_told_also_where_the_reader_has_left(
    error: UsageError | StoreUnavailable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Left(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Left())
    monkeypatch.setattr(shared, "throw_away_the_rest", lambda: None)
    with pytest.raises(type(error), match=str(error)):
        put_all(pieces(error), None)
