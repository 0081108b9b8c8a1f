"""The words for activities that presets, starter mappings and practice CRMs share; a firm may use any other. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from crmsync.contract import NativeField
from crmsync.mapping.activity_mapping import Rule

KINDS = frozenset({
    "call", "consultation_request", "content_download", "demo", "demo_request", "discovery_call",
    "discovery_workshop", "email", "event", "form_submission", "gated_content", "intent_signal", "meeting",
    "newsletter_signup", "note", "page_view", "pricing_request", "pricing_talk", "proposal_request", "rfp_received",
    "social_connect", "social_follow", "task", "webinar", "webinar_registered",
})  # fmt: skip
OUTCOMES = frozenset({
    "bounced", "canceled", "completed", "connected", "failed", "left_voicemail", "no_answer", "no_show", "open",
    "replied", "rescheduled", "scheduled",
})  # fmt: skip


class Given(Struct, frozen=True):
    """The words that rules can give. `open`: a field's own value is an answer, and may be any word."""

    words: frozenset[str]
    open: bool

    def with_(self, other: Given) -> Given:
        """What either gives."""
        return Given(self.words | other.words, self.open or other.open)


NOTHING_GIVEN = Given(frozenset(), open=False)


def given_words(rules: tuple[Rule, ...], fields: Mapping[str, NativeField]) -> Given:
    """What these rules can give. A field that is taken as it stands gives its choices, if the CRM closes the list."""
    words: set[str] = set()
    is_open = False
    for rule in rules:
        if rule.is_ is not None:
            words.add(rule.is_)
        elif rule.values is not None:
            words.update(word for word in rule.values.values() if word is not None)
        else:
            field = fields.get(str(rule.from_))
            words.update(choice.value for choice in (field.choices if field else ()))
            is_open = is_open or field is None or not field.choices or field.open_choices
    return Given(frozenset(words), is_open)
