"""`crmsync backtest` with the real command: a small firm in which every figure can be counted by hand."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from one_file import without_scripts
from rehearsal import Rehearsal, answer_schema, rehearsal, write_world
from small_world import NATIVE, USERS, activity, lead

from suite.breadth import broadly

EACH = 12
"""Leads of each kind."""
CREATED = datetime(2025, 11, 3, 9, tzinfo=UTC)
LAST = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
"""The latest activity; the import is shifted so that it falls on the present day."""


def day(number: int) -> str:
    return (CREATED + timedelta(days=number)).isoformat()


def world() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Early askers (a demo on day 5) win in 8 of 12 cases, late askers (day 40) and silent leads in 2 of 12."""
    leads, activities = [], []
    for kind, winners in (("early", 8), ("late", 2), ("silent", 2)):
        for number in range(EACH):
            name = f"{kind}-{number}"
            won = "yes" if number < winners else "no"
            source = "web" if kind == "early" else "fair"
            native = {crm: stages["sqo"] if won == "yes" else stages["lead"] for crm, stages in NATIVE.items()}
            leads.append(lead(name, stage=native, attributes={"deal_state": won, "lead_source": source}))
            if kind != "silent":
                activities.append(activity(name, "demo_request", day(5 if kind == "early" else 40)))
    activities.append(activity("silent-11", "page_view", LAST.isoformat()))
    return leads, activities


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Salesforce with this world, pulled once; the roster is whole."""
    folder = tmp_path_factory.mktemp("backtest")
    leads, activities = world()
    imported = write_world(folder / "world", USERS, leads, activities)
    with rehearsal(folder / "config", "--crm", "salesforce", "--import", str(imported)) as running:
        running.json("run", "--dry-run", code=(0, 4))
        yield running


def moment(firm: Rehearsal, *arguments: str) -> dict[str, Any]:
    """The first moment of the answer."""
    found: dict[str, Any] = firm.json("backtest", *arguments)["backtests"][0]["moments"][0]
    return found


def test_only_evidence_of_the_time_counts(firm: Rehearsal) -> None:
    found = moment(firm, "--outcome", "deal_state=yes", "--at", "created+30", "--line", "sqo")
    stages = {one["name"]: (one["leads"], one["winners"]) for one in found["stages"]}
    assert stages == {
        "sqo": (12, 8),
        "sql": (0, 0),
        "sal": (0, 0),
        "mql": (0, 0),
        "lead": (24, 4),
        "disqualified": (0, 0),
    }
    line = found["lines"][0]
    assert (line["stage"], line["leads"], line["missed"], line["false_alarms"]) == ("sqo", 12, 4, 4)
    assert line["precision"] == pytest.approx(8 / 12)
    assert line["recall"] == pytest.approx(8 / 12)
    assert line["lift"] == pytest.approx((8 / 12) / (12 / 36))
    names = {native: name for name, native in firm.native("salesforce").items()}
    assert {names[one] for one in found["missed"]} == {"late-0", "late-1", "silent-0", "silent-1"}
    assert {names[one] for one in found["false_alarms"]} == {f"early-{number}" for number in range(8, 12)}


@pytest.mark.breadth
def test_later_moments_see_more_and_too_young_leads_are_left_out(firm: Rehearsal) -> None:
    answer = firm.json(
        "backtest", "--outcome", "deal_state=yes", "--at", "created+4", "--at", "created+5", "--at", "created+40"
    )
    reached = [one["stages"][0]["leads"] for one in answer["backtests"][0]["moments"]]
    assert reached == [0, 12, 24]
    done = firm.crmsync("backtest", "--outcome", "deal_state=yes", "--at", "created+90")
    assert done.returncode == 2
    assert "36 too young" in done.stderr


@pytest.mark.breadth
def test_a_file_with_days_leaves_out_what_was_decided_before_the_moment(firm: Rehearsal) -> None:
    native = firm.native("salesforce")
    shift = datetime.now(UTC).date() - LAST.date()  # noqa: TID251 - the import is shifted to the real day
    lines = ["lead,outcome,day"]
    for name, id_ in native.items():
        kind, number = name.split("-")
        won = kind == "early" and int(number) < 8
        on = (CREATED + timedelta(days=3 if number == "0" else 50)).date() + shift
        lines.append(f"{id_},{str(won).lower()},{on if won else ''}")
    firm.file("won.csv").write_text("\n".join(lines), encoding="utf-8")
    answer = firm.json("backtest", "--outcomes", "won.csv", "--at", "created+10")["backtests"][0]
    found = answer["moments"][0]
    assert found["left_out"] == {"decided before the moment": 1}
    assert (found["leads"], found["winners"]) == (35, 7)
    (caution,) = answer["cautions"]
    assert "tells winners suspiciously well" in caution  # the world was made so


@pytest.mark.breadth
def test_leads_of_a_file_may_be_named_in_any_way(firm: Rehearsal) -> None:
    """By 15 characters, by the page's address and by e-mail; what is stored nowhere is told."""
    leads = {name: id_ for name, id_ in firm.native("salesforce").items() if name.startswith("early")}
    emails = {each["id"]: each["email"] for each in firm.state("salesforce")["leads"]}
    spelt = [
        lambda name, id_: id_[:15],
        lambda name, id_: f"https://acme.lightning.force.com/lightning/r/Lead/{id_}/view",
        lambda name, id_: f" {emails[name].upper()} ",
        lambda name, id_: id_,
    ]
    lines = [
        f"{spelt[number % 4](name, id_)},{'won' if number < 6 else 'lost'}"
        for number, (name, id_) in enumerate(sorted(leads.items()))
    ]
    path = firm.file("any.csv")
    path.write_text("\n".join([*lines, "00Q000000000000AAA,won", "nobody@example.com,won"]), encoding="utf-8")
    told = firm.json("backtest", "--outcomes", "any.csv", "--at", "created+10")["backtests"][0]
    assert (told["moments"][0]["leads"], told["moments"][0]["winners"]) == (len(leads), 6)
    assert "2 of 14 lines in any.csv name no stored lead" in told["cautions"]
    first = sorted(leads.items())[0][1]
    path.write_text(f"{first},won\n{first[:15]},lost\n", encoding="utf-8")
    twice = firm.crmsync("backtest", "--outcomes", "any.csv")
    assert (twice.returncode, "are the same lead" in twice.stderr) == (2, True)
    path.write_text("nobody@example.com,won\nnone@example.com,lost\n", encoding="utf-8")
    nobody = firm.crmsync("backtest", "--outcomes", "any.csv")
    assert (nobody.returncode, "none of the 2 leads in any.csv is stored of" in nobody.stderr) == (2, True)


@pytest.mark.breadth
def test_what_may_leak_is_named_and_can_be_left_out(firm: Rehearsal) -> None:
    answer = firm.json("backtest", "--outcome", "stage=sqo", "--without", "industry", "--without", "employees")
    told = answer["backtests"][0]
    assert "title" in told["present_values"]
    assert not {"industry", "employees"} & set(told["present_values"])
    assert told["hidden"] == ["stage", "industry", "employees"]
    assert told["moments"][0]["winners"] == 12
    assert any("`sqo` is a stage that policies give" in words for words in told["cautions"])
    assert any("the day of the outcome is not known" in words for words in told["cautions"])


def test_nobody_is_asked_and_nothing_is_written(firm: Rehearsal) -> None:
    calls, before = firm.calls("salesforce"), firm.file("crmsync.db").read_bytes()
    firm.json("backtest", "--outcome", "deal_state=yes", "--policy", "consulting-sql-sqo")
    assert firm.calls("salesforce") == calls
    assert firm.file("crmsync.db").read_bytes() == before


@pytest.mark.breadth
def test_hand_overs_are_lines_with_their_criteria(firm: Rehearsal, tmp_path: Path) -> None:
    shutil.copytree(firm.directory, tmp_path / "here")
    here = Rehearsal(tmp_path / "here", firm.urls)
    hand_overs = [{"name": "to_bdr", "stage": "mql"}, {"name": "to_ae", "label": "AE", "when": "from_web"}]
    web = {"from_web": {"fact": "lead_source", "is": "web"}}
    facts = {"lead_source": {"type": "text"}}
    here.change("policy.yaml", lambda policy: policy.update(hand_overs=hand_overs, criteria=web, facts=facts))
    pools = {"bdrs": {"role": "bdr"}, "aes": {"role": "ae"}}
    rules = {"to_bdr": [{"pool": "bdrs"}], "to_ae": [{"pool": "aes"}]}
    here.change("roster.yaml", lambda roster: roster.update(pools=pools, rules=rules))
    asked = ("--outcome", "deal_state=yes", "--at", "created+3")
    (told,) = here.json("backtest", *asked)["backtests"]
    assert (told["line"], told["hand_over"]) == ("mql", "to_bdr")
    answer = here.json("backtest", *asked, "--hand-over", "to_ae")
    Draft202012Validator(answer_schema("backtest")).validate(answer)
    (told,) = answer["backtests"]
    assert told["hand_over"] == "to_ae"
    lines = {one["hand_over"]: one for one in told["moments"][0]["hand_overs"]}
    assert [(one["leads"], one["missed"], one["false_alarms"]) for one in lines.values()] == [(12, 4, 4), (12, 4, 4)]
    assert len(told["moments"][0]["missed"]) == 4, "nobody has done anything by the third day"
    assert "hand_over" not in told["moments"][0]["lines"][0]
    table = here.crmsync("backtest", *asked, "--hand-over", "to_ae").stdout
    assert "AE *" in table
    assert "Missed winners (below the hand-over AE)" in table
    assert here.json("backtest", *asked, "--line", "sqo")["backtests"][0].keys().isdisjoint({"hand_over"})
    both = here.crmsync("backtest", *asked, "--line", "sqo", "--hand-over", "to_ae")
    assert (both.returncode, "both say where the line is" in both.stderr) == (2, True)
    other = here.crmsync("backtest", *asked, "--policy", "saas", "--format", "json")
    assert '"line": "sql"' in other.stdout, other.stderr


@pytest.mark.breadth
def test_table_and_page(firm: Rehearsal) -> None:
    question = ("backtest", "--outcome", "deal_state=yes")
    done = firm.crmsync(*question)
    assert done.returncode == 0, done.stderr
    assert "30 days after creation: 36 leads, 12 winners (33.3 %)" in done.stdout
    assert "present value, may leak" in done.stdout
    page = firm.crmsync(*question, "--format", "html", "--out", "page.html").stdout
    assert firm.file("page.html").read_text(encoding="utf-8") == page
    told = without_scripts(page)
    assert told.count('<figure class="chart"') >= 4
    assert not re.search(r"https?://|<link|<img", told)


@pytest.mark.breadth
def test_too_few_leads_to_suggest_from(firm: Rehearsal) -> None:
    done = firm.crmsync("backtest", "--outcome", "deal_state=yes", "--suggest")
    assert done.returncode == 2
    assert "12 winners and 24 others are too few to suggest points from" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    broadly(
        [
            ((), "say what counts as won"),
            (("--outcome", "shoe_size"), "the outcome `shoe_size` is not a mapped fact"),
            (("--outcome", "deal_state"), "`deal_state` is text: say which value counts as won"),
            (("--outcome", "deal_state=perhaps"), "0 of 36 leads won by `deal_state = perhaps`"),
            (("--outcome", "deal_state=yes", "--at", "soon"), "`soon` is not a moment"),
            (("--outcome", "deal_state=yes", "--without", "shoe_size"), "not a mapped fact: shoe_size"),
            (("--outcome", "deal_state=yes", "--line", "top"), "the policy has no line `top`"),
            (("--outcomes", "nothing.csv"), "nothing.csv cannot be read"),
        ],
        core=2,
    ),
)
def test_mistakes_are_told_in_words(firm: Rehearsal, arguments: tuple[str, ...], said: str) -> None:
    done = firm.crmsync("backtest", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
