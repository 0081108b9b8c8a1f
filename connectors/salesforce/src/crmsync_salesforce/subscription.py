"""What an org tells over the Pub/Sub API: its change events, from where they were heard last.

Source: Pub/Sub API Developer Guide, "Supported Authentication", "Subscribe RPC Method", "Retry Long-Lived RPC Calls
After an Error Occurs", "Event Message Durability" (events are kept for 72 hours; a position older than that, or of
another org, is refused as corrupted or not valid).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc
import msgspec

from crmsync.sdk import (
    CrmUnreachable,
    Heard,
    PositionLost,
    RunStopped,
    SignInRefused,
    UsageError,
    call_with_retries,
    crm_code,
)
from crmsync_salesforce.adapter import is_loopback, session_for
from crmsync_salesforce.change_events import ChangeEvents
from crmsync_salesforce.event_bus import EventBus, Stream
from crmsync_salesforce.settings import SalesforceSettings
from crmsync_salesforce.sign_in import Session, SignIn

MOST_AT_ONCE = 100
"""So many events may come before more are asked for: no more are granted at once."""
_FAMILY = "sfdc.platform.eventbus.grpc."
"""What all codes of the API begin with; the rest says which it is."""
_HINT = (
    "choose the objects in Setup → Change Data Capture, give the user View All Data or View All on them, and check "
    "`change_channel`"
)


class ChangeSubscription:
    """Listens to one channel. Signs in by the connection's settings, and anew when the session has ended."""

    def __init__(self, settings: SalesforceSettings) -> None:
        """No call is made yet. Raises `UsageError` where nothing is subscribed to."""
        if settings.change_channel is None:
            raise UsageError("no `change_channel` is named")
        self.channel = settings.change_channel
        self._settings = settings
        self._session: Session | None = None
        self._stream: Stream | None = None
        self._closed = False
        self._changing = threading.Lock()

    def heard(self, account: str, position: str | None) -> Iterator[Heard]:
        """Change events as they come, those of one answer together."""
        bus = self._bus(account)
        try:
            stream = self._begun(bus, position)
            if stream is None:
                return
            events = ChangeEvents(account, bus.schema)
            for answer in stream.answers():
                yield events.heard(answer.events, answer.latest_replay_id or _last(answer))
                if answer.pending_num_requested <= MOST_AT_ONCE // 2:
                    stream.more(MOST_AT_ONCE - answer.pending_num_requested)
        except grpc.RpcError as error:
            raise self._words(error) from None
        except (msgspec.DecodeError, ValueError) as error:
            raise CrmUnreachable("Salesforce gave a schema of change events that cannot be read") from error
        finally:
            with self._changing:
                stream, self._stream = self._stream, None
            if stream is not None:
                stream.close()
            bus.close()

    def close(self) -> None:
        """End it."""
        with self._changing:
            self._closed = True
            if self._stream is not None:
                self._stream.close()

    def _bus(self, account: str) -> EventBus:
        if self._session is None:
            http, adapter = session_for(self._settings)
            try:
                self._session = call_with_retries(SignIn(self._settings, http).session, self._settings.retries)
            finally:
                http.close()
            if not adapter.trust(self._session.instance_url):
                self._session = None
                raise SignInRefused("the sign-in named an instance that is not Salesforce's")
        proof = (
            ("accesstoken", self._session.token),
            ("instanceurl", self._session.instance_url),
            ("tenantid", account),
        )
        address = self._settings.event_bus
        return EventBus(address, proof, loopback=is_loopback(f"http://{address}"))

    def _begun(self, bus: EventBus, position: str | None) -> Stream | None:
        """Null where it was closed meanwhile."""
        with self._changing:
            if self._closed:
                return None
            after = None if position is None else bytes.fromhex(position)
            self._stream = bus.subscribe(self.channel, after, MOST_AT_ONCE)
            return self._stream

    def _words(self, error: grpc.RpcError) -> RunStopped:
        """What a refusal means. Keyed on the API's own code, which stands in the trailer."""
        status = error.code()
        trailers = {each.key: each.value for each in error.trailing_metadata() or ()}
        code = crm_code(str(trailers.get("error-code", "")).removeprefix(_FAMILY)) or status.name
        if "replayid" in code.lower():
            return PositionLost(f"Salesforce no longer has the events that came after the last ones heard ({code})")
        if status is grpc.StatusCode.UNAUTHENTICATED:
            self._session = None
            return CrmUnreachable(f"Salesforce's event bus wants a new sign-in ({code})")
        if status in {
            grpc.StatusCode.PERMISSION_DENIED,
            grpc.StatusCode.NOT_FOUND,
            grpc.StatusCode.INVALID_ARGUMENT,
            grpc.StatusCode.UNIMPLEMENTED,
        }:
            return RunStopped(f"Salesforce refuses the subscription to {self.channel}: {code}", hint=_HINT)
        return CrmUnreachable(f"the connection to Salesforce's event bus ended ({code})")


def _last(answer: object) -> bytes:
    """The position of its last event."""
    return bytes(answer.events[-1].replay_id)  # type: ignore[attr-defined]
