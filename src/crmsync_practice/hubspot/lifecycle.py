"""The lifecycle stage: forward only, cleared before it goes back, and the dates that follow it.

A backward write through the API succeeds and changes nothing (wire notes, sections 0.4 and 5); what a PATCH
echoes then is unknown, here the stored value. Switches: settings.lifecycle.
"""

from __future__ import annotations

from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.instants import iso

STAGE = "lifecyclestage"


def direction(definition: Definition, before: str | None, after: str | None) -> int:
    """+1 forward, 0 no change or unknown, -1 backward; from and to an empty stage counts as forward."""
    if before is None or after is None or before == after:
        return 0 if before == after else 1
    order = {option.value: option.order for option in definition.options}
    if before not in order or after not in order:
        return 1
    return 1 if order[after] > order[before] else -1


def stage_dates(definition: Definition, before: str | None, after: str | None, now: int) -> dict[str, str | None]:
    """The derived dates to set (None: clear) when the stage moves from one value to another."""
    dates: dict[str, str | None] = {}
    if before == after:
        return dates
    if before is not None:
        dates[f"hs_v2_date_exited_{before}"] = iso(now)
    if after is not None:
        dates[f"hs_v2_date_entered_{after}"] = iso(now)
        dates[f"hs_date_entered_{after}"] = iso(now)
        dates[f"hs_lifecyclestage_{after}_date"] = iso(now)
    order = {option.value: option.order for option in definition.options}
    for value, position in order.items():
        if after is not None and position > order.get(after, position):
            dates[f"hs_lifecyclestage_{value}_date"] = None
    return dates
