"""`/_portal/settings`: the portal's switches, read and changed while it runs.

The path is no HubSpot path: it needs no token and counts against no limit. The control API of the practice CRM
(`/_practice/`) is the server's own; this is what only a HubSpot portal has.
"""

from __future__ import annotations

import msgspec

from crmsync.practice.hubspot.call import Answer, Call
from crmsync.practice.hubspot.errors import bad_json, validation
from crmsync.practice.hubspot.portal import Portal
from crmsync.practice.hubspot.settings import Settings
from crmsync.practice.hubspot.webhooks import on_loopback


def show(portal: Portal, _: Call) -> Answer:
    """`GET /_portal/settings`."""
    return Answer(200, msgspec.to_builtins(portal.settings))


def change(portal: Portal, call: Call) -> Answer:
    """`PATCH /_portal/settings` with the switches to change; answers all of them."""
    wanted = call.read(dict[str, object])
    unknown = sorted(set(wanted) - set(Settings.__dataclass_fields__))
    if unknown:
        raise validation(f"Unknown settings: {', '.join(unknown)[:200]}")
    try:
        changed = msgspec.convert({**msgspec.to_builtins(portal.settings), **wanted}, Settings)
    except msgspec.ValidationError as error:
        raise bad_json(str(error)) from error
    if changed.webhook_url is not None and not on_loopback(changed.webhook_url):
        raise validation("webhook_url must be a plain http address on loopback")
    for name in Settings.__dataclass_fields__:
        setattr(portal.settings, name, getattr(changed, name))
    return show(portal, call)
