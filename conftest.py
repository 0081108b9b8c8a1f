"""For every test: how Hypothesis draws (`suite.examples`), and what a run says of its times (`suite.kinds`)."""

pytest_plugins = ("suite.examples", "suite.kinds")
