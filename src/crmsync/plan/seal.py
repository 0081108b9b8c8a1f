"""The seal of a plan that is written down: it breaks when anything of it is changed. Pure.

It keeps nobody from forging a plan on purpose; whoever may write the file may run crmsync as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEAL = "seal"


def sealed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with its seal as the last key."""
    return {**answer, SEAL: seal_of(answer)}


def seal_of(answer: Mapping[str, Any]) -> str:
    """A fingerprint of all keys and values but the seal itself; white space and the order of keys do not count."""
    content = _plain({key: value for key, value in answer.items() if key != SEAL})
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    """As JSON gives it back, whichever program has written it anew: 1.0 is 1."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
