"""A strategy planted as an author would: one file more in `strategies/`, in whole runs, incremental ones included."""

import sys
from contextlib import closing

import pytest
from routed_runs import Firm, users_named
from routing_world import leads, owners, resolved, roster_of, route

from crmsync.route import strategies
from crmsync.route.choosing.strategy import Need, NotDeclared
from crmsync.route.registry import STRATEGIES, strategies_found
from crmsync.route.roster.roster_file import RoutingRule

FEWEST = '''"""Fewest: the person of the pool with the fewest open leads, else the next rule."""

from crmsync.route.choosing.strategy import Need, nobody_free

NEEDS = frozenset({NEEDS})


def choose(desk):
    free, passed = desk.available(desk.pool())
    if not free:
        return nobody_free(desk.pool_name, passed)
    return desk.give(min(free, key=desk.open_leads), "has the fewest", passed)
'''
NEIGHBOUR = '''"""Neighbour: who owns another lead of the same company. Passes to the next rule when nobody does."""

from crmsync.route.choosing.strategy import Need, nobody

NEEDS = frozenset({NEEDS})


def choose(desk):
    for owner in desk.known_owners():
        member = desk.member(owner.user)
        if member and desk.may_own(member):
            return desk.give(member, "is the neighbour")
    return nobody("no neighbour")
'''
ROSTER = """format: 1
people:
  - {user: bert@firm.example, role: bdr}
  - {user: ann@firm.example, role: ae}
  - {user: ben@firm.example, role: ae}
"""


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Write a strategy's file and let it be found; afterwards nothing is left of it."""
    folder = tmp_path / "strategies"
    folder.mkdir()
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(folder)])

    def planted(name, text):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        try:
            monkeypatch.setitem(STRATEGIES, name, strategies_found()[name])
        finally:
            sys.modules.pop(f"{strategies.__name__}.{name}", None)
            strategies.__dict__.pop(name, None)

    return planted


def firm(tmp_path, rule):
    """Ann has five open leads, Ben one; there is nothing to do."""
    held = {
        f"held-{number}": {
            "Status": "sql",
            "Heat": "hot",
            "OwnerId": "ben" if number == 5 else "ann",
            "Email": f"p@held-{number}.example",
        }
        for number in range(6)
    }
    rules = f"rules: {{hand_off: [{rule}, {{pool: receivers}}]}}\n"
    return Firm(tmp_path / "firm", ROSTER + rules, users_named(("ann", "ben", "bert")), held)


def test_one_that_counts_open_leads_and_forgets_to_say_so_is_refused(tmp_path, plant):
    plant("fewest", FEWEST.replace("NEEDS}", "Need.POOL, Need.PEOPLE}"))
    here = firm(tmp_path, "{strategy: fewest, pool: receivers}")
    with closing(here.store):
        assert here.run().changes == ()
        here.add("new", Heat="hot", Email="p@new.example")
        with pytest.raises(NotDeclared, match=r"`fewest` asks for open leads: add Need\.OPEN_LEADS to its NEEDS"):
            here.run()


def test_one_that_declares_it_counts_the_whole_crm_in_every_run(tmp_path, plant):
    plant("fewest", FEWEST.replace("NEEDS}", "Need.POOL, Need.PEOPLE, Need.OPEN_LEADS}"))
    here = firm(tmp_path, "{strategy: fewest, pool: receivers}")
    with closing(here.store):
        here.add("first", Heat="hot", Email="p@first.example")
        whole = here.run()
        assert (whole.counts["decided"], here.owners(whole)) == (7, {"first": "ben@firm.example"})
        here.add("new", Heat="hot", Email="p@new.example")
        partial = here.run()
        assert (partial.counts["decided"], here.owners(partial)) == (1, {"new": "ben@firm.example"})


def test_so_does_a_limit_of_open_leads_whatever_the_strategy(tmp_path):
    here = firm(tmp_path, "{pool: receivers}")
    file = here.folder / "roster.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("ann@firm.example,", "ann@firm.example, capacity: {open_leads: 5},"), encoding="utf-8"
    )
    with closing(here.store):
        assert here.run().changes == ()
        here.add("new", Heat="hot", Email="p@new.example")
        partial = here.run()
        assert (partial.counts["decided"], here.owners(partial)) == (1, {"new": "ben@firm.example"})


@pytest.mark.parametrize(("declared", "owner"), [("Need.PEOPLE", None), ("Need.PEOPLE, Need.KNOWN_OWNERS", "ben")])
def test_owners_of_other_leads_likewise(tmp_path, plant, declared, owner):
    plant("neighbour", NEIGHBOUR.replace("NEEDS}", declared + "}"))
    here = firm(tmp_path, "{strategy: neighbour}")
    with closing(here.store):
        assert here.run().changes == ()
        here.add("new", Heat="hot", Email="another@held-5.example")
        if owner is None:
            with pytest.raises(NotDeclared, match="KNOWN_OWNERS"):
                here.run()
            return
        partial = here.run()
        assert (partial.counts["decided"], here.owners(partial)) == (1, {"new": f"{owner}@firm.example"})


def test_accounts_are_asked_for_by_whoever_declares_them(tmp_path, plant):
    for number, (declared, asked) in enumerate((("Need.PEOPLE", False), ("Need.PEOPLE, Need.ACCOUNTS", True))):
        plant(f"neighbour{number}", NEIGHBOUR.replace("NEEDS}", declared + "}"))
        here = firm(tmp_path / str(number), f"{{strategy: neighbour{number}}}")
        mapping = here.folder / "mapping.yaml"
        accounts = "accounts: [{object: Account, name: Name, domain: Website, owner: OwnerId}]\n"
        mapping.write_text(mapping.read_text(encoding="utf-8") + accounts, encoding="utf-8")
        with closing(here.store):
            assert bool(here.opened().prepared.accounts_asked) == asked


MISSING = [
    ("take_turn(desk.pool())", "Need.POOL, Need.PEOPLE", "ROTATION"),
    ("take_turn(desk.pool())", "Need.POOL, Need.ROTATION", "PEOPLE"),
    ("take_turn(())", "Need.PEOPLE, Need.ROTATION", "POOL"),
    ("give(desk.person('ann@firm.example'), 'why')", "Need.POOL", "PEOPLE"),
    ("room(desk.person('ann@firm.example'))", "Need.POOL", "CAPACITY"),
    ("account_owners()", "Need.KNOWN_OWNERS", "ACCOUNTS"),
    ("fact(Need.TERRITORY)", "Need.POOL", "TERRITORY"),
    ("among(bool, found='', other='')", "Need.POOL", "THEN"),
    ("to_queue()", "Need.POOL", "QUEUE"),
]


@pytest.mark.parametrize(("asks", "declared", "missing"), MISSING)
def test_whatever_is_not_declared_cannot_be_read(plant, asks, declared, missing):
    text = '"""Odd."""\nfrom crmsync.route.choosing.strategy import Need\n'
    plant("odd", f"{text}NEEDS = frozenset({{{declared}}})\ndef choose(desk):\n    return desk.{asks}\n")
    rule = {"strategy": "odd", "pool": "receivers"}
    found = resolved(roster_of([{"user": "ann@firm.example", "role": "ae"}], rules={"hand_off": [rule]}))
    with pytest.raises(NotDeclared, match=rf"Need\.{missing} "):
        route(found, leads([{"lead": "a", "stage": "sql"}]))


def test_the_strategy_after_then_reads_what_it_has_declared_itself(plant):
    text = FEWEST.replace("NEEDS}", "Need.POOL, Need.PEOPLE{MORE}}") + "\n\nFOLLOWS = True\n"
    plant("fewest", text.replace("{MORE}", ""))
    rule = {"strategy": "territory", "pool": "receivers", "then": "fewest"}
    people = [
        {"user": f"{name}@firm.example", "role": "ae", "territories": ["DE"]} for name in ("ann", "ben", "cleo")
    ]
    found = resolved(roster_of(people, rules={"hand_off": [rule]}))
    frame = leads([{"lead": "a", "stage": "sql", "fact.country": "de"}])
    assert Need.OPEN_LEADS not in found.needs
    with pytest.raises(NotDeclared, match=r"`fewest` .*OPEN_LEADS"):
        route(found, frame)
    plant("fewest", text.replace("{MORE}", ", Need.OPEN_LEADS"))
    assert Need.OPEN_LEADS in found.needs
    assert owners(route(found, frame, open_leads={"ann": 2, "ben": 1, "cleo": 2})) == {"a": "ben"}


def test_who_names_a_person_and_does_not_give_the_lead_is_refused(plant):
    text = '"""Odd."""\nfrom crmsync.route.choosing.strategy import Placement\nNEEDS = frozenset()\n'
    plant("odd", f"{text}def choose(desk):\n    return Placement('ann', 'because')\n")
    found = resolved(
        roster_of([{"user": "ann@firm.example", "role": "ae"}], rules={"hand_off": [{"strategy": "odd"}]})
    )
    with pytest.raises(TypeError, match=r"let it return `desk\.give"):
        route(found, leads([{"lead": "a", "stage": "sql"}]))


INCOMPLETE = [
    ("NEEDS = frozenset()\ndef choose(desk): ...\n", "has no docstring"),
    ('"""Page."""\ndef choose(desk): ...\n', "does not say what it needs"),
    ('"""Page."""\nNEEDS = {"pool"}\ndef choose(desk): ...\n', "does not say what it needs"),
    ('"""Page."""\nNEEDS = frozenset()\n', "has no function `choose`"),
    ('"""Page."""\nNEEDS = frozenset()\nFOLLOWS = True\ndef choose(desk): ...\n', "cannot follow another"),
]


@pytest.mark.parametrize(("text", "words"), INCOMPLETE)
def test_a_file_that_lacks_something_is_told_so(plant, text, words):
    with pytest.raises(TypeError, match=f"the strategy `odd` {words}"):
        plant("odd", text)


def test_a_planted_strategy_is_a_word_of_the_file(plant):
    plant("fewest", FEWEST.replace("NEEDS}", "Need.POOL, Need.PEOPLE, Need.OPEN_LEADS}") + "\n\nFOLLOWS = True\n")
    assert RoutingRule(strategy="fewest", pool="receivers").needs == {Need.POOL, Need.PEOPLE, Need.OPEN_LEADS}
    assert RoutingRule(strategy="territory", pool="receivers", then="fewest").needs >= {
        Need.OPEN_LEADS,
        Need.TERRITORY,
    }
    with pytest.raises(ValueError, match=r"'round_robin', 'least_loaded', .*'fewest'"):
        RoutingRule(then="capacity")
