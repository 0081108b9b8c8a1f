"""What an installed connector brings: its settings, ways to sign in, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from pydantic import BaseModel

if TYPE_CHECKING:
    from crmsync.contract.account import Org
    from crmsync.contract.connector import Connector
    from crmsync.contract.telling import Subscription, TellingReader


class SignInWay(Struct, frozen=True):
    """A way of signing in, for those who set a connection up.

    `name`: a word for options and files; `title`: one line that says when it suits. `steps`: what to do in the CRM
    first, one by one, each a sentence or two. `settings`: fields of the connector's settings that it needs, in the
    order in which they are asked for; secrets are asked for without being shown.
    """

    name: str
    title: str
    steps: tuple[str, ...]
    settings: tuple[str, ...]


class ConnectorPlugin(Struct, frozen=True):
    """What an entry point of group `crmsync.connectors` names. The entry point's name is the connector's.

    `settings`: a pydantic model of everything the connector needs (address, secrets as `SecretStr`, time limits); the
    core fills it from the connection's `options` in crmsync.yaml and from the environment
    (`CRMSYNC_<CONNECTION>_<FIELD>`). Every field has a description with its unit.
    `open`: builds a Connector from such settings without any call. `starter_mapping`: gives the YAML text of a
    mapping to begin with (`sdk.starter_file` reads it from the connector's package); rehearsals ask for it. Where
    records of more than one object may carry stage and owner, `other_starters` gives a mapping to begin with for each
    of the other native objects.
    `lead_id`: the lead's native id in what a person may write instead: another form of the id, or the address of the
    page of a record of the leads' object; null for a text that holds none. Where that object is not known (null), no
    address names a lead. Without it only native ids and e-mails name leads.
    `record_page`: the other way about, for an account, a native object and a record's id: the address of the record's
    page, so that plans and reports link to it; null where there is none. It makes no call, and of the record the
    address holds the id alone. `lead_id` reads it.
    `title`: what people call the CRM. `sign_in_ways`: the ways of signing in, the usual one first; `crmsync init`
    tells their steps. Without any it asks for every setting that has no default, and for the secrets.
    `tellings`: reads what the CRM sends by itself, made from the same settings; null where these have no secret by
    which such a delivery proves whose it is. A connector without it is told nothing, and read by its schedule.
    """

    settings: type[BaseModel]
    open: Callable[[Any], Connector]
    starter_mapping: Callable[[], str] | None = None
    other_starters: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    lead_id: Callable[[str, str | None], str | None] | None = None
    record_page: Callable[[Org, str, str], str | None] | None = None
    title: str | None = None
    sign_in_ways: tuple[SignInWay, ...] = ()
    tellings: Callable[[Any], TellingReader | None] | None = None
    subscription: Callable[[Any], Subscription | None] | None = None
