"""The rules as one HTML file to pass round: a picture of each kind, and the same as tables."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.operations.policy.routing_rules import RoutingRules
from crmsync.showing.figures import page, table
from crmsync.showing.foreign_text import for_html
from crmsync.showing.routing.picture import STYLE, picture
from crmsync.showing.routing.rule_words import HEAD, kind_words, people_words, rule_rows


def rules_page(rules: RoutingRules) -> str:
    """The whole page."""
    return page("Who gets which lead", _parts(rules))


def _parts(rules: RoutingRules) -> Iterator[str]:
    yield f"<style>{STYLE}</style>"
    yield (
        "<p>Rules are tried from the top; the first that finds somebody gives the lead. A broken line leads on to "
        "the next rule where one finds nobody. Numbers beside lines are the parts of pools that share leads.</p>"
    )
    for number, kind in enumerate(rules.kinds):
        yield f"<h2>{for_html(kind_words(kind.kind))}</h2>"
        if not kind.rules:
            yield "<p>No rule: these leads stay as they are.</p>"
            continue
        yield picture(rules, kind, number)
        yield table(("Rule", *HEAD[1:]), rule_rows(kind, rules.otherwise))
    if rules.pools:
        yield "<h2>Pools</h2>"
        yield table(("Pool", "People"), [(name, people_words(who, rules.more)) for name, who in rules.pools.items()])
