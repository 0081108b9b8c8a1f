"""That connections, runs, processes and threads do not get into each other’s way. Part of `store_kit`."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from crmsync.errors import AnotherRunInProgress
from crmsync.store import Pulled
from crmsync.testing.store_frames import DAY, NOW, lead, leads, state_of
from crmsync.testing.store_steps import (
    TOMORROW,
    Stores,
    decide,
    verbs_done,
)


class ApartChecks:
    """Who shares a store, and with whom nobody shares a connection."""

    def test_connections_do_not_see_each_other(self, stores: Stores) -> None:
        """The same native ids on both sides."""
        store = stores.open()
        verbs_done(store, "one")
        before = state_of(store, "one")
        verbs_done(store, "two")
        store.facts.remember("two", [Pulled(leads=leads(lead("1", "sqo")))], today=TOMORROW, complete=True)
        store.runs.set_digests("two", {"policy": "x"})
        store.runs.set_snapshot("two", "x")
        assert state_of(store, "one") == before
        assert (store.runs.snapshot("one"), len(store.runs.last("one")), store.facts.lead_count("one")) == (
            None,
            1,
            3,
        )

    def test_one_run_at_a_time_on_a_connection(self, stores: Stores) -> None:
        """The second is told since when and by which process; another connection is free."""
        with stores.open().hold("c", now=NOW):
            with pytest.raises(AnotherRunInProgress, match=r"2026-11-21T09:30:00.*process \d+ on "):
                stores.open().hold("c", now=NOW).__enter__()
            with stores.open().hold("d", now=NOW):
                pass
        with stores.open().hold("c", now=NOW):
            pass

    def test_the_lock_of_a_killed_process_is_free(self, stores: Stores) -> None:
        """`kill -9` while it holds the connection."""
        stores.open()
        holder = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", _HOLD, str(stores.location)], stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AnotherRunInProgress, match=f"process {holder.pid} on "):
            stores.open().hold("c", now=NOW).__enter__()
        holder.kill()
        holder.wait()
        holder.stdout.close()
        with stores.open().hold("c", now=NOW):
            pass

    def test_threads_share_a_store(self, stores: Stores) -> None:
        """Runs on several connections at once lose nothing."""
        store = stores.open()
        errors: list[BaseException] = []

        def work(name: str) -> None:
            try:
                for number in range(5):
                    store.facts.remember(name, [Pulled(leads=leads(lead(f"{number}")))], today=DAY)
                    decide(store, f"{number}", connection=name)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(f"connection {number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert [store.facts.lead_count(f"connection {number}") for number in range(4)] == [5, 5, 5, 5]


_HOLD = """
import sys, time
from datetime import UTC, datetime
from crmsync.store import Store
with Store(sys.argv[1]).hold("c", now=datetime(2026, 11, 21, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""
