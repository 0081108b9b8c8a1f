"""A portal that answers as it is told, and a pull of all its pages."""

from __future__ import annotations

from crmsync.contract import PullRequest

DEFINITIONS = [
    {"name": name, "label": name, "type": "string", "options": []} for name in ("email", "firstname", "company")
]


def record(number, **properties):
    told = {**dict.fromkeys(("email", "hs_additional_emails", "hs_merged_object_ids")), **properties}
    return {"id": str(number), "properties": told, "createdAt": "x", "updatedAt": "x", "archived": False}


def submission(key, minutes, *values):
    return {
        "conversionId": key,
        "submittedAt": 1795262400000 + minutes * 60_000,  # 2026-11-21T12:00:00Z
        "values": [{"name": name, "value": value, "objectTypeId": "0-1"} for name, value in values],
        "pageUrl": "https://www.example.com/demo",
    }


def whole(connector, object_name, fields, **options):
    pages = list(connector.pull(PullRequest(object_name, fields, **options)))
    rows = [row for page in pages for row in page.records.drop("@changed", strict=False).iter_rows(named=True)]
    assert [page.cursor is not None for page in pages] == [False] * (len(pages) - 1) + [True]
    return rows, pages[-1].gone, pages[-1].cursor


def server(reply, **routes):
    """Answers by the end of the path; a route is a body, or a function of the request."""

    def answer(seen):
        for name, route in routes.items():
            if seen.path.rstrip("/").endswith("/" + name.replace("__", "/")):
                body = route(seen) if callable(route) else route
                return body if isinstance(body, reply) else reply(200, body)
        return reply(404, {"status": "error", "message": "resource not found"})

    return answer
