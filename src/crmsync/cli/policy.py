"""`crmsync policy`: read a policy, by itself, without a CRM."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from crmsync.cli.groups import SuggestingGroup
from crmsync.cli.result_file import out_option
from crmsync.cli.shared import (
    config_for_out_option,
    config_option,
    language_option,
    put,
    result_options,
    result_or_page_options,
)
from crmsync.languages.known import Language
from crmsync.showing.rendering import as_json, rendered

EPILOG = """\b
Examples:
  crmsync policy describe --format html --out policy.html
      a page to agree on and to sign
  crmsync policy describe --policy saas   a shipped policy, as Markdown
  crmsync policy describe --language de   in German
  crmsync policy show                     all that it says, written out

\b
Exit codes:
  0  done
  2  the policy, or an option, is wrong
"""

policy_option = click.option(
    "--policy",
    "wanted",
    metavar="FILE|PRESET",
    help="A policy file, or the name of a shipped policy, instead of the configured one.",
)


@click.group(cls=SuggestingGroup, epilog=EPILOG)
def policy() -> None:
    """Read a policy: as a page in plain language, or written out in full. Needs no CRM."""


@policy.command(epilog=EPILOG)
@config_option
@policy_option
@click.option(
    "--format", "form", type=click.Choice(["markdown", "html", "json"]),
    help="Markdown, one HTML file without script, or the page as JSON; by default Markdown, laid out on a terminal.",
)  # fmt: skip
@language_option
@out_option()
def describe(config: Path, wanted: str | None, form: str | None, language: Language | None, out: Path | None) -> None:
    """Print the policy as a plain-language page that marketing and sales can both read and sign."""
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.policy.description import policy_page
    from crmsync.operations.policy.named import chosen_policy, language_of
    from crmsync.showing.page_html import html
    from crmsync.showing.page_markdown import markdown

    page = policy_page(chosen_policy(config, wanted), tongue_of(language or language_of(config)))
    if form is None and out is None and sys.stdout.isatty():
        from crmsync.showing.documentation.page_text import laid_out

        put(rendered(*laid_out(markdown(page))), out)
        return
    put(as_json(page.to_json()) if form == "json" else html(page) if form == "html" else markdown(page), out)


@policy.command(epilog=EPILOG)
@config_option
@policy_option
@click.option(
    "--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True,
    help="YAML as a policy file has it, or JSON.",
)  # fmt: skip
@out_option()
def show(config: Path, wanted: str | None, form: str, out: Path | None) -> None:
    """Print everything the policy says, with what it extends written out."""
    from crmsync.operations.policy.named import chosen_policy
    from crmsync.operations.policy.written_out import resolved, resolved_yaml

    chosen = chosen_policy(config, wanted)
    put(as_json(resolved(chosen)) if form == "json" else resolved_yaml(chosen), out)


@policy.command(epilog=EPILOG)
@config_for_out_option
@result_options
def presets(form: str, out: Path | None, **_: Any) -> None:
    """List the shipped policies, to be extended or to start from."""
    from rich.table import Table

    from crmsync.operations.policy.named import preset_summaries
    from crmsync.showing.foreign_text import markup

    summaries = preset_summaries()
    if form == "json":
        put(as_json({"format": 1, "presets": [summary.to_json() for summary in summaries]}), out)
        return
    table = Table(box=None, padding=(0, 1), show_edge=False)
    for name in ("Preset", "Extends", "Ladder", "Hand-off from", "Word of sales"):
        table.add_column(name, overflow="fold")
    for one in summaries:
        words = (one.name, one.extends or "", " → ".join(one.ladder), one.hand_off or "none", one.confirmation or "")
        table.add_row(*map(markup, words))
    put(rendered(table), out)


ROUTING_EPILOG = """\b
Examples:
  crmsync policy routing                    the rules and pools as tables
  crmsync policy routing --format html --out routing.html
      a picture of rules, strategies, pools and people
  crmsync policy routing --format html --language de --out routing.html
  crmsync policy routing --format json

\b
Exit codes:
  0  done
  2  a file or an option is wrong
"""


@policy.command(epilog=ROUTING_EPILOG)
@config_option
@language_option
@result_or_page_options
def routing(config: Path, language: Language | None, form: str, out: Path | None) -> None:
    """Show by which rules leads get their owner: as tables, or as a picture on one page.

    What stands in the roster, as it stands there; which way one lead goes shows `crmsync explain --format html`.
    """
    from crmsync.languages.tongues import tongue_of
    from crmsync.operations.policy.named import language_of
    from crmsync.operations.policy.routing_rules import routing_rules

    rules, tongue = routing_rules(config), tongue_of(language or language_of(config))
    if form == "json":
        put(as_json(rules.to_json()), out)
    elif form == "html":
        from crmsync.showing.routing.rules_page import rules_page

        put(rules_page(rules, tongue), out)
    else:
        from crmsync.showing.routing.rule_words import routing_parts

        put(rendered(*routing_parts(rules, tongue)), out)
