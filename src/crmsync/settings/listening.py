"""An address at which the service listens, as crmsync.yaml says it."""

from __future__ import annotations

from ipaddress import ip_address

from pydantic import BaseModel, ConfigDict, field_validator


class Listening(BaseModel):
    """A part of crmsync.yaml that names an address and a port."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
