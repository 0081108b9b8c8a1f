"""Who stands above a hand-over's line, and whose line it is where nobody says."""

from __future__ import annotations

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.errors import UsageError
from crmsync.hand_off import HandOverLine, hand_over_of_each, line_of
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from

LADDER = """format: 1
name: Lines
criteria: {hot: {fact: company, is: Acme}, big: {fact: company, is: Big}}
ladder: [{stage: lead}, {stage: mql, when: big}, {stage: sql, when: hot}]
disqualified: {stage: out, reasons: [{name: small, when: hot}, {name: late, when: big}]}
"""
SEVERAL = """hand_overs:
  - {name: raw, stage: lead, from: nobody}
  - {name: to_bdr, label: BDR, stage: mql}
  - {name: to_ae, when: hot}
  - {name: nurture, leaving: small}
"""
ONE = "hand_off: {stage: sql}\n"
LEADS = pl.DataFrame(
    {
        "stage": ["lead", "mql", "sql", "lead", "out", "out", None],
        "earned_stage": ["mql", "lead", "lead", "lead", "sql", "lead", "sql"],
        "verdict.hot": [False, None, False, True, True, None, None],
        "verdict.big": [None, None, None, None, None, None, None],
        "reason": [None, None, None, None, "small", "late", None],
    },
    schema_overrides={"verdict.big": pl.Boolean},
)


def policy(hand_overs: str) -> Policy:
    return policy_from(read_document(LADDER + hand_overs, "policy.yaml"), {})


def above(line: HandOverLine, stage: str = "stage") -> list[bool]:
    return line.above(LEADS, stage).to_list()


def test_above_stands_whom_it_or_a_later_one_takes() -> None:
    assert above(line_of(policy(SEVERAL), "raw")) == [True, True, True, True, False, False, False]
    assert above(line_of(policy(SEVERAL), "to_bdr")) == [False, True, True, True, False, False, False]
    assert above(line_of(policy(SEVERAL), "to_ae")) == [False, False, False, True, False, False, False]
    assert above(line_of(policy(SEVERAL), "to_bdr"), "earned_stage") == [True, False, False, True, True, False, True]


def test_nobody_says_whose_line_it_is() -> None:
    assert line_of(policy(SEVERAL)).name == "raw"
    found = line_of(policy(SEVERAL), to_people=["nurture", "to_ae", "to_bdr"])
    assert (found.name, found.label, found.stage, found.stages) == ("to_bdr", "BDR", "mql", ("lead", "mql", "sql"))
    assert line_of(policy(SEVERAL), "raw", to_people=["to_bdr"]).name == "raw"
    one = line_of(policy(ONE))
    assert (one.stages, above(one)) == (("sql",), [False, False, True, False, False, False, False])
    nobody = line_of(policy(""))
    assert (nobody.name, nobody.stages, above(nobody)[:3]) == (None, ("mql", "sql"), [False, True, True])


@pytest.mark.parametrize(
    ("hand_overs", "name", "said", "hint"),
    [
        (SEVERAL, "to_bdx", "no hand-over `to_bdx`", "to_bdr"),
        (SEVERAL, "nurture", "leave the ladder by the hand-over `nurture`", "raw, to_bdr, to_ae"),
        ("", "to_ae", "no hand-over `to_ae`", None),
    ],
)
def test_a_name_that_draws_no_line(hand_overs: str, name: str, said: str, hint: str | None) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        line_of(policy(hand_overs), name)
    assert (hint or "") in (caught.value.hint or "")


def test_each_lead_has_the_last_one_that_counts() -> None:
    found = hand_over_of_each(LEADS, policy(SEVERAL)).to_list()
    assert found == ["raw", "to_bdr", "to_bdr", "to_ae", "nurture", None, None]
    assert hand_over_of_each(LEADS, policy("")).to_list() == [None] * 7
