"""Names of CRMs as words: without case, accents, endings of custom fields and what an account puts before its own."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

Words = tuple[str, ...]

_PREFIX_FIELDS = 3
"""So many fields of an account begin with the same word before it counts as the account's mark."""
_CAMEL = re.compile(r"(?<=[a-zà-öø-ÿ0-9])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_ENDINGS = ("en", "em", "es", "os", "as", "e", "o", "a", "i", "s")
_NAME = 120
"""So many signs a name or an option has at most, as a rule; what is longer somebody wrote."""
_FEW = 16
"""So many words have few parts, whatever is looked for there."""
_STEM = 4
"""Letters that are left at least: shorter words are told apart by their endings."""
_JOINTS = ("ens", "en", "er", "es", "s", "n")
"""What joins the parts of compounds."""
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "å": "a"})


def words_in(text: str) -> Words:
    """`BudgetConfirmed__c` → budget, confirmed; `Größe`, `Groesse`, `Grosse` → the same word."""
    return _known_words(text) if len(text) <= _NAME else _words(text)


@lru_cache(maxsize=20_000)
def _known_words(text: str) -> Words:
    """Of names and options: a CRM has the same again and again. What people wrote is not kept."""
    return _words(text)


def _words(text: str) -> Words:
    bare = re.sub(r"__c$", "", text)
    return tuple(_folded(word) for word in re.split(r"[\W_]+", _CAMEL.sub(" ", bare)) if word)


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    # Umlauts are written either way in technical names; words of three letters or less are abbreviations.
    return _stem(re.sub("([aou])e", r"\1", plain)) if len(plain) > 3 else plain


def _stem(word: str) -> str:
    """Without an ending that tells number, gender or case: `approvata`, `approvati` → approvat; `keine` → kein."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word.removesuffix(ending)
    return word


def place_of(phrase: Words, words: Words) -> int | None:
    """Where a phrase begins within words that follow one another; null = it is not there."""
    size = len(phrase)
    return next((at for at in range(len(words) - size + 1) if words[at : at + size] == phrase), None)


def phrases_in(words: Words, known: Collection[Words]) -> Iterator[Words]:
    """Those of the known phrases that stand within words, each as often as it does."""
    most = len(words) if len(words) <= _FEW else max(map(len, known), default=0)  # a text may have thousands
    for start in range(len(words)):
        for end in range(start + 1, min(start + most, len(words)) + 1):
            if words[start:end] in known:
                yield words[start:end]


def marks_of(names: Iterable[Words]) -> frozenset[str]:
    """First words of so many names that they say whose the fields are and not what they hold."""
    first: Counter[str] = Counter(words[0] for words in names if len(words) > 1)
    return frozenset(word for word, count in first.items() if count >= _PREFIX_FIELDS)


def forms_of(
    name: str, label: str, marks: frozenset[str], short: Mapping[str, Words], before: frozenset[str]
) -> Mapping[Words, bool]:
    """The ways to read what a field is called: as it stands, in parts, without the account's mark, in full words.

    The value says whether it is all that the field is called rather than a part.
    """
    own = name.split("__", 1)[1] if name.count("__") > 1 else name  # a package's name stands before its fields
    found: dict[Words, bool] = {}
    parts = re.sub(r"\(.*?\)", " ", label).split("/")
    for text, whole in ((label, True), (own, True), *((part, False) for part in parts)):
        words = words_in(text)
        for form in (words, words[1:] if words and words[0] in marks else ()):
            if form:
                found.setdefault(form, whole)
                found.setdefault(tuple(full for word in form for full in short.get(word, (word,))), whole)
                found.setdefault(tuple(_last_part(word, before) for word in form), False)
    return found


def _last_part(word: str, before: frozenset[str]) -> str:
    """`kundenbranche` → branche: without the first part and what joins them."""
    for it in before:
        rest = word.removeprefix(it)
        if rest != word:
            joined = next((rest.removeprefix(sign) for sign in _JOINTS if rest.startswith(sign)), rest)
            if len(joined) >= _STEM:
                return joined
    return word
