"""The console with people in it, as crmsync.yaml and the file of its people say it."""

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crmsync.settings.hooks import an_address
from crmsync.settings.listening import BehindAProxy

Role = Literal["viewer", "approver", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "approver", "admin")
"""Each may what those before it may."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class SignInElsewhere(BaseModel):
    """A provider of OpenID Connect with whom people sign in: Entra ID, Google, Okta, Keycloak and others."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    issuer: str = Field(
        description="its address; what it offers is read below it, at `/.well-known/openid-configuration`",
        examples=["https://login.example.com"],
    )
    client_id: str = Field(description="under which it knows crmsync")

    @field_validator("issuer")
    @classmethod
    def _an_address(cls, issuer: str) -> str:
        return an_address(issuer, "https://login.example.com")


class ConsoleSettings(BehindAProxy):
    """The console behind a sign-in: `crmsync serve` answers at its address, `crmsync console` asks for it, too.

    It speaks plain HTTP: TLS is left to a proxy in front of it.
    """

    listen: str = Field(
        "127.0.0.1:8600",
        description="address and port; one that other machines reach needs `public_url`",
        examples=["127.0.0.1:8600"],
    )
    public_url: str | None = Field(
        None,
        description="address by which browsers call it, if that is another one: a proxy with TLS in front of it",
        examples=["https://crmsync.example.com"],
    )
    people: str = Field(
        "console-people.yaml", description="file of who may sign in; `crmsync console person` writes it"
    )
    personal_data: Literal["shown", "hidden_from_viewers"] = Field(
        "shown", description="whether those who may only look see what leads are called, and what their fields hold"
    )
    session_hours: int = Field(
        12, strict=True, ge=1, le=168, description="so long after signing in one signs in anew"
    )
    idle_minutes: int = Field(60, strict=True, ge=5, le=1_440, description="the same without a look for so long")
    oidc: SignInElsewhere | None = Field(None, description="sign-in with a provider of your firm; default: passwords")

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        url = an_address(url, "https://crmsync.example.com")
        if urlsplit(url).path:
            raise ValueError(f"`{url}` names a path; the console wants a name of its own\n→ take the path out")
        return url


class ConsolePerson(BaseModel):
    """Who may sign in to the console, and what they may do there."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str = Field(description="under which they sign in, and which the log tells: small letters, digits, `.-_`")
    role: Role = Field(
        description="`viewer` looks, `approver` approves plans and undoes runs, `admin` changes files, too"
    )
    email: str | None = Field(None, description="by which the provider of `oidc` knows them")
    password: str | None = Field(
        None, description="its argon2 hash, as `crmsync console person` writes it; default: no sign-in by password"
    )

    @field_validator("name")
    @classmethod
    def _a_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"`{name}` cannot be a name to sign in by\n→ write small letters, digits, `.`, `-` and `_`"
            )
        return name

    @field_validator("password")
    @classmethod
    def _a_hash(cls, password: str | None) -> str | None:
        if password is not None and not password.startswith("$argon2id$"):
            raise ValueError(
                "this is no hash, and a password itself does not belong in a file\n"
                "→ crmsync console person NAME asks for it and writes its hash"
            )
        return password

    @field_validator("email")
    @classmethod
    def _an_email(cls, email: str | None) -> str | None:
        if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            raise ValueError("this is no e-mail address\n→ write it as the provider knows it")
        return email


class ConsolePeople(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: Literal[1] = 1
    people: Sequence[ConsolePerson] = Field(description="who may sign in")

    @field_validator("people")
    @classmethod
    def _each_once(cls, people: Sequence[ConsolePerson]) -> Sequence[ConsolePerson]:
        for what, found in (
            ("name", [each.name for each in people]),
            ("e-mail", [each.email.casefold() for each in people if each.email]),
        ):
            if twice := next((each for each in found if found.count(each) > 1), None):
                raise ValueError(f"the {what} `{twice}` stands there twice\n→ keep one of them")
        return people
