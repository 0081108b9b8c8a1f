"""The files that draw charts in a browser: a library, one kind of chart more, our script and its stylesheet."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent
SCRIPTS = MappingProxyType(
    {
        "chart.js": FOLDER / "vendor" / "chartjs" / "chart.umd.min.js",
        "chart-flow.js": FOLDER / "vendor" / "chartjs-sankey" / "chartjs-chart-sankey.min.js",
        "charts.js": FOLDER / "charts.js",
    }
)
"""Name → file, in the order in which a page needs them."""
FLOWS = "chart-flow.js"
"""What only pages with a flow need."""
STYLE = FOLDER / "charts.css"


@cache
def text_of(file: Path) -> str:
    """Read once a process; line ends as they are, for a page names what it runs by its digest."""
    return file.read_bytes().decode("utf-8")
