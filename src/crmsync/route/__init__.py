"""Routing: who gets which lead, fairly and explainably. Pure: facts, counters and an instant in, owners out.

`roster_from` reads what roster.yaml says, `resolve` finds its people in one CRM, `assign` gives owners.
"""

from crmsync.route.absence_calendar import ReadCalendar, read_calendar
from crmsync.route.assignment import ASSIGNED, Assignments, assign
from crmsync.route.counters import Counters
from crmsync.route.fair import bound
from crmsync.route.loads import LOADS, PersonLoad, person_loads, pool_loads
from crmsync.route.needs import Held
from crmsync.route.orders import Credit, Order
from crmsync.route.resolution import Resolved, Skipped, resolve
from crmsync.route.roster import Roster, roster_from
from crmsync.route.roster_file import CalendarSource
from crmsync.route.turns import GivenBack, Reserved, give_back

__all__ = [
    "ASSIGNED",
    "LOADS",
    "Assignments",
    "CalendarSource",
    "Counters",
    "Credit",
    "GivenBack",
    "Held",
    "Order",
    "PersonLoad",
    "ReadCalendar",
    "Reserved",
    "Resolved",
    "Roster",
    "Skipped",
    "assign",
    "bound",
    "give_back",
    "person_loads",
    "pool_loads",
    "read_calendar",
    "resolve",
    "roster_from",
]
