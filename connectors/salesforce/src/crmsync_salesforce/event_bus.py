"""Salesforce's event bus over gRPC: the calls of the Pub/Sub API that a subscriber needs, and nothing above them.

Source: Pub/Sub API Developer Guide, "Pub/Sub API as a gRPC API", "Subscribe RPC Method", "Handle Errors"; the service
`eventbus.v1.PubSub` of its published protocol file. Messages are declared here, field by field, and made by protobuf
while it runs: generated code would be bound to the version of protobuf that it was made with.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from crmsync.sdk import CrmUnreachable

PACKAGE = "eventbus.v1"
LATEST, CUSTOM = 0, 2
"""From where a subscription begins: with what comes from now on, or after a position."""

_KINDS = descriptor_pb2.FieldDescriptorProto
_TEXT, _BYTES, _NUMBER, _ENUM = _KINDS.TYPE_STRING, _KINDS.TYPE_BYTES, _KINDS.TYPE_INT32, _KINDS.TYPE_ENUM
_MESSAGES: Mapping[str, Sequence[tuple[str, int, int | str]]] = {
    "ProducerEvent": (("id", 1, _TEXT), ("schema_id", 2, _TEXT), ("payload", 3, _BYTES)),
    "ConsumerEvent": (("event", 1, "ProducerEvent"), ("replay_id", 2, _BYTES)),
    "FetchRequest": (
        ("topic_name", 1, _TEXT),
        ("replay_preset", 2, _ENUM),
        ("replay_id", 3, _BYTES),
        ("num_requested", 4, _NUMBER),
    ),
    "FetchResponse": (
        ("events", 1, "*ConsumerEvent"),
        ("latest_replay_id", 2, _BYTES),
        ("pending_num_requested", 4, _NUMBER),
    ),
    "SchemaRequest": (("schema_id", 1, _TEXT),),
    "SchemaInfo": (("schema_json", 1, _TEXT), ("schema_id", 2, _TEXT)),
}
"""Message → (field, its number, its type); `*` = any number of them. What is not read is left out."""

SILENT_SECONDS = 330.0
"""An event or a sign of life comes within 270 seconds; after these the connection is taken for dead."""
_CALL_SECONDS = 30.0
_LARGEST_BYTES = 16 * 1024 * 1024
"""Of an answer: an event has 1 MB at most, and they come by the dozen."""


def _declared() -> Mapping[str, Any]:
    """Message → its class."""
    file = descriptor_pb2.FileDescriptorProto(name="eventbus.proto", package=PACKAGE, syntax="proto3")
    preset = file.enum_type.add(name="ReplayPreset")
    for name, number in (("LATEST", LATEST), ("EARLIEST", 1), ("CUSTOM", CUSTOM)):
        preset.value.add(name=name, number=number)
    for message, fields in _MESSAGES.items():
        declared = file.message_type.add(name=message)
        for name, number, kind in fields:
            one = declared.field.add(name=name, number=number, label=_KINDS.LABEL_OPTIONAL)
            if isinstance(kind, str):
                one.type, one.type_name = _KINDS.TYPE_MESSAGE, f".{PACKAGE}.{kind.lstrip('*')}"
                one.label = _KINDS.LABEL_REPEATED if kind.startswith("*") else _KINDS.LABEL_OPTIONAL
            else:
                one.type = kind
            if kind == _ENUM:
                one.type_name = f".{PACKAGE}.ReplayPreset"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _MESSAGES
    }


_CLASSES = _declared()


class EventBus:
    """A connection to the bus. `metadata`: by which each call proves whose it is."""

    def __init__(self, address: str, metadata: Sequence[tuple[str, str]], *, loopback: bool) -> None:
        self._metadata = tuple(metadata)
        options = [("grpc.max_receive_message_length", _LARGEST_BYTES)]
        if loopback:
            self._channel = grpc.insecure_channel(address, [*options, ("grpc.enable_http_proxy", 0)])
        else:
            self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(), options)
        self._schema = self._channel.unary_unary(
            f"/{PACKAGE}.PubSub/GetSchema",
            request_serializer=_CLASSES["SchemaRequest"].SerializeToString,
            response_deserializer=_CLASSES["SchemaInfo"].FromString,
        )
        self._subscribe = self._channel.stream_stream(
            f"/{PACKAGE}.PubSub/Subscribe",
            request_serializer=_CLASSES["FetchRequest"].SerializeToString,
            response_deserializer=_CLASSES["FetchResponse"].FromString,
        )

    def schema(self, schema_id: str) -> str:
        """The Avro schema of an event, as JSON. Raises `grpc.RpcError`."""
        request = _CLASSES["SchemaRequest"](schema_id=schema_id)
        return str(self._schema(request, timeout=_CALL_SECONDS, metadata=self._metadata).schema_json)

    def subscribe(self, topic: str, position: bytes | None, number: int) -> Stream:
        """Begin to listen after the position; null = from now on. `number`: so many events may come for now."""
        stream = Stream(topic, position, number)
        stream.begin(self._subscribe, self._metadata)
        return stream

    def close(self) -> None:
        """Give the socket back; what is under way ends."""
        self._channel.close()


class Stream:
    """One subscription under way: answers as they come. Asked and closed from any thread."""

    def __init__(self, topic: str, position: bytes | None, number: int) -> None:
        first: dict[str, Any] = {"topic_name": topic, "num_requested": number, "replay_preset": LATEST}
        if position is not None:
            first |= {"replay_preset": CUSTOM, "replay_id": position}
        self._asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._asked.put(_CLASSES["FetchRequest"](**first))
        self._come: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._call: Any = None

    def begin(self, subscribe: Any, metadata: Sequence[tuple[str, str]]) -> None:
        """Ask, and read what comes in a thread."""
        self._call = subscribe(iter(self._asked.get, None), metadata=metadata)
        threading.Thread(target=self._read, name="salesforce event bus", daemon=True).start()

    def more(self, number: int) -> None:
        """So many further events may come."""
        self._asked.put(_CLASSES["FetchRequest"](num_requested=number))

    def answers(self) -> Iterator[Any]:
        """What comes, until it is closed. Raises `grpc.RpcError`, and `CrmUnreachable` after a long silence."""
        while True:
            try:
                found = self._come.get(timeout=SILENT_SECONDS)
            except queue.Empty:
                raise CrmUnreachable(
                    "nothing came over Salesforce's event bus for minutes, not a sign of life"
                ) from None
            if found is None:
                return
            if isinstance(found, Exception):
                raise found
            yield found

    def close(self) -> None:
        """End it."""
        self._asked.put(None)
        self._come.put(None)
        self._call.cancel()

    def _read(self) -> None:
        try:
            for answer in self._call:
                self._come.put(answer)
        except grpc.RpcError as error:
            self._come.put(error)
        else:
            self._come.put(CrmUnreachable("Salesforce ended the subscription"))
