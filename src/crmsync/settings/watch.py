"""Where the service can be looked at, as crmsync.yaml says it."""

from __future__ import annotations

from ipaddress import ip_address

from pydantic import BaseModel, ConfigDict, Field, field_validator


class WatchSettings(BaseModel):
    """Where `crmsync serve` answers `/healthz`, `/readyz` and `/metrics`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: str = Field(
        description="address and port; one that other machines reach needs CRMSYNC_WATCH_TOKEN",
        examples=["127.0.0.1:9464"],
    )

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
