"""JSON answers with a text that is none: half a character, or a byte that is not UTF-8.

One such text would make the whole answer unreadable. Here the broken place becomes U+FFFD, and all else stays as it
is. NUL, which databases refuse in texts, becomes U+FFFD as well.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
# From left to right, so that an escaped backslash is no beginning of an escape.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # two halves: a character
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u0000)"  # half of one, or NUL
    rb"|\\."
)


def sound_json(body: bytes) -> bytes:
    """The same JSON as UTF-8 without half characters, bytes that are no text, NUL, or a byte order mark."""
    if body.startswith(_BYTE_ORDER_MARK):
        body = body[len(_BYTE_ORDER_MARK) :]
    if _SUSPECT.search(body):
        body = _ESCAPES.sub(lambda found: _REPLACEMENT if found[1] else found[0], body)
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode(errors="replace").encode()
    return body


def decoded_json(body: bytes) -> Any:
    """What a JSON answer says, its texts mended; NaN and infinities, which JSON does not know, as those words.

    Raises ValueError for what is no JSON, or nested too deeply.
    """
    sound = sound_json(body)
    try:
        return msgspec.json.decode(sound)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return json.loads(sound, parse_constant=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None
