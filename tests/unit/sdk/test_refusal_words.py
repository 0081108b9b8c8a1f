"""Of a CRM's words of refusal nothing passes that may be a person's or a company's; what an admin needs does."""

from __future__ import annotations

import pytest

from crmsync.sdk import crm_code, crm_words, field_names, label_words

OF = ("Mallory Quux1", "Zyx Holding 1", "n1@n1.example", "+49 170 1234567", "The Future Company")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Close date must be in the past", "Close date must be in the past"),
        ("Please fill Budget__c and hs_lead_status first!", "Please fill Budget__c and hs_lead_status first!"),
        ("No such column 'Deal__c' on entity 'Ann'", "No such column 'Deal__c' on entity '…'"),
        ("Zyx Holding 1 belongs to Mallory Quux1 (MALLORY QUUX1), n1@n1.example", "… belongs to … (…), …"),
        ("mallory quux1 of zyxholding is not here", "… of … is not here"),
        ("belongs to Fremde Person of Neue GmbH already", "belongs to … of … already"),
        ("it is O'Neill-Smith and 张伟 again", "it is … and … again"),
        ("call +49 170 1234567 before you change it", "call +… before you change it"),
        ("the value \u201cAnn Lee\u201d is taken, see 'Bob'", "the value “…” is taken, see '…'"),
        ("owner 4711471147 is no owner of 00Q5g00000ABCDEFGH", "owner 4711471147 is no owner of 00Q5g00000ABCDEFGH"),
        ("the future of the company is open", "the future of the company is open"),
        ("taken by THE FUTURE, company of another", "taken by … of another"),
        ("System.LimitException: Too many SOQL queries: 101", "System.…: Too many SOQL queries: 101"),
        ("Mallory Quux1", ""),
        ("no", ""),
        ("", ""),
    ],
)
def test_what_is_left(text: str, left: str) -> None:
    assert crm_words(text, of=OF, keep={"4711471147"}) == left


@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title, str.swapcase])
def test_values_of_the_record_are_found_in_any_case(spelling: object) -> None:
    assert callable(spelling)
    said = crm_words(spelling("it is taken by mallory quux1 at zyx holding 1 already"), of=OF)
    assert not [part for part in ("mallory", "quux", "zyx", "holding") if part in said.lower()]


def test_the_words_of_an_admins_labels_stay() -> None:
    assert crm_words("It needs: Urgency of it") == "It needs: … of it"
    assert crm_words("It needs: Urgency of it", keep=label_words(["Deal Urgency"])) == "It needs: Urgency of it"


def test_a_text_of_any_length_has_an_end() -> None:
    said = crm_words("word " * 100_000)
    assert (len(said), said[-1]) == (300, "…")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("invalid_grant", "invalid_grant"),
        ("sf:INVALID_LOGIN", "sf:INVALID_LOGIN"),
        ("GONE", "GONE"),
        ("LimitException", "LimitException"),
        ("Zyx Holding", ""),
        ("Mallory", ""),
        ("a@b.c", ""),
        ("X" * 61, ""),
        (17, ""),
        (None, ""),
    ],
)
def test_a_code_is_one_or_nothing(text: object, code: str) -> None:
    assert crm_code(text) == code


def test_names_of_fields_are_names() -> None:
    assert field_names(["Status", "Owner Id", 5, "x" * 90]) == ("Status",)
    assert field_names("lifecyclestage") == ("lifecyclestage",)
    assert field_names(None) == ()
