"""A refresh token that each sign-in replaces, over several processes and accidents."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pytest

from crmsync.errors import RunStopped, SignInRefused
from crmsync.sdk import KeptToken


def kept(folder: Path, given: str = "first", owner: str = "https://acme app") -> KeptToken:
    return KeptToken(folder / "tokens.json", owner, given)


def sign_in(token: KeptToken, new: str | None) -> str:
    with token.in_turn() as used:
        token.keep(new)
    return used


def test_the_next_process_signs_in_with_what_the_last_one_got(tmp_path: Path) -> None:
    assert [sign_in(kept(tmp_path), new) for new in ("second", "third", None, "third")] == [
        "first",
        "second",
        "third",
        "third",
    ]


def test_only_this_user_may_read_it_and_nothing_is_left_beside(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        sign_in(kept(tmp_path), "second")
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "tokens.json": 0o600,
        "tokens.json.lock": 0o600,
    }


def test_a_token_that_stays_is_not_written(tmp_path: Path) -> None:
    sign_in(kept(tmp_path), "first")
    sign_in(kept(tmp_path), None)
    assert not (tmp_path / "tokens.json").exists()


def test_a_token_given_anew_goes_before_the_kept_one(tmp_path: Path) -> None:
    sign_in(kept(tmp_path), "second")
    assert sign_in(kept(tmp_path, "new"), "newer") == "new"
    assert sign_in(kept(tmp_path, "new"), None) == "newer"


def test_accounts_share_a_file(tmp_path: Path) -> None:
    sign_in(kept(tmp_path, "first", "a"), "a2")
    sign_in(kept(tmp_path, "first", "b"), "b2")
    assert sign_in(kept(tmp_path, "first", "a"), None) == "a2"
    assert sign_in(kept(tmp_path, "first", "b"), None) == "b2"


DAMAGED = ["", "{", "[]", '{"tokens": 5}', '{"tokens": {"https://acme app": 5}}', "\udcff", "[" * 100_000]


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_no_token(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens.json").write_bytes(text.encode(errors="surrogateescape"))
    assert sign_in(kept(tmp_path), "second") == "first"
    assert sign_in(kept(tmp_path), None) == "second"


def test_nobody_signs_in_while_somebody_does(tmp_path: Path) -> None:
    """A login host that takes each token once, and many who sign in at the same time."""
    valid = ["first"]
    refused = []

    def one() -> None:
        token = kept(tmp_path)
        with token.in_turn() as used:
            if used != valid[0]:
                refused.append(used)
            valid[0] = f"after {used}"[-40:] + str(len(valid))
            valid.append("")
            token.keep(valid[0])

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert refused == []
    assert len(valid) == 13


def test_a_replacement_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    token = KeptToken(tmp_path / "nowhere" / "tokens.json", "a", "first")
    assert sign_in(token, None) == "first"  # a token that stays needs no place
    with pytest.raises(SignInRefused, match=r"cannot be kept in .*nowhere") as told:
        sign_in(token, "second")
    assert "refresh_token_file" in str(told.value)
    assert "second" not in str(told.value)


def test_what_is_kept_names_no_given_token(tmp_path: Path) -> None:
    sign_in(kept(tmp_path, "what-the-admin-gave"), "second")
    text = (tmp_path / "tokens.json").read_text()
    assert "what-the-admin-gave" not in text
    assert json.loads(text)["format"] == 1


def test_a_folder_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("crmsync.sdk.kept_token.take_lock", none)
    with (
        pytest.raises(RunStopped, match="takes no locks: no locks available"),
        KeptToken(tmp_path / "tokens.json", "me", "given").in_turn(),
    ):
        pass


def test_a_token_that_could_not_be_read_again_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SignInRefused, match="too long to be kept") as told:
        sign_in(kept(tmp_path), "s3cret" * 400_000)
    assert "s3cret" not in str(told.value)
    assert sign_in(kept(tmp_path), None) == "first"


def test_a_lost_answer_is_remembered_over_processes_until_one_comes(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError), kept(tmp_path).in_turn():
        raise ConnectionError
    for _ in range(2):  # a refusal after it is no news of the token
        again = kept(tmp_path)
        with pytest.raises(SignInRefused), again.in_turn():
            assert again.unanswered
            raise SignInRefused("no")
    elsewhere = kept(tmp_path, owner="another account")
    with elsewhere.in_turn():
        assert not elsewhere.unanswered
    last = kept(tmp_path)
    with last.in_turn():
        assert last.unanswered
    with last.in_turn():
        assert not last.unanswered
    assert "first" not in (tmp_path / "tokens.json.lock").read_text()


def test_a_refusal_is_an_answer(tmp_path: Path) -> None:
    for _ in range(2):
        token = kept(tmp_path)
        with pytest.raises(SignInRefused), token.in_turn():
            assert not token.unanswered
            raise SignInRefused("no")


def test_a_replacement_that_could_not_be_kept_is_a_lost_answer(tmp_path: Path) -> None:
    with pytest.raises(SignInRefused, match="too long"):
        sign_in(kept(tmp_path), "x" * 2_000_000)
    after = kept(tmp_path)
    with after.in_turn():
        assert after.unanswered


@pytest.mark.parametrize("text", ["{", "5", "[5]", "\udcff", "[" * 100_000], ids=range(5))
def test_a_damaged_note_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens.json.lock").write_bytes(text.encode(errors="surrogateescape"))
    token = kept(tmp_path)
    with token.in_turn():
        assert not token.unanswered
