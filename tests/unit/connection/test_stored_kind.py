"""A store is of one CRM account and of one kind of record."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_settings import CONFIGURATION, MAPPING, settings

from crmsync.connection.snapshot import Snapshot
from crmsync.connection.stored_kind import another_name, another_object, refuse_another_object, shared_leads
from crmsync.contract import Org
from crmsync.errors import UsageError
from crmsync.settings import ConnectionConfiguration
from crmsync.values import replace

KNOWN = Snapshot(Org("24601377", "Org", "UTC", "https://app.hubspot.com"), (), ())


def configuration(folder: Path, connector: str, lead_object: str) -> ConnectionConfiguration:
    texts = {
        "crmsync": CONFIGURATION.replace("salesforce", connector),
        "mapping": MAPPING.replace("salesforce", connector).replace("object: Lead", f"object: {lead_object}"),
    }
    return settings(folder, **texts).connections["memory"]


@pytest.mark.parametrize(
    ("connector", "here", "there", "another"),
    [
        ("salesforce", "Lead", "Contact", True),
        ("salesforce", "Contact", "Lead", True),
        ("salesforce", "contact", "Contact", False),
        ("hubspot", '"0-136"', "contacts", True),
        ("hubspot", "contacts", "0-136", True),
        ("hubspot", "leads", "0-136", False),
        ("hubspot", '"0-136"', "leads", False),
        ("hubspot", "contacts", "0-1", False),
        ("hubspot", "contacts", None, False),
    ],
)
def test_records_of_another_object_are_told_and_another_spelling_is_none(
    tmp_path: Path, connector: str, here: str, there: str | None, another: bool
) -> None:
    known = replace(KNOWN, lead_object=there)
    mapped = configuration(tmp_path, connector, here)
    told = another_object(mapped, known)
    assert (told is not None) == another
    if another:
        read = mapped.mapping.lead.object
        assert told == f"memory reads {read} records as its leads, and the store holds {there} records"
        with pytest.raises(UsageError, match=f"the store holds {there}"):
            refuse_another_object(mapped, known)
    else:
        refuse_another_object(mapped, known)


def test_a_store_of_nothing_is_of_no_other_object(tmp_path: Path) -> None:
    assert another_object(configuration(tmp_path, "hubspot", "contacts"), None) is None


def test_the_object_is_remembered() -> None:
    known = replace(KNOWN, lead_object="leads")
    assert Snapshot.from_text(known.to_text()) == known


@pytest.mark.parametrize(
    ("org", "there", "known"),
    [
        ("24601377", "contacts", True),
        ("24601377", "0-1", True),
        ("24601377", "0-136", False),
        ("24601377", None, False),
        ("1", "contacts", False),
    ],
)
def test_leads_that_the_store_holds_under_another_name_are_known(
    tmp_path: Path, org: str, there: str | None, known: bool
) -> None:
    mapped = configuration(tmp_path, "hubspot", "contacts")
    others = {"old": replace(KNOWN, org=replace(KNOWN.org, id=org), lead_object=there)}
    assert (another_name(mapped, KNOWN.org, others, {"memory"}) is not None) == known
    assert another_name(mapped, KNOWN.org, others, {"memory", "old"}) is None, "both are configured"


@pytest.mark.parametrize(
    ("one", "other", "shared"), [(False, False, True), (True, False, True), (False, True, True), (True, True, False)]
)
def test_two_that_say_whose_leads_are_whose_share_none(tmp_path: Path, one: bool, other: bool, shared: bool) -> None:
    scoped = MAPPING.replace("object: Lead", "object: Lead, when: {Region: EU}")
    made = {}
    for name, limited in (("one", one), ("other", other)):
        (tmp_path / name).mkdir()
        made[name] = settings(tmp_path / name, mapping=scoped if limited else MAPPING).connections["memory"]
    others = {"other": replace(KNOWN, lead_object="Lead")}
    assert shared_leads(made["one"], KNOWN.org, others, made) == (("other",) if shared else ())
