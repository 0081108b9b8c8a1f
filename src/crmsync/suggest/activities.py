"""Which words of an account's own tell an activity's kind and how it ended, where the starter does not know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.mapping import KINDS, OUTCOMES, CrmMapping, Rule
from crmsync.suggest.names import Words, phrases_in, words_in
from crmsync.suggest.options import options_of
from crmsync.suggest.shapes import KnownOrg, OrgField, RecordRule
from crmsync.suggest.vocabulary import NamePhrases

_SURE = 0.95
_WITHIN = 0.85
_OWN_SHARE = 0.5
"""Of the words of a field that the account made: so many must be understood before it is one for activities."""
_HEAD = 5
"""Letters from which a word can be the end of a compound."""
_TALKS = frozenset({"call", "email", "meeting", "demo"})
"""Kinds that compounds tell by their ends; of others too many things are named."""
_CALL_WORDS: Mapping[str, str] = {"no_show": "no_answer", "completed": "connected"}
"""How a call ended where the words say it of a meeting."""


def suggested_activities(org: KnownOrg, starter: CrmMapping, words: NamePhrases) -> tuple[RecordRule, ...]:
    """One per value that is understood: by fields that the starter reads, and by the account's own."""
    return tuple(_rules(org, starter, words))


def _rules(org: KnownOrg, starter: CrmMapping, words: NamePhrases) -> Iterator[RecordRule]:
    usual = {activity.object: activity for activity in starter.activities}
    for kind in org.activities:
        activity = usual.get(kind.object)
        for field in kind.fields:
            for part, rules in (("kind", activity.kind), ("outcome", activity.outcome)) if activity else ():
                known = _known(rules, field.name)
                if known is None and not _own(field, part, words) and not _as_it_stands(rules, field.name):
                    continue
                yield from _of_field(kind.object, field, part, known, words)
                break


def _known(rules: tuple[Rule, ...], field: str) -> Mapping[Words, str | None] | None:
    """Words of a field for which the starter's rules have an answer; null where they do not read it by its words."""
    found: dict[Words, str | None] = {}
    for rule in rules:
        if rule.from_ == field and rule.values is not None:
            found.update({words_in(word): to for word, to in rule.values.items()})
        test = rule.when.get(field)
        if test is not None and test.equals and not {"true", "false"}.issuperset(test.equals):
            found.update({words_in(word): rule.is_ for word in test.equals})
    return found or None


def _as_it_stands(rules: tuple[Rule, ...], field: str) -> bool:
    """Whether the starter takes the field's own words, so that those of another language mean nothing to it."""
    return any(rule.from_ == field and rule.values is None for rule in rules)


def _own(field: OrgField, part: str, words: NamePhrases) -> bool:
    """Whether a field is named for it, and most of its list says it."""
    if not field.choices or field.type != "choice":
        return False
    names = {"".join(words_in(text)) for text in (field.name, field.label)}
    if not any(words.has(f"{part}_field", name) for name in names):
        return False
    told = [_meant(text, part, words) is not None for _, text in options_of(field)]
    return sum(told) >= max(2, _OWN_SHARE * len(told))


def _of_field(
    of: str, field: OrgField, part: str, known: Mapping[Words, str | None] | None, words: NamePhrases
) -> Iterator[RecordRule]:
    ends = set((known or {}).values()) if part == "outcome" else set()
    calls = "no_answer" in ends
    for value, text in options_of(field):
        if (known is not None and words_in(value) in known) or value in (KINDS if part == "kind" else OUTCOMES):
            continue
        meant = _meant(text, part, words)
        if meant is None:
            continue
        word, sure = meant
        if calls:
            word = _CALL_WORDS.get(word, word)
            if word not in ends:
                continue  # what a call led to, as a meeting that was booked, is not how it ended
        yield RecordRule(of, "kind" if part == "kind" else "outcome", word, field.name, value, sure)


def _meant(text: str, part: str, words: NamePhrases) -> tuple[str, float] | None:
    """With how sure it is. A longer phrase within counts before a shorter; several of one length say nothing."""
    phrases = words.kinds if part == "kind" else words.outcomes
    read = words_in(text)
    if read in phrases:
        return phrases[read], _SURE
    within = [*phrases_in(read, phrases)]
    if not within:
        return (kind, _WITHIN) if part == "kind" and (kind := _by_head(read, phrases, words)) else None
    longest = max(within, key=lambda phrase: (len(phrase), len("".join(phrase))))
    rivals = {phrases[it] for it in within if len(it) == len(longest)}
    denied = any(word in words.negations and word not in longest for word in read)
    return (phrases[longest], _WITHIN) if not denied and len(rivals) == 1 else None


def _by_head(read: Words, phrases: Mapping[Words, str], words: NamePhrases) -> str | None:
    """Of a compound what it ends in (`Werfbezoek`, `Baustellenbesuch`); in full words only, and nothing denied."""
    if any(word in words.negations for word in read):
        return None
    heads = {it[0]: kind for it, kind in phrases.items() if len(it) == 1 and len(it[0]) >= _HEAD and kind in _TALKS}
    ends = {head for word in read for head in heads if word.endswith(head)}
    longest = max(map(len, ends), default=0)
    kinds = {heads[head] for head in ends if len(head) == longest}
    return kinds.pop() if len(kinds) == 1 else None


def outcome_meant(text: str, words: NamePhrases) -> str | None:
    """How an activity ended, as a native word says it; null = nobody knows."""
    meant = _meant(text, "outcome", words)
    return meant[0] if meant else None
