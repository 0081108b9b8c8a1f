"""What a page's form sends: read up to a size, and taken only with the token of whoever was shown the form."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs

from starlette.requests import Request

MOST_BYTES = 4_000_000
"""A whole file may be sent: a policy, a mapping."""
MOST_BYTES_OUTSIDE = 200_000
"""By somebody who need not have signed in: a name, a password, the address of a page."""
_LONGEST_PLACE = 9
CSRF = "csrf"
"""The name of the field that holds the token; `parts.csrf(csrf)` writes it."""


class TooLarge(Exception):
    """More was sent than any form holds."""


class Form(Mapping[str, str]):
    """Names and what was sent under them; `all_of` where one name stands for several."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        """The last that was sent under it."""
        return self._values[name][-1]

    def __iter__(self) -> Iterator[str]:
        """Names."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many names."""
        return len(self._values)

    def all_of(self, name: str) -> tuple[str, ...]:
        """Everything that was sent under it."""
        return tuple(self._values.get(name, ()))


async def sent(request: Request, most_bytes: int = MOST_BYTES_OUTSIDE) -> Form:
    """What the request brings, and no more of it than that. Raises `TooLarge`, `ValueError` for too many fields."""
    return form_of(await received(request, most_bytes))


async def received(request: Request, most_bytes: int = MOST_BYTES) -> bytes:
    """The same, not looked at yet: to take a large one apart keeps everybody else waiting. Raises `TooLarge`."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            raise TooLarge
    return bytes(body)


def form_of(body: bytes) -> Form:
    """Names and values. Raises `ValueError` for too many."""
    text = body.decode("utf-8", "replace")
    return Form(parse_qs(text, keep_blank_values=True, max_num_fields=250_000))


def typed_in(form: Form) -> list[tuple[str, str]]:
    """Names and values in their order, without the token: what somebody has who sends the form once more."""
    return [(name, value) for name in form if name != CSRF for value in form.all_of(name)]


def place_in_list(number: str) -> int:
    """As a form names it; what is no place of a list is none that there is."""
    return int(number) if number.isascii() and number.isdigit() and len(number) <= _LONGEST_PLACE else -1


def token_of(secret: str) -> str:
    """What the forms of whoever holds the secret bring back. From it nobody gets to the secret."""
    return hmac.new(secret.encode(), b"crmsync forms", hashlib.sha256).hexdigest()


def right_token(form: Form, token: str) -> bool:
    """Whether the form was shown to whoever sends it."""
    return bool(token) and hmac.compare_digest(form.get(CSRF, "").encode(), token.encode())
