"""How many workers `--numprocesses auto` starts: two for each core that this process may use.

Tests wait for half as long as they compute: for servers, other processes, schedules and the disk. Two
workers on two cores used 134 % of 200 % of them (1,475 processor seconds in 1,086 by the clock). A further worker
costs some 4 processor seconds, to collect all tests (20 where it is not forked, see `suite.forked_workers`).
"""

from __future__ import annotations

import os

import pytest

WORKERS_FOR_A_CORE = 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Of the cores that a container or `taskset` leaves, where the system tells."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return WORKERS_FOR_A_CORE * usable
