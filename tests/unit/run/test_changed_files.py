"""What has changed in the admin's files since the last run, and so what has to be done again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from small_firm import Firm

from crmsync.run.changed_files import ChangedFiles, changed_files, complete_because, left_to_the_next_run
from crmsync.values import replace

FULL = "full run: all records are read again"
MAPPING = "the mapping has changed: all records are read again"
OTHER = {"mapping_file": "x", "pulled_file": "x"}
CRM = "the CRM's fields or its time zone have changed"
ANEW = "every lead is decided anew"
FROM_STORE = ", from what is stored; nothing is read again for it"


def remembered(firm: Firm, **other: str) -> ChangedFiles:
    """The found after a run that all was read and carried out in; `other`: digests that were others then."""
    digests = changed_files(firm.prepared, firm.store, full=False).digests
    firm.store.runs.set_digests(
        firm.name, {**digests, "pulled": digests["mapping"], "pulled_file": digests["mapping_file"], **other}
    )
    return changed_files(firm.prepared, firm.store, full=False)


def test_at_first_everything_is_read_and_decided(firm: Firm) -> None:
    found = changed_files(firm.prepared, firm.store, full=False)
    assert (found.complete, found.everything, found.notes) == (True, True, ("first run: all records are read",))


@pytest.mark.parametrize(
    ("other", "complete", "everything", "notes"),
    [
        ({}, False, False, ()),
        ({"policy": "x"}, False, True, (f"the policy has changed: {ANEW}{FROM_STORE}",)),
        ({"roster": "x"}, False, True, (f"the roster has changed: {ANEW}{FROM_STORE}",)),
        ({"mapping": "x"} | OTHER, False, True, (f"the mapping has changed: {ANEW}{FROM_STORE}",)),
        ({"pulled": "x"} | OTHER, True, True, (MAPPING,)),
        ({"pulled": "x", "mapping": "x"} | OTHER, True, True, (MAPPING, f"the mapping has changed: {ANEW}")),
    ],
)
def test_what_changed(
    firm: Firm, other: Mapping[str, str], complete: bool, everything: bool, notes: tuple[str, ...]
) -> None:
    found = remembered(firm, **other)
    assert (found.complete, found.everything, found.notes) == (complete, everything, notes)


def test_another_language_of_texts_has_every_lead_looked_at(firm: Firm) -> None:
    found = remembered(firm, language="it")
    told = "the language has changed from Italian to English: every lead is looked at; "
    assert (found.complete, found.everything) == (False, True)
    assert found.notes == (f"{told}texts for people are written in it",)
    assert found.language_before == "it"
    assert remembered(firm).language_before is None


def test_a_full_run_is_asked_for(firm: Firm) -> None:
    remembered(firm)
    found = changed_files(firm.prepared, firm.store, full=True)
    assert (found.complete, found.everything, found.notes) == (True, True, (FULL,))


def test_another_zone_of_the_org_changes_what_a_stored_day_means(firm: Firm) -> None:
    remembered(firm)
    moved = replace(firm.prepared, org=replace(firm.prepared.org, time_zone="Asia/Tokyo"))
    found = changed_files(moved, firm.store, full=False)
    assert (found.complete, found.notes) == (True, (f"{CRM}: all records are read again", f"{CRM}: {ANEW}"))


def test_a_first_run_that_was_cut_off_after_reading_decides_everything(firm: Firm) -> None:
    digest = changed_files(firm.prepared, firm.store, full=False).digests["mapping"]
    firm.store.runs.set_digests(firm.name, {"pulled": digest})
    found = changed_files(firm.prepared, firm.store, full=False)
    assert (found.complete, found.everything, found.notes) == (False, True, ())


def test_reading_all_after_all_says_why() -> None:
    found = complete_because(ChangedFiles(False, False, {}, ("x",)), "the CRM has forgotten")
    assert (found.complete, found.everything) == (True, True)
    assert found.notes == ("x", "the CRM has forgotten: all records are read again")


LEFT = "what changed files mean for stages and other people's leads is left to the next run"


@pytest.mark.parametrize(
    ("found", "notes"),
    [
        (ChangedFiles(False, False, {}, ()), ()),
        (ChangedFiles(False, True, {}, ("the policy has changed",)), (LEFT,)),
        (ChangedFiles(True, True, {}, ("first run",)), ("first run", LEFT)),
    ],
)
def test_a_run_that_decides_no_stage_leaves_it_to_the_next_one(found: ChangedFiles, notes: tuple[str, ...]) -> None:
    left = left_to_the_next_run(found)
    assert (left.complete, left.everything, left.notes) == (found.complete, False, notes)
