"""A changed file takes the place of the one it was made from: only that one, only there, and as a whole."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from crmsync.errors import UsageError
from crmsync.files import take_lock
from crmsync.operations.edit import saved
from crmsync.operations.edit.committed import NotCommitted, commit, in_work_tree, versions
from crmsync.operations.edit.opened_file import opened_file
from crmsync.operations.edit.saved import ChangedMeanwhile, save

ODD = "\ufeff# Ä \u202e\r\nformat: 1\r\nname: x\n"


def placed(folder: Path, name: str = "policy.yaml", text: str = "format: 1\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def test_it_is_written_as_it_was_typed_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = placed(tmp_path, text=ODD)
    path.chmod(0o640)
    file = opened_file(tmp_path, path)
    assert (file.name, file.text) == ("policy.yaml", ODD)
    save(tmp_path, file, ODD + "# more\n")
    assert path.read_bytes() == (ODD + "# more\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_changed_meanwhile_is_never_written_over(tmp_path: Path) -> None:
    path = placed(tmp_path)
    file = opened_file(tmp_path, path)
    path.write_text("format: 1\n# theirs\n")
    with pytest.raises(ChangedMeanwhile, match=r"policy\.yaml has been changed meanwhile, so nothing was written"):
        save(tmp_path, file, "format: 1\n# mine\n")
    assert path.read_text() == "format: 1\n# theirs\n"
    path.unlink()
    with pytest.raises(UsageError):
        save(tmp_path, file, "format: 1\n# mine\n")
    assert not path.exists()


def test_two_who_save_at_once_do_not_both_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = placed(tmp_path)
    file = opened_file(tmp_path, path)
    monkeypatch.setattr(saved, "_MOMENT_SECONDS", 0.0)
    with path.open("rb") as theirs:
        assert take_lock(theirs)
        with pytest.raises(UsageError, match="somebody else is saving"):
            save(tmp_path, file, "mine")
    assert path.read_text() == "format: 1\n"


def test_the_same_that_is_saved_at_once_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = placed(tmp_path)
    file = opened_file(tmp_path, path)
    theirs = path.open("rb")
    assert take_lock(theirs)
    monkeypatch.setattr(saved, "sleep", lambda _: theirs.close())  # while the one waits, the other is done
    assert save(tmp_path, file, "mine")
    written = path.stat().st_ino
    assert not save(tmp_path, file, "mine")
    assert path.stat().st_ino == written


@pytest.mark.parametrize("how", ["above", "link", "linked folder", "absolute"])
def test_nothing_outside_the_folder_is_opened(tmp_path: Path, how: str) -> None:
    here, elsewhere = tmp_path / "here", placed(tmp_path / "elsewhere")
    here.mkdir()
    path = {"above": here / ".." / "elsewhere" / "policy.yaml", "absolute": elsewhere}.get(how, here / "policy.yaml")
    if how == "link":
        path.symlink_to(elsewhere)
    elif how == "linked folder":
        (here / "in").symlink_to(elsewhere.parent, target_is_directory=True)
        path = here / "in" / "policy.yaml"
    with pytest.raises(UsageError, match="does not lie in the configuration's folder"):
        opened_file(here, path)


def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here", placed(tmp_path / "elsewhere", "m.yaml")
    path = placed(here / "in", "m.yaml")
    file = opened_file(here, path)
    path.parent.rename(here / "was")
    path.parent.symlink_to(elsewhere.parent, target_is_directory=True)
    with pytest.raises(ChangedMeanwhile):
        save(here, file, "mine")
    assert elsewhere.read_text() == "format: 1\n"


def test_a_link_within_the_folder_stays_one(tmp_path: Path) -> None:
    real = placed(tmp_path / "v1")
    link = tmp_path / "policy.yaml"
    link.symlink_to(real)
    save(tmp_path, opened_file(tmp_path, link), "new\n")
    assert link.is_symlink()
    assert real.read_text() == "new\n"


@pytest.mark.parametrize(
    ("content", "told"), [(b"\xff\xfe", "is not UTF-8 text"), (b"x" * 2_000_001, "is larger than 2,000,000 bytes")]
)
def test_what_is_no_text_is_not_opened(tmp_path: Path, content: bytes, told: str) -> None:
    path = placed(tmp_path)
    path.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        opened_file(tmp_path, path)


def test_pipes_and_folders_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(UsageError):
            opened_file(tmp_path, tmp_path / name)


def test_a_diff_tells_every_change_also_that_of_ends_of_lines(tmp_path: Path) -> None:
    file = opened_file(tmp_path, placed(tmp_path, text="a: 1\r\nb: 2\r\n"))
    assert file.diff(file.text) == ()
    assert file.diff("a: 1\r\nb: 3\r\n")[-2:] == ("-b: 2", "+b: 3")
    assert file.diff("a: 1\nb: 2\n")[-1] == "@@ only the ends of lines @@"


@pytest.fixture
def work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")  # a machine without a name for whoever commits
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def test_a_commit_holds_the_file_alone_and_names_who_changed_it(work_tree: Path) -> None:
    path, other = placed(work_tree), placed(work_tree, "roster.yaml")
    assert in_work_tree(work_tree)
    file = opened_file(work_tree, path)
    assert versions(file, 5) == ()
    first = commit(file, "begin", "Ada <x@y>\nL")
    subprocess.run(["git", "-C", str(work_tree), "add", other.name], check=True)
    save(work_tree, file, "format: 1\nname: n\n")
    commit(file, "-m more", "")
    newest, oldest = versions(opened_file(work_tree, path), 5)
    assert (newest.subject, newest.by, newest.diff[-1]) == ("-m more", "somebody", "+name: n")
    assert (oldest.commit, oldest.by) == (first, "Ada x@y L")
    told = subprocess.run(
        ["git", "-C", str(work_tree), "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert told.stdout == "A  roster.yaml\n"


@pytest.mark.parametrize("when", ["2026-01-01T00:00:00+00:00", "never"])
def test_a_reason_makes_no_version_that_nobody_made(work_tree: Path, when: str) -> None:
    path = placed(work_tree)
    forged = f"why\x1e{'0' * 40}\x1f{when}\x1fben\x1fforged"
    made = commit(opened_file(work_tree, path), forged, "ada")
    [version] = versions(opened_file(work_tree, path), 5)
    assert (version.commit, version.by, version.subject) == (made, "ada", forged)


def test_without_git_there_are_no_versions_and_the_reason_is_told(tmp_path: Path) -> None:
    file = opened_file(tmp_path, placed(tmp_path))
    assert not in_work_tree(tmp_path)
    assert versions(file, 5) == ()
    with pytest.raises(NotCommitted, match="not a git repository"):
        commit(file, "begin", "ada")


def test_a_work_tree_that_git_refuses_is_told(tmp_path: Path) -> None:
    """Else changes would go uncommitted for as long as nobody looks."""
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(NotCommitted, match="not a git repository"):
        in_work_tree(tmp_path)
