"""What fields of forms are called where what was sent is shown once more: as on the pages that they stand on."""

from __future__ import annotations

from collections.abc import Mapping

from crmsync.tongue import to_say

FIELD_WORDS: Mapping[str, str] = {
    "person": to_say("Who"),
    "from": to_say("Who leaves?"),
    "lead": to_say("Leads"),
    "until": to_say("Up to and including"),
    "fact": to_say("Fact"),
    "field": to_say("Field"),
    "word": to_say("Means"),
    "stage": to_say("Stages"),
    "from_day": to_say("From"),
    "from_time": to_say("At (empty: all day)"),
    "to_day": to_say("Up to and including"),
    "to_time": to_say("Until (empty: all day)"),
    "ends": to_say("Last day"),
    "text": to_say("Text of the policy"),
    "reason": to_say("Why (for the log)"),
}
UNSAID = frozenset(
    {"csrf", "draft", "digest", "native", "rule", "activity", "object", "part", "of", "written", "absence"}
    | {"plan", "which", "back", "words", "let_through", "remove", "clear", "look"}
)
"""What a form brings along for crmsync alone, and buttons: nobody typed it."""
