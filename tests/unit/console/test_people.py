"""Who may sign in: the file that the command writes, the page that tells of it; the console as a part of serve."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from crmsync.cli.main import cli
from crmsync.clock import now
from crmsync.configuration import read_document, validated
from crmsync.console import ConsoleListener, OneAddress, access_by
from crmsync.errors import ConfigurationError, UsageError
from crmsync.schedule import first_due
from crmsync.settings import SettingsFile, console_people, load_settings
from crmsync.showing.history.deed_words import about_words, deed_words
from crmsync.store import Deed
from crmsync.testing.store_frames import NOW
from crmsync.tongue import ENGLISH
from unit.console.signing_in import PASSWORD, behind_sign_in, hashed, let_in, sign_in, small_configuration

PAGE = Path(__file__).parents[3] / "docs/how-to/let-others-in.md"


def person(folder: Path, *arguments: str, typed: str = PASSWORD) -> tuple[int, str]:
    """`crmsync console person …`: exit code, and all that it said."""
    call = ["console", "person", *arguments, "--config", str(folder / "crmsync.yaml")]
    done = CliRunner().invoke(cli, call, input=f"{typed}\n")
    told = done.output + (str(done.exception) if isinstance(done.exception, (UsageError, ConfigurationError)) else "")
    return (2 if isinstance(done.exception, (UsageError, ConfigurationError)) else done.exit_code), told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    small_configuration(tmp_path, console="{listen: '127.0.0.1:0'}")
    (tmp_path / "console-people.yaml").unlink()
    return tmp_path


def people(folder: Path) -> dict[str, tuple[str, str | None, bool]]:
    found = console_people(load_settings(folder / "crmsync.yaml")).people
    return {each.name: (each.role, each.email, each.password is not None) for each in found}


def test_the_commands_of_the_page_let_people_in(folder: Path) -> None:
    commands = re.findall(r"^crmsync console person (.*)$", PAGE.read_text(encoding="utf-8"), re.M)
    commands += re.findall(r"`crmsync console person ([^`]*)`", PAGE.read_text(encoding="utf-8"))
    assert len(commands) == 5
    for arguments in commands:
        assert person(folder, *shlex.split(arguments))[0] == 0, arguments
    assert people(folder) == {
        "ben": ("approver", None, True),
        "cora": ("viewer", "cora@example.com", False),
    }
    assert sign_in(behind_sign_in(folder / "crmsync.yaml"), "ben") == 303


def test_the_files_of_the_page_are_right() -> None:
    blocks = re.findall(r"```yaml > crmsync.yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 3
    for text in blocks:
        assert validated(SettingsFile, read_document(text, "crmsync.yaml")).console is not None


def test_a_role_is_changed_and_the_password_stays(folder: Path) -> None:
    assert person(folder, "ada", "--role", "viewer")[0] == 0
    file = folder / "console-people.yaml"
    before = file.read_text()
    file.write_text(before.replace("people:", "people:  # ours"))
    assert person(folder, "ada", "--role", "admin", typed="")[0] == 0
    assert file.read_text() == before.replace("people:", "people:  # ours").replace("viewer", "admin")
    assert person(folder, "ada", "--password", typed="another long one")[0] == 0
    assert file.read_text() != before
    assert oct(file.stat().st_mode)[-3:] == "600"


def test_the_file_stays_where_and_whose_it_was(folder: Path) -> None:
    """Else the service could read it no longer once an administrator of the machine had called the command."""
    assert person(folder, "ada", "--role", "viewer")[0] == 0
    file, kept = folder / "console-people.yaml", folder / "kept" / "people.yaml"
    kept.parent.mkdir()
    file.rename(kept)
    file.symlink_to(kept)
    kept.chmod(0o640)
    assert person(folder, "ada", "--role", "admin", typed="")[0] == 0
    assert file.is_symlink()
    assert "role: admin" in kept.read_text()
    assert oct(kept.stat().st_mode)[-3:] == "640"


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (("ada",), PASSWORD, "say what they may do"),
        (("ada", "--role", "admin"), "too short", "12 characters at least"),
        (("ada", "--role", "admin"), "x" * 201, "200 at most"),
        (("Ada", "--role", "admin"), PASSWORD, "cannot be a name to sign in by"),
        (("ada", "--role", "admin", "--email", "nobody"), PASSWORD, "no e-mail address"),
        (("ada", "--role", "admin", "--elsewhere"), "", "name their e-mail address"),
        (("ada", "--remove"), "", "there is no `ada`"),
    ],
)
def test_what_lets_nobody_in_is_told(folder: Path, arguments: tuple[str, ...], typed: str, told: str) -> None:
    code, said = person(folder, *arguments, typed=typed)
    assert code == 2
    assert told in said
    assert len(typed) < 9 or typed not in said
    assert not (folder / "console-people.yaml").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("people: [{name: ada, role: boss}]", "console-people.yaml:1"),
        ("people: [{name: ada, role: admin, password: secret words here}]", "a password itself does not belong"),
        ("people: [{name: ada, role: admin}, {name: ada, role: viewer}]", "stands there twice"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_place(folder: Path, text: str, told: str) -> None:
    (folder / "console-people.yaml").write_text(text)
    with pytest.raises(ConfigurationError) as error:
        console_people(load_settings(folder / "crmsync.yaml"))
    assert told in str(error.value)
    assert "secret words" not in str(error.value)


@pytest.mark.parametrize(
    ("console", "told"),
    [
        ("{listen: '0.0.0.0:8600'}", "can be reached from other machines"),
        ("{public_url: 'http://crm.example'}", "must begin with https://"),
        ("{public_url: 'https://crm.example/crmsync'}", "names a path"),
        ("{oidc: {issuer: 'http://login.example', client_id: c}}", "must begin with https://"),
    ],
)
def test_what_would_show_passwords_to_the_network_is_refused(tmp_path: Path, console: str, told: str) -> None:
    config = small_configuration(tmp_path, console=console)
    with pytest.raises(ConfigurationError) as error:
        load_settings(config)
    assert told in str(error.value)


def test_where_people_sign_in_no_address_lets_anybody_in(tmp_path: Path) -> None:
    settings = load_settings(small_configuration(tmp_path))
    with pytest.raises(UsageError, match="people sign in"):
        access_by(settings, "admin", "ada", now)


def test_an_address_is_good_for_one_visit() -> None:
    access = OneAddress("admin", "ada")
    token = access.path.partition("=")[2]
    assert access.enter("another") is None
    assert access.enter(token) is not None
    assert access.enter(token) is None
    assert access.enter("None") is None


def test_serve_answers_where_the_files_say_as_long_as_they_do(folder: Path) -> None:
    config = folder / "crmsync.yaml"
    let_in(config)
    listener = ConsoleListener(lambda: load_settings(config), now, first_due)
    listener.take(load_settings(config))
    address = listener.address
    assert address is not None
    page = requests.get(f"{address}/runs", timeout=9)
    assert page.url.endswith("/sign-in?to=%2Fruns")
    assert requests.get(address, headers={"Host": "evil.example"}, timeout=9).status_code == 421
    assert hashed() not in page.text
    text = config.read_text()
    (folder / "console-people.yaml").write_text("people: 7")
    config.write_text(text.replace("listen: '127.0.0.1:0'", "session_hours: 1, listen: '127.0.0.1:0'"))
    listener.take_if_it_can_be(load_settings(config))
    assert requests.get(address, timeout=9).url.endswith("/sign-in")  # what was right before goes on
    config.write_text(re.sub("console:.*", "", text))
    listener.take(load_settings(config))
    assert listener.address is None
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=9)


def done(what: str, about: Mapping[str, Any]) -> Deed:
    return Deed(1, NOW, "ada", what, "c", "why", about)


def test_what_was_done_is_told_in_words() -> None:
    """On the page and by `crmsync console log`."""
    about = {"plan": 3, "leads": 2, "of": 9, "run": 4, "written": 2, "let_through": True, "undo_of": 1, "open": 5}
    deed = done("plan_carried_out", about)
    assert deed_words(deed, ENGLISH) == "carried out"
    assert about_words(deed, ENGLISH) == (
        "2 of 9 leads, plan 3, run 4, 2 written, let through its guards, takes back run 1, 5 open"
    )
    changed = done("file_changed", {"file": "policy.yaml", "before": "ab", "after": "cd"})
    assert (deed_words(changed, ENGLISH), about_words(changed, ENGLISH)) == ("changed a file", "policy.yaml: ab → cd")
    strange = done("of_later", {"some_thing": 1})
    assert (deed_words(strange, ENGLISH), about_words(strange, ENGLISH)) == ("of later", "some thing: 1")
