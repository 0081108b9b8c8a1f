"""What HubSpot lacks and how it is made, against definitions in memory: nothing that is there is changed or lost."""

from __future__ import annotations

from crmsync.sdk import AccessProvision, Choice, FieldProvision, ListProvision, ValuesProvision
from crmsync_hubspot.provisions import Provider, scopes_for


class Definitions:
    """As the gateway, with what stands in memory. `made`: calls that changed something, in order."""

    def __init__(self, **properties):
        self.properties = properties
        self.groups = set()
        self.lists = {}
        self.made = []

    def property(self, object_name, name):
        return self.properties.get(name)

    def make_property(self, object_name, definition):
        self.made.append(("property", definition["name"]))
        self.properties[definition["name"]] = definition

    def set_options(self, object_name, name, options):
        self.made.append(("options", name))
        self.properties[name]["options"] = list(options)

    def group(self, object_name, name):
        return {"name": name} if name in self.groups else None

    def make_group(self, object_name, name, label):
        self.made.append(("group", name))
        self.groups.add(name)

    def list_named(self, object_type, name):
        return self.lists.get(name)

    def make_list(self, definition):
        self.made.append(("list", definition["name"]))
        self.lists[definition["name"]] = definition


def option(value, label=None, place=0, hidden=False):
    return {"value": value, "label": label or value, "displayOrder": place, "hidden": hidden}


def states(gateway, *provisions):
    return [each.state for each in Provider(gateway).provided(provisions)]


def values(*names, field="stage"):
    return ValuesProvision("contacts", field, tuple(Choice(name, name) for name in names))


def test_options_that_are_there_stay_first_and_as_they_are():
    there = [option("new", "New"), option("won", "Won", 1, hidden=True)]
    gateway = Definitions(stage={"options": list(there)})
    (made,) = Provider(gateway).provide([values("NEW ", "SAL", "SQL")])
    assert made.state == "made"
    after = gateway.properties["stage"]["options"]
    assert after[:2] == there
    assert [(each["value"], each["displayOrder"]) for each in after[2:]] == [("SAL", 2), ("SQL", 3)]
    assert states(gateway, values("SAL", "sql")) == ["there"]


def test_a_hidden_option_and_options_that_no_program_may_add_are_for_people():
    gateway = Definitions(
        stage={"options": [option("sal", hidden=True)]},
        closed={"options": [], "modificationMetadata": {"readOnlyOptions": True}},
    )
    asked = [values("SAL"), values("x", field="closed"), values("x", field="nowhere")]
    assert states(gateway, *asked) == ["by_hand"] * 3
    assert [each.state for each in Provider(gateway).provide(asked)] == ["by_hand"] * 3
    assert gateway.made == []


def test_a_property_is_made_once_in_a_group_of_its_own():
    gateway = Definitions(old={"name": "old", "archived": True}, there={"name": "there"})
    score = FieldProvision("contacts", "fit", "Fit", "number", "Points")
    reasons = FieldProvision("contacts", "why", "Why", "text", "Why", characters=1000)
    owner = FieldProvision("contacts", "before", "Before", "reference")
    asked = [score, reasons, owner, FieldProvision("contacts", "there", "There", "text")]
    assert states(gateway, *asked) == ["missing", "missing", "missing", "there"]
    assert [each.state for each in Provider(gateway).provide(asked)] == ["made", "made", "made", "there"]
    assert gateway.made == [("group", "crmsync"), ("property", "fit"), ("property", "why"), ("property", "before")]
    made = gateway.properties
    assert {name: (made[name]["type"], made[name]["fieldType"]) for name in ("fit", "why", "before")} == {
        "fit": ("number", "number"), "why": ("string", "textarea"), "before": ("enumeration", "select")
    }  # fmt: skip
    assert made["before"]["referencedObjectType"] == "OWNER"
    assert {made[name]["groupName"] for name in ("fit", "why", "before")} == {"crmsync"}
    assert states(gateway, *asked) == ["there"] * 4, "a second time nothing is missing"
    assert states(gateway, FieldProvision("contacts", "old", "Old", "text")) == ["missing"], "one in the bin is none"
    assert states(gateway, FieldProvision("contacts", "Fit__c", "Fit", "text")) == ["by_hand"]


def test_a_list_holds_records_with_any_of_the_values():
    gateway = Definitions()
    work = ListProvision("contacts", "crmsync: to be worked", "stage", ("sal", "mql"))
    assert states(gateway, work) == ["missing"]
    Provider(gateway).provide([work])
    (branch,) = gateway.lists[work.label]["filterBranch"]["filterBranches"]
    assert branch["filters"][0]["operation"]["values"] == ["sal", "mql"]
    assert branch["filters"][0]["operation"]["operator"] == "IS_ANY_OF"
    assert states(gateway, work) == ["there"]


def test_scopes_are_those_of_what_is_read_and_written():
    access = AccessProvision(
        "crmsync",
        {"contacts": ("email", "company.name"), "emails": ("hs_timestamp",), "form_submissions": ("form",)},
        {"contacts": ("lifecyclestage",)},
        {"tasks": ("hs_task_subject",)},
    )
    assert scopes_for(access) == (
        "crm.objects.companies.read", "crm.objects.contacts.read", "crm.objects.contacts.write",
        "crm.objects.owners.read", "crm.schemas.contacts.read", "forms", "sales-email-read",
    )  # fmt: skip
    assert "crm.objects.contacts.write" not in scopes_for(
        AccessProvision("crmsync", {"contacts": ("email",)}, {}, {})
    )
