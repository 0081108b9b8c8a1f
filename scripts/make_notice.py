"""NOTICE.md: whose work runs with crmsync, under which licence. `--check` only says whether it is as it should be.

Names and versions come from requirements/run.txt, licences from what the packages say of themselves.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINS, NOTICE = ROOT / "requirements" / "run.txt", ROOT / "NOTICE.md"
NOT_INSTALLED_EVERYWHERE = {"colorama": "BSD-3-Clause", "greenlet": "MIT AND PSF-2.0"}
"""Licences of packages that only some machines need."""

TOP = """\
# Notice

crmsync itself is under the licence in [LICENSE](LICENSE). It runs with the packages below, unchanged, each a
distribution of its own that can be replaced by another version. `scripts/make_notice.py` makes this page from the
pinned versions.

Under the GNU Lesser General Public License, version 3 or later: {lesser}.
crmsync only imports them, to read absences from calendar files. Whoever passes crmsync on together with them
passes on their licence and their source, or where to get it, as that licence asks.

| package | version | licence |
|---|---|---|
"""


SHIPPED = """
Files that lie in crmsync's own package, unchanged, each beside its licence; the console's pages and the files of
reports use them:

| what | version | licence | where |
|---|---|---|---|
{rows}"""

CONSOLE, CHARTS = "src/crmsync/console/static/vendor", "src/crmsync/showing/charts/vendor"
VENDORED = (
    ("Bootstrap", "MIT", f"{CONSOLE}/bootstrap", "bootstrap.min.css", r"Bootstrap\s+v([\d.]+)"),
    ("htmx", "0BSD", f"{CONSOLE}/htmx", "htmx.min.js", r'version:"([\d.]+)"'),
    ("Chart.js", "MIT", f"{CHARTS}/chartjs", "chart.umd.min.js", r"Chart\.js v([\d.]+)"),
    (
        "chartjs-chart-sankey",
        "MIT",
        f"{CHARTS}/chartjs-sankey",
        "chartjs-chart-sankey.min.js",
        r"chartjs-chart-sankey v([\d.]+)",
    ),
)
"""Name, licence, folder, file, and where in it the version stands."""


def vendored() -> str:
    """The table of files that are shipped inside the package."""
    rows = ""
    for name, licence_name, folder, file, version in VENDORED:
        found = re.search(version, (ROOT / folder / file).read_text(encoding="utf-8"))
        if found is None or not (ROOT / folder / "LICENSE").is_file():
            raise SystemExit(f"{name}: no version in its file, or no licence beside it")
        rows += f"| {name} | {found[1]} | {licence_name} | `{folder}` |\n"
    return SHIPPED.format(rows=rows)


def pinned() -> Iterator[tuple[str, str]]:
    """Name and version of each package that crmsync runs with."""
    for found in re.finditer(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", PINS.read_text(encoding="utf-8"), re.M):
        yield found[1], found[2]


def licence(name: str) -> str:
    """What the package says: its expression, or its classifiers, or the first line of its licence field."""
    try:
        said: PackageMetadata = metadata(name)
    except PackageNotFoundError:
        return NOT_INSTALLED_EVERYWHERE[name]
    if expression := said.get("License-Expression"):
        return expression
    classified = [
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    if classified:
        return " or ".join(dict.fromkeys(classified))
    first = (said.get("License") or "").strip().partition("\n")[0]
    if not first:
        raise SystemExit(f"{name} does not say its licence; look it up, and write it into this script")
    return first


def page() -> str:
    """The whole page."""
    packages = [(name, version, licence(name)) for name, version in sorted(pinned())]
    lesser = [name for name, _, words in packages if "LGPL" in words or "Lesser" in words]
    rows = "".join(f"| {name} | {version} | {words} |\n" for name, version, words in packages)
    return TOP.format(lesser=" and ".join(f"`{name}`" for name in lesser) or "nothing") + rows + vendored()


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv:
        sys.exit(NOTICE.read_text(encoding="utf-8") != text)
    NOTICE.write_text(text, encoding="utf-8")
