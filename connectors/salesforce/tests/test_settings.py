"""Which addresses and credentials are taken."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from crmsync_salesforce import connector
from crmsync_salesforce.settings import SalesforceSettings

APP = {"client_id": "key", "client_secret": "s3cret"}
MY_DOMAIN = "https://acme.my.salesforce.com"


@pytest.mark.parametrize(
    ("given", "url", "loopback"),
    [
        (MY_DOMAIN, MY_DOMAIN, False),
        (f"{MY_DOMAIN}/", MY_DOMAIN, False),
        ("acme.my.salesforce.com", MY_DOMAIN, False),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090", True),
        ("http://localhost:8090/", "http://localhost:8090", True),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443", False),
    ],
)
def test_addresses(given: str, url: str, loopback: bool) -> None:
    settings = SalesforceSettings(url=given, **APP)
    assert (settings.url, settings.loopback) == (url, loopback)


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com",
        "http://127.0.0.1.evil.example",
        "ftp://acme.my.salesforce.com",
        "https://",
        f"{MY_DOMAIN}/lightning/page",
        "https://user:pw@acme.my.salesforce.com",
    ],
)
def test_refused_addresses(url: str) -> None:
    with pytest.raises(ValidationError, match="must"):
        SalesforceSettings(url=url, **APP)


@pytest.mark.parametrize(
    ("host", "instead"),
    [
        ("acme.lightning.force.com", "acme.my.salesforce.com"),
        ("acme--full.sandbox.lightning.force.com", "acme--full.sandbox.my.salesforce.com"),
        ("acme-dev-ed.develop.lightning.force.com", "acme-dev-ed.develop.my.salesforce.com"),
        ("ACME.Lightning.Force.com", "acme.my.salesforce.com"),
        ("acme.my.salesforce-setup.com", "acme.my.salesforce.com"),
        ("acme--c.vf.force.com", "acme.my.salesforce.com"),
        ("acme--full--c.sandbox.vf.force.com", "acme--full.sandbox.my.salesforce.com"),
        ("acme.file.force.com", "acme.my.salesforce.com"),
        ("acme.my.site.com", "acme.my.salesforce.com"),
    ],
)
def test_an_address_for_browsers_is_refused_with_the_my_domain(host: str, instead: str) -> None:
    with pytest.raises(ValidationError, match=f"→ write https://{re.escape(instead)} there"):
        SalesforceSettings(url=f"https://{host}", **APP)


def test_a_retired_api_version_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"retired all versions up to 30\.0"):
        SalesforceSettings(url=MY_DOMAIN, api_version="30.0", **APP)
    assert SalesforceSettings(url=MY_DOMAIN, api_version="31.0", **APP).api_version == "31.0"


def test_allowing_duplicates_needs_a_version_that_knows_it() -> None:
    with pytest.raises(ValidationError, match=r"needs `api_version` 52\.0"):
        SalesforceSettings(url=MY_DOMAIN, api_version="51.0", allow_duplicates=True, **APP)


@pytest.mark.parametrize(
    ("given", "way"),
    [
        ({"access_token": "t", **APP}, "session"),
        ({"client_id": "key", "refresh_token": "r"}, "refresh_token"),
        ({"client_id": "key", "username": "u", "private_key": "k", "client_secret": "s"}, "jwt"),
        ({"client_id": "key", "username": "u", "private_key_file": "k.pem"}, "jwt"),
        (APP, "client_credentials"),
        ({"username": "u", "password": "p"}, "password"),
    ],
)
def test_the_first_complete_credentials_are_used(given: dict[str, Any], way: str) -> None:
    assert SalesforceSettings(url=MY_DOMAIN, **given).sign_in_way == way


@pytest.mark.parametrize("given", [{}, {"client_id": "key"}, {"username": "u"}, {"client_id": "k", "username": "u"}])
def test_missing_credentials_are_told_with_the_ways_there_are(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="client_id and client_secret"):
        SalesforceSettings(url=MY_DOMAIN, **given)


def test_client_credentials_need_the_my_domain() -> None:
    with pytest.raises(ValidationError, match="My Domain"):
        SalesforceSettings(url="https://login.salesforce.com", **APP)


def test_secrets_are_never_shown() -> None:
    names = ("client_secret", "private_key", "refresh_token", "access_token", "password", "security_token")
    settings = SalesforceSettings(url=MY_DOMAIN, **dict.fromkeys(names, "s3cret"))
    assert "s3cret" not in repr(settings) + str(settings) + str(settings.model_dump())
    with pytest.raises(ValidationError) as refused:
        SalesforceSettings(url="http://acme.example", client_id="key", client_secret={"s3cret": 1})
    assert "s3cret" not in str(refused.value)


def test_a_misspelt_option_is_refused() -> None:
    with pytest.raises(ValidationError, match="client_secert"):
        SalesforceSettings(url=MY_DOMAIN, client_id="key", client_secert="s")


def test_every_option_has_a_description() -> None:
    assert [name for name, field in SalesforceSettings.model_fields.items() if not field.description] == []


def test_the_plugin_opens_without_a_call_and_brings_its_mapping() -> None:
    opened = connector.open(connector.settings(url="http://127.0.0.1:9", **APP))
    assert opened.usage().calls == 0
    opened.close()
    assert connector.starter_mapping is not None
    assert "connector: salesforce" in connector.starter_mapping()
