"""A call to a CRM as a span: method, path without ids, status. Never a query, an id or an e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from crmsync.spans import span

_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}(?:__c)?|v\d{1,3}(?:\.\d{1,2})?|oauth2", re.ASCII)
_NAMES_A_VALUE = re.compile(r"\w+__c|email|utk|domain", re.ASCII)
"""Behind these stands a value of a record."""


def path_template(url: str) -> str:
    """The path with `{}` for whatever is no word of the API's own: ids, locators, e-mails, values of fields."""
    told, before = [], ""
    for part in urlsplit(url).path.split("/")[1:]:
        is_word = _WORD.fullmatch(part) and not _NAMES_A_VALUE.fullmatch(before)
        told.append(part if is_word or not part else "{}")
        before = part
    return "/" + "/".join(told)


@contextmanager
def call_span(method: str, url: str) -> Iterator[Callable[[int], None]]:
    """Around one call; tell it the status of the answer."""
    template = path_template(url)
    with span(f"{method} {template}", {"http.request.method": method, "url.template": template}, call=True) as told:
        yield lambda status: told({"http.response.status_code": status})
