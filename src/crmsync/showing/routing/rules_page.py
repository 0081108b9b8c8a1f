"""The rules as one HTML file to pass round: a picture of each kind, and the same as tables."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.operations.policy.routing_rules import RoutingRules
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report_page import page, table
from crmsync.showing.routing.picture import STYLE, picture
from crmsync.showing.routing.rule_words import HEAD, kind_words, pool_rows, rule_rows
from crmsync.tongue import ENGLISH, Tongue


def rules_page(rules: RoutingRules, tongue: Tongue = ENGLISH) -> str:
    """The whole page."""
    return page(tongue.say("Who gets which lead"), _parts(rules, tongue), tongue)


def _parts(rules: RoutingRules, tongue: Tongue) -> Iterator[str]:
    say = tongue.say
    yield f"<style>{STYLE}</style>"
    told = say(
        "Rules are tried from the top; the first that finds somebody gives the lead. A broken line leads on to "
        "the next rule where one finds nobody. Numbers beside lines are the parts of pools that share leads."
    )
    yield f"<p>{for_html(told)}</p>"
    for number, kind in enumerate(rules.kinds):
        yield f"<h2>{for_html(kind_words(kind.kind, tongue))}</h2>"
        if not kind.rules:
            yield f"<p>{for_html(say('No rule: these leads stay as they are.'))}</p>"
            continue
        yield picture(rules, kind, number, tongue=tongue)
        yield table((say("Rule"), *map(say, HEAD)), rule_rows(kind, rules.otherwise, tongue))
    if rules.pools:
        yield f"<h2>{for_html(say('Pools'))}</h2>"
        yield table((say("Pool"), say("People")), pool_rows(rules, tongue))
