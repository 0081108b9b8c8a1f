"""Values as YAML on one line, which every reader of YAML reads alike."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from crmsync.configuration.unseen import escaped

_PLAIN = re.compile(r"[A-Za-z_][\w.+-]*(?: (?:[\w.+()/-]+))*")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"}


def flow(value: Any) -> str:
    """A text, number, truth value, null, day, list or mapping, in flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return value if _plain(value) else escaped(json.dumps(value, ensure_ascii=False))
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


def _plain(text: str) -> bool:
    """Whether it needs no quotes; `none` is a word of policies, and means itself in every version of YAML."""
    return _PLAIN.fullmatch(text) is not None and (text == "none" or text.lower() not in _WORDS) and text.isascii()


def comment(text: str) -> str:
    """Words that may be anybody's, as the rest of a line after `#`."""
    return re.sub(r"\s+", " ", "".join(sign if sign.isprintable() else " " for sign in text)).strip()[:90]
