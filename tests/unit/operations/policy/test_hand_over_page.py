"""Several hand-overs on the page of a policy, in more than one language."""

from __future__ import annotations

from crmsync.configuration import read_document
from crmsync.languages.tongues import tongue_of
from crmsync.operations.policy.hand_over_page import hand_over_section
from crmsync.operations.policy.page import Paragraph, Table
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.settings import presets

SEVERAL = """format: 1
name: Test
extends: saas
criteria: {about_to_sign: {known: interest}}
hand_overs:
  - {name: to_bdr, stage: mql, from: [nobody, queue, {queue: {salesforce: Marketing, hubspot: Inbound}}, {role: sdr}]}
  - {name: to_ae, label: AE, stage: sql, task: {subject: Call}, returned: {to: giver}}
  - {name: to_am, stage: sqo, when: about_to_sign, from: anybody}
  - {name: lost, leaving: true}
  - {name: nurture, leaving: [no_need_or_interest]}
"""


def several() -> Policy:
    text = SEVERAL
    base = policy_from(read_document("format: 1\nname: T\nextends: saas\n", "policy.yaml"), presets())
    assert base.disqualified is not None
    named = [reason.name for reason in base.disqualified.reasons] or ["other"]
    return policy_from(read_document(text.replace("no_need_or_interest", named[0]), "policy.yaml"), presets())


def test_when_and_from_whom_stand_in_one_table() -> None:
    section = hand_over_section(several())
    [table] = [block for block in section.blocks if isinstance(block, Table)]
    told = {row[0]: row[1:] for row in table.rows}
    assert told["to bdr"] == (
        "from Marketing qualified lead on",
        "nobody, any queue, the queue Marketing or Inbound or somebody with the role sdr",
    )
    assert told["AE"] == ("from Sales qualified lead on", "anybody who receives no leads of it or of a later one")
    assert told["to am"] == ("from Sales qualified opportunity on, if about to sign", "anybody")
    assert told["lost"][0] == "whatever the lead was disqualified for"
    assert told["nurture"][0].startswith("disqualified: ")


def test_each_process_is_told_by_itself() -> None:
    [watched] = hand_over_section(several()).parts
    head, table = watched.blocks
    assert watched.title == "AE"
    assert isinstance(head, Paragraph)
    assert "a later hand-over counts" in head.text
    assert isinstance(table, Table)
    assert {who for who, _ in table.rows} == {"The receiver", "Whoever handed over", "Marketing and sales"}


def test_the_section_is_said_in_other_languages() -> None:
    assert hand_over_section(several(), tongue_of("de")).title == "Übergaben"


def test_one_hand_off_is_told_as_ever() -> None:
    one = policy_from(read_document("format: 1\nname: T\nextends: saas\n", "policy.yaml"), presets())
    section = hand_over_section(one)
    assert (section.title, section.parts) == ("Hand-off", ())
