"""Which field holds a fact: by what it is called, what type it has, what its options say, how full it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from crmsync.mapping import FactMapping
from crmsync.suggest.names import Words, forms_of, marks_of, phrases_in, words_in
from crmsync.suggest.nearness import fact_names
from crmsync.suggest.options import Read, bands, options_of, translated
from crmsync.suggest.shapes import AskedFact, FactSuggestion, FieldCandidate, KnownOrg, OrgField
from crmsync.suggest.vocabulary import NamePhrases
from crmsync.values import replace

TAKEN_FROM = 0.85
"""Confidence from which a suggestion is taken without asking."""

_ENOUGH = 50
"""Records without a value in a field say that the fact stands elsewhere."""
_HARDLY = 0.02
"""Share of records below which the usual field is offered and not taken."""
_CANDIDATES = 5
_NAMED = 0.5
"""Names less near than this are no names of the fact."""
_HINTED = 0.7
"""How near a name comes of which a part only hints at the fact, while the options tell it."""
_HINTED_SHARE = 0.6
_DETAIL = "_detail"
"""How facts are called that tell in words what another grades."""
_IN_WORDS = 0.95
"""How near a free text comes that is called like the graded fact."""
_HALF = 0.5
_TIE = 0.03
"""Two fields that are nearer than this to each other: nobody knows which."""
_FIGURES = ("integer", "number", "money")
_FIT: Mapping[str, Mapping[str, float]] = {
    "text": {"text": 1, "choice": 1, "unknown": 0.9, "choices": 0.7},
    "choice": {"choice": 1, "text": 0.95, "boolean": 1, "unknown": 0.9},
    "integer": {"number": 1, "money": 0.7, "choice": 1, "text": 0.95},
    "number": {"number": 1, "money": 0.9, "choice": 0.95, "text": 0.9},
    "money": {"money": 1, "number": 0.95, "choice": 0.95, "text": 0.9},
    "boolean": {"boolean": 1},
    "date": {"date": 1, "datetime": 0.9},
    "datetime": {"datetime": 1},
}


def suggested_facts(
    org: KnownOrg, facts: Sequence[AskedFact], usual: Mapping[str, FactMapping], words: NamePhrases
) -> tuple[FactSuggestion, ...]:
    """One per fact. `usual`: what the connector's starter says. A field is taken for the one fact it fits best."""
    marks = marks_of(words_in(field.name) for field in org.fields)
    forms = {field.name: forms_of(field.name, field.label, marks, words.short, words.before) for field in org.fields}
    found = []
    graded = [it for it in facts if it.type == "choice" and it.values]
    for asked in facts:
        candidates = _by_fill(org, [*_candidates(org, asked, usual.get(asked.name), forms, words)])
        if asked.type == "text" and asked.name not in words.tells:
            candidates = [_unless_graded(it, org, graded, words) for it in candidates]
        found.append(_fact(asked, _the_only_one(org, asked, candidates)))
    return tuple(_once(found))


def _fact(asked: AskedFact, candidates: Iterable[FieldCandidate]) -> FactSuggestion:
    best: dict[str, FieldCandidate] = {}
    for each in sorted(candidates, key=lambda it: -it.confidence):
        best.setdefault(each.field, each)
    ordered = tuple(best.values())[:_CANDIDATES]
    sure = [each for each in ordered if each.confidence >= TAKEN_FROM]
    tied = len(sure) > 1 and sure[0].confidence - sure[1].confidence < _TIE
    return FactSuggestion(asked.name, asked.type, ordered, sure[0].field if sure and not tied else None)


def _once(found: Sequence[FactSuggestion]) -> Iterator[FactSuggestion]:
    """A field that several facts would take goes to the surest; the others are left open."""
    best: dict[str, FactSuggestion] = {}
    for each in found:
        if each.taken and (
            each.taken not in best or each.candidates[0].confidence > best[each.taken].candidates[0].confidence
        ):
            best[each.taken] = each
    for each in found:
        yield each if each.taken is None or best[each.taken] is each else replace(each, taken=None)


# --- evidence -------------------------------------------------------------------------------------------------------


def _candidates(
    org: KnownOrg,
    asked: AskedFact,
    usual: FactMapping | None,
    forms: Mapping[str, Mapping[Words, bool]],
    words: NamePhrases,
) -> Iterator[FieldCandidate]:
    names = fact_names(asked.name, {words_in(asked.name), words_in(asked.label or asked.name)}, words)
    graded = fact_names(asked.name.removesuffix(_DETAIL), (), words) if asked.name.endswith(_DETAIL) else None
    for field in org.fields:
        if usual is not None and field.name == usual.field[0]:
            yield _usual(field, asked, usual, words)
            continue
        fit = _FIT[asked.type].get(field.type, 0.0)
        near = names.nearness(forms[field.name]) if fit else 0.0
        if graded is not None and field.type == "text":
            near = max(near, _IN_WORDS * graded.nearness(forms[field.name]))
        if near < _HINTED and fit and _hinted(field, asked, forms[field.name], words):
            yield _weighed(field, asked, _HINTED * fit, "its options say so", words)
        elif near >= _NAMED:
            sure = near * fit * (0.9 if field.calculated else 1.0)
            why = "it is called so" if near >= 0.95 else "its name is near"
            yield _weighed(field, asked, sure, why, words)


def _unless_graded(
    found: FieldCandidate, org: KnownOrg, graded: Sequence[AskedFact], words: NamePhrases
) -> FieldCandidate:
    """A list of grades ("a lot", "a bit", "not at all") is no description, whatever the field is called."""
    options = options_of(next(it for it in org.fields if it.name == found.field))
    reads = [translated(asked, options, words) for asked in graded] if found.confidence > _HALF else []
    told = any(
        it.share >= _HINTED_SHARE and len({word for word in it.translations.values() if word}) > 1 for it in reads
    )
    why = f"{found.why}, but its values say something else"
    return replace(found, confidence=_HALF, why=why) if told else found


def _hinted(field: OrgField, asked: AskedFact, forms: Iterable[Words], words: NamePhrases) -> bool:
    """Whether a list's options tell the fact, and a part of its name does not deny it."""
    if not field.choices or any(any(phrases_in(form, words.elsewhere)) for form in forms):
        return False
    hints = ["".join(hint) for hint in words.hints.get(asked.name, ())]
    if not any(hint in "".join(form) for hint in hints for form in forms):
        return False
    options = options_of(field)
    if asked.type == "text":
        known = words.tells.get(asked.name, frozenset())
        return sum(any(phrases_in(words_in(text), known)) for _, text in options) / len(options) >= _HINTED_SHARE
    read = translated(asked, options, words) if asked.values else bands(options, words)
    several = len({word for word in read.translations.values() if word}) >= 2
    return read.share >= _HINTED_SHARE and several and _say_more_than_yes(read, options, words)


def _usual(field: OrgField, asked: AskedFact, usual: FactMapping, words: NamePhrases) -> FieldCandidate:
    values = dict(usual.values or {})
    options = [(it.value, it.label) for it in field.choices if it.active and it.value not in values] if values else []
    more = translated(asked, options, words) if asked.values else Read({}, tuple(value for value, _ in options))
    met = not values or any(it.value in values for it in field.choices) or more.share >= 0.5
    if not field.choices:
        met = not values or not _free_text(field, asked, values, words)
    why = "the usual field for it"
    told = {**values, **more.translations}
    if field.filled == 0 and field.sampled >= _ENOUGH:
        return FieldCandidate(field.name, 0.5, f"{why}, and nothing stands there", told, more.unread)
    if field.filled is not None and field.filled < _HARDLY and field.sampled >= _ENOUGH:
        return FieldCandidate(field.name, 0.7, f"{why}, and hardly anything stands there", told, more.unread)
    return FieldCandidate(field.name, 1.0 if met else 0.4, why, told, more.unread)


def _free_text(field: OrgField, asked: AskedFact, values: Mapping[str, str | None], words: NamePhrases) -> bool:
    """Whether people write there what they like: no list, and what stands there is hardly ever a word of the fact."""
    if field.type != "text" or not field.filled:
        return False
    seen = [(text, text) for text, _ in field.values if text not in values]
    return len(seen) == len(field.values) and translated(asked, seen, words).share < _HALF


def _weighed(field: OrgField, asked: AskedFact, sure: float, why: str, words: NamePhrases) -> FieldCandidate:
    """With what its options say: those of the fact's make it surer than a name that is only near."""
    options = options_of(field)
    if asked.type == "choice" and asked.values:
        read = translated(asked, options, words)
    elif asked.type in _FIGURES and field.type in ("choice", "text"):
        read = bands(options, words, least=1 if asked.type == "integer" else 0)
    elif asked.type == "text" and asked.name in words.tells and options:
        return _told(field, asked, sure, why, words)
    else:
        return FieldCandidate(field.name, sure, why)
    if read.share < 0.5:
        return FieldCandidate(
            field.name, min(sure * 0.6, 0.5), f"{why}, but its values say something else", {}, read.unread
        )
    several = len({word for word in read.translations.values() if word}) > 1
    if read.share >= 0.6 and several and _say_more_than_yes(read, options, words):
        sure += (1 - sure) * 0.7 * read.share
    elif not several:
        sure *= 0.8
    if all(native == word for native, word in read.translations.items()) and asked.type in _FIGURES:
        read = Read({}, read.unread)
    return FieldCandidate(
        field.name, sure * (0.8 + 0.2 * read.share if read.unread else 1.0), why, read.translations, read.unread
    )


def _say_more_than_yes(read: Read, options: Iterable[tuple[str, str]], words: NamePhrases) -> bool:
    """Yes and no are answers to any question: they make no name surer."""
    said = {words_in(text) for value, text in options if read.translations.get(value)}
    return not said <= words.yes_and_no


def _told(field: OrgField, asked: AskedFact, sure: float, why: str, words: NamePhrases) -> FieldCandidate:
    """Of a text with a list: values as such texts have them make it surer."""
    known = words.tells[asked.name]
    options = options_of(field)
    share = sum(any(phrases_in(words_in(text), known)) for _, text in options) / len(options)
    return FieldCandidate(field.name, sure + (1 - sure) * 0.7 * share if share >= 0.5 else sure, why)


def _by_fill(org: KnownOrg, found: Sequence[FieldCandidate]) -> list[FieldCandidate]:
    """What is nearly empty beside a field that is full is not where the fact is kept."""
    filled = {
        it.name: it.filled
        for it in org.fields
        if it.filled is not None and it.sampled >= _ENOUGH and not (it.type == "boolean" and it.filled)
    }  # a tick box always holds something
    most = max((filled.get(it.field, 0.0) for it in found if it.confidence >= 0.6), default=0.0)
    if not most:
        return [
            replace(it, confidence=min(it.confidence, 0.5), why=f"{it.why}, and nothing stands there")
            if filled.get(it.field) == 0 and it.confidence > 0.5
            else it
            for it in found
        ]
    return [replace(it, confidence=it.confidence * _weight(filled.get(it.field), most)) for it in found]


def _weight(filled: float | None, most: float) -> float:
    if filled is None or filled >= most / 2:
        return 1.0 if filled is None else 0.95 + 0.05 * filled / most
    return 0.5 + 0.45 * filled / (most / 2)


def _the_only_one(org: KnownOrg, asked: AskedFact, found: list[FieldCandidate]) -> list[FieldCandidate]:
    """A figure that has the fact's word in its name is it, where no other filled field of its kind has it."""
    if asked.type not in ("integer", "number", "money") or any(it.confidence >= TAKEN_FROM for it in found):
        return found
    word = re.compile(rf"(?<![a-z]){re.escape(asked.name.replace('_', ' '))}(?![a-z])", re.I)
    fitting = [it for it in org.fields if it.type in ("number", "money") and word.search(it.label.replace("_", " "))]
    filled = [it for it in fitting if it.filled]
    if len(filled) != 1:
        return found
    return [FieldCandidate(filled[0].name, TAKEN_FROM, "the only filled figure that is called so"), *found]
