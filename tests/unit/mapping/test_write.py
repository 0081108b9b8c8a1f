"""Fields that crmsync fills for people: what a mapping may say, what the CRM must have, what is written into them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.contract import Choice, FieldKind, NativeField
from crmsync.errors import ConfigurationError, Finding
from crmsync.mapping import Filled, mapping_from, same_value, write_findings_against
from crmsync.mapping.filling import cut
from crmsync.mapping.write import Content, Written

BASE = """\
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate, name: LastName}
owner: {field: OwnerId}
stage: {field: Status, values: {mql: mql}}
facts: {budget: {field: Budget__c, type: text}}
hand_off: {bdr: Bdr__c}
"""


def findings(text: str) -> list[tuple[int, str, str | None]]:
    with pytest.raises(ConfigurationError) as raised:
        mapping_from(read_document(BASE + text, "mapping.yaml"))
    return [(each.line, each.message, each.hint) for each in raised.value.findings]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("write: {reason: Why__c}", "`reason` is not known here", "did you mean `reasons`?"),
        ("write: {}", "no field is named here", "name one, such as `reasons: <field>`, or leave `write` out"),
        ("write: {reasons: A__c, ask: A__c}", "`A__c` stands twice", "each field tells one thing: name another one"),
        (
            "write: {stage_days: {mql: {}}}",
            "no field is named here",
            "write `first: <field>`, `latest: <field>` or both",
        ),
        ("write: {reasons: Budget__c}", "`Budget__c` is read as the fact `budget` already", None),
        ("write: {reasons: Status}", "`Status` tells the lead's stage already", None),
        ("write: {reasons: OwnerId}", "`OwnerId` tells the lead's owner already", None),
        ("write: {reasons: Bdr__c}", "`Bdr__c` belongs to the hand-off already", None),
        ("write: {reasons: LastName}", "`LastName` names the lead already", None),
    ],
)
def test_mistakes_are_told_at_their_line(text: str, message: str, hint: str | None) -> None:
    [(line, told, mend)] = findings(text)
    assert (line, told) == (7, message)
    assert mend == (hint or "name a field here that crmsync alone fills")


@pytest.mark.parametrize("days", ["0", "3651", "1.5"])
def test_days_are_whole_and_some(days: str) -> None:
    assert findings(f"write_scores_after_days: {days}")[0][0] == 7


def native(kind: FieldKind = "text", **more: Any) -> NativeField:
    return NativeField(**{"name": "X__c", "label": "X", "type": kind, "writable": True, "kind": kind, **more})


ABC = tuple(Choice(value, value) for value in "ABC")
BANDS = [("A", "A"), ("B", "B"), ("C", "C")]
REASONS = [("no_budget", "there is no budget"), ("other", "something else")]


def told(write: str, field: NativeField | None, words: list[tuple[str, str]] | None = None) -> list[Finding]:
    document = read_document(f"{BASE}write: {{{write}}}", "mapping.yaml")
    mapping = mapping_from(document)
    [written] = mapping.write.written if mapping.write else ()
    there = {} if field is None else {field.name: field}
    return list(
        write_findings_against(mapping, there, document, {written.place: words} if words else {}, {"fit": 120})
    )


@pytest.mark.parametrize(
    ("write", "words", "make"),
    [
        ("scores: {fit: X__c}", None, "a number of up to 8 digits without decimals"),
        ("bands: {fit: X__c}", BANDS, "a text of 40 characters, or a list with the values A, B, C"),
        (
            "bands: {fit: {field: X__c, values: {A: hot}}}",
            BANDS,
            "a text of 40 characters, or a list with the values hot, B, C",
        ),
        ("reasons: X__c", None, "a long text, or a text of 255 characters"),
        ("stage_days: {mql: {first: X__c}}", None, "a date"),
        ("attempts: X__c", None, "a number of up to 3 digits without decimals"),
        ("previous_owner: X__c", None, "a reference to a user, or a text of 120 characters"),
        ("decided_by: X__c", None, "a text of 120 characters, or a date"),
    ],
)
def test_a_missing_field_says_what_to_make(write: str, words: list[tuple[str, str]] | None, make: str) -> None:
    [finding] = told(write, None, words)
    assert finding.message == "Lead has no field `X__c` that the signed-in user can see"
    assert finding.hint == f"make it there: {make}, and let the integration user read and edit it"
    assert (finding.line, finding.severity) == (7, "error")


def test_another_spelling_is_suggested() -> None:
    [finding] = told("reasons: X__C", native())
    assert finding.hint and finding.hint.startswith("did you mean `X__c`? Or make it there")


@pytest.mark.parametrize(
    ("write", "digits", "words"),
    [
        ("scores: {fit: X__c}", 2, "X__c takes 99 at most, and the score goes up to 120"),
        ("scores: {fit: X__c}", 3, None),
        ("scores: {fit: X__c}", None, None),
        ("scores: {engagement: X__c}", 1, "X__c takes 9 at most, and more come together"),
        ("scores: {engagement: X__c}", 2, None),
        ("attempts: X__c", 1, "X__c takes 9 at most, and more come together"),
        ("attempts: X__c", 0, "X__c takes 0 at most, and more come together"),
        ("attempts: X__c", 2, None),
    ],
)
def test_a_number_too_small_is_told(write: str, digits: int | None, words: str | None) -> None:
    """A CRM refuses the whole record, stage and owner with it."""
    assert [each.message for each in told(write, native("number", max_digits=digits))] == ([words] if words else [])


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (native(writable=False), "cannot be written by the signed-in user"),
        (native(writable=False, calculated=True), "is calculated by the CRM"),
    ],
)
def test_a_field_that_cannot_be_written(field: NativeField, why: str) -> None:
    [finding] = told("reasons: X__c", field)
    assert finding.message == f"`X__c` on Lead {why}"


def test_an_encrypted_field_is_none_to_be_filled() -> None:
    """Read back it shows stars, so that every run would write it again."""
    [finding] = told("reasons: X__c", native("text", masked=True))
    assert finding.message.startswith("X__c is encrypted: what is written could not be read back")


FITS: list[tuple[str, list[tuple[str, str]] | None, NativeField, str | None]] = [
    ("scores: {fit: X__c}", None, native("number"), None),
    ("scores: {fit: X__c}", None, native("text", max_length=20), None),
    (
        "scores: {fit: X__c}",
        None,
        native("text", max_length=7),
        "X__c takes at most 7 characters: too few for whole points (8)",
    ),
    ("scores: {fit: X__c}", None, native("boolean"), "X__c is a checkbox and cannot hold whole points"),
    ("scores: {fit: X__c}", None, native("choice", choices=ABC), "X__c is a list and cannot hold whole points"),
    ("bands: {fit: X__c}", BANDS, native("choice", choices=ABC), None),
    ("bands: {fit: X__c}", BANDS, native("choice", choices=ABC[:2]), "X__c has no active value `C`"),
    (
        "bands: {fit: X__c}",
        BANDS,
        native("choice", choices=(*ABC[:2], Choice("C", "C", active=False))),
        "X__c has no active value `C`",
    ),
    ("bands: {fit: X__c}", BANDS, native("choice", choices=tuple(Choice(f"id{each}", each) for each in "ABC")), None),
    (
        "bands: {fit: {field: X__c, values: {C: cold}}}",
        BANDS,
        native("choice", choices=ABC[:2]),
        "X__c has no active value `cold`",
    ),
    ("bands: {fit: {field: X__c, values: {A: true, B: false, C: false}}}", BANDS, native("boolean"), None),
    ("bands: {fit: X__c}", BANDS, native("boolean"), "X__c cannot hold `A`: it takes `true` or `false`"),
    (
        "bands: {fit: X__c}",
        [("warm", "warm")],
        native(max_length=3),
        "X__c takes at most 3 characters, and this has 4",
    ),
    ("disqualification_reason: X__c", REASONS, native(max_length=20), None),
    (
        "disqualification_reason: X__c",
        REASONS,
        native("choice", choices=(Choice("no_budget", "No budget"),)),
        "X__c has no active value `something else`",
    ),
    ("reasons: X__c", None, native("choice", choices=ABC), "X__c is a list and cannot hold a sentence"),
    ("reasons: X__c", None, native("number"), "X__c is a number and cannot hold a sentence"),
    ("stage_days: {mql: {first: X__c}}", None, native("date"), None),
    ("stage_days: {mql: {first: X__c}}", None, native("datetime"), None),
    ("stage_days: {mql: {first: X__c}}", None, native("number"), "X__c is a number and cannot hold a day"),
    ("previous_owner: X__c", None, native("reference"), None),
    ("decided_by: X__c", None, native("date"), None),
    ("reasons: X__c", None, native("unknown"), None),
]


@pytest.mark.parametrize(("write", "words", "field", "message"), FITS)
def test_what_a_field_can_hold(
    write: str, words: list[tuple[str, str]] | None, field: NativeField, message: str | None
) -> None:
    found = told(write, field, words)
    assert ([each.message for each in found][:1] or [None]) == [message]


def filled(content: Content, field: NativeField, values: Mapping[str, str] | None = None) -> Filled:
    return Filled(Written("X__c", content, "", (content,), values or {}), field)


@pytest.mark.parametrize(("milli", "points"), [(12_000, "12"), (12_999, "12"), (0, "0"), (-1, "-1"), (None, None)])
def test_points_are_whole_and_never_more_than_there_are(milli: int | None, points: str | None) -> None:
    assert filled("score", native("number")).points(milli) == points


def test_words_are_translated_or_looked_up_or_stand_for_themselves() -> None:
    labelled = native("choice", choices=(Choice("1", "There is no budget"), Choice("2", "Other")))
    assert filled("band", native(), {"A": "hot"}).word("A", "A") == "hot"
    assert filled("disqualification_reason", labelled).word("no_budget", "there is no budget") == "1"
    assert filled("disqualification_reason", labelled).word("other", "something else") == "2", "by the reason's name"
    assert filled("disqualification_reason", native(max_length=9)).word("x", "there is no budget") == "there is…"
    assert filled("band", native()).word(None, None) is None
    assert filled("band", native("boolean"), {"A": "true"}).word(None, None) == "false", "a checkbox is never empty"


def test_days_and_users() -> None:
    day = date(2026, 11, 28)
    assert filled("first_day", native("date")).day(day, "America/New_York") == "2026-11-28"
    assert filled("first_day", native("datetime")).day(day, "America/New_York") == "2026-11-28T05:00:00Z"
    assert filled("decided_by", native("date")).decided("by whom", day, "UTC") == "2026-11-28"
    assert filled("decided_by", native()).decided("by whom", day, "UTC") == "by whom"
    assert filled("previous_owner", native()).user("005", {"005": "Bea"}) == "Bea"
    assert filled("previous_owner", native("reference")).user("005", {"005": "Bea"}) == "005"
    assert filled("previous_owner", native()).user(None, {}) is None


@pytest.mark.parametrize(
    ("words", "length", "shown"),
    [
        ("asked for a demo", 16, "asked for a demo"),
        ("asked for a demo", 15, "asked for a…"),
        ("asked for a demo", 12, "asked for a…"),
        ("asked for a demo", 11, "asked for…"),
        ("asked, or not", 7, "asked…"),
        ("incomprehensible", 5, "inco…"),
        ("two\n lines", None, "two lines"),
        ("😀😀😀 ok", 8, "😀😀😀…"),
        ("😀😀😀", 4, "😀…"),
    ],
)
def test_a_text_is_cut_after_a_whole_word(words: str, length: int | None, shown: str) -> None:
    assert cut(words, length) == shown
    assert length is None or len(shown.encode("utf-16-le")) // 2 <= length


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("52", "52.0", True),
        ("52", "53", False),
        ("", None, True),
        (None, "0", False),
        ("2026-11-28T05:00:00Z", "2026-11-28T00:00:00-05:00", True),
        ("2026-11-28T05:00:00Z", "2026-11-28T05:00:01Z", False),
        ("2026-11-28", "2026-11-29", False),
        ("C3", "c3", False),
    ],
)
def test_the_same_by_value(one: str | None, other: str | None, same: bool) -> None:
    assert same_value(one, other) is same
