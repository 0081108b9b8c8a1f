"""What a store remembers of the CRM's own accounts. Part of `store_kit`."""

from __future__ import annotations

from crmsync.store import Pulled, Store
from crmsync.testing.store_frames import DAY, NOW, account, accounts, due, lead, leads
from crmsync.testing.store_steps import TOMORROW, Stores, decide


def held(store: Store) -> dict[str, str]:
    """Account → owner, in the order of their claim."""
    return dict(store.facts.accounts("c").select("account", "owner").rows())


class AccountChecks:
    """Accounts, customers and open opportunities: kept as they are, in their order, gone when they are gone."""

    def test_accounts_come_back_as_they_were(self, stores: Stores) -> None:
        """Earlier entries of the mapping first, then lower ids; unknowns stay unknown."""
        telling = account("10", created_at=NOW, facts='{"region":"Nord"}')
        rows = [telling, account("9", name=None), account("7", rank=1), account("8", domain=None, rank=1)]
        stores.open().facts.remember("c", [Pulled(accounts=accounts(*rows))], today=DAY)
        kept = stores.open().facts.accounts("c")
        assert kept.schema == accounts().schema
        assert kept.to_dicts() == [rows[1], rows[0], rows[2], rows[3]]

    def test_accounts_follow_what_is_pulled(self, stores: Stores) -> None:
        """Changed, new and gone ones; what a later part says wins; a part's frame wins over its gone ids."""
        store = stores.open()
        store.facts.remember("c", [Pulled(accounts=accounts(account("1"), account("2"), account("3")))], today=DAY)
        parts = [
            Pulled(accounts=accounts(account("1", "ben"), account("4")), gone_accounts=["Account:4"]),
            Pulled(accounts=accounts(account("4", "cleo"), account("5")), gone_accounts=["Account:2", "Account:3"]),
            Pulled(accounts=accounts(account("3", "dora")), gone_accounts=["Account:5", "Account:none"]),
        ]
        store.facts.remember("c", parts, today=TOMORROW)
        assert held(store) == {"Account:1": "ben", "Account:3": "dora", "Account:4": "cleo"}

    def test_a_complete_pull_removes_accounts_and_cursors_that_it_does_not_bring(self, stores: Stores) -> None:
        """An object that it left out is read from its beginning when it is wanted again."""
        store = stores.open()
        first = Pulled(accounts=accounts(account("1"), account("2")), cursors={"Lead": "1", "Account": "1"})
        store.facts.remember("c", [first], today=DAY)
        store.facts.remember("c", [Pulled(cursors={"Lead": "2"})], today=DAY)
        assert set(held(store)) == {"Account:1", "Account:2"}
        assert store.facts.cursors("c") == {"Lead": "2", "Account": "1"}
        store.facts.remember("c", [Pulled(accounts=accounts(account("2"))), first], today=DAY, complete=True)
        assert set(held(store)) == {"Account:1", "Account:2"}
        kept = Pulled(accounts=accounts(account("2")), cursors={"Account": "3"})
        store.facts.remember("c", [kept], today=DAY, complete=True)
        assert set(held(store)) == {"Account:2"}
        assert store.facts.cursors("c") == {"Account": "3"}
        store.facts.remember("c", [Pulled(cursors={"Lead": "4"})], today=DAY, complete=True)
        assert (held(store), store.facts.cursors("c")) == ({}, {"Lead": "4"})

    def test_an_account_makes_no_lead_due(self, stores: Stores) -> None:
        """It is asked for when a lead needs an owner."""
        store = stores.open()
        store.facts.remember("c", [Pulled(leads=leads(lead("1")), accounts=accounts(account("1")))], today=DAY)
        decide(store, "1")
        for owner in ("ben", "cleo"):
            store.facts.remember("c", [Pulled(accounts=accounts(account("1", owner)))], today=TOMORROW)
        assert (held(store), due(store, "c")) == ({"Account:1": "cleo"}, [])
