"""Freeing a CRM's own words of personal data and secrets before they go into a message."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from html import escape
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretStr

LONGEST_MESSAGE = 300
_LONGEST_TEXT = 10 * LONGEST_MESSAGE
"""More is not looked at: an answer may hold megabytes, and none of it would be shown."""

_SHORTEST_SECRET = 6

_SECRET = re.compile(
    r"""
    \b(?:Bearer|Basic)\s+[\w.~+/!=-]+              # Authorization values
    | \beyJ[\w-]+\.[\w-]+\.?[\w-]*                 # JSON web tokens
    | \b00D\w{9,15}![\w.]+                         # Salesforce sessions
    | \bpat-\w{2,4}-[0-9a-fA-F-]{8,}               # HubSpot private apps
    | (?<=access_token=)[^\s&"']+ | (?<=refresh_token=)[^\s&"']+
    | \b[A-Za-z0-9_-]{40,}\b                       # long opaque words
    """,
    re.VERBOSE,
)
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=\[\]{}]+@[^\s@<>\"'(),;:=\[\]{}]+")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_NUMBER = re.compile(r"(?<![\w])\+?\(?\d[\d ()./-]{5,}\d(?![\w])")


def redacted(text: str, *, keep: Collection[str] = (), longest: int = LONGEST_MESSAGE) -> str:
    """The text without e-mail addresses, phone-like numbers and tokens, on one line of at most so many characters.

    `keep`: native ids known to be no phone numbers; they stay. Names of people stay as well: for a CRM's words about
    records there is `crm_words`.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:_LONGEST_TEXT]).split())
    line = _EMAIL.sub("[e-mail]", _SECRET.sub("[secret]", line))
    line = _NUMBER.sub(lambda found: _number(found.group(), keep), line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def scrubbed(body: bytes, secrets: Iterable[str]) -> bytes:
    """An answer without our own secrets, which some servers repeat; as JSON, XML and URLs spell them, too.

    Secrets of fewer than 6 characters are left alone: they would stand in every other word.
    """
    spellings = {
        spelling
        for secret in secrets
        if len(secret) >= _SHORTEST_SECRET
        for spelling in (
            secret,
            json.dumps(secret)[1:-1],
            escape(secret),
            escape(secret, quote=False),
            quote(secret, safe=""),
            quote_plus(secret),
        )
    }
    for spelling in sorted(spellings, key=len, reverse=True):  # else one within another would leave the other's rest
        body = body.replace(spelling.encode(), b"[secret]")
    return body


def secrets_of(settings: BaseModel) -> frozenset[str]:
    """The secrets among a connector's settings, as they were given."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return frozenset(value.get_secret_value().strip() for value in values if isinstance(value, SecretStr))


def without_addresses(text: str) -> str:
    """The text without e-mail addresses, with all its lines: for crmsync's own words, in which nothing else is."""
    return _EMAIL.sub("[e-mail]", text)


def _number(found: str, keep: Collection[str]) -> str:
    digits = sum(c.isdigit() for c in found)
    if found in keep or digits < 7 or _INSTANT.fullmatch(found):
        return found
    return "[number]"
