"""The made-up firm behind generated data: its people, and the words its leads are made of.

All names are common ones put together at random; e-mail addresses lie on `.example`, a domain that cannot
exist.
"""

from __future__ import annotations

from random import Random

from crmsync_practice.records import User


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Amara Anna Ben Carla Chen Daan Elif Emma Erik Fatima Felix Giulia Greta Hana Hugo Ines Ivan Jana "
    "Jonas Julia Kofi Lars Laura Lena Liam Lucia Luca Maja Marco Maria Mateo Mia Nadia Nina Noah Nora "
    "Olga Omar Paolo Priya Rosa Ruben Sara Sofia Stefan Tariq Theo Tom Valentina Yuki Zoë Søren Łukasz "
    "Bjørn"
)
LAST_NAMES = _words(
    "Andersen Bakker Bauer Bianchi Brown Costa Danieli Davies Dubois Eriksen Fischer Garcia Greco Haas "
    "Hansen Hoffmann Jansen Johnson Keller Khan Kowalski Larsen Leroy Lopez Marino Martin Meyer Moreau "
    "Müller Nguyen Novak Okafor Olsen Patel Peeters Rossi Russo Schmidt Silva Smith Sørensen Tanaka "
    "Visser Wagner Weber Wilson Wójcik Yamada Zimmermann"
)
COMPANY_NAMES = _words(
    "Alder Amber Arbor Aurora Basalt Beacon Birch Borealis Brook Cedar Cinder Clover Cobalt Comet Coral "
    "Crest Delta Ember Falcon Fjord Garnet Glacier Granite Harbor Hazel Heron Indigo Ivory Juniper "
    "Kestrel Lagoon Larch Linden Lumen Maple Meadow Meridian Mistral Nimbus Nordic Oak Onyx Opal Orchard "
    "Osprey Pebble Pine Polar Prairie Quartz Raven Ridge River Rowan Saffron Sage Sierra Silver Slate "
    "Solstice Sparrow Summit Thistle Timber Tundra Umber Vale Velvet Verdant Vista Willow Zenith"
)
COMPANY_TRADES = _words(
    "Analytics Bank Biotech Capital Clinics Consulting Dairy Dental Design Energy Engineering Foods "
    "Freight Games Hotels Insurance Labs Legal Logistics Machines Media Mobility Pharma Retail Robotics "
    "Schools Software Steel Studios Systems Telecom Textiles Travel Works"
)
COMPANY_FORMS = ("GmbH", "Ltd", "Inc", "BV", "AS", "Srl", "SA", "AG")

INDUSTRIES = (
    "Software",
    "Consulting",
    "Manufacturing",
    "Retail",
    "Healthcare",
    "Banking",
    "Education",
    "Media",
    "Energy",
    "Transportation",
)
COUNTRIES = (
    "Germany",
    "Netherlands",
    "Italy",
    "Norway",
    "United Kingdom",
    "United States",
    "Canada",
    "France",
    "Austria",
    "Switzerland",
)
TITLES = (
    ("Chief Executive Officer", "c_level"),
    ("Founder", "c_level"),
    ("Chief Marketing Officer", "c_level"),
    ("VP Sales", "vp"),
    ("Head of Marketing", "director"),
    ("IT Director", "director"),
    ("Operations Manager", "manager"),
    ("Marketing Manager", "manager"),
    ("Project Manager", "manager"),
    ("Business Analyst", "individual"),
    ("Marketing Specialist", "individual"),
    ("Student", "individual"),
)
LEAD_SOURCES = ("Web", "Webinar", "Trade Show", "Partner Referral", "Advertisement", "Purchased List", "Other")
CAMPAIGNS = (
    "Spring e-book",
    "Pricing guide",
    "Webinar series",
    "Trade fair",
    "Search ads",
    "Newsletter",
    "Partner programme",
)
EMPLOYEES = (4, 12, 25, 48, 80, 120, 250, 400, 800, 1500, 5200)
GOALS = ("more traffic to the site", "more leads from search", "a shorter sales cycle", "fewer manual reports")
NEED_DETAILS = (
    "Spreadsheets no longer carry the planning of 40 projects",
    "Three tools hold three versions of the customer list",
    "Reports for the board take a week every month",
    "Hand-overs between teams get lost",
)

_BDRS = (
    ("Nora Haas", "DACH", "Europe/Berlin"),
    ("Liam Davies", "UKI", "Europe/London"),
    ("Sofia Marino", "South", "Europe/Rome"),
    ("Omar Johnson", "Americas", "America/New_York"),
)
_AES = (
    ("Greta Fischer", "DACH", "Europe/Berlin", ("Germany", "Austria")),
    ("Jonas Keller", "DACH", "Europe/Zurich", ("Switzerland", "Germany")),
    ("Emma Wilson", "UKI", "Europe/London", ("United Kingdom",)),
    ("Theo Brown", "UKI", "Europe/London", ("United Kingdom", "Norway")),
    ("Giulia Rossi", "South", "Europe/Rome", ("Italy", "France")),
    ("Hugo Moreau", "South", "Europe/Paris", ("France", "Netherlands")),
    ("Maria Lopez", "Americas", "America/New_York", ("United States", "Canada")),
    ("Noah Smith", "Americas", "America/Los_Angeles", ("United States",)),
)


def make_users(random: Random, leads: int) -> tuple[User, ...]:
    """BDRs, AEs in four teams (more of them in a bigger firm), a manager, two leavers and a queue."""
    users = [_person(name, "bdr", team, zone, ()) for name, team, zone in _BDRS]
    users += [_person(name, "ae", team, zone, territories) for name, team, zone, territories in _AES]
    taken = {user.name for user in users}
    for _ in range(min(32, leads // 5000)):
        _, team, zone, territories = random.choice(_AES)
        name = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
        if name not in taken:
            taken.add(name)
            users.append(_person(name, "ae", team, zone, territories))
    users.append(_person("Carla Visser", "manager", "DACH", "Europe/Amsterdam", ()))
    users.append(_person("Felix Wagner", "ae", "DACH", "Europe/Berlin", ("Germany",), active=False))
    users.append(_person("Ines Silva", "bdr", "South", "Europe/Lisbon", (), active=False))
    users.append(User(id="queue-inbound", type="queue", name="Inbound leads"))
    return tuple(users)


def ascii_slug(text: str) -> str:
    """Lower-case ASCII with dashes, for addresses."""
    table = str.maketrans({"ø": "o", "ü": "u", "ö": "o", "ä": "a", "ł": "l", "ó": "o", "ë": "e", "Ł": "L", "Ø": "O"})
    return "-".join(text.translate(table).lower().split())


def _person(name: str, role: str, team: str, zone: str, territories: tuple[str, ...], *, active: bool = True) -> User:
    slug = ascii_slug(name)
    return User(
        id=f"user-{slug}",
        type="person",
        name=name,
        email=f"{slug.replace('-', '.')}@ourfirm.example",
        roles=(role,),
        active=active,
        team=team,
        territories=territories,
        timezone=zone,
    )
