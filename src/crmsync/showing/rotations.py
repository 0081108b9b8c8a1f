"""What a rotation is called: people take turns in a pool, pools where a rule shares leads between them."""

from __future__ import annotations

from crmsync.route.roster.defaults import is_between


def rotation_words(name: str) -> str:
    """`Pool berlin`, or `Between berlin, partners`."""
    return name[0].upper() + name[1:] if is_between(name) else f"Pool {name}"


def takers(name: str) -> str:
    """Who takes turns in it."""
    return "pools" if is_between(name) else "people"
