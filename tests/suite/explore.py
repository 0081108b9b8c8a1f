"""Search with fresh seeds: `python tests/suite/explore.py MINUTES` (see `make explore`).

One search on each core: all properties in a fresh order with fresh examples, again and again until the time is over.
What fails is shown, and the smallest failing example is kept in tests/found, where `make test` replays it.
Exit code: 0 nothing failed, 1 something did.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

INTERRUPTED = 2
"""pytest's exit code when the time is over."""


def search(until: float) -> bool:
    """Run after run on one core until then (monotonic seconds); whether something failed."""
    failed = False
    while until - time.monotonic() > 0:
        seed = str(secrets.randbelow(10**12))
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            code = _explore(seed, until, said.fileno())
            said.seek(0)
            text = said.read()
        if code not in {0, INTERRUPTED} or " failed" in text.rpartition("\n= ")[2]:
            failed = True
            print(text)
        print(f"seed {seed}: {text.strip().splitlines()[-1] if text.strip() else 'nothing done'}")
    return failed


def _explore(seed: str, until: float, out: int) -> int:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--explore", seed]
    several_threads = {**os.environ, "POLARS_MAX_THREADS": "4"}  # which hand rows on in another order
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[2], env=several_threads, stdout=out, stderr=subprocess.STDOUT
    )
    try:
        return process.wait(max(until - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        return process.wait()


def main() -> None:
    """Minutes in, exit code out."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("minutes", type=float)
    until = time.monotonic() + 60 * arguments.parse_args().minutes
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as several:
        failed = list(several.map(search, [until] * cores))
    sys.exit(any(failed))


if __name__ == "__main__":
    main()
