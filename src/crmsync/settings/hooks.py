"""Where the service is told of changes, as crmsync.yaml says it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from crmsync.settings.listening import BehindAProxy

GATHER_SECONDS = 0.3
"""So long tellings gather where nothing else is said."""


class HooksSettings(BehindAProxy):
    """Where `crmsync serve` takes what CRMs tell by themselves (`/hooks/<connection>`) and signed touches.

    It speaks plain HTTP: TLS is left to a proxy in front of it.
    """

    listen: str = Field(
        description="address and port; one that other machines reach needs `public_url`",
        examples=["127.0.0.1:9465"],
    )
    public_url: str | None = Field(
        None,
        description="address by which CRMs call it, as it stands before `/hooks`: what HubSpot signs begins with it; "
        "default: `http://` and `listen`",
        examples=["https://crmsync.example.com"],
    )
    largest_kilobytes: int = Field(
        1_024, strict=True, ge=16, le=10_240, description="largest body that is read; what is larger is refused"
    )
    slowest_seconds: float = Field(
        10, strict=True, ge=0.1, le=60, description="so long a request may take to come in whole"
    )
    gather_seconds: float = Field(
        GATHER_SECONDS,
        strict=True,
        ge=0,
        le=60,
        description="so long tellings gather before what they name is read together",
    )

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, url: str | None) -> str | None:
        return None if url is None else an_address(url, "https://crmsync.example.com")

    @property
    def base(self) -> str:
        """What addresses of hooks begin with, as CRMs call them."""
        return self.public_url or f"http://{self.listen}"


def an_address(url: str, example: str) -> str:
    """An address as it stands, without `/` at its end. Raises `ValueError` for none, and for one without TLS."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"`{url}` is no address\n→ write e.g. `{example}`")
    if parts.scheme == "http" and not _here(parts.hostname):
        raise ValueError(
            "must begin with https:// (plain http would show keys to the network)\n→ put a proxy with TLS in front"
        )
    return url.rstrip("/")


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
