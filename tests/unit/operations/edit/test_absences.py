"""Absences of people whom the CRM alone names: they get an entry, and stay who they were to the counters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crmsync.connection.snapshot import Snapshot
from crmsync.contract import CrmUser, NativeField, Org
from crmsync.operations.edit.absences import persons_days, with_absence, with_last_day, without_absence
from crmsync.operations.edit.tried import roster_tried
from crmsync.operations.run.ready import stored
from crmsync.route.people.member import Member
from crmsync.settings import Settings, load_settings
from crmsync.store import Pulled, Store
from crmsync.testing.store_frames import DAY
from unit.console.signing_in import small_configuration

ROSTER = """\
format: 1
people:
  - {user: ann@x.example, role: ae}
from_crm:
  - {connection: c, team: East, role: bdr, time_zone: Europe/Oslo}   # all of them
"""
TYPED = {"from_day": "2027-05-03", "to_day": "2027-05-07"}
FIELDS = tuple(
    NativeField(name, name, kind, True, (), kind=kind)  # type: ignore[arg-type]
    for name, kind in (("Email", "text"), ("CreatedDate", "datetime"), ("OwnerId", "reference"), ("Status", "text"))
)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    config = small_configuration(tmp_path)
    (tmp_path / "roster.yaml").write_text(ROSTER)
    users = (
        CrmUser("u1", "Ann", "ann@x.example"),
        CrmUser("u2", "Bo", "Bo@x.example", team="East"),
        CrmUser("u3", "Cy", None, team="East"),
    )
    found = load_settings(config)
    with closing(Store(found.store)) as store:
        store.runs.set_snapshot("c", Snapshot(Org("o", "Firm", "UTC"), users, FIELDS, lead_object="Lead").to_text())
        store.facts.remember("c", [Pulled(cursors={"leads": "1"})], today=DAY)
    yield found


def members(settings: Settings) -> dict[str, Member]:
    with closing(Store(settings.store)) as store:
        return {it.key: it for it in stored(settings, settings.connection("c"), store).roster.members}


@pytest.mark.parametrize(("key", "name"), [("bo@x.example", "Bo"), ("u3", "Cy")])
def test_whom_the_crm_alone_names_gets_an_entry_and_stays_who_they_were(
    settings: Settings, key: str, name: str
) -> None:
    before = persons_days(settings, "c", ROSTER, key)
    assert (before.name, before.named, before.time_zone) == (name, False, "Europe/Oslo")
    text = with_absence(settings, "c", ROSTER, key, None, TYPED)
    text = with_last_day(settings, "c", text, key, "2027-12-31")
    assert len(text.splitlines()) == len(ROSTER.splitlines()) + 1
    assert "# all of them" in text
    tried, found = roster_tried(settings, text)
    assert not found
    assert tried is not None
    after = persons_days(settings, "c", text, key)
    assert (after.name, after.named) == (name, True)
    was, now = members(settings), members(tried)
    assert set(was) == set(now)
    assert (now[key].person.role, now[key].person.time_zone) == (("bdr",), "Europe/Oslo")
    assert (len(was[key].away), len(now[key].away)) == (0, 1)


@pytest.mark.parametrize("line", ["- absences: [{from: 2027-05-03, to: 2027-05-07}]", "- ends: 2027-12-31"])
def test_what_begins_an_entry_is_taken_away_too(settings: Settings, line: str) -> None:
    (settings.directory / "roster.yaml").write_text(
        text := f"format: 1\npeople:\n  {line}\n    user: ann@x.example\n"
    )
    found = load_settings(settings.directory / "crmsync.yaml")
    if "absences" in line:
        text = without_absence(found, "c", text, "ann@x.example", 0)
    else:
        text = with_last_day(found, "c", text, "ann@x.example", None)
    days = persons_days(found, "c", text, "ann@x.example")
    assert (days.absences, days.ends) == ((), None)
    assert roster_tried(found, text)[0] is not None
