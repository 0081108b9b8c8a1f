"""Writes against the practice CRM, each outcome as the portal gives it."""

from __future__ import annotations

import pytest

from crmsync.contract import Write
from crmsync.errors import SignInRefused

ORDER = ["subscriber", "lead", "marketingqualifiedlead", "94943285", "salesqualifiedlead", "94943286", "opportunity"]


@pytest.fixture
def contacts(practice):
    """Live contacts by id, with stage and owner."""
    return practice.contacts("lifecyclestage", "hubspot_owner_id", "hs_lead_status")


def stages(practice, *numbers):
    held = practice.contacts("lifecyclestage")
    return [held[number]["lifecyclestage"] for number in numbers]


def set_stage(practice, number, stage):
    for value in ("", stage):
        practice.call("PATCH", f"/crm/v3/objects/contacts/{number}", {"properties": {"lifecyclestage": value}})


def test_forward_backward_and_clear_in_one_push(practice, connect, contacts):
    forward, backward, empty = list(contacts)[:3]
    set_stage(practice, forward, "lead")
    set_stage(practice, backward, "opportunity")
    set_stage(practice, empty, "lead")
    results = connect(practice.url).push(
        "contacts",
        [
            Write(forward, {"lifecyclestage": "94943285"}, {"lifecyclestage": "lead"}),
            Write(backward, {"lifecyclestage": "lead"}, {"lifecyclestage": "opportunity"}),
            Write(empty, {"lifecyclestage": None}, {"lifecyclestage": "lead"}),
        ],
    )
    assert [each.outcome for each in results] == ["accepted"] * 3
    assert [stage or None for stage in stages(practice, forward, backward, empty)] == ["94943285", "lead", None]


def test_every_step_between_any_two_stages(practice, connect, contacts):
    steps = [(old, new) for old in ORDER for new in ORDER if old != new]
    numbers = list(contacts)[10 : 10 + len(steps)]
    for number, (old, _) in zip(numbers, steps, strict=True):
        set_stage(practice, number, old)
    results = connect(practice.url).push(
        "contacts",
        [
            Write(number, {"lifecyclestage": new}, {"lifecyclestage": old})
            for number, (old, new) in zip(numbers, steps, strict=True)
        ],
    )
    assert {each.outcome for each in results} == {"accepted"}
    assert stages(practice, *numbers) == [new for _, new in steps]


def test_without_the_clear_the_portal_keeps_the_stage(practice, connect, contacts):
    number = list(contacts)[4]
    set_stage(practice, number, "opportunity")
    (result,) = connect(practice.url).push("contacts", [Write(number, {"lifecyclestage": "lead"}, {})])
    assert result.outcome == "accepted"
    assert stages(practice, number) == ["opportunity"]


def test_unknown_and_archived_owners_are_refused_alone(practice, connect, contacts):
    connector = connect(practice.url)
    users = connector.users()
    active = next(user for user in users if user.active and user.kind == "person")
    inactive = next(user for user in users if not user.active)
    good, unknown, archived = list(contacts)[:3]
    results = connector.push(
        "contacts",
        [
            Write(number, {"hubspot_owner_id": owner}, {})
            for number, owner in ((good, active.id), (unknown, "4711471147"), (archived, inactive.id))
        ],
    )
    assert [each.outcome for each in results] == ["accepted", "refused", "refused"]
    assert "4711471147" in results[1].message
    assert practice.contacts("hubspot_owner_id")[good]["hubspot_owner_id"] == active.id


def test_a_refused_owner_on_a_step_back_leaves_the_stage_as_it_was(practice, connect, contacts):
    number = list(contacts)[6]
    set_stage(practice, number, "opportunity")
    values = {"lifecyclestage": "lead", "hubspot_owner_id": "4711471147"}
    (result,) = connect(practice.url).push("contacts", [Write(number, values, {"lifecyclestage": "opportunity"})])
    assert result.outcome == "refused"
    assert stages(practice, number) == ["opportunity"]


def test_a_value_that_is_no_option_and_a_property_taken_away_meanwhile(practice, connect, contacts):
    first, second, third = list(contacts)[:3]
    told = {"name": "taken_away", "label": "T", "type": "string", "fieldType": "text"}
    practice.call("POST", "/crm/v3/properties/contacts", {**told, "groupName": "contactinformation"})
    connector = connect(practice.url)
    connector.fields("contacts")
    practice.call("DELETE", "/crm/v3/properties/contacts/taken_away")
    results = connector.push(
        "contacts",
        [
            Write(first, {"hs_lead_status": "NO_SUCH"}, {}),
            Write(second, {"taken_away": "x"}, {}),
            Write(third, {"hs_lead_status": "OPEN"}, {}),
        ],
    )
    assert [each.outcome for each in results] == ["refused", "refused", "accepted"]
    assert "NO_SUCH" in results[0].message
    assert "taken_away" in results[1].message


def test_archived_and_merged_contacts_are_gone(practice, connect, contacts):
    archived, winner, loser, good = list(contacts)[-4:]
    practice.call("DELETE", f"/crm/v3/objects/contacts/{archived}")
    practice.call("POST", "/crm/v3/objects/contacts/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})
    results = connect(practice.url).push(
        "contacts",
        [Write(number, {"jobtitle": f"for {number}"}, {}) for number in (archived, loser, good, "9999999999")],
    )
    assert [each.outcome for each in results] == ["gone", "gone", "accepted", "gone"]
    assert "merged into" in results[1].message


def test_230_contacts_in_three_batches(practice, connect, contacts):
    connector = connect(practice.url)
    numbers = list(practice.contacts())
    for start in range(0, len(numbers), 100):
        results = connector.push(
            "contacts", [Write(each, {"jobtitle": "All"}, {}) for each in numbers[start : start + 100]]
        )
        assert {each.outcome for each in results} == {"accepted"}
    assert {held["jobtitle"] for held in practice.contacts("jobtitle").values()} == {"All"}
    batches, histories = -(-len(numbers) // 100), -(-len(numbers) // 50)
    assert connector.usage().calls == batches + histories + 1, "the properties are read once"


@pytest.mark.parametrize(
    ("rule", "outcome", "taken"),
    [
        ({"drop": "after"}, "uncertain", True),
        ({"drop": "before"}, "uncertain", False),
        ({"truncate": 30}, "uncertain", True),
        ({"status": 502}, "uncertain", False),
        ({"status": 503}, "accepted", True),
        ({"status": 429}, "accepted", True),
        ({"status": 423}, "accepted", True),
        ({"status": 401}, "accepted", True),
    ],
)
def test_a_fault_during_a_write(practice, connect, contacts, rule, outcome, taken):
    number = list(contacts)[8]
    text = f"fault {rule}"
    practice.faults({"method": "POST", "path": "/batch/update", "times": 1, **rule})
    (result,) = connect(practice.url).push("contacts", [Write(number, {"jobtitle": text}, {})])
    assert result.outcome == outcome
    assert (practice.contacts("jobtitle")[number]["jobtitle"] == text) == taken
    if outcome == "uncertain":
        reading = connect(practice.url).read("contacts", [number], ["jobtitle"])
        assert (reading.records["jobtitle"][0] == text) == taken


def test_a_step_back_through_a_storm_leaves_no_contact_without_a_stage(practice, connect, contacts):
    numbers = list(contacts)[20:120]
    for number in numbers:
        set_stage(practice, number, "opportunity")
    practice.faults(
        {"path": "/batch/update", "drop": "after", "probability": 0.3, "seed": 3},
        {"path": "/batch/update", "drop": "before", "probability": 0.3, "seed": 4},
        {"path": "/batch/update", "status": 503, "probability": 0.3, "seed": 5},
    )
    connector = connect(practice.url, attempts=15)
    results = []
    for start in range(0, 100, 10):
        results += connector.push(
            "contacts",
            [
                Write(each, {"lifecyclestage": "lead"}, {"lifecyclestage": "opportunity"})
                for each in numbers[start : start + 10]
            ],
        )
    practice.faults()
    assert {each.outcome for each in results} == {"accepted"}
    assert set(stages(practice, *numbers)) == {"lead"}


def test_credentials_that_the_portal_refuses(practice, connect):
    with pytest.raises(SignInRefused):
        connect(practice.url, access_token="pat-eu1-invalid").push("contacts", [Write("1", {"jobtitle": "x"}, {})])


def test_oauth_with_an_expired_token_is_renewed(practice, connect):
    oauth = {"access_token": None, "client_id": "app", "client_secret": "s", "refresh_token": "r"}
    connector = connect(practice.url, **oauth)
    assert connector.org().id
    with pytest.raises(SignInRefused):
        connect(practice.url, **{**oauth, "refresh_token": "invalid-token"}).org()
