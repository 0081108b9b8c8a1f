"""The tongue of a language: English as it is written in the code, others by their catalogue."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from importlib.resources import files

from crmsync.languages.known import Language
from crmsync.tongue import ENGLISH, Tongue

DOMAIN = "crmsync"


@cache
def tongue_of(language: Language) -> Tongue:
    """Read once a process. What other languages need is imported when one of them is asked for."""
    if language == "en":
        return ENGLISH
    from crmsync.languages.translated import Translated  # noqa: PLC0415 - reads the world's forms of numbers

    return Translated(language, catalogue_of(language))


@cache
def catalogue_of(language: str) -> GNUTranslations:
    """The compiled messages of a language, read once a process: 16 ms."""
    folder = files("crmsync.languages") / "locale" / language / "LC_MESSAGES"
    with (folder / f"{DOMAIN}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)
