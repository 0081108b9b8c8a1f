"""Whether the CRM lets this user listen to the changes that the connection's settings subscribe to."""

from __future__ import annotations

import queue
import threading

from crmsync.connection import registry
from crmsync.contract import Subscription
from crmsync.errors import CrmsyncError
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import Settings, connector_settings

LISTEN_SECONDS = 3.0
"""A refusal comes at once; without one, and without a sign of life, so long is listened."""


def subscribed(settings: Settings, name: str, account: str) -> str | None:
    """In words to what the connection may listen; null where it subscribes to nothing.

    Listens for a moment, from now on, and keeps nothing of what comes. Raises `CrmsyncError` with what the CRM said.
    """
    configured = settings.configured[name]
    plugin = registry.load(configured.connector)
    if plugin.subscription is None:
        return None
    options = connector_settings(plugin, name, configured.options, settings.file, settings.directory)
    subscription = plugin.subscription(options)
    return None if subscription is None else _listened(subscription, account)


def _listened(subscription: Subscription, account: str) -> str:
    """A thread listens, because only the CRM ends its waiting, or closing."""
    heard: queue.SimpleQueue[CrmsyncError | None] = queue.SimpleQueue()

    def listen() -> None:
        try:
            with unforeseen_in_words():
                next(subscription.heard(account, None), None)
            heard.put(None)
        except CrmsyncError as error:
            heard.put(error)

    thread = threading.Thread(target=listen, name=f"check of {subscription.channel}", daemon=True)
    thread.start()
    try:
        refused = heard.get(timeout=LISTEN_SECONDS)
    except queue.Empty:
        return f"{subscription.channel}: not refused within {LISTEN_SECONDS:.0f} seconds, and nothing has come yet"
    finally:
        subscription.close()
        thread.join(LISTEN_SECONDS)
    if refused is not None:
        raise refused
    return f"{subscription.channel}: the CRM tells changes here"
