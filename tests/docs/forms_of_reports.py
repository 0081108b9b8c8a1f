"""Numbers that people read in a report, found in its JSON: every one that a page, a table or a CSV file shows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from rehearsal import Rehearsal

from crmsync.cli.report import report

NUMBER = re.compile(r"(?<![\w.])[-−+]?(\d[\d,]*(?:\.\d+)?)( ?%)?")
INTERVAL = re.compile(r"(?<= % )\((\d+)–(\d+)\)")
"""Of a share, which stands before it."""
OF_SENTENCES = {
    "forecast": {"7"},  # those who stand below, all stages together
    "scorecard": {"95"},  # of the interval
}
"""Numbers that stand in a report's sentences alone."""


def forms_of(crm: Rehearsal, name: str, options: tuple[str, ...]) -> dict[str, str]:
    """Form → text: tables, pages and files."""
    [form] = [each for each in report.commands[name].params if "--format" in each.opts]
    there = [each for each in form.type.choices if each != "json"]
    return {each: crm.crmsync("report", name, *options, "--format", each).stdout for each in there}


def shown(form: str, text: str) -> Iterator[tuple[str, bool]]:
    """Each number as it stands there, and whether it is a percentage."""
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    else:
        plain = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL) if form == "html" else text
        cells = [unescape(re.sub(r"<[^>]+>", " ", plain)) if form == "html" else plain]
    for cell in cells:
        for number, percent in NUMBER.findall(INTERVAL.sub(r"\1 % \2 %", cell)):
            yield number.rstrip(",").replace(",", ""), bool(percent)


def held(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Everything that the JSON holds, with its key; of lists also how long they are."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield "", name
            yield from held(inner, name)
    elif isinstance(value, list):
        yield key, len(value)
        for inner in value:
            yield from held(inner, key)
    elif value is not None:
        yield key, value


def unknown(name: str, form: str, text: str, answer: Any) -> set[str]:
    """Numbers of this form of a report that its JSON does not hold, to as many decimals as are shown."""
    everything = list(held(answer))
    words = {found for _, each in everything if isinstance(each, str) for found in re.findall(r"\d+(?:\.\d+)?", each)}
    numbers = [(key, abs(each)) for key, each in everything if isinstance(each, (int, float))]

    def known(number: str, percent: bool) -> bool:
        near = 0.5 * 10 ** -len(number.partition(".")[2]) + 1e-9
        scales = {key: 0.001 if key.endswith("_milli") and form != "csv" else 1.0 for key, _ in numbers}
        return any(
            abs(each * (100 if percent else scales[key]) - float(number)) <= near for key, each in numbers
        ) or (number in words)

    return {number for number, percent in shown(form, text) if not known(number, percent)} - OF_SENTENCES.get(
        name, set()
    )
