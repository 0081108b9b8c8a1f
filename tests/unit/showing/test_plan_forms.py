"""Plans as Markdown, HTML and CSV: what is in them, how long they get, and that no text of the CRM breaks out."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from crmsync.errors import RunStopped
from crmsync.languages.known import LANGUAGES, Language
from crmsync.languages.tongues import tongue_of
from crmsync.model import Change, GuardReading, HandOffStep, Plan, Rest, Routing, SetAside
from crmsync.operations.run.every_connection import ConnectionReport, RunReport, StoppedConnection
from crmsync.route.at_work.availability import INACTIVE, LASTING
from crmsync.route.placing.desk import NOT_THEIR_TURN
from crmsync.route.roster.defaults import DIRECT
from crmsync.showing.foreign_text import _STEERING, clean_console
from crmsync.showing.run.plan_csv import COLUMNS, plans_csv
from crmsync.showing.run.plan_html import plans_html
from crmsync.showing.run.plan_markdown import LONGEST, plans_markdown
from crmsync.showing.run.plan_script import SCRIPT
from crmsync.showing.run.plan_table import plan_parts
from crmsync.tongue import ENGLISH
from crmsync.values import replace
from suite.naughty import COUNT, NAUGHTY

DAY = date(2026, 11, 21)
HOST = "https://acme.lightning.force.com"
CALLS = re.compile(r"@(?!&#8203;)|(?<!&)#(?=\w)|(?<!\]\(https)://(?!&#8203;)")
"""A person, an issue or an address where comments are shown, but for the links that are ours."""
VOID = frozenset({"meta", "input", "br"})


def change(lead: str = "00Q1", **more: Any) -> Change:
    values: dict[str, Any] = {
        "lead": lead,
        "stage_before": "mql",
        "stage_after": "sql",
        "owner_before": "u1",
        "owner_after": "u2",
        "writes": {"Status": ("Marketing", "Sales"), "OwnerId": ("u1", "u2")},
        "scores": {},
        "reasons": ("a demo was asked for", "the budget is known"),
    }
    return Change(**{**values, **more})


def report(*changes: Change, names: dict[str, str] | None = None, dry_run: bool = True, **more: Any) -> RunReport:
    plan = Plan(
        "salesforce",
        DAY,
        changes,
        (),
        (),
        {"read": 9, "decided": 8, "changes": len(changes), "set_aside": 0, "calls": 4},
        {},
        "digest",
        urls={
            it.lead: f"{HOST}/lightning/r/Lead/{it.lead}/view"
            for it in changes
            if re.fullmatch("[0-9A-Za-z]{3,18}", it.lead)
        },
        owner_leads={"u1": 7, "u2": 3},
    )
    plan = replace(plan, **more)
    users = {"u1": "Ann Ash", "u2": "Bo Birch"}
    told = names if names is not None else dict.fromkeys((it.lead for it in changes), "Jo Fox · Bank")
    return RunReport(dry_run, DAY, [ConnectionReport(plan, dry_run, users, told)])


class Read(HTMLParser):
    """What a browser makes of a page: elements with attributes, texts by element, and that all are closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def said(self) -> str:
        return " ".join(text for tag, text in self.texts if tag not in {"script", "style"})


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_each_field_for_people_has_its_own_column_in_csv() -> None:
    wrote = {"Status": ("Marketing", "Sales"), "Ask": (None, "a; b: c → d"), "Band": ("A", None)}
    made = report(
        change("00Q1", writes=wrote, fields=("Ask", "Band")),
        change("00Q2", writes={"Band": ("B", "=A1")}, fields=("Band",)),
        change("00Q3"),
    )
    told = rows(plans_csv(made))
    assert list(told[0]) == [*COLUMNS, "Ask", "Band"]
    assert [(row["Ask"], row["Band"]) for row in told] == [
        ("(empty) → a; b: c → d", "A → (empty)"),
        ("", "B → =A1"),
        ("", ""),
    ]
    assert list(rows(plans_csv(report(change())))[0]) == list(COLUMNS)


FORMS: dict[str, Callable[[RunReport], str]] = {
    "markdown": lambda made: plans_markdown(made, show=0),
    "html": plans_html,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_tells_counts_guards_owners_leads_notes_and_what_is_set_aside(form: str) -> None:
    guard = GuardReading("owner_changes", 9, 5, True, "look, or --allow owner-changes=9", "9 leads change owner")
    made = report(
        change(),
        change("00Q2", owner_after="u1", stage_after="sqo"),
        guards=(guard,),
        notes=("a pilot: 3 leads that are left out would change as well, and stay due: 3 to sql",),
        rest=Rest(3, {"sql": 3}, 0),
        set_aside=(SetAside("00Q9", "has no stage field"),),
    )
    made.failures.append(StoppedConnection("hubspot", RunStopped("the CRM is away")))
    text = FORMS[form](made)
    said = Read(text).said() if form == "html" else text.replace("\\", "")
    for words in (
        "9 records read",
        "2 to change",
        "9 leads change owner",
        "--allow owner-changes=9",
        "3 leads that are left out",
        "mql → sql",
        "Ann Ash",
        "Bo Birch",
        "Jo Fox · Bank",
        "a demo was asked for",
        "has no stage field",
        "00Q9",
        "the CRM is away",
        "digest",
        "2026-11-21",
    ):
        assert words in said, words
    assert f"{HOST}/lightning/r/Lead/00Q1/view" in text


def test_owners_are_told_before_gains_losses_and_after() -> None:
    made = report(change(), change("00Q2"))
    assert "| Bo Birch | 3 | 2 | 0 | 5 |" in plans_markdown(made, show=1)
    assert "| Ann Ash | 7 | 0 | 2 | 5 |" in plans_markdown(made, show=1)
    told = re.sub(r"<[^>]*>", " ", plans_html(made)).split()
    place = [at for at, word in enumerate(told) if word == "Birch"]
    assert ["3", "+2", "0", "5"] in [told[at + 1 : at + 5] for at in place]


def test_markdown_lists_as_many_leads_as_asked_for_and_the_page_all() -> None:
    made = report(*(change(f"00Q{number}") for number in range(50)))
    text = plans_markdown(made, show=20)
    assert text.count("/lightning/r/") == 20
    assert "… and 30 more leads" in text
    assert plans_html(made).count("/lightning/r/") == 50
    assert len(rows(plans_csv(made))) == 50


@pytest.mark.parametrize("connections", [1, 4])
def test_markdown_stays_below_the_longest_comment_whatever_the_plan(connections: int) -> None:
    reasons = tuple(f"{number} " + "|" * 300 for number in range(12))
    some = report(
        *(
            change(f"00Q{number}", reasons=reasons, owner_after=f"u{number}", stage_after=f"s{number}")
            for number in range(900)
        ),
        notes=tuple(f"note {number} " + "<" * 4_000 for number in range(300)),
        set_aside=tuple(SetAside(f"l{number}", "<" * 4_000 + str(number % 40)) for number in range(99)),
        guards=tuple(GuardReading(f"guard-{number}", 1, 0, True, "w" * 900, "<" * 900) for number in range(20)),
    )
    text = plans_markdown(RunReport(True, DAY, some.done * connections), show=0)
    assert len(text) <= LONGEST < 65_536


def test_a_page_is_one_file_whose_script_alone_may_run() -> None:
    page = plans_html(report(change()))
    read = Read(page)
    assert [tag for tag, _ in read.elements].count("script") == 1
    assert [text for tag, text in read.texts if tag == "script"] == [SCRIPT]
    (policy,) = [attrs["content"] for tag, attrs in read.elements if attrs.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    loads = [attrs for tag, attrs in read.elements if tag in {"link", "img", "iframe"} or attrs.get("src")]
    assert loads == []
    assert "url(" not in page


def test_a_page_can_be_walked_by_keyboard_and_heard() -> None:
    read = Read(plans_html(report(change(), change("00Q2", stage_after="sqo"), change("00Q3", owner_after="u1"))))
    tags = [tag for tag, _ in read.elements]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert dict(read.elements)["html"] == {"lang": "en"}
    assert tags.count("main") == 1
    named = [attrs["aria-label"] for _, attrs in read.elements if attrs.get("role") == "region"]
    assert len(named) == len(set(named)) == tags.count("table")
    assert all(attrs["tabindex"] == "0" for _, attrs in read.elements if attrs.get("class") == "wide")
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in read.elements if tag == "th")
    labelled = {attrs["for"] for tag, attrs in read.elements if tag == "label"}
    assert {attrs["id"] for tag, attrs in read.elements if tag in {"input", "select"}} == labelled
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_csv_has_a_row_a_change_and_stable_columns() -> None:
    text = plans_csv(report(change()))
    assert list(COLUMNS) == next(csv.reader(io.StringIO(text)))
    assert rows(text) == [
        {
            "connection": "salesforce",
            "as_of": "2026-11-21",
            "lead": "00Q1",
            "url": f"{HOST}/lightning/r/Lead/00Q1/view",
            "name": "Jo Fox · Bank",
            "move": "mql → sql, another owner",
            "stage_before": "mql",
            "stage_after": "sql",
            "owner_before": "u1",
            "owner_before_name": "Ann Ash",
            "owner_after": "u2",
            "owner_after_name": "Bo Birch",
            "hand_off": "",
            "attempt": "",
            "reasons": "a demo was asked for; the budget is known",
            "writes": "Status: Marketing → Sales; OwnerId: u1 → u2",
            "outcome": "",
            "message": "",
            "hand_over": "",
        }
    ]
    assert rows(plans_csv(report())) == []


def test_outcomes_stand_in_all_of_them() -> None:
    made = report(change(), dry_run=False, outcomes={"00Q1": "refused"}, messages={"00Q1": "a rule forbids it"})
    assert "refused: a rule forbids it" in plans_markdown(made, show=0)
    assert "refused: a rule forbids it" in Read(plans_html(made)).said()
    (row,) = rows(plans_csv(made))
    assert (row["outcome"], row["message"]) == ("refused", "a rule forbids it")


def naughty_report(text: str) -> RunReport:
    """A plan in which everything that is not ours says `text`."""
    guard = GuardReading("few_read", 1, 2, True, text, text)
    one = change(
        "00Q1",
        stage_before=text,
        stage_after=f"{text}!",
        owner_before="u1",
        owner_after="u2",
        reasons=(text, f"and {text}"),
        writes={"Status": (text, f"{text}!")},
    )
    odd = change(text, owner_after=text)
    made = report(
        one,
        odd,
        names={"00Q1": text, text: text},
        dry_run=False,
        outcomes={"00Q1": "refused", text: "written"},
        messages={"00Q1": text},
        notes=(text,),
        guards=(guard,),
        set_aside=(SetAside(text, text),),
    )
    (done,) = made.done
    made.done = [replace(done, user_names={"u1": text, "u2": text})]
    made.failures.append(StoppedConnection("hubspot", RunStopped(text)))
    return made


def shape(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(attrs)) for tag, attrs in Read(plans_html(naughty_report(text))).elements]


def test_no_naughty_text_changes_a_page() -> None:
    """The elements and attributes are those of a page with harmless text, but for reasons that are opened."""
    assert len(NAUGHTY) == COUNT
    known = {*shape("harmless"), *shape("harmless " * 40)}
    for text in NAUGHTY:
        page = plans_html(naughty_report(text))
        read = Read(page)
        assert {(tag, tuple(attrs)) for tag, attrs in read.elements} <= known, ascii(text[:80])
        links = [attrs["href"] for tag, attrs in read.elements if tag == "a"]
        assert all(link and link.startswith(f"{HOST}/lightning/r/Lead/") for link in links), ascii(text[:80])
        assert [said for tag, said in read.texts if tag == "script"] == [SCRIPT]
        assert not _STEERING.search(page.replace("\n", "")), ascii(text[:80])
        assert len(page) < 400_000


def test_no_naughty_text_breaks_out_of_markdown() -> None:
    lines = len(plans_markdown(naughty_report("harmless"), show=0).splitlines())
    for text in NAUGHTY:
        told = plans_markdown(naughty_report(text), show=0)
        where = ascii(text[:80])
        assert len(told) <= LONGEST
        assert len(told.splitlines()) <= lines, where
        assert not _STEERING.search(told.replace("\n", "")), where
        ours = told.replace("<br>", "")
        assert "<" not in ours, where
        assert re.findall(r"(?<!\\)`[^`]*`", ours) == ["`digest`", "`digest`"], where
        assert not CALLS.search(re.sub(r"(?m)^#+ ", "", ours)), where
        assert all(url.startswith(HOST) for url in re.findall(r"(?<!\\)\]\(([^)]*)\)", ours)), where
        for line in ours.splitlines():
            if line.startswith("| Lead |"):
                columns = len(re.findall(r"(?<!\\)\|", line))
            if "/lightning/r/" in line and line.startswith("|"):
                assert len(re.findall(r"(?<!\\)\|", re.sub(r"\\\\", "", line))) == columns, where


def test_no_naughty_text_is_a_formula() -> None:
    for text in NAUGHTY:
        made = plans_csv(naughty_report(text))
        for row in csv.reader(io.StringIO(made)):
            assert len(row) == len(COLUMNS)
            for cell in row:
                assert not re.match(r"[\s\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]", cell), ascii(cell[:80])
                assert not _STEERING.search(cell)


def test_a_plan_of_fields_alone_shows_them_in_every_form_and_has_no_empty_headings() -> None:
    held = {"stage_after": "mql", "owner_after": "u1", "writes": {"Why__c": (None, "asked twice")}}
    made = report(change(**held, fields=("Why__c",)))
    table = clean_console(file=io.StringIO(), width=200)
    table.print(*plan_parts(made.done[0], show=0))
    for text in (*(render(made) for render in FORMS.values()), table.file.getvalue()):
        assert "Why" in text
        assert "asked twice" in text
        assert "Stage moves" not in text
        assert "Owner moves" not in text


def shown(made: RunReport) -> dict[str, str]:
    """The plan in the forms that people read."""
    table = clean_console(file=io.StringIO(), width=900)
    table.print(*plan_parts(made.done[0], show=0))
    page = Read(FORMS["html"](made)).said()
    return {"table": table.file.getvalue(), "html": page, "markdown": FORMS["markdown"](made).replace("\\", "")}


@pytest.mark.parametrize("form", ["table", "html", "markdown"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_takes_no_lead_at_all_is_told_once_a_pool_and_at_a_lead_only_what_is_its_own(
    form: str, language: Language
) -> None:
    tongue = tongue_of(language)
    lasting = tuple(
        (f"w{number}", tongue.say(message, day="1.12.2026", moment="1.12.2026, 9:00"))
        for number, message in enumerate(LASTING)
    )
    turn = ("u3", tongue.say(NOT_THEIR_TURN, turns=4, share=tongue.decimals(5.5)))
    full = ("u4", tongue.say("at capacity"))
    made = report(
        change(routing=Routing("next", "receivers", 1, 2, (*lasting, turn))),
        change("00Q2", routing=Routing("next", "receivers", 2, 3, (*lasting, full, turn))),
        change("00Q3", routing=Routing("next", "partners", 0, 1, lasting[:1])),
        change("00Q4", routing=Routing("theirs", DIRECT, 0, 1, lasting[:1])),
        change("00Q5", routing=Routing("goes to a queue", passed_over=lasting[:1])),
        change("00Q6", routing=Routing("next", "others", 0, 1, (turn,))),
    )
    text = shown(made)[form]
    assert text.count(lasting[0][1]) == 4
    assert all(text.count(f"{user} ({why})") == 1 for user, why in lasting[1:])
    for beginning in ("in pool receivers: w0", "in pool partners: w0", "outside any rotation: w0", "Passed over: w0"):
        assert beginning in text, beginning
    assert text.count(f"passed over: u4 ({full[1]})") == 1
    assert text.lower().count("passed over") == 5
    assert turn[1] not in text


def test_what_a_plan_says_in_english_needs_no_catalogue_of_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmsync.showing.run.passed_over.catalogue_of", {}.__getitem__)
    away = (("u1", INACTIVE), ("u2", ENGLISH.say(NOT_THEIR_TURN, turns=4, share="5.5")))
    assert shown(report(change(routing=Routing("next", "receivers", 1, 2, away))))


def test_of_many_who_take_no_lead_some_are_named_and_the_rest_counted() -> None:
    away = tuple((f"w{number:02}", INACTIVE) for number in range(13))
    text = shown(report(change(routing=Routing("next", "receivers", 1, 2, away))))
    for told in text.values():
        assert "w09" in told
        assert "w10" not in told
        assert ", and 3 more" in told


def test_of_several_hand_overs_the_one_that_moves_an_owner_is_named() -> None:
    to_ae, to_bdr = Routing("next", hand_over="to_ae"), Routing("next", hand_over="to_bdr")
    reminder = {"owner_after": "u1", "stage_after": "mql"}
    made = report(
        change(routing=to_ae, hand_off=HandOffStep("handed", 1, "u1", hand_over="to_ae")),
        change("00Q2", routing=to_bdr),
        change("00Q3", routing=to_bdr, hand_off=HandOffStep("handed", 2, None, hand_over="to_bdr")),
        change("00Q4", **reminder, hand_off=HandOffStep("reminded", 1, "u1", hand_over="to_ae")),
    )
    for text in shown(made).values():
        assert "to_ae 1, to_bdr 2" in text
        assert "to_ae: handed off 1, to_ae: owner reminded 1, to_bdr: handed off 1" in text
        assert len(re.findall(r"\bby to_ae\b", text)) == 1
        assert len(re.findall(r"\bby to_bdr\b", text)) == 2
    assert [row["hand_over"] for row in rows(plans_csv(made))] == ["to_ae", "to_bdr", "to_bdr", "to_ae"]


def test_where_there_is_only_one_hand_off_it_has_no_name() -> None:
    made = report(change(routing=Routing("next"), hand_off=HandOffStep("handed", 1, "u1")))
    for text in shown(made).values():
        assert "Owners by hand-over" not in text
        assert re.search(r"Hand-offs:(\*\*)? handed off 1", text)
        assert " by " not in text.partition("Bo Birch")[2].partition("a demo")[0]
