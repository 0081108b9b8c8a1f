"""The languages that texts are there in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["de", "en", "it", "nb", "nl"]
LANGUAGES: Mapping[Language, str] = {
    "de": "German",
    "en": "English",
    "it": "Italian",
    "nb": "Norwegian",
    "nl": "Dutch",
}
"""Code (ISO 639-1) → name."""
_ALSO: Mapping[str, Language] = {"no": "nb", "nn": "nb"}
"""Norwegian is written as Bokmål."""


def language_meant(code: object) -> object:
    """The code of a language as it may be written: `IT`, `it_IT`, `no`; what is no such code stays as it is."""
    if not isinstance(code, str):
        return code
    short = code.strip().replace("-", "_").partition(".")[0].partition("_")[0].lower()
    return _ALSO.get(short, short) if short in LANGUAGES or short in _ALSO else code
