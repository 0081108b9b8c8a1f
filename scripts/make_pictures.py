"""docs/pictures: a plan in a terminal and as a page; a lead's page in each CRM before and after; the console's pages.

Needs chromium, and Node for the console, which is worked with. The practice CRMs and the run are those of
docs/tutorial.md. Without chromium nothing is made, and the script says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SHOWN = {
    "salesforce": "/lightning/r/Lead/00QKp000000002jMAA/view",
    "hubspot": "/contacts/24601377/record/0-1/165",
}
"""Connection → the page of a lead that gets another stage and another owner."""
TERMINAL = (
    '<meta charset="utf-8"><style>body {{margin: 0; background: #16181d; color: #e6e6e6}} pre {{margin: 14px; '
    "font: 11.5px/1.45 'DejaVu Sans Mono', monospace}}</style><pre>$ crmsync run salesforce --dry-run\n{text}</pre>"
)
WIDE, HIGH = 800, 460
MOST_BYTES = 130_000
OF_THE_CONSOLE = ("home", "lead", "plan", "policy", "routing", "run")
CLIENT = ROOT / "tests" / "contract" / "clients" / "browser"
"""Where the tests keep what drives a browser; one of them that needs a browser puts it in place."""


@contextmanager
def practice_crms(folder: Path) -> Iterator[dict[str, str]]:
    """Connection → address, while they run; their configuration stands in `folder`."""
    command = ["practice", "serve", "--leads", "300", "--seed", "7", "--port", "0", "--config-dir", str(folder)]
    with subprocess.Popen(  # noqa: S603 - fixed words
        crmsync(*command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as served:
        try:
            assert served.stdout is not None
            yield json.loads(served.stdout.readline())
        finally:
            served.terminate()


def crmsync(*words: str) -> list[str]:
    """The command, of the same Python as this script."""
    return [sys.executable, "-m", "crmsync", *words]


def take(browser: str, address: str, picture: Path, high: int = HIGH) -> None:
    """A picture of the top of a page. Raises `SystemExit` when there is none, or it is too large to keep."""
    with urlopen(address):  # noqa: S310 - on this machine; an address without a record is refused here, and makes no picture
        pass
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDE},{high}")
    call = [browser, *options, f"--screenshot={picture}", address]
    subprocess.run(call, check=True, capture_output=True)  # noqa: S603 - fixed words
    if not picture.exists():
        raise SystemExit(f"{browser} has made no picture of {address}")
    if (size := picture.stat().st_size) > MOST_BYTES:
        raise SystemExit(f"{picture.name} has {size:,} bytes; at most {MOST_BYTES:,} belong here")


def take_plans(browser: str, rehearsal: Path) -> None:
    """What a dry run shows: on a terminal, and as one HTML file."""
    page, terminal = rehearsal / "plan.html", rehearsal / "terminal.html"
    dry_run = crmsync("run", "salesforce", "--dry-run")
    told = subprocess.run(  # noqa: S603 - fixed words
        [*dry_run, "--show", "5"], cwd=rehearsal, env={**os.environ, "COLUMNS": "106", "NO_COLOR": "1"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    terminal.write_text(TERMINAL.format(text=escape(told)), encoding="utf-8")
    subprocess.run([*dry_run, "--format", "html", "--out", str(page)], cwd=rehearsal, check=True, capture_output=True)  # noqa: S603
    for what, shown in (("plan", terminal), ("plan-page", page)):
        take(browser, shown.as_uri(), PICTURES / f"{what}.png", high=620)


def take_all(browser: str, crms: dict[str, str], when: str) -> None:
    """`when`: before or after."""
    for connection, path in SHOWN.items():
        take(browser, crms[connection] + path, picture_of(connection, when))


def take_console(browser: str, rehearsal: Path) -> None:
    """The console's pages on the way to a first pilot, in a copy of the configuration whose connection may write."""
    folder = rehearsal / "pictures"
    folder.mkdir()
    served = subprocess.Popen(  # noqa: S603 - fixed words
        crmsync("console", "--as", "admin", "--port", "0"),
        cwd=rehearsal,
        env={**os.environ, "LOGNAME": "ada"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with served:
        try:
            assert served.stdout is not None
            address = served.stdout.readline().strip()
            call = ["node", "pictures.mjs", browser, address, str(folder), "salesforce"]
            subprocess.run(call, cwd=CLIENT, check=True)  # noqa: S603 - fixed words
        finally:
            served.terminate()
    for name in OF_THE_CONSOLE:
        made = folder / f"console-{name}.jpg"
        if (size := made.stat().st_size) > MOST_BYTES:
            raise SystemExit(f"{made.name} has {size:,} bytes; at most {MOST_BYTES:,} belong here")
        shutil.move(made, PICTURES / made.name)


def picture_of(connection: str, when: str) -> Path:
    """Where a picture stands."""
    return PICTURES / f"{connection}-{when}.png"


def main() -> None:
    """All pictures anew."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        print(f"no pictures are made: none of {', '.join(BROWSERS)} is installed")  # noqa: T201 - the command's answer
        return
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, practice_crms(rehearsal := Path(folder) / "rehearsal") as crms:
        take_plans(browser, rehearsal)
        take_console(browser, Path(shutil.copytree(rehearsal, Path(folder) / "console")))
        take_all(browser, crms, "before")
        subprocess.run(crmsync("run"), cwd=rehearsal, check=True, capture_output=True)  # noqa: S603
        take_all(browser, crms, "after")
    for connection in SHOWN:
        if picture_of(connection, "before").read_bytes() == picture_of(connection, "after").read_bytes():
            raise SystemExit(f"{connection}: the run has changed nothing that the picture shows")
    print(f"docs/pictures: {2 * len(SHOWN) + 2 + len(OF_THE_CONSOLE)} pictures")  # noqa: T201 - the command's answer


if __name__ == "__main__":
    main()
