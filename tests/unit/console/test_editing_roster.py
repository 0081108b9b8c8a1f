"""Absences and last days changed through the console: what is written then, what stays, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crmsync.settings import load_settings
from unit.console.editing import Browser, words
from unit.console.signing_in import small_configuration

ROSTER = """\
# Ours, by Ada.
format: 1
people:
  - user: Ann@x.example   # since May
    role: ae
    time_zone: Europe/Berlin
    starts: 2026-03-02
    absences:
      # school holidays
      - {from: 2026-12-24, to: 2026-12-31}   # agreed
      - {from: "2027-02-01T12:00", to: 2027-02-02}
  - {user: bo, role: ae, absences: [{from: 2026-10-01T08:00:00+02:00, to: 2026-10-03}], ends: 2027-01-31}
"""
PAGE, HERE = "/routing/people/c/ann@x.example", "/routing/roster/c"
NEW = {"from_day": "2027-05-03", "from_time": "", "to_day": "2027-05-07", "to_time": ""}


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    small_configuration(tmp_path)
    path = tmp_path / "roster.yaml"
    path.write_text(ROSTER, "utf-8")
    return path


@pytest.fixture
def ada(roster: Path) -> Browser:
    return Browser(roster.parent / "crmsync.yaml", "ada")


def drafted(ada: Browser, what: str, person: str = "ann@x.example", **form: str) -> str:
    """The number of the change that is shown."""
    page = ada.get(f"/routing/people/c/{person}" + (f"?draft={form['draft']}" if form.get("draft") else "")).text
    digest = re.findall(r'name="digest" value="(\w+)"', page)[0]
    answer = ada.post(f"{HERE}/{what}", person=person, **{"digest": digest, **form})
    assert answer.status_code == 303, words(answer.text)
    return re.findall(r"draft=([\w-]+)#change", answer.headers["Location"])[0]


def saved(ada: Browser, number: str) -> None:
    answer = ada.post(f"{HERE}/save", draft=number, person="ann@x.example", reason="told by phone")
    assert answer.headers["Location"] == f"{PAGE.replace('@', '%40')}?saved=saved", words(answer.text)


def test_an_absence_is_added_changed_and_removed_with_all_else_as_it_was(roster: Path, ada: Browser) -> None:
    page = words(ada.get(PAGE).text)
    assert "first day:" in page
    assert "Europe/Berlin" in page
    number = drafted(ada, "absence", absence="new", **NEW)
    shown = words(ada.get(f"{PAGE}?draft={number}").text)
    assert "+ - {from: 2027-05-03, to: 2027-05-07}" in shown
    assert "not saved yet" in shown
    number = drafted(
        ada, "absence", absence="0", draft=number, from_day="2026-12-23", to_day="2026-12-31", from_time="13:00"
    )
    assert roster.read_text() == ROSTER, "nothing is written before it is saved"
    saved(ada, number)
    after = ROSTER.replace("{from: 2026-12-24,", '{from: "2026-12-23T13:00",').replace(
        "to: 2027-02-02}\n", "to: 2027-02-02}\n      - {from: 2027-05-03, to: 2027-05-07}\n"
    )
    assert roster.read_text() == after
    saved(ada, drafted(ada, "absence", absence="2", remove="1"))
    saved(ada, drafted(ada, "absence", absence="1", remove="1"))
    gone = '      - {from: "2027-02-01T12:00", to: 2027-02-02}\n      - {from: 2027-05-03, to: 2027-05-07}\n'
    assert roster.read_text() == after.replace(gone, "")
    saved(ada, drafted(ada, "absence", absence="0", remove="1"))
    assert "absences" not in roster.read_text().partition("- {user: bo")[0]
    assert "# school holidays" in roster.read_text()
    assert load_settings(roster.parent / "crmsync.yaml").roster.people[0].absences == ()
    gone_back = words(ada.get(f"{PAGE}?draft={number}").text)  # by the browser's button
    assert "if you have saved it, it stands in the file" in gone_back.lower()
    log = words(ada.get("/log").text)
    assert log.count("ada changed a file") == 4
    assert "told by phone" in log


def test_a_last_day_is_set_changed_and_cleared(roster: Path, ada: Browser) -> None:
    saved(ada, drafted(ada, "last-day", ends="2027-03-31"))
    assert roster.read_text() == ROSTER.replace("02-02}\n", "02-02}\n    ends: 2027-03-31\n")
    saved(ada, drafted(ada, "last-day", "bo", ends="2027-02-28"))
    assert "ends: 2027-02-28}" in roster.read_text()
    saved(ada, drafted(ada, "last-day", "bo", clear="1", ends="2027-02-28"))
    saved(ada, drafted(ada, "last-day", clear="1", ends=""))
    assert roster.read_text() == ROSTER.replace(", ends: 2027-01-31", "")


@pytest.mark.parametrize(
    ("form", "field", "told"),
    [
        ({**NEW, "from_day": ""}, "new-from_day", "Say which day."),
        ({**NEW, "to_day": "24.12.2027"}, "new-to_day", "This is no day that can be counted with."),
        ({**NEW, "to_day": "9999-12-31"}, "new-to_day", "This is no day that can be counted with."),
        ({**NEW, "to_time": "noon"}, "new-to_time", "This is no time of day."),
        ({**NEW, "to_day": "2027-05-02"}, "new-to_day", "The absence would end before it begins."),
        ({**NEW, "to_day": "2027-05-03", "from_time": "12:00", "to_time": "11:00"}, "new-to_day", "would end before"),
        ({**NEW, "from_day": "2026-12-24", "to_day": "2026-12-31"}, "new-from_day", "stands there already."),
        ({"ends": ""}, "ends-ends", "Say which day."),
        ({"ends": "soon"}, "ends-ends", "This is no day that can be counted with."),
        ({"ends": "2026-03-01"}, "ends-ends", "This is before the first day."),
    ],
)
def test_what_is_wrong_with_a_day_is_told_at_its_field(
    roster: Path, ada: Browser, form: dict[str, str], field: str, told: str
) -> None:
    answer = ada.post(f"{HERE}/{'last-day' if 'ends' in form else 'absence'}", person="ann@x.example", **form)
    assert answer.status_code == 422
    assert told in words(re.findall(rf'<small class="bad" id="{field}-why">.*?</small>', answer.text)[0])
    [marked] = re.findall(r"<input[^>]*aria-invalid[^>]*>", answer.text)
    assert f'aria-describedby="{field}-why"' in marked
    assert all(f'value="{typed}"' in answer.text for typed in form.values() if typed)
    assert roster.read_text() == ROSTER


def test_a_file_that_was_changed_meanwhile_is_never_written_over(roster: Path, ada: Browser) -> None:
    number = drafted(ada, "absence", absence="new", **NEW)
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get(PAGE).text)[0]
    theirs = ROSTER.replace("      - {from: 2026-12-24, to: 2026-12-31}   # agreed\n", "")
    roster.write_text(theirs)
    assert "has been changed meanwhile" in ada.post(f"{HERE}/save", draft=number, person="ann@x.example").text
    page = ada.get(f"{PAGE}?draft={number}").text
    assert ("Make the change again, and drop this one" in page, f"{HERE}/save" in page) == (True, False)
    refused = ada.post(f"{HERE}/absence", person="ann@x.example", absence="0", remove="1", digest=digest)
    assert "another one than when this page was loaded" in refused.text, "the first one is another one by now"
    assert roster.read_text() == theirs


def test_others_change_nothing_and_find_nothing(roster: Path, ada: Browser) -> None:
    number = drafted(ada, "last-day", ends="2027-03-31")
    for name in ("vic", "app"):
        other = Browser(roster.parent / "crmsync.yaml", name, beside=ada)
        assert {other.get(path).status_code for path in (PAGE, f"{HERE}/file")} == {403}
        sent = {"person": "ann@x.example", "draft": number, **NEW, "ends": "2027-03-31"}
        tried = {other.post(f"{HERE}/{form}", **sent).status_code for form in ("absence", "last-day", "save", "drop")}
        assert tried == {403}
    second = Browser(roster.parent / "crmsync.yaml", "ada", beside=ada)
    assert "no longer kept" in second.post(f"{HERE}/save", draft=number, person="ann@x.example").text
    assert roster.read_text() == ROSTER
    assert "ends: 2027-03-31" in ada.get(f"{HERE}/file?draft={number}").text


def test_what_no_form_can_change_is_refused_in_words(roster: Path, ada: Browser) -> None:
    assert "has a zone of its own" in words(ada.get("/routing/people/c/bo").text)
    digest = re.findall(r'name="digest" value="(\w+)"', ada.get("/routing/people/c/bo").text)[0]
    refused = ada.post(f"{HERE}/absence", person="bo", absence="0", digest=digest, **NEW)
    assert "This absence cannot be changed here" in refused.text
    assert "is not there any more" in ada.post(f"{HERE}/absence", person="bo", absence="7", digest=digest, **NEW).text
    assert ada.get("/routing/people/c/nobody").status_code == 404
    saved(ada, drafted(ada, "absence", "bo", absence="0", remove="1"))
    assert "{user: bo, role: ae, ends: 2027-01-31}" in roster.read_text()
    roster.write_text("format: 1\npeople: &p [{user: ann@x.example}]\nholidays: {h: {days: [2026-12-25]}}\n")
    answer = ada.post(f"{HERE}/last-day", person="ann@x.example", ends="2027-03-31")
    assert answer.status_code in (303, 404)
