"""A small page for each record, at the address that the real CRM has it at: a link in a plan leads somewhere in a
rehearsal. Read only; outside quota, faults and counts, as a person's look is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

ADDRESS = re.compile(
    r"/lightning/r/(?:(?P<object>[A-Za-z]\w{0,79})/)?(?P<lightning>[A-Za-z0-9]{15}|[A-Za-z0-9]{18})/view"
    r"|/contacts/(?P<portal>[0-9]{1,12})/record/(?P<type>[0-9]{1,3}-[0-9]{1,12})/(?P<number>[0-9]{1,18})"
)
"""Lightning's record page, and HubSpot's."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""It shows people's data: no page of another site can frame it or read it."""
_STYLE = """
:root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8886; }
th { width: 40%; font-weight: 600; } td, h1 { overflow-wrap: anywhere; } code { opacity: .8; font-size: .85em; }
"""


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its page shows it: `fields` are (label, name, value), those that hold something.

    `foremost`: names of fields that stand on top, in this order, as stage and owner do in the real CRM.
    """

    object: str
    id: str
    title: str
    fields: Sequence[tuple[str, str, str]]
    foremost: Sequence[str] = ()

    def in_order(self) -> list[tuple[str, str, str]]:
        """The fields as they stand on the page."""
        places = {name: place for place, name in enumerate(self.foremost)}
        return sorted(self.fields, key=lambda field: places.get(field[1], len(places)))


def is_record_page(path: str) -> bool:
    """Whether a path is one of a record's page, there or not."""
    return ADDRESS.fullmatch(path) is not None


def record_page(view: RecordView | None) -> HTMLResponse:
    """The page; 404 where there is no such record."""
    title = "There is no such record" if view is None else f"{view.title or view.id}"
    about = "" if view is None else f"<p>{escape(view.object)} <code>{escape(view.id)}</code>, read only</p>"
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}<br><code>{escape(name)}</code></th><td>{escape(value)}</td></tr>'
        for label, name, value in ([] if view is None else view.in_order())
    )
    table = f"<table><tbody>{rows}</tbody></table>" if rows else ""
    return HTMLResponse(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} · practice CRM</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{about}\n{table}\n</main>\n</body>\n</html>\n",
        404 if view is None else 200,
        _HEADERS,
    )
