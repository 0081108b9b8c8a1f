"""Whether what is behind a connection is what the store knows: another account, object or name is refused."""

from __future__ import annotations

import pytest
from small_firm import MAPPING, Firm, heat

from crmsync.errors import UsageError
from crmsync.run.bound import shared_notes
from crmsync.values import replace


def test_another_account_behind_the_same_connection_is_refused(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sandbox and production: facts of one are no ground for writing to the other."""
    heat(firm, "a")
    firm.run(dry_run=True)
    runs = len(firm.store.runs.last(firm.name))
    org = firm.crm.org()
    monkeypatch.setattr(firm.crm, "org", lambda: replace(org, id="production"))
    for dry_run in (True, False):
        with pytest.raises(UsageError, match=f"production.*{org.id}"):
            firm.run(dry_run=dry_run)
    assert (firm.crm.log, len(firm.store.runs.last(firm.name))) == ([], runs)
    monkeypatch.undo()
    assert firm.run().outcomes == {"a": "written"}


def test_a_mapping_that_names_another_object_over_one_store_is_refused(firm: Firm) -> None:
    """A contact and a lead may have the same id: nothing that is known of one may be written to the other."""
    heat(firm, "a")
    firm.run()
    written, runs = list(firm.crm.log), len(firm.store.runs.last(firm.name))
    journal, cursors = firm.store.journal.entries(firm.name), firm.store.facts.cursors(firm.name)
    usual = firm.texts
    firm.texts = {**usual, "mapping": MAPPING.replace("object: Lead", "object: Contact")}
    for dry_run in (True, False):
        for full in (True, False):
            with pytest.raises(UsageError, match="reads Contact records as its leads, and the store holds Lead"):
                firm.run(dry_run=dry_run, full=full)
    with pytest.raises(UsageError, match="the store holds Lead"):
        firm.run("bea")
    assert (firm.crm.log, len(firm.store.runs.last(firm.name))) == (written, runs)
    assert (firm.store.journal.entries(firm.name), firm.store.facts.cursors(firm.name)) == (journal, cursors)
    firm.texts = usual
    assert firm.run().changes == ()


def test_a_connection_whose_name_has_changed_is_refused(firm: Firm) -> None:
    """Under a new name nothing would be known of what was written, who is held, and whose turn it is."""
    heat(firm, "a")
    firm.run()
    written, before = list(firm.crm.log), firm.name
    firm.name = f"{before}, renamed"
    for dry_run in (True, False):
        with pytest.raises(UsageError, match=f"which the store holds as those of `{before}`"):
            firm.run(dry_run=dry_run)
    assert (firm.crm.log, firm.store.runs.last(firm.name)) == (written, ())
    firm.name = before
    assert firm.run().changes == ()


def test_after_nothing_but_a_dry_run_another_zone_is_no_changed_mapping(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm.run(dry_run=True)
    org = replace(firm.crm.org(), time_zone="Asia/Tokyo")
    monkeypatch.setattr(firm.crm, "org", lambda: org)
    notes = firm.run(dry_run=True).notes
    assert "the CRM's fields or its time zone have changed: all records are read again" in notes


def test_two_connections_to_the_same_leads_are_told(firm: Firm) -> None:
    heat(firm, "a")
    firm.run()
    first, settings = firm.prepared, firm.prepared.settings
    both = dict.fromkeys((firm.name, "second"), settings.connections["memory"])
    second = replace(first, name="second", settings=replace(settings, connections=both, configured={}))
    assert "work Lead records of one account" in shared_notes(second, firm.store)[0]
    alone = replace(second, settings=replace(settings, connections={}, configured={}))
    assert shared_notes(alone, firm.store) == ()
