"""Leads that are deleted in the CRM, and of which something is kept all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from crmsync.errors import UsageError
from crmsync.model import SetAside
from crmsync.operations.left_alone.holds import hold_lead, release_lead
from crmsync.operations.store.forget import forget_lead
from crmsync.settings import Settings, load_settings
from crmsync.store import Hold, Pulled, Store
from crmsync.testing.store_frames import DAY, NOW, lead, leads

GONE = "00Q000000000002AAA"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    Path("mapping.yaml").write_text(
        "format: 1\nconnector: salesforce\nlead: {object: Lead, email: Email, created_at: CreatedDate}\n"
        "owner: {field: OwnerId}\nstage: {field: Status, values: {lead: Open}}\nfacts: {}\n"
    )
    Path("roster.yaml").write_text("format: 1\npeople: []\n")
    Path("policy.yaml").write_text("format: 1\nextends: saas\n")
    Path("crmsync.yaml").write_text(
        "format: 1\npolicy: policy.yaml\nstore: store.db\nconnections:\n"
        "  sf: {connector: salesforce, mapping: mapping.yaml, options: {url: https://a.my.salesforce.com}}\n"
    )
    return load_settings(Path("crmsync.yaml"))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with closing(Store(settings.store)) as opened:
        opened.facts.remember("sf", [Pulled(leads=leads(lead(GONE)))], today=DAY)
        opened.left_alone.hold("sf", Hold(GONE, date(2099, 1, 1), "Ann's", "me", NOW))
        opened.facts.remember("sf", [Pulled(gone_leads=(GONE,))], today=DAY)
        yield opened


def test_a_hold_can_be_ended_whether_its_lead_is_there_or_not(settings: Settings, store: Store) -> None:
    [released] = release_lead(settings, GONE, [], now=lambda: NOW)
    assert (released.lead, released.holds) == (GONE, 1)
    assert store.left_alone.holds("sf") == ()
    with pytest.raises(UsageError, match="nothing is stored of a lead"):
        release_lead(settings, GONE, [], now=lambda: NOW)


def test_a_lead_that_is_gone_cannot_be_held(settings: Settings, store: Store) -> None:
    with pytest.raises(UsageError, match="nothing is stored of a lead"):
        hold_lead(settings, GONE, [], until=date(2099, 1, 1), why="x", now=lambda: NOW)


def test_a_lead_of_which_runs_and_plans_alone_tell_is_forgotten_and_told(settings: Settings, store: Store) -> None:
    other = "00Q000000000003AAA"
    run = store.runs.start("sf", now=NOW, dry_run=True)
    store.runs.end("sf", run, now=NOW, exit_code=4, counts={}, aside=[SetAside(other, "Bob wants it")])
    done = forget_lead(settings, "sf", other, now=lambda: NOW)
    assert (done.erased.leads, done.erased.set_aside, store.runs.set_aside("sf", run)) == (0, 1, ())
    with pytest.raises(UsageError, match="not among the stored leads"):
        forget_lead(settings, "sf", other, now=lambda: NOW)


def test_a_reason_that_names_a_person_is_forgotten_and_told(settings: Settings, store: Store) -> None:
    done = forget_lead(settings, "sf", GONE, now=lambda: NOW)
    assert done.erased.holds == 1
    with pytest.raises(UsageError):
        forget_lead(settings, "sf", GONE, now=lambda: NOW)
