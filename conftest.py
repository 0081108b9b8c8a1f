"""For every test: how Hypothesis draws, what a run says of its times, that no day ends in the middle of one."""

import os
import time

os.environ["TZ"] = "UTC"  # what is shown to people stands in the machine's zone
time.tzset()
# Practice CRMs and receivers are on this machine: whoever reaches the net by a proxy does not reach them by it.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
    filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1,localhost,::1"))
)
# There are as many workers as use all cores: threads of each worker's own would only wait for one another. A search
# with fresh seeds (`make explore`) lets polars have them.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

pytest_plugins = (
    "suite.garbage",
    "suite.breadth",
    "suite.examples",
    "suite.kinds",  # before those that import it
    "suite.forked_workers",
    "suite.messages",
    "suite.midnight",
    "suite.one_dialect",
    "suite.one_template",
    "suite.postgresql",
    "suite.scratch",
    "suite.spread",
    "suite.workers",
)
