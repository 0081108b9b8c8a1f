"""Which leads belong together: the same person by e-mail, the same company by e-mail domain or name.

A domain that is not one company's own says nothing: mail providers, domains reserved for examples, those the roster
lists, and any domain that leads of three or more differently named companies use. A company name that stands for
"none given" says nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from crmsync.route.choosing.strategy import AccountOwner, Lead
from crmsync.route.placing.order_of_turns import owners_place, plain, seconds
from crmsync.route.placing.owned import facts_told
from crmsync.route.roster.roster_file import SameAs
from crmsync.tongue import ENGLISH, Tongue, to_say

_SHARED = """
    gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it
    live.com msn.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it ymail.com rocketmail.com aol.com
    icloud.com me.com mac.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de mail.com
    mail.ru yandex.ru yandex.com proton.me protonmail.com pm.me tutanota.com zoho.com fastmail.com hey.com
    libero.it virgilio.it tiscali.it alice.it orange.fr wanadoo.fr free.fr laposte.net sfr.fr online.no
    broadpark.no ziggo.nl kpnmail.nl planet.nl hetnet.nl xs4all.nl telenet.be skynet.be bluewin.ch
    seznam.cz wp.pl o2.pl onet.pl interia.pl abv.bg qq.com 163.com 126.com sina.com naver.com daum.net
    rediffmail.com uol.com.br bol.com.br terra.com.br comcast.net verizon.net att.net sbcglobal.net
    cox.net bellsouth.net btinternet.com sky.com example.com example.net example.org
"""

SHARED_DOMAINS = frozenset(_SHARED.split())
"""Common mail providers, and the names RFC 2606 reserves for examples."""

NO_COMPANY = frozenset(
    {"", "-", "?", ".", "n/a", "na", "none", "null", "unknown", "[not provided]", "not provided", "self", "private"}
    | {"self-employed", "self employed", "freelance", "freelancer", "individual", "personal", "home", "test", "tbd"}
)

COMPANIES_OF_A_PROVIDER = 3


def with_account_keys(leads: pl.DataFrame, shared_domains: Iterable[str]) -> pl.DataFrame:
    """`leads` (with `email`, `company`) plus `domain` and `company_key`, null where they say nothing."""
    shared = all_shared(shared_domains)
    domain = pl.col("email").str.to_lowercase().str.extract(r"@([^@\s]+\.[^@\s.]+)$")
    if all(leads[name].null_count() == leads.height for name in ("email", "company")):
        nothing = pl.lit(None, pl.String())
        return leads.with_columns(domain=nothing, company_key=nothing)
    keyed = leads.with_columns(
        email=pl.col("email").str.to_lowercase(),
        domain=pl.when(domain.is_in(shared).not_()).then(domain),
        company_key=company_key("company"),
    )
    providers = (
        keyed.drop_nulls(["domain", "company_key"])
        .group_by("domain")
        .agg(pl.col("company_key").n_unique())
        .filter(pl.col("company_key") >= COMPANIES_OF_A_PROVIDER)["domain"]
    )
    return keyed.with_columns(domain=pl.when(pl.col("domain").is_in(providers.implode()).not_()).then("domain"))


def all_shared(more: Iterable[str]) -> list[str]:
    """The domains that are not one company's own: those known to everybody and `more`."""
    return sorted(SHARED_DOMAINS | {domain.lower().lstrip("@") for domain in more})


def company_key(column: str) -> pl.Expr:
    """A company's name as it is compared: letter case and spaces aside; null when it says nothing."""
    name = plain(column)
    return pl.when(name.is_in(sorted(NO_COMPANY)).not_()).then(name)


_SAME = {
    True: to_say("same person as lead {lead}, which goes to the same owner"),
    False: to_say("same company as lead {lead}, which goes to the same owner"),
}


class Accounts:
    """Owners by person and by company: of leads that had one before this run, and of those placed in it."""

    def __init__(
        self,
        keyed: pl.DataFrame,
        needing: pl.DataFrame,
        same: Iterable[SameAs],
        places: Mapping[str, int],
        tongue: Tongue = ENGLISH,
    ) -> None:
        """`keyed`: all leads known, with `lead, owner, created_at, since, told` and account keys; `needing`: those to
        place.

        `places`: native user id → place in the roster.
        """
        self._before = {
            column: _owners(keyed, needing, column, places) for column in ("email", "domain", "company_key")
        }
        self._same = tuple(same)
        self._tongue = tongue
        self._placed: dict[tuple[str, str | None, str], tuple[str, str]] = {}

    def owners(self, lead: Lead) -> Iterator[AccountOwner]:
        """Owners of other leads of the same person, then of the same company: earlier ones, the oldest first."""
        seen = set()
        for column, value in (("email", lead.email), ("domain", lead.domain), ("company_key", lead.company)):
            for owner in self._before[column].get(value or "", ()):
                if owner not in seen:
                    seen.add(owner)
                    yield owner

    def twins(self, lead: Lead) -> Iterator[tuple[str, str]]:
        """(owner, why) for leads that belong together with this one and have their owner already.

        The same person counts whoever has it; the same company only among leads of the same kind (one hand-over, or
        new) placed in this run.
        """
        for name, key in self._keys(lead):
            found = self._placed.get(key)
            if found:
                yield found[0], self._tongue.say(_SAME[name == "email"], lead=found[1])
            if name == "email":
                for owner in self._before["email"].get(key[2], ()):
                    yield owner.user, self._tongue.say("owns another lead of the same person")

    def place(self, lead: Lead, owner: str) -> None:
        """Remember whom the lead went to; the first of its kind counts."""
        for _, key in self._keys(lead):
            self._placed.setdefault(key, (owner, lead.lead))

    def _keys(self, lead: Lead) -> Iterator[tuple[str, tuple[str, str | None, str]]]:
        values = {"email": lead.email, "domain": lead.domain, "company": lead.company}
        for name in ("email", "domain", "company"):
            value = values[name]
            if name in self._same and value:
                yield name, (name, None if name == "email" else lead.hand_over or "", value)


def _owners(
    keyed: pl.DataFrame, needing: pl.DataFrame, column: str, places: Mapping[str, int]
) -> Mapping[str, list[AccountOwner]]:
    """Distinct owners, and what they own, by key, the oldest lead's first; only keys that a lead to be placed has.

    Leads of one second go by e-mail, then by their owners' places in the roster: never by ids, as owners who are not
    in the roster get nothing.
    """
    if needing[column].null_count() == needing.height:
        return {}
    wanted = needing.select(column).drop_nulls().unique()
    found = (
        keyed.filter(pl.col("owner").is_not_null() & pl.col(column).is_not_null())
        .join(wanted, on=column, how="semi")
        .sort(seconds("created_at"), "email", owners_place(places), "lead", nulls_last=True)
        .unique([column, "owner", "since", "told"], keep="first", maintain_order=True)
    )
    owners: dict[str, list[AccountOwner]] = {}
    for value, owner, since, told in found.select(column, "owner", "since", "told").iter_rows():
        owners.setdefault(value, []).append(AccountOwner(owner, None, since, facts_told(told)))
    return owners
