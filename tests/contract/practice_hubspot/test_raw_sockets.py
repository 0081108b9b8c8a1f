"""Bytes that no client library would send: the server refuses or closes, and stays up."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

HEAD = b"Host: 127.0.0.1\r\nAuthorization: Bearer x\r\n"
ODD_HOST = b'Host: "><script>\r\nAuthorization: Bearer x\r\n'
JSON = HEAD + b"Content-Type: application/json\r\n"


def _sent(url: str, raw: bytes) -> bytes:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=300) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while part := connection.recv(65_536):
            found += part
    return found


def _post(path: bytes, body: bytes) -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body


CASES = {
    "no request at all": b"\r\n\r\n",
    "garbage": b"\x00\x01\x02 nonsense\r\n\r\n",
    "nul in the path": b"GET /crm/v3/objects/contacts/%00 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "bytes beyond ascii in the path": b"GET /crm/v3/objects/\xff\xfe HTTP/1.1\r\n" + HEAD + b"\r\n",
    "newline in the path": b"GET /crm/v3/objects/%0a%0d HTTP/1.1\r\n" + HEAD + b"\r\n",
    "bytes beyond ascii in the query": b"GET /crm/v3/objects/contacts?after=\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
    "odd escapes": b"GET /crm/v3/objects/contacts/%zz%f?properties=%&archived=%ff HTTP/1.1\r\n" + HEAD + b"\r\n",
    "huge id": b"GET /crm/v3/objects/contacts/" + b"9" * 5_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    "too long an address": b"GET /crm/v3/objects/contacts?properties="
    + b"a" * 20_000
    + b" HTTP/1.1\r\n"
    + HEAD
    + b"\r\n",
    "unknown method": b"BREW /crm/v3/objects/contacts HTTP/1.1\r\n" + HEAD + b"\r\n",
    "not utf-8": _post(b"/crm/v3/objects/contacts/search", b'{"query": "\xff\xfe"}'),
    "lone surrogate": _post(b"/crm/v3/objects/contacts", b'{"properties": {"firstname": "\\ud800"}}'),
    "nul in a value": _post(b"/crm/v3/objects/contacts", b'{"properties": {"firstname": "a\\u0000b"}}'),
    "deep nesting": _post(b"/crm/v3/objects/contacts/search", b"[" * 100_000),
    "a body where none belongs": b"GET /crm/v3/owners HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\n\r\nabc",
    "a host that is none": b"GET /crm/v3/objects/contacts?limit=1 HTTP/1.1\r\n" + ODD_HOST + b"\r\n",
    "broken chunks": b"POST /crm/v3/objects/contacts HTTP/1.1\r\n"
    + JSON
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("name", CASES)
def test_odd_bytes(shared: Any, name: str) -> None:
    answer = _sent(shared.url, CASES[name])
    status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
    assert status < 500
    assert b"Traceback" not in answer
    assert b"<script>" not in answer
    assert shared.request("GET", "/crm/v3/objects/contacts?limit=1").status_code == 200


def test_a_value_with_nul_comes_back(shared: Any) -> None:
    made = shared.request("POST", "/crm/v3/objects/contacts", json={"properties": {"firstname": "a\x00b"}}).json()
    shown = shared.request("GET", f"/crm/v3/objects/contacts/{made['id']}").json()
    assert shown["properties"]["firstname"] == "a\x00b"
