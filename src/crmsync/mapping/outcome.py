"""Which facts of a CRM tell what became of a lead after the ladder. Reports look at it, decisions do not."""

from __future__ import annotations

from crmsync.mapping.parts import MappingPart

DAYS = ("date", "datetime")
AMOUNTS = ("money", "number", "integer")


class OutcomeMapping(MappingPart):
    """Facts of this mapping, for forecasts of wins and revenue; nothing is decided by this.

    `won_on`: the day on which the lead was won, empty while it is not. `amount`: for how much.
    """

    won_on: str
    amount: str | None = None
