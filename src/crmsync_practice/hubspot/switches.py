"""What `/_practice/switches` of a portal turns: its settings, while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from crmsync_practice.deliveries import on_loopback
from crmsync_practice.hubspot.settings import Settings
from crmsync_practice.reading import RecordRefused


def change(settings: Settings, changes: Mapping[str, Any]) -> None:
    """Turns some switches in place. Raises RecordRefused with the name of a wrong one, and then turns none."""
    try:
        changed = msgspec.convert({**msgspec.to_builtins(settings), **changes}, Settings)
    except msgspec.ValidationError as error:
        raise RecordRefused(str(error)) from error
    if changed.webhook_url is not None and not on_loopback(changed.webhook_url):
        raise RecordRefused("webhook_url must be a plain http address on loopback")
    for name in Settings.__dataclass_fields__:
        setattr(settings, name, getattr(changed, name))
