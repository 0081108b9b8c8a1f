"""What people write as a company's web address → its bare domain, to be compared with that of e-mails."""

from __future__ import annotations

import polars as pl

from crmsync.mapping.convert import filled

_ADDRESS = r"^(?:[a-z][a-z0-9+.-]*://|mailto:|//)?(?:[^/?#@\s]*@)?([^/?#:\s,;]+)(?::\d*)?(/[^?#\s,;]*)?"
"""Scheme, user, host, port, path. Of several addresses the first counts."""

_WWW = r"^(?:www\d?\.)+(.+\..+)$"

_DOMAIN = r"^[^\s.@]+(?:\.[^\s.@]+)+$"

_PAGE_HOSTS = (
    "linkedin.com", "xing.com", "facebook.com", "m.facebook.com", "fb.com", "instagram.com", "twitter.com", "x.com",
    "youtube.com", "google.com", "sites.google.com", "linktr.ee",
)  # fmt: skip
"""Companies have pages there: with a path behind it, the domain is the host's and not the company's."""


def domain_of(fields: tuple[str, ...]) -> pl.Expr:
    """The first of the native fields (website, domain or e-mail) that gives a domain; lower case, String."""
    return pl.coalesce([_domain(filled(field)) for field in fields])


def _domain(text: pl.Expr) -> pl.Expr:
    parts = text.str.to_lowercase().str.extract_groups(_ADDRESS)
    host = parts.struct.field("1").str.strip_chars_end(".").str.replace(_WWW, "$1")
    a_page = host.is_in(_PAGE_HOSTS) & (parts.struct.field("2").str.strip_chars("/") != "").fill_null(False)
    return pl.when(host.str.contains(_DOMAIN) & ~a_page).then(host)
