"""A CRM's own words of refusal, without what may be a person's or a company's.

Such words are written by an org's admins, by its code, or by the CRM, and may repeat any record: the one that was
written, or one that it collides with. What is known of the records concerned is taken out. What remains passes word
by word: words in small letters, words that every CRM uses, names of fields, codes, ids; any other word that is
written like a name gives way to `…`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from crmsync.sdk.redaction import LONGEST_MESSAGE, redacted
from crmsync.sdk.usual_words import USUAL_WORDS

_LONGEST_TEXT = 10 * LONGEST_MESSAGE
_LONGEST_CODE = 60
_FEWEST_WORDS = 2
"""With fewer words left than this, a text tells nothing."""
_FEWEST_LETTERS_WITHIN = 4
"""From so many letters on, a part of a record's value is also found within another word."""

_CODE = re.compile(
    r"(?:[A-Z][A-Z0-9]*|[A-Za-z0-9]+(?:[_:.-][A-Za-z0-9]+)+|[A-Z][A-Za-z]*(?:Exception|Error|Enabled))"
)
_QUOTED = re.compile(r"""(?P<left>["“‘]|(?<!\w)')(?P<inner>[^"“”‘’']*)(?P<right>["”’]|'(?!\w))""")
_VALUE = re.compile(r"\bvalue=[^,}\]]*")
_FIELD = re.compile(r"[A-Za-z]\w*__(?:c|r|pc)|[a-z][a-z0-9]*(?:_[a-z0-9]+)+|lifecyclestage|hs[a-z]+")
_CODE_WORD = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_ID = re.compile(r"(?=\w*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_PLACEHOLDERS = {"[e-mail]", "[number]", "[secret]"}
_WORD = re.compile(r"\[e-mail\]|\[number\]|\[secret\]|\w+(?:['’-]\w+)*")
_GAPS = re.compile(r"…(?:[\s,;/·&+-]*…)+")


def crm_words(text: str, *, of: Iterable[str | None] = (), keep: Collection[str] = ()) -> str:
    """What may be told of a CRM's own words, on one line, at most 300 characters; empty where nothing is left.

    `of`: values of the records concerned: what was sent, what was read, name, company, e-mail; they are taken out in
    any case, also as parts. `keep`: ids, and names of fields, that may stand there.
    """
    known = {*keep}
    line = _VALUE.sub("value=…", _QUOTED.sub(lambda found: _quoted(found, known), text[:_LONGEST_TEXT]))
    values = [value for value in of if value]
    for phrase in _phrases(values):  # also of words that everybody uses
        line = phrase.sub("…", line)
    parts = _parts(values, known)
    passed = 0

    def passing(found: re.Match[str]) -> str:
        nonlocal passed
        word = found[0]
        if word in _PLACEHOLDERS:
            return word
        if not _passes(word, known) or _is_part(word, parts, known):
            return "…"
        passed += word.isalpha()
        return word

    line = _GAPS.sub("…", _WORD.sub(passing, redacted(line, keep=known, longest=_LONGEST_TEXT)))
    if passed < _FEWEST_WORDS:
        return ""
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"


def crm_code(text: object) -> str:
    """A CRM's code for a fault; empty for what is none: a code has no spaces and no end of its own."""
    code = text if isinstance(text, str) else ""
    return code if len(code) <= _LONGEST_CODE and _CODE.fullmatch(code) and "@" not in code else ""


def field_names(names: object) -> tuple[str, ...]:
    """Those of what a CRM gives as a list of fields that can be names of fields."""
    listed = names if isinstance(names, list) else [names]
    return tuple(name for name in listed if isinstance(name, str) and re.fullmatch(r"[A-Za-z]\w{0,79}", name))[:10]


def label_words(labels: Iterable[str]) -> frozenset[str]:
    """The words of an admin's labels, which are no person's: to be kept in the admin's own messages."""
    return frozenset(word for label in labels for word in _WORD.findall(label))


def _quoted(found: re.Match[str], known: Collection[str]) -> str:
    inner = found["inner"]
    return found[0] if inner in known or _FIELD.fullmatch(inner) else f"{found['left']}…{found['right']}"


def _phrases(values: Iterable[str]) -> Iterator[re.Pattern[str]]:
    """Of each value of several words, what finds it however its words are parted."""
    for value in values:
        words = re.findall(r"\w+", value)
        if len(words) > 1:
            yield re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b", re.IGNORECASE)


def _parts(values: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """The words of the values, folded, without those that everybody uses."""
    words = {word.casefold() for value in values for word in re.findall(r"\w+", value)}
    return frozenset(word for word in words if len(word) > 1) - USUAL_WORDS - {each.casefold() for each in known}


def _is_part(word: str, parts: Collection[str], known: Collection[str]) -> bool:
    if word in known or _ID.fullmatch(word) or _CODE_WORD.fullmatch(word):
        return False
    folded = [piece.casefold() for piece in re.findall(r"\w+", word)]
    return any(
        piece in parts
        or (piece not in USUAL_WORDS and any(part in piece for part in parts if len(part) >= _FEWEST_LETTERS_WITHIN))
        for piece in folded
    )


def _passes(word: str, known: Collection[str]) -> bool:
    if (
        word in known
        or word.isdecimal()
        or _CODE_WORD.fullmatch(word)
        or _FIELD.fullmatch(word)
        or _ID.fullmatch(word)
    ):
        return True
    pieces = re.findall(r"\w+", word)
    return all(_is_small(piece) or piece.casefold() in USUAL_WORDS or piece in known for piece in pieces)


def _is_small(word: str) -> bool:
    """Letters only, all small, in a script that has large ones."""
    return word.isdecimal() or (word.isalpha() and word.islower())
