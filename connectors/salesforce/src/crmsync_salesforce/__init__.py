"""Salesforce connector for crmsync.

Importing this package loads neither simple-salesforce nor requests; opening a connection does. No submodule may be
named `connector`: importing it would put the module in the place of the plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.sdk import ConnectorPlugin, UsageError, starter_file
from crmsync_salesforce.ids import lead_id
from crmsync_salesforce.record_pages import record_page
from crmsync_salesforce.setting_up import SIGN_IN_WAYS
from crmsync_salesforce.settings import SalesforceSettings

if TYPE_CHECKING:
    from crmsync.sdk import Connector, Subscription, TellingReader

__all__ = ["SalesforceSettings", "connector"]


_STARTERS = "../../../../mappings"


def _open(settings: SalesforceSettings) -> Connector:
    from crmsync_salesforce.connection import SalesforceConnector  # noqa: PLC0415 - keeps the import light

    return SalesforceConnector(settings)


def _tellings(settings: SalesforceSettings) -> TellingReader | None:
    from crmsync_salesforce.tellings import reader  # noqa: PLC0415 - only a service is told anything

    return reader(settings)


def _subscription(settings: SalesforceSettings) -> Subscription | None:
    if settings.change_channel is None:
        return None
    try:
        from crmsync_salesforce.subscription import ChangeSubscription  # noqa: PLC0415 - needs packages of its own
    except ImportError as error:
        raise UsageError(
            f"`change_channel` needs packages that are not installed ({error.name})",
            hint="pip install 'crmsync-salesforce[pubsub]'",
        ) from error
    return ChangeSubscription(settings)


connector = ConnectorPlugin(
    settings=SalesforceSettings,
    open=_open,
    starter_mapping=starter_file(__name__, "salesforce.yaml", in_checkout=_STARTERS),
    other_starters={"Contact": starter_file(__name__, "salesforce-contacts.yaml", in_checkout=_STARTERS)},
    lead_id=lead_id,
    record_page=record_page,
    title="Salesforce",
    sign_in_ways=SIGN_IN_WAYS,
    tellings=_tellings,
    subscription=_subscription,
)
