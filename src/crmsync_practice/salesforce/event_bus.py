"""The org's event bus: the Pub/Sub API over gRPC on loopback, as far as a subscriber to change events needs it.

Source: the service `eventbus.v1.PubSub` of the published protocol file; Pub/Sub API Developer Guide, "Subscribe RPC
Method", "Handle Errors". Needs grpcio, protobuf and fastavro.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from crmsync_practice.salesforce.change_log import ChangeLog
from crmsync_practice.salesforce.errors import SalesforceError

MOST_REQUESTED = 100
"""Events that one request may ask for."""
MOST_STREAMS = 16
_CHANNEL = re.compile(r"/data/(?:(?P<all>ChangeEvents)|(?P<object>\w+?)ChangeEvent|(?P<own>\w+__chn))")
_CODE = "sfdc.platform.eventbus.grpc."
_LOOK_SECONDS = 0.25


def _messages() -> Mapping[str, Any]:
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="pubsub.proto", package="eventbus.v1", syntax="proto3")
    text, octets, number, one = kinds.TYPE_STRING, kinds.TYPE_BYTES, kinds.TYPE_INT32, kinds.TYPE_MESSAGE
    preset = file.enum_type.add(name="ReplayPreset")
    for place, name in enumerate(("LATEST", "EARLIEST", "CUSTOM")):
        preset.value.add(name=name, number=place)
    declared: dict[str, list[tuple[str, int, int, str]]] = {
        "TopicRequest": [("topic_name", 1, text, "")],
        "TopicInfo": [
            ("topic_name", 1, text, ""),
            ("tenant_guid", 2, text, ""),
            ("can_publish", 3, kinds.TYPE_BOOL, ""),
            ("can_subscribe", 4, kinds.TYPE_BOOL, ""),
            ("schema_id", 5, text, ""),
            ("rpc_id", 6, text, ""),
        ],
        "ProducerEvent": [("id", 1, text, ""), ("schema_id", 2, text, ""), ("payload", 3, octets, "")],
        "ConsumerEvent": [("event", 1, one, "ProducerEvent"), ("replay_id", 2, octets, "")],
        "FetchRequest": [
            ("topic_name", 1, text, ""),
            ("replay_preset", 2, kinds.TYPE_ENUM, "ReplayPreset"),
            ("replay_id", 3, octets, ""),
            ("num_requested", 4, number, ""),
            ("auth_refresh", 5, text, ""),
        ],
        "FetchResponse": [
            ("events", 1, one, "ConsumerEvent"),
            ("latest_replay_id", 2, octets, ""),
            ("rpc_id", 3, text, ""),
            ("pending_num_requested", 4, number, ""),
        ],
        "SchemaRequest": [("schema_id", 1, text, "")],
        "SchemaInfo": [("schema_json", 1, text, ""), ("schema_id", 2, text, ""), ("rpc_id", 3, text, "")],
    }
    for message, fields in declared.items():
        made = file.message_type.add(name=message)
        for name, place, kind, of in fields:
            label = kinds.LABEL_REPEATED if (message, name) == ("FetchResponse", "events") else kinds.LABEL_OPTIONAL
            field = made.field.add(name=name, number=place, type=kind, label=label)
            if of:
                field.type_name = f".eventbus.v1.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"eventbus.v1.{name}") for name in declared}
    return {name: message_factory.GetMessageClass(each) for name, each in found.items()}


_MESSAGES = _messages()


def replay_id(number: int) -> bytes:
    """Opaque to whoever gets it; events of other objects lie between."""
    return (number * 4 + 1).to_bytes(10, "big")


def number_of(position: bytes) -> int | None:
    """The event's place in the log; None for what is no replay id."""
    value = int.from_bytes(position, "big")
    return (value - 1) // 4 if len(position) == 10 and value % 4 == 1 else None


class EventBus:
    """Serves the log. `user_of`: raises `SalesforceError` for a token that is not good."""

    def __init__(
        self, log: ChangeLog, switches: Mapping[str, Any], user_of: Callable[[str], str], tenant: str
    ) -> None:
        self._log = log
        self._switches = switches
        self._user_of = user_of
        self._tenant = tenant
        self._server: Any = None
        self.subscriptions = 0

    def serve(self) -> int:
        """Listen on loopback from now on; the port."""
        self._server = grpc.server(ThreadPoolExecutor(MOST_STREAMS, thread_name_prefix="event-bus"))
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        calls = {
            "GetSchema": unary(self._schema, *_coding("SchemaRequest", "SchemaInfo")),
            "GetTopic": unary(self._topic, *_coding("TopicRequest", "TopicInfo")),
            "Subscribe": stream(self._subscribe, *_coding("FetchRequest", "FetchResponse")),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("eventbus.v1.PubSub", calls),))
        port: int = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return port

    def stop(self) -> None:
        """End every stream."""
        if self._server is not None:
            self._server.stop(grace=None)

    def _signed_in(self, context: Any) -> None:
        told = dict(context.invocation_metadata())
        try:
            self._user_of(told.get("accesstoken", ""))
        except SalesforceError:
            self._refuse(context, grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")
        if told.get("tenantid") != self._tenant or not told.get("instanceurl"):
            self._refuse(context, grpc.StatusCode.UNAUTHENTICATED, "service.auth.headers.invalid")

    def _refuse(self, context: Any, status: Any, code: str) -> None:
        context.set_trailing_metadata((("error-code", _CODE + code), ("rpc-id", "practice")))
        context.abort(status, f"{code}. rpcId: practice")

    def _schema(self, request: Any, context: Any) -> Any:
        self._signed_in(context)
        text = self._log.schema_json(request.schema_id)
        if text is None:
            self._refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "schema.not.found")
        return _MESSAGES["SchemaInfo"](schema_json=text, schema_id=request.schema_id, rpc_id="practice")

    def _topic(self, request: Any, context: Any) -> Any:
        self._signed_in(context)
        self._object_of(request.topic_name, context)
        return _MESSAGES["TopicInfo"](topic_name=request.topic_name, tenant_guid=self._tenant, can_subscribe=True)

    def _object_of(self, topic: str, context: Any) -> str | None:
        """The object whose events these are; None = all that are chosen."""
        found = _CHANNEL.fullmatch(topic)
        if found is None or (found["object"] and found["object"] not in self._switches["change_objects"]):
            self._refuse(context, grpc.StatusCode.NOT_FOUND, "topic.not.found")
        assert found is not None
        return found["object"]

    def _subscribe(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        self._signed_in(context)
        first = next(requests)
        object_name = self._object_of(first.topic_name, context)
        number = self._begins_after(first, context)
        wanted = _Wanted(first.num_requested)
        context.add_callback(wanted.end)
        threading.Thread(target=wanted.read, args=(requests,), daemon=True).start()
        self.subscriptions += 1
        ended_by, silent_since = self._switches["change_streams_ended"], time.monotonic()
        while not wanted.ended:
            with self._log.changed:
                found, looked = self._log.after(number, object_name, min(wanted.number, MOST_REQUESTED))
                if not found:
                    self._log.changed.wait(_LOOK_SECONDS)
            if self._switches["change_streams_ended"] != ended_by:
                self._refuse(context, grpc.StatusCode.UNAVAILABLE, "service.unavailable")
            if found:
                number, silent_since = looked, time.monotonic()
                wanted.give(len(found))
                yield self._response(found, number, wanted.number)
            elif time.monotonic() - silent_since >= self._switches["change_keepalive_seconds"]:
                number, silent_since = looked if wanted.number else number, time.monotonic()
                yield self._response([], number, wanted.number)

    def _begins_after(self, first: Any, context: Any) -> int:
        if first.replay_preset == 1:
            return 0
        if first.replay_preset == 0:
            self._log.holds(0)
            return self._log.latest
        number = number_of(first.replay_id)
        if number is None or not self._log.holds(number):
            self._refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted")
        assert number is not None
        return number

    @staticmethod
    def _response(events: list[Any], number: int, pending: int) -> Any:
        made = [
            _MESSAGES["ConsumerEvent"](
                event=_MESSAGES["ProducerEvent"](id=str(each.number), schema_id=each.schema_id, payload=each.payload),
                replay_id=replay_id(each.number),
            )
            for each in events
        ]
        latest = replay_id(number)
        return _MESSAGES["FetchResponse"](
            events=made, latest_replay_id=latest, rpc_id="practice", pending_num_requested=pending
        )


class _Wanted:
    """How many events a subscriber still takes."""

    def __init__(self, number: int) -> None:
        self.number = min(number, MOST_REQUESTED)
        self.ended = False
        self._changing = threading.Lock()

    def read(self, requests: Iterator[Any]) -> None:
        """Add up what is asked for, until the subscriber goes."""
        try:
            for each in requests:
                with self._changing:
                    self.number += min(each.num_requested, MOST_REQUESTED)
        except Exception:  # noqa: S110 - the stream was broken off, however
            pass
        self.ended = True

    def give(self, number: int) -> None:
        with self._changing:
            self.number -= number

    def end(self) -> None:
        self.ended = True


def _coding(request: str, response: str) -> tuple[Any, Any]:
    return _MESSAGES[request].FromString, _MESSAGES[response].SerializeToString
