"""The texts that `crmsync init` writes: read back as meant, whatever a CRM calls its things."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crmsync.configuration import comment, flow, read_document
from crmsync.connection import registry
from crmsync.connection.installed import installed
from crmsync.mapping import activity_fields, mapping_from
from crmsync.operations.files.answers_file import Answers
from crmsync.operations.init.agreeing import agreed
from crmsync.operations.init.answers import text_of_answers
from crmsync.operations.init.asking import Nobody
from crmsync.operations.init.chosen import ChosenSetUp, FactChosen, PersonChosen, chosen
from crmsync.operations.init.mapping_text import mapping_text
from crmsync.operations.init.other_texts import dotenv_text, roster_text, settings_text
from crmsync.operations.init.policy_choice import facts_asked, policy_text, preset_policy, usual_hand_off
from crmsync.operations.init.starter import parts_of, starter_of
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets
from crmsync.suggest.engine import suggestions
from crmsync.suggest.shapes import (
    AskedFact,
    FieldCandidate,
    KnownOrg,
    OrgActivityKind,
    OrgChoice,
    OrgField,
    OrgUser,
    StageSuggestion,
)
from crmsync.values import replace

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029"), max_size=20)
VALUES = st.one_of(WORDS, st.integers(-999, 999), st.booleans(), st.none())
KNOWN = vocabulary()
ODD = (
    "yes",
    "No",
    "on",
    "null",
    "~",
    "1-5",
    "5",
    "a: b",
    "a #b",
    "",
    " x",
    "[x]",
    "“x”",
    "'",
    '"',
    "Ja",
    "x, y",
    "1e3",
    "2026-01-01",
    "=",
    "<<",
)


@given(st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)))
def test_every_value_is_read_back_by_every_reader(value: Any) -> None:
    text = f"it: {flow(value)}\n"
    assert yaml.safe_load(text) == {"it": value}
    assert YAML(typ="safe").load(text) == {"it": value}


@pytest.mark.parametrize("word", ODD)
def test_words_stay_words(word: str) -> None:
    text = f"it: {{{flow(word)}: {flow([word])}}}\n"
    assert yaml.safe_load(text) == YAML(typ="safe").load(text) == {"it": {word: [word]}}
    assert read_document(text, "x").data == {"it": {word: [word]}}


@given(st.text(max_size=200))
def test_a_comment_ends_with_its_line(words: str) -> None:
    assert yaml.safe_load(f"a: 1  # {comment(words)}\nb: 2\n") == {"a": 1, "b": 2}
    assert comment(words).isprintable()


@pytest.mark.parametrize("name", list(installed()))
def test_parts_of_a_file_are_the_file(name: str) -> None:
    text = registry.starter_mapping(name)
    assert "".join(part for _, part in parts_of(text)) == text
    assert [key for key, _ in parts_of(text) if key][:3] == ["format", "connector", "lead"]


@given(st.dictionaries(st.sampled_from(["CRMSYNC_A", "CRMSYNC_B", "CRMSYNC_C"]), st.text("ab '\"\\$#=é", max_size=9)))
def test_variables_are_read_back_and_others_stay(variables: Mapping[str, str]) -> None:
    there = "# mine\nOTHER=1\nCRMSYNC_B='old'\n"
    text = dotenv_text(there, variables)
    assert text.startswith("# mine\nOTHER=1\n")
    read = dotenv_values(stream=io.StringIO(text), interpolate=False)
    assert read == {"OTHER": "1", "CRMSYNC_B": "old", **variables}
    assert dotenv_text(text, variables) == text


# --- mapping --------------------------------------------------------------------------------------------------------


def field(name: str, kind: Any = "text", *options: str, **more: Any) -> OrgField:
    choices = tuple(OrgChoice(option, option, 1) for option in options)
    return OrgField("Lead", name, more.pop("label", name), kind, choices=choices, filled=0.5, sampled=100, **more)


STATUS = field("Status", "choice", "Open - Not Contacted", "Marketing Qualified", "Sales Qualified", "Parked")
BASE = tuple(field(name) for name in ("Email", "FirstName", "LastName", "Company", "CreatedDate", "OwnerId"))


def org(*fields: OrgField, users: tuple[OrgUser, ...] = ()) -> KnownOrg:
    return KnownOrg("salesforce", "Lead", (*BASE, STATUS, *fields), users)


def test_a_mapping_holds_what_was_chosen_whatever_it_is_called() -> None:
    policy = preset_policy("saas")
    starter = starter_of("salesforce")
    words = {odd: "available" for odd in ODD if odd.strip()}
    odd = FactChosen(
        next(it for it in facts_asked(policy) if it.name == "budget"),
        field("Bud__c", label="Bud: get # 'x'\n"),
        words,
        FieldCandidate("Bud__c", 0.9, "why\n#"),
        False,
    )
    rest = [FactChosen(it, None, {}, None, False) for it in facts_asked(policy) if it.name != "budget"]
    made = ChosenSetUp((odd, *rest), {"lead": ["Open: x", "no"], "mql": "yes"}, (), ("#", "a\nb"), ())
    text = mapping_text(org(), starter, made, "Salesforce", ())
    mapping = mapping_from(read_document(text, "mapping.yaml"))
    assert dict(mapping.mapped_facts["budget"].values or {}) == words
    assert mapping.stage.values["lead"].set == {"Status": ("Open: x", "no")}
    assert set(mapping.facts) == {it.name for it in facts_asked(policy)}
    assert mapping.activities == (), "no activity can be read here"


def test_activities_lose_what_this_crm_does_not_have() -> None:
    """A rule that names a field that is not there would be a mistake; what is left still says kind and day."""
    starter = starter_of("salesforce")
    task = next(it for it in starter.mapping.activities if it.object == "Task")
    own = [name for name in activity_fields(task) if not name.endswith("__c") and name != "IsRecurrence"]
    account = KnownOrg(
        "salesforce", "Lead", (*BASE, STATUS), (), (OrgActivityKind("Task", tuple(map(field, own)), 9),)
    )
    text = mapping_text(account, starter, ChosenSetUp((), {"lead": "Parked"}, (), (), ()), "Salesforce", ())
    mapping = mapping_from(read_document(text, "mapping.yaml"))
    assert [it.object for it in mapping.activities] == ["Task"], "events cannot be read here"
    assert set(activity_fields(mapping.activities[0])) == set(own)
    assert "# closed without having been done" in text, "comments stay"
    whole = KnownOrg(
        "salesforce", "Lead", (*BASE, STATUS), (), (OrgActivityKind("Task", tuple(map(field, own[:1])), 9),)
    )
    bare = mapping_text(whole, starter, ChosenSetUp((), {"lead": "Parked"}, (), (), ()), "Salesforce", ())
    assert set(activity_fields(mapping_from(read_document(bare, "x")).activities[0])) <= set(own[:1])
    as_open = mapping_text(whole, starter, ChosenSetUp((), {"lead": "Parked"}, (), (), ()), "Salesforce", ("Task",))
    assert set(activity_fields(mapping_from(read_document(as_open, "x")).activities[0])) == set(activity_fields(task))


def test_a_test_on_values_goes_without_those_that_this_crm_does_not_offer() -> None:
    """`ListEmail`, where TaskSubtype has no such value: `check` would tell that the rule waits in vain."""
    starter = starter_of("salesforce")
    task = next(it for it in starter.mapping.activities if it.object == "Task")
    names = [name for name in activity_fields(task) if not name.endswith("__c")]
    for offered, left in ((("Email", "Call"), ("Email",)), (("Email", "ListEmail"), ("Email", "ListEmail"))):
        subtype = replace(field("TaskSubtype", "choice", *offered), open_choices=True)  # as Salesforce tells of it
        fields = [subtype if name == "TaskSubtype" else field(name) for name in names]
        account = KnownOrg("salesforce", "Lead", (*BASE, STATUS), (), (OrgActivityKind("Task", tuple(fields), 9),))
        text = mapping_text(account, starter, ChosenSetUp((), {"lead": "Parked"}, (), (), ()), "Salesforce", ())
        rules = mapping_from(read_document(text, "mapping.yaml")).activities[0].kind
        emails = [
            rule.when["TaskSubtype"].equals for rule in rules if rule.is_ == "email" and "TaskSubtype" in rule.when
        ]
        assert emails == [left]


def test_values_in_use_come_before_usual_ones_where_nobody_stands() -> None:
    own = OrgChoice("Vertrieb qualifiziert", "Vertrieb qualifiziert", 40)
    new = OrgChoice("Neu", "Neu", 50)
    usual = OrgChoice("Sales Qualified", "Sales Qualified", 0)
    status = OrgField("Lead", "Status", "Status", "choice", filled=1.0, sampled=90, choices=(usual, own, new))
    asked = KnownOrg("salesforce", "Lead", (*BASE, status))
    found = suggestions(asked, [], ["lead", "sql"], starter_of("salesforce").mapping, ["sql"], KNOWN)
    assert found.stage is not None
    assert found.stage.values["sql"] == ("Vertrieb qualifiziert", "Sales Qualified"), "the first is written"
    used = replace(status, choices=(replace(usual, count=3), own, new))
    found = suggestions(
        replace(asked, fields=(*BASE, used)), [], ["lead", "sql"], starter_of("salesforce").mapping, ["sql"], KNOWN
    )
    assert found.stage is not None
    assert found.stage.values["sql"] == ("Sales Qualified",), "one that is in use is what the account means"


def test_a_list_of_grades_is_no_description() -> None:
    asked = [
        AskedFact("need", "choice", "need", ("none", "some", "clear")),
        AskedFact("need_detail", "text", "details of the need"),
    ]
    starter = starter_of("salesforce")
    for options, taken in ((("A lot", "A bit", "Not at all"), None), (("Cost", "Speed", "Staff"), "Pain_Points__c")):
        account = org(field("Pain_Points__c", "choice", *options, label="Pain points"))
        found = suggestions(account, asked, ["lead"], starter.mapping, [], KNOWN)
        assert found.facts[1].taken == taken, options


def test_roles_follow_stages_that_somebody_has_corrected() -> None:
    """Whom the leads of a late stage belong to receives them, whatever the account calls that stage."""
    status = replace(STATUS, choices=(OrgChoice("Neu", "Neu", 9), OrgChoice("Zauber", "Zauber", 9)))
    owner = person(1, "a@x.example", owns_leads=9, owns_by_stage=(("Zauber", 9),))
    account = KnownOrg("salesforce", "Lead", (*BASE, status), (owner,))
    policy = preset_policy("saas-sql-sqo")
    answers = Answers(agreed=("facts",), stages={"sql": "Zauber"}, hand_off="sql")
    for told, roles in ((answers, [("ae",)]), (Answers(agreed=("facts",), hand_off="never"), [])):
        made = agreed(account, policy, starter_of("salesforce"), told, Nobody(), lambda _: None, shared=False)
        assert [it.roles for it in made.chosen.people] == roles


def test_a_value_that_gave_way_to_the_usual_one_is_told_to_be_left_alone() -> None:
    """HubSpot says by another field that a lead is lost: a value of the portal's own for it is of no stage."""
    fields = (
        OrgField("contacts", "lifecyclestage", "Lifecycle", "choice", filled=1.0, sampled=9, writable=True,
                 choices=(OrgChoice("lead", "Lead", 5), OrgChoice("Descartado", "Descartado", 4))),
        OrgField("contacts", "hs_lead_status", "Status", "choice", filled=0.0, sampled=9, writable=True,
                 choices=(OrgChoice("UNQUALIFIED", "Unqualified", 0), OrgChoice("OPEN", "Open", 0))),
    )  # fmt: skip
    starter = starter_of("hubspot")
    account = KnownOrg("hubspot", "contacts", fields)
    found = suggestions(account, [], ["lead", "disqualified"], starter.mapping, [], KNOWN)
    made = chosen(account, [], ["lead", "disqualified"], found, starter, Answers())
    assert "UNQUALIFIED" in str(made.stages["disqualified"])
    assert made.left_alone == ("Descartado",)


def test_what_somebody_names_is_read_as_far_as_it_can_be_and_answers_come_first() -> None:
    asked = [AskedFact("budget", "choice", "budget", ("available", "none"))]
    account = org(field("Odd__c", "choice", "Ja", "Nein", "Antrag läuft", "Blau"))
    starter = starter_of("salesforce")
    found = suggestions(account, asked, ["lead"], starter.mapping, [], KNOWN)
    assert found.facts[0].candidates == ()
    answers = Answers(facts={"budget": "Odd__c"}, values={"budget": {"Antrag läuft": "none"}})
    made = chosen(account, asked, ["lead"], found, starter, answers).facts[0]
    assert (dict(made.values), made.unread) == (
        {"Ja": "available", "Nein": "none", "Antrag läuft": "none"},
        ("Blau",),
    )


def test_a_field_that_is_empty_everywhere_is_not_taken() -> None:
    asked = [AskedFact("industry", "text"), AskedFact("employees", "integer", "company size")]
    empty = OrgField("Lead", "Industry", "Industry", "text", filled=0.0, sampled=100)
    exact = field("Exact__c", "number", label="Number of employees (exact)")
    found = suggestions(org(empty, exact), asked, ["lead"], starter_of("salesforce").mapping, ["lead"], KNOWN)
    assert [each.taken for each in found.facts] == [None, "Exact__c"]
    twice = suggestions(
        org(exact, field("Other__c", "number", label="employees")),
        asked[1:],
        ["lead"],
        starter_of("salesforce").mapping,
        [],
        KNOWN,
    )
    assert twice.facts[0].taken == "Other__c", "the one that is called exactly so"


def test_choices_that_nothing_fits_keep_a_fact_unmapped() -> None:
    asked = [AskedFact("budget", "choice", "budget", ("available", "none"))]
    starter = starter_of("salesforce")
    for options, taken in (
        (("available", "none"), "Budget"),
        (("Available", "None"), "Budget"),
        (("available", "maybe"), None),
        (("a", "b"), None),
    ):
        found = suggestions(
            org(field("Budget", "choice", *options)), asked, ["lead"], starter.mapping, [], vocabulary()
        )
        assert found.facts[0].taken == taken, options


def test_stages_without_a_value_are_told_and_taken_out_of_the_policy() -> None:
    policy = preset_policy("saas")
    starter = starter_of("salesforce")
    account = org()
    found = suggestions(account, facts_asked(policy), policy.stages, starter.mapping, ("sql", "sqo"), KNOWN)
    assert found.stage == StageSuggestion(
        "Status",
        {"lead": ("Open - Not Contacted",), "mql": ("Marketing Qualified",), "sql": ("Sales Qualified",)},
        ("Parked",),
    )
    made = chosen(account, facts_asked(policy), policy.stages, found, starter, Answers())
    assert made.missing_stages == ("sal", "sqo", "disqualified")
    assert made.left_alone == ("Parked",)
    text = policy_text("A: firm", "saas", policy, made.stages, usual_hand_off(policy, made.stages))
    own = policy_from(read_document(text, "policy.yaml"), presets())
    assert own.stages == ("lead", "mql", "sql")
    assert own.hand_off is not None and own.hand_off.stage == "sql"


@pytest.mark.parametrize("preset", sorted(presets()))
def test_every_preset_can_go_without_any_of_its_stages(preset: str) -> None:
    policy = preset_policy(preset)
    for lost in policy.stages[1:]:
        stages = [stage for stage in policy.stages if stage != lost]
        text = policy_text("x", preset, policy, stages, usual_hand_off(policy, stages))
        assert policy_from(read_document(text, "policy.yaml"), presets()).stages == tuple(stages)


# --- people and settings --------------------------------------------------------------------------------------------


def person(number: int, email: str | None = None, **more: Any) -> OrgUser:
    return OrgUser(str(number), f"Person {number}", email=email, **more)


def test_roles_come_from_words_then_from_what_a_person_owns() -> None:
    stage = (("Open - Not Contacted", 9), ("Sales Qualified", 1))
    far = (("Open - Not Contacted", 1), ("Sales Qualified", 9))
    users = (
        person(1, title="Account Executive"), person(2, role="SDR_EMEA"), person(3, teams=("Inside Sales",)),
        person(4, owns_leads=10, owns_by_stage=stage), person(5, owns_leads=10, owns_by_stage=far),
        person(6), person(7, title="Sales Manager"), person(8, title="Account Executive", active=False),
        person(9, owns_leads=4, owns_by_stage=(("Sales Qualified", 4),)),
    )  # fmt: skip
    found = suggestions(
        org(users=users), [], ["lead", "sql"], starter_of("salesforce").mapping, ["sql"], vocabulary()
    )
    roles = {each.user: each.role for each in found.roster}
    assert roles == {"1": "ae", "2": "bdr", "3": "bdr", "4": "bdr", "5": "ae", "6": None, "7": "manager", "9": None}


def test_people_are_added_once_and_those_there_stay_as_written() -> None:
    people = [PersonChosen(person(1, "A@x.example"), ("ae",), ""), PersonChosen(person(2), ("bdr",), "why")]
    made = ChosenSetUp((), {}, (), (), tuple(people))
    first = roster_text("crm", made, None)
    assert roster_text("crm", made, first) == first
    own = "format: 1\npeople:\n  - {user: a@x.example, roles: [ae], weight: 2}   # mine\nreceivers: {role: ae}\n"
    more = roster_text("crm", made, own)
    read = YAML(typ="safe").load(more)
    assert [each["user"] for each in read["people"]] == ["a@x.example", {"crm": "2"}]
    assert read["receivers"] == {"role": "ae"} and "# mine" in more
    empty = roster_text("crm", made, "format: 1\npeople: []\n")
    assert len(YAML(typ="safe").load(empty)["people"]) == 2


def test_a_connection_is_added_and_one_that_is_there_stays() -> None:
    first = settings_text("one", "salesforce", {"url": "http://x"}, None)
    assert settings_text("one", "salesforce", {"url": "http://other"}, first) == first
    both = YAML(typ="safe").load(settings_text("two", "hubspot", {}, first + "retention: {undo_days: 90}\n"))
    assert list(both["connections"]) == ["one", "two"]
    assert both["retention"] == {"undo_days": 90}


def test_answers_are_read_back_and_options_come_first() -> None:
    told = Answers(connector="salesforce", facts={"budget": "unmapped"}, stages={"sqo": None}, agreed=("facts",))
    assert Answers.model_validate(read_document(text_of_answers(told), "x").data) == told
    over = Answers(facts={"title": "Title"}, sells="agency").over(told)
    assert (over.facts, over.sells, over.connector) == (
        {"budget": "unmapped", "title": "Title"},
        "agency",
        "salesforce",
    )


def test_bands_of_money_are_figures_in_the_mapping() -> None:
    asked = [AskedFact("annual_revenue", "money", "annual revenue")]
    bands = ("< 1 Mio. €", "1-5 Mio. €", "> 5 Mio. €", "keine Angabe")
    held = field("Jahresumsatz__c", "choice", *bands)
    starter = starter_of("salesforce").mapping
    found = suggestions(org(held), asked, ["lead"], starter, ["lead"], KNOWN).facts[0]
    assert found.taken == "Jahresumsatz__c"
    assert dict(found.candidates[0].translations) == {
        "< 1 Mio. €": "0",
        "1-5 Mio. €": "1000000",
        "> 5 Mio. €": "5000000",
        "keine Angabe": None,
    }
