"""For every test: how Hypothesis draws, what a run says of its times, that no day ends in the middle of one."""

pytest_plugins = ("suite.examples", "suite.kinds", "suite.midnight")
