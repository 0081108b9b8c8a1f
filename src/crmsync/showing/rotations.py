"""What a rotation is called: people take turns in a pool, pools where a rule shares leads between them."""

from __future__ import annotations

from crmsync.route.roster.defaults import is_between
from crmsync.tongue import ENGLISH, Tongue


def rotation_words(name: str, tongue: Tongue = ENGLISH) -> str:
    """`Pool berlin`, or `Between berlin, partners`."""
    if is_between(name):
        return tongue.say("Between {pools}", pools=name.partition(" ")[2])
    return tongue.say("Pool {pool}", pool=name)


def takers(name: str) -> str:
    """Who takes turns in it."""
    return "pools" if is_between(name) else "people"
