"""A report as a file that still has to be made: it is waited for, and nobody else is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event

import httpx
import pytest
from anyio.to_thread import current_default_thread_limiter

from crmsync.clock import now
from crmsync.console import Site, answering, application
from crmsync.console.background import StillComputing
from crmsync.console.pages import reports
from crmsync.schedule import first_due
from crmsync.settings import KeptSettings
from unit.console.test_pages import here

__all__ = ["here"]


def asked(here: Path, made: Event) -> tuple[httpx.Response, httpx.Response]:
    """A page that is asked for while a file is waited for, with one thread for both; and the file."""
    site = Site(KeptSettings(here), now, first_due)
    transport = httpx.ASGITransport(application(site))

    async def both() -> tuple[httpx.Response, httpx.Response]:
        current_default_thread_limiter().total_tokens = 1
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
            file = asyncio.create_task(browser.get("/reports/funnel/csv"))
            await asyncio.sleep(0)
            page = await browser.get("/reports")
            waits = not file.done()
            made.set()
            answer = await file
            assert waits
            return page, answer

    return asyncio.run(both())


def test_a_file_is_waited_for_without_a_thread(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Event()
    monkeypatch.setattr(reports, "_answer", lambda *_: () if made.is_set() else StillComputing())
    page, file = asked(here, made)
    assert (page.status_code, file.status_code) == (200, 200)
    assert file.headers["Content-Disposition"] == 'attachment; filename="funnel-c.csv"'


def test_who_has_waited_long_is_sent_to_the_page_that_tells_how_far_it_is(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "_answer", lambda *_: StillComputing())
    monkeypatch.setattr(answering, "PATIENCE_SECONDS", 0.0)
    browser = httpx.AsyncClient(
        transport=httpx.ASGITransport(application(Site(KeptSettings(here), now, first_due))),
        base_url="http://127.0.0.1",
    )
    answer = asyncio.run(browser.get("/reports/funnel/csv"))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/reports/funnel?connection=c")
