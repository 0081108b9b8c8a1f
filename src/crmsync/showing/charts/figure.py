"""Charts in HTML: a figure that stays hidden until a script draws it, and what a file that is passed round needs.

Each chart has a table beside it, made by the page: without script that is what stands there.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from crmsync.showing.charts.chart import Chart
from crmsync.showing.charts.files import FLOWS, SCRIPTS, STYLE, text_of
from crmsync.showing.foreign_text import for_html, one_line

_QUOTE = "'"
_FIGURE = '<figure class="chart"'
_FLOW = " data-flow"


def figure(chart: Chart) -> str:
    """One chart. The spec stands in an attribute: it is data wherever the page is shown, and never a script."""
    flow = _FLOW if chart.spec["type"] == "sankey" else ""
    spec = escape(json.dumps(_cleaned(chart.spec), ensure_ascii=False, separators=(",", ":")), quote=False)
    return (
        f'{_FIGURE}{flow} data-height="{chart.height}" hidden>\n<figcaption>{for_html(chart.title)}</figcaption>\n'
        f'<div><canvas role="img" aria-label="{for_html(chart.told)}" '
        f"data-chart='{spec.replace(_QUOTE, '&#39;')}'></canvas></div>\n"
        "</figure>"
    )


def scripts_for(parts: Iterable[str]) -> tuple[str, ...]:
    """The scripts that these parts of a page need, as texts in their order; none where there is no chart."""
    told = list(parts)
    if not any(_FIGURE in part for part in told):
        return ()
    flows = any(f"{_FIGURE}{_FLOW}" in part for part in told)
    return tuple(text_of(file) for name, file in SCRIPTS.items() if flows or name != FLOWS)


def allowed(scripts: Iterable[str]) -> str:
    """What a page with these scripts may run: them, by their digests, and nothing else."""
    digests = " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return f"; script-src {digests}" if digests else ""


def style() -> str:
    """The stylesheet, for a file that is passed round."""
    return text_of(STYLE)


def _cleaned(value: object) -> object:
    """Names in a chart are not ours either."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {one_line(key): _cleaned(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    return value
