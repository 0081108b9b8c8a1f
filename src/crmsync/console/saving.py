"""A change of a file, saved: written, noted in the log, and committed where the admin wants that."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlencode

import structlog
from starlette.requests import Request
from starlette.responses import Response

from crmsync.console.drafts import Draft
from crmsync.console.forms import Form
from crmsync.console.site import Site
from crmsync.console.visitor import visitor_of
from crmsync.errors import UsageError
from crmsync.operations.edit.committed import NotCommitted, commit, in_work_tree
from crmsync.operations.edit.opened_file import OpenedFile, digest_of, opened_file
from crmsync.operations.edit.saved import save
from crmsync.settings import Settings
from crmsync.store import Store

log = structlog.get_logger()

Saved = Literal["saved", "there_already", "committed", "not_committed"]
_LONGEST_REASON = 500


def saved(
    site: Site, settings: Settings, request: Request, file: OpenedFile, text: str, form: Form, connection: str | None
) -> Saved:
    """Write the text over the file, unless it says this already.

    Raises `UsageError` when it was changed meanwhile, or cannot be written.
    """
    if not save(settings.directory, file, text):
        return "there_already"
    who, reason = visitor_of(request).name, form.get("reason", "").strip()[:_LONGEST_REASON]
    outcome: Saved = "saved"
    if settings.edits.commit == "on":
        try:
            if in_work_tree(file.path.parent):
                commit(file, reason or f"{file.name}: changed in crmsync's console", who or "crmsync")
                outcome = "committed"
        except NotCommitted as error:
            log.warning("git did not take a change; the file is saved", file=file.name, reason=str(error))
            outcome = "not_committed"
    with closing(Store(settings.store)) as store:
        about = {"file": file.name, "before": file.digest[:12], "after": digest_of(text.encode("utf-8"))[:12]}
        store.console.note(
            "file_changed", now=site.now(), person=who, connection=connection, reason=reason, about=about
        )
    return outcome


def as_shown(draft: Draft, form: Form) -> Draft:
    """Raises `UsageError` where the form was shown with another text: it names rules by their place alone."""
    if form.get("digest") != draft.digest:
        raise UsageError(
            "the file is another one than when this page was loaded, so nothing was changed",
            hint="load the page again, and make the change there",
        )
    return draft


def overtaken(settings: Settings, draft: Draft, path: Path) -> bool:
    """Whether the file says something else by now than when this change of it was begun."""
    try:
        return opened_file(settings.directory, path).digest != draft.file.digest
    except UsageError:
        return True


def taken_away(file: OpenedFile, text: str) -> Response:
    """A text of this file, to be kept by whoever asks for it."""
    plain = (sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in file.path.name)
    headers = {"Content-Disposition": f'attachment; filename="{"".join(plain)}"'}
    return Response(text.encode("utf-8"), media_type="application/yaml", headers=headers)


def reader(request: Request) -> str:
    """Whose drafts and trials are whose: one browser's."""
    return visitor_of(request).csrf


def address(*parts: str, **query: str) -> str:
    """A path of this console."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    return path + (f"?{urlencode(query)}" if query else "")
