"""What may need a person, by kind: one list for `status`, metrics and alerts.

Sentences for one and for many stand apart, as each language that there is has them.
What a kind says here is said to whoever an alert goes to: how many of what, and nothing that is a person's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from crmsync.tongue import Tongue, to_say

NeedKind = Literal[
    "store_unusable",
    "files_wrong",
    "other_records",
    "renamed",
    "never_read",
    "missed",
    "lag",
    "run_unfinished",
    "sign_in_refused",
    "run_failed",
    "guard",
    "nothing_pulled",
    "unknown_jumped",
    "writes_off",
    "run_partial",
    "tug_of_war",
    "quota_low",
    "hand_off_late",
    "changes_late",
    "tellings_ceased",
    "sign_in_ends",
    "store_damaged",
]


class NeedWords(Struct, frozen=True):
    """What an alert says of a kind: for one, and for `{number}` of them. `meaning`: for who reads about it."""

    meaning: str
    one: str
    many: str | None = None

    def said(self, tongue: Tongue, number: int) -> str:
        """The sentence, in this language."""
        words = self.many if self.many is not None and number != 1 else self.one
        return tongue.say(words, number=tongue.number(number))


NEEDS: Mapping[NeedKind, NeedWords] = {
    "store_unusable": NeedWords("the store cannot be opened or read", to_say("the store cannot be used")),
    "files_wrong": NeedWords(
        "the connection's files are wrong: it waits until they are mended", to_say("its files are not right")
    ),
    "other_records": NeedWords(
        "the mapping reads another object than the one whose records the store holds",
        to_say("the store holds records of another object than the mapping reads"),
    ),
    "renamed": NeedWords(
        "a connection that was never read, and one in the store that crmsync.yaml no longer names",
        to_say("the store knows a connection that crmsync.yaml no longer names"),
    ),
    "never_read": NeedWords("no run has read the CRM yet", to_say("the CRM was never read")),
    "missed": NeedWords(
        "runs are due by the schedule, and none has begun for two of them and an hour",
        to_say("no run has begun for {number} hour, though the schedule wants one"),
        to_say("no run has begun for {number} hours, though the schedule wants one"),
    ),
    "lag": NeedWords(
        "runs begin, and none has read the CRM for so long, or for `lag_minutes`",
        to_say("the CRM was read last {number} minute ago"),
        to_say("the CRM was read last {number} minutes ago"),
    ),
    "run_unfinished": NeedWords("a run was killed, or the machine stopped", to_say("a run did not end")),
    "sign_in_refused": NeedWords("the CRM refuses the credentials", to_say("the CRM refuses the sign-in")),
    "run_failed": NeedWords(
        "the last run stopped: exit code 1 or 2", to_say("the last run stopped with exit code {number}")
    ),
    "guard": NeedWords(
        "a guard stopped the last run, for any other reason than the three below",
        to_say("a guard stopped the last run: too much would change"),
    ),
    "nothing_pulled": NeedWords(
        "guard `few_leads` or `few_activities`: a reading brought nothing, or far less than those before",
        to_say("the CRM gave nothing to the last run, or far less than to those before"),
    ),
    "unknown_jumped": NeedWords(
        "guard `unknown`: a fact is unknown for far more leads than before",
        to_say("a fact is unknown for far more leads than before"),
    ),
    "writes_off": NeedWords(
        "the last run wrote nothing, as the connection is not switched on, or somebody said no",
        to_say("nothing is written: the connection is not switched on"),
    ),
    "run_partial": NeedWords(
        "the last run set records aside, or did not write them",
        to_say("{number} record was set aside or not written"),
        to_say("{number} records were set aside or not written"),
    ),
    "tug_of_war": NeedWords(
        "leads that crmsync stopped writing, as somebody else keeps replacing what it writes",
        to_say("{number} lead is stopped, because somebody else replaces what crmsync writes"),
        to_say("{number} leads are stopped, because somebody else replaces what crmsync writes"),
    ),
    "quota_low": NeedWords(
        "calls left of the day are fewer than two runs like the last one take, or than `calls_left`",
        to_say("{number} call to the CRM was left of the day at the last run"),
        to_say("{number} calls to the CRM were left of the day at the last run"),
    ),
    "hand_off_late": NeedWords(
        "hand-offs in which nobody was in touch in time",
        to_say("{number} hand-off is late"),
        to_say("{number} hand-offs are late"),
    ),
    "changes_late": NeedWords(
        "more than one in twenty changes in the CRM waited longer than `change_seconds` for their write",
        to_say("changes in the CRM waited {number} second for the write that answers them"),
        to_say("changes in the CRM waited {number} seconds for the write that answers them"),
    ),
    "tellings_ceased": NeedWords(
        "a CRM that told of changes has ceased to, while runs of the schedule find some",
        to_say("the CRM has told of no change for {number} hour, though there are some"),
        to_say("the CRM has told of no change for {number} hours, though there are some"),
    ),
    "sign_in_ends": NeedWords(
        "`sign_in_ends` of the connection comes within `sign_in_days`",
        to_say("the sign-in ends within {number} day"),
        to_say("the sign-in ends within {number} days"),
    ),
    "store_damaged": NeedWords(
        "what the store keeps of runs cannot be read",
        to_say("what is kept of {number} run is damaged"),
        to_say("what is kept of {number} runs is damaged"),
    ),
}
"""Kind → what it says."""

NOT_ALERTED: frozenset[NeedKind] = frozenset({"never_read", "writes_off"})
"""What somebody has chosen so, or is at work on: an alert tells it only where it is named in `only`."""


class OpenNeed(Struct, frozen=True):
    """Something that needs a person. `words`, `way_on`: as `status` tells it, in detail.

    `command`: to look with. `number`: how many, as the kind's own sentence counts them.
    """

    kind: NeedKind
    words: str
    way_on: str | None
    command: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.words} → {self.way_on}" if self.way_on else self.words
