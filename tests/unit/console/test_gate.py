"""Who may ask the console, and what its answers allow."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crmsync.console import Site, application
from crmsync.console.assets import FILES, address_of, content_of
from crmsync.console.gate import HEADERS
from crmsync.console.templating import FOLDER
from crmsync.errors import ConfigurationError, UsageError
from crmsync.schedule import first_due
from crmsync.settings import Settings

HERE = "http://127.0.0.1:8600"


def no_settings() -> Settings:
    raise UsageError("crmsync.yaml is not there", hint="crmsync init writes one")


def client(base: str = HERE) -> TestClient:
    site = Site(no_settings, lambda: pytest.fail("nobody asks the time"), first_due)
    return TestClient(application(site), base_url=base, follow_redirects=False)


@pytest.mark.parametrize("host", ["127.0.0.1:8600", "localhost", "LOCALHOST:1", "[::1]:8600"])
def test_this_machine_is_answered_under_its_own_names(host: str) -> None:
    assert client().get("/nowhere", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8600", "evil.example:127.0.0.1", "", "0.0.0.0"]
)
@pytest.mark.parametrize("path", ["/", "/leads?sought=ann", "/assets/x/console.css"])
def test_a_name_that_is_none_of_this_machines_gets_nothing(host: str, path: str) -> None:
    answer = client().get(path, headers={"Host": host})
    assert (answer.status_code, answer.text) == (421, "this name is none of this machine's\n")


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:8601", "https://127.0.0.1:8600", HERE + "/"]
)
def test_what_another_page_sends_is_refused(origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    answer = client().post("/look", content="look=dark", headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/nowhere", "/runs/1", "/assets/x/none.js"])
def test_every_answer_allows_only_what_is_the_consoles_own(path: str) -> None:
    answer = client().get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_files_are_kept_by_browsers_until_they_change() -> None:
    for name, (_, kind) in FILES.items():
        answer = client().get(address_of(name))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert "immutable" in answer.headers["Cache-Control"]
        assert client().get(re.sub("[0-9a-f]{16}", "0" * 16, address_of(name))).status_code == 404


def test_a_first_visit_to_charts_leaves_room_for_the_page() -> None:
    assert sum(len(gzip.compress(content_of(name), 6)) for name in FILES) < 150_000, "a page has 200 KB in all"


@pytest.mark.parametrize("name", ["../gate.py", "..%2fgate.py", "vendor/bootstrap/LICENSE"])
def test_no_other_file_can_be_named(name: str) -> None:
    assert client().get(f"/assets/{'0' * 16}/{name}").status_code == 404


def test_light_or_dark_is_kept_and_leads_back() -> None:
    asked = client()
    answer = asked.post("/look", content="look=dark&back=/runs%3Fshow%3D9", headers={"Origin": HERE})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/runs?show=9")
    for word in ("HttpOnly", "SameSite=strict"):
        assert word in answer.headers["Set-Cookie"]
    assert 'data-look="dark"' in asked.get("/nowhere").text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a%0d%0ab"])
def test_nobody_is_led_elsewhere(back: str) -> None:
    answer = client().post("/look", content=f"look=dark&back={back}", headers={"Origin": HERE})
    assert answer.headers["Location"] == "/"


def test_a_look_that_there_is_not_is_not_kept() -> None:
    answer = client().post("/look", content="look=%22onload", headers={"Origin": HERE})
    assert "set-cookie" not in answer.headers


def test_files_that_are_wrong_are_told_in_words() -> None:
    answer = client().get("/")
    assert answer.status_code == 404
    assert "crmsync.yaml is not there" in answer.text
    assert "crmsync init writes one" in answer.text
    assert issubclass(ConfigurationError, UsageError)


def test_no_template_holds_script_style_or_another_address() -> None:
    """The policy would refuse them; here it is told where they stand."""
    templates = sorted(Path(FOLDER).glob("*.html"))
    assert len(templates) > 8
    for file in templates:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://|\|\s*safe|hx-on", text), file.name
        assert all("src=" in each for each in re.findall(r"<script[^>]*>", text)), file.name
