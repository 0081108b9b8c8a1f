"""A language other than English: messages by its catalogue, numbers and days as Babel knows them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from gettext import GNUTranslations

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from crmsync.tongue import Tongue

OF_POLICIES = "policy"
"""The context of the shipped policies' own words."""


class Translated(Tongue):
    """A message that the catalogue does not have stays English."""

    def __init__(self, code: str, catalogue: GNUTranslations) -> None:
        self.code = code
        self._catalogue = catalogue
        self._locale = Locale.parse(code)

    def text(self, message: str) -> str:
        """From the catalogue."""
        return self._catalogue.gettext(message)

    def texts(self, one: str, many: str, count: float) -> str:
        """A fraction is never one, and takes the form of several."""
        return self._catalogue.ngettext(one, many, int(count) if count == int(count) else 2)

    def own(self, words: str) -> str:
        """From the catalogue's part for policies."""
        return self._catalogue.pgettext(OF_POLICIES, words) if words else words

    def number(self, value: float) -> str:
        """With groups, and all digits that it has."""
        return format_decimal(value, locale=self._locale, decimal_quantization=False)

    def plain_number(self, value: float | Decimal) -> str:
        """Without groups."""
        return format_decimal(value, locale=self._locale, decimal_quantization=False, group_separator=False)

    def decimals(self, value: float) -> str:
        """To two decimals."""
        return format_decimal(value, format="0.00", locale=self._locale)

    def figures(self, value: float, digits: int = 10) -> str:
        """To so many digits."""
        return self.plain_number(float(f"{value:.{digits}g}"))

    def day(self, day: date) -> str:
        """Such as `3. März 2027` is short for."""
        return format_date(day, format="medium", locale=self._locale)

    def instant(self, at: datetime) -> str:
        """To the minute: nobody reads the rest."""
        return self.moment(at)

    def moment(self, at: datetime) -> str:
        """The day and the time to the minute."""
        return f"{self.day(at.date())} {format_time(at.time(), format='short', locale=self._locale)}"
