"""Where the path of a parent's field leads, and what is suggested for one that leads nowhere."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crmsync.connection.parents import fields_behind, fields_of_parents
from crmsync.contract import NativeField, Parent
from crmsync.errors import UsageError
from crmsync.testing import MemoryCrm

OBJECTS: Mapping[str, tuple[NativeField, ...]] = {
    "Account": (
        NativeField("Industry", "Industry", "picklist", True, kind="choice"),
        NativeField("Revenue", "Revenue", "currency", True, kind="money", currency_field="Currency"),
    ),
    "User": (NativeField("Title", "Title", "string", True, kind="text"),),
}
LEADS: Mapping[str, Mapping[str, Parent]] = {
    "Lead": {
        "Account": Parent(("Account",)),
        "Owner": Parent(()),
        "Secret": Parent(("Hidden",)),
        "firm": Parent(("Account",), followed=True),
    },
    "Account": {"Owner": Parent(("User",))},
}


class Crm(MemoryCrm):
    """Leads of an account; an object of which nobody may know; `told`: objects whose fields were asked for."""

    def __init__(self, leads: Mapping[str, Mapping[str, Parent]] | None = LEADS) -> None:
        super().__init__({})
        self.leads = leads
        self.told: list[str] = []

    def parents(self, object_name: str) -> Mapping[str, Parent] | None:
        return None if self.leads is None else self.leads.get(object_name, {})

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        self.told.append(object_name)
        if object_name not in OBJECTS:
            raise UsageError(f"no object {object_name}")
        return OBJECTS[object_name]


def found(crm: MemoryCrm, *names: str) -> dict[str, NativeField]:
    return {field.name: field for field in fields_of_parents(crm, "Lead", names)}


def test_fields_go_by_their_paths_and_are_read_only() -> None:
    crm = Crm()
    fields = found(crm, "Email", "Account.Industry", "Account.Nothing")
    assert list(fields) == ["Account.Industry", "Account.Revenue"]
    assert crm.told == ["Account"]
    assert not any(field.writable for field in fields.values())
    assert fields["Account.Revenue"].currency_field == "Account.Currency"
    assert (fields["Account.Industry"].label, fields["Account.Industry"].kind) == ("Industry", "choice")


def test_what_changes_unseen_is_told_like_a_calculated_field() -> None:
    fields = found(Crm(), "Account.Industry", "firm.Industry")
    assert (fields["Account.Industry"].calculated, fields["firm.Industry"].calculated) == (True, False)


def test_paths_go_further() -> None:
    assert list(found(Crm(), "Account.Owner.Title")) == ["Account.Owner.Title"]


def test_a_step_that_is_nowhere_is_taken_for_the_one_it_looks_like() -> None:
    assert list(found(Crm(), "Acount.Industry")) == ["Account.Industry", "Account.Revenue"]
    assert found(Crm(), "Campaign.Type") == {}


@pytest.mark.parametrize("crm", [Crm(None), Crm()])
def test_a_path_that_the_connector_does_not_tell_of_is_believed(crm: Crm) -> None:
    field = found(crm, "Owner.Type")["Owner.Type"]
    assert (field.kind, field.writable, field.choices) == ("unknown", False, ())
    assert crm.told == []


def test_an_object_that_the_user_may_not_see_has_no_fields() -> None:
    assert found(Crm(), "Secret.Name") == {}


def test_behind_one_relationship() -> None:
    assert [field.name for field in fields_behind(Crm(), "Lead", "Account")] == [
        "Account.Industry",
        "Account.Revenue",
    ]
    with pytest.raises(UsageError, match="Lead has no parent 'Acount'") as near:
        fields_behind(Crm(), "Lead", "Acount")
    assert near.value.hint == "did you mean Lead.Account?"
    with pytest.raises(UsageError, match="Lead has no parent 'Campaign'"):
        fields_behind(Crm(), "Lead", "Campaign")
    with pytest.raises(UsageError, match="is not told"):
        fields_behind(Crm(), "Lead", "Owner")
