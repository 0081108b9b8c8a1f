"""`explain` with one word: it is taken for the connection, and the way on says so."""

from __future__ import annotations

from click.testing import CliRunner

from crmsync.cli.explain import explain
from crmsync.errors import UsageError


def test_a_lead_without_its_connection_is_told_what_comes_first() -> None:
    refused = CliRunner().invoke(explain, ["00QKp0000000001MAA"]).exception
    assert isinstance(refused, UsageError)
    assert "which lead of 00QKp0000000001MAA? Name a connection first" in str(refused)
    assert refused.hint == "crmsync explain CONNECTION LEAD"
