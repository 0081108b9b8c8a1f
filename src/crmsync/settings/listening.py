"""An address at which the service listens, as crmsync.yaml says it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator


class Listening(BaseModel):
    """A part of crmsync.yaml that names an address and a port."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    listen: str

    @field_validator("listen")
    @classmethod
    def _an_address_and_a_port(cls, listen: str) -> str:
        host, _, port = listen.rpartition(":")
        try:
            ip_address(host.strip("[]") if host.startswith("[") else host)
            right = port.isascii() and port.isdigit() and int(port) < 65_536
        except ValueError:
            right = False
        if not right:
            raise ValueError(f"`{listen}` is no address and port\n→ write e.g. `127.0.0.1:9464` or `[::1]:9464`")
        return listen

    @property
    def host(self) -> str:
        """The IP address."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """0 = any that is free."""
        return int(self.listen.rpartition(":")[2])

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ip_address(self.host).is_loopback


class BehindAProxy(Listening):
    """One that speaks plain HTTP: other machines reach it through a proxy with TLS, by an address of its own."""

    public_url: str | None = None

    @model_validator(mode="after")
    def _reached_by_a_proxy(self) -> Self:
        if not self.loopback and self.public_url is None:
            raise ValueError(
                f"`listen: {self.listen}` can be reached from other machines, and there is no `public_url`\n"
                "→ name the address of the proxy with TLS in front of it, or listen on 127.0.0.1"
            )
        return self
