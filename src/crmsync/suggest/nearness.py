"""How near what a field is called is to what people call a fact. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crmsync.suggest.names import Words, phrases_in
from crmsync.suggest.vocabulary import NamePhrases

_PART = 0.96
"""How near a part of a name can come."""
_OTHER = 0.55
"""How near a name can come that is in full what another fact is called: no rival of what is called so."""
_QUESTION = 3
"""Phrases of so many words are what a name is about, whatever else stands there ("How many people work for you?")."""
_NAMES = 0.9
"""How near a name comes that is made of names of the fact and of nothing else."""
_HEAD = 0.84
"""How near a compound comes that ends in what a fact is called ("Kundenbranche")."""
_LONG = 6
"""Letters from which a word can be the end of a compound, or be misspelt and still be known."""

_MISTAKES = 2
"""Letters too many or too few that a misspelt name can have."""


@dataclass(frozen=True, slots=True)
class FactNames:
    """What one fact is called, prepared for comparing. `phrases`: with their letters that say something.

    `states`: values of the fact that names may carry along; `others`: names of other facts.
    """

    whole: frozenset[str]
    bare: frozenset[Words]
    phrases: Mapping[Words, int]
    heads: tuple[str, ...]
    states: tuple[str, ...]
    others: frozenset[str]
    words: NamePhrases

    def nearness(self, forms: Mapping[Words, bool]) -> float:
        """0 … 1 of the nearest of the forms; less where they tell of other things."""
        best = 0.0
        by: Words = ()
        for form, whole in forms.items():
            near, phrase = self._of(form)
            near = min(near, 1.0 if whole else _PART)
            if near > best:
                best, by = near, phrase
        if not best:
            return 0.0
        away = {it for form in forms for it in phrases_in(form, self.words.elsewhere)}
        return best * 0.6 if away - set(phrases_in(by, self.words.elsewhere)) else best

    def _of(self, form: Words) -> tuple[float, Words]:
        """With the phrase that came near."""
        name = "".join(form)
        if name in self.whole:
            return 1.0, form
        core = tuple(it for it in form if not self._says_little(it)) or form
        most = _OTHER if name in self.others or "".join(core) in self.others else 1.0
        if tuple(sorted(core)) in self.bare or "".join(core) in self.whole:
            return min(0.95, most), core
        near, phrase = self._within(form, core)
        if near < _HEAD and (head := self._head(core)):
            near, phrase = _HEAD, (head,)
        if not near:
            near = self._misspelt(name)
        return min(near, most), phrase

    def _says_little(self, word: str) -> bool:
        """A year, a word of any name, or a value of the fact, as in "budget approved", "konkreter Bedarf"."""
        if word.isdigit() or word in self.words.noise:
            return True
        return any(word.startswith(it) and len(word) - len(it) <= 2 for it in self.states)

    def _within(self, form: Words, core: Words) -> tuple[float, Words]:
        """By a phrase that is a part of the name: the more of the name it is, the nearer."""
        best = 0.0
        by: Words = ()
        for phrase in phrases_in(form, self.phrases):
            near = 0.55 + 0.35 * min(1.0, self.phrases[phrase] / len("".join(core)))
            near = 0.92 if len(phrase) >= _QUESTION else near
            if near > best:
                best, by = near, phrase
        if best and best < _NAMES and self._made_of_names(core):
            return _NAMES, form
        return best, by

    def _made_of_names(self, core: Words) -> bool:
        """Whether it is several names of the fact in a row ("gérant propriétaire")."""
        return len(core) > 1 and all((word,) in self.phrases for word in core)

    def _head(self, core: Words) -> str | None:
        if len(core) != 1:
            return None
        ends = [it for it in self.heads if core[0].endswith(it)]
        away = any(core[0].startswith("".join(it)) for it in self.words.elsewhere)
        return max(ends, key=len) if ends and not away else None

    def _misspelt(self, name: str) -> float:
        if len(name) < _LONG:
            return 0.0
        like = [it for it in self.heads if it[0] == name[0] and abs(len(it) - len(name)) <= _MISTAKES]
        found = difflib.get_close_matches(name, like, 1, 0.85)
        return 0.95 * difflib.SequenceMatcher(None, name, found[0]).ratio() if found else 0.0


def fact_names(fact: str, also: Iterable[Words], words: NamePhrases) -> FactNames:
    """`also`: what the policy itself calls the fact."""
    phrases = words.facts.get(fact, frozenset()) | frozenset(also)
    bare = {phrase: tuple(word for word in phrase if word not in words.noise) or phrase for phrase in phrases}
    joined = frozenset("".join(phrase) for phrase in phrases)
    others = {"".join(it) for name, called in words.facts.items() if name != fact for it in called} - joined
    states = {phrase[0] for phrase in words.options.get(fact, {}) if len(phrase) == 1 and len(phrase[0]) >= 5}
    return FactNames(
        whole=joined,
        bare=frozenset(tuple(sorted(it)) for it in bare.values()),
        phrases={phrase: len("".join(bare[phrase])) for phrase in phrases},
        heads=tuple(sorted(it for it in joined if len(it) >= _LONG)),
        states=tuple(sorted(states)),
        others=frozenset(others),
        words=words,
    )
