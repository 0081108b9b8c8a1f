"""The last that is imported before warm processes are forked: what every practice CRM does first is done once.

The tables of fields that the practice CRMs read, what ruamel compiles when it is first used, and the shapes of files,
which pydantic builds when one is first read: 150 ms of each command. Nothing here may start a thread: a fork would
not take it along.
"""

from __future__ import annotations

import gc
from datetime import date

from pydantic import BaseModel

from crmsync.mapping import CrmMapping
from crmsync.operations.rehearse.configuration import mapping_text
from crmsync.qualify.language.policy import Policy
from crmsync.route.roster.roster_file import Roster
from crmsync.settings import Environment, SettingsFile
from crmsync_practice.backend import PracticeContext
from crmsync_practice.clock import Clock
from crmsync_practice.generate import generate_world
from crmsync_practice.hubspot import HubSpotSide
from crmsync_practice.records import Crm
from crmsync_practice.salesforce import SalesforceSide
from crmsync_practice.serve import application

_TODAY = date(2026, 1, 1)
_SIDES: dict[Crm, type[SalesforceSide] | type[HubSpotSide]] = {"salesforce": SalesforceSide, "hubspot": HubSpotSide}

_SHAPES: tuple[type[BaseModel], ...] = (SettingsFile, Environment, Policy, Roster, CrmMapping)

for _shape in _SHAPES:
    _shape.model_rebuild()

for _crm, _side in _SIDES.items():
    _context = PracticeContext(
        crm=_crm, timezone="UTC", today=_TODAY, seed=1, profile="calm", database=None, clock=Clock()
    )
    _filled = _side(_context)
    _filled.load(generate_world(1, 1, _TODAY, "UTC"))
    application(_filled, _context)
    mapping_text(_crm, _filled.attribute_fields(), _filled.lead_fields())
del _filled
gc.collect()
gc.freeze()  # else the first search for garbage in each process copies what it shares with the others
