"""Paths as traces tell them: the API's own words, and nothing that is somebody's."""

from __future__ import annotations

import pytest

from crmsync.sdk import path_template


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://x/services/data/v62.0/query?q=SELECT+Email", "/services/data/v62.0/query"),
        ("https://x/services/data/v62.0/query/01gKp0000000001IAA-2000", "/services/data/v62.0/query/{}"),
        ("https://x/services/data/v62.0/sobjects/Lead/00QKp0000000001MAA", "/services/data/v62.0/sobjects/Lead/{}"),
        (
            "https://x/services/data/v62.0/sobjects/Lead/Ext__c/Somebody",
            "/services/data/v62.0/sobjects/Lead/Ext__c/{}",
        ),
        ("https://x/crm/v3/objects/contacts/batch/read", "/crm/v3/objects/contacts/batch/read"),
        ("https://x/crm/v3/objects/contacts/51", "/crm/v3/objects/contacts/{}"),
        ("https://x/contacts/v1/contact/email/ann@acme.example/profile", "/contacts/v1/contact/email/{}/profile"),
        ("https://x/contacts/v1/contact/email/Somebody", "/contacts/v1/contact/email/{}"),
        ("https://x/a/%C3%A9va", "/a/{}"),
        ("https://x/a/Zo\u00eb", "/a/{}"),
        ("", "/"),
    ],
)
def test_only_words_of_the_api_are_told(url: str, told: str) -> None:
    assert path_template(url) == told
