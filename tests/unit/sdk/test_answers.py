"""Answers with an end, over real sockets: too slow, too large as they come, too large once unpacked."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3 import PoolManager
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from crmsync.sdk import AnswerTooLarge, bound_answers, whole_body

Serve = Callable[[Callable[[socket.socket], None]], str]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answers each connection's first request with what the function sends; gives the address."""
    listening: list[socket.socket] = []

    def start(answer: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listening.append(listener)

        def work() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65_536)
                        answer(connection)
                    except OSError:
                        continue  # the client has had enough

        threading.Thread(target=work, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    for listener in listening:
        listener.close()


def body_of(url: str, *, seconds: float = 600, largest_bytes: int = 100_000) -> bytes:
    pools = PoolManager(retries=False)
    bound_answers(pools, seconds=seconds, largest_bytes=largest_bytes)
    answer = pools.request("GET", url, preload_content=False, timeout=seconds)
    return whole_body(answer, largest_bytes=largest_bytes)


def drip(connection: socket.socket, text: bytes) -> None:
    for byte in text:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def test_an_answer_comes_whole(serve: Serve) -> None:
    assert body_of(serve(lambda at: at.sendall(HEAD % 5 + b"hello"))) == b"hello"


def test_an_answer_that_breaks_off_is_none(serve: Serve) -> None:
    with pytest.raises(ProtocolError):
        body_of(serve(lambda at: at.sendall(HEAD % 50 + b"hello")))


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_byte_now_and_then_does_not_prolong_the_time(serve: Serve, part: str) -> None:
    def answer(at: socket.socket) -> None:
        if part == "body":
            at.sendall(HEAD % 10_000)
        drip(at, b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 2_000)

    began = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        body_of(serve(answer), seconds=0.5)
    assert time.monotonic() - began < 60, "it would be 100"


def test_bytes_that_never_pause_do_not_prolong_the_time_either(serve: Serve) -> None:
    """Between two of them no wait can run out."""

    def answer(at: socket.socket) -> None:
        at.sendall(HEAD % 10**12)
        while True:
            at.sendall(b"x")

    with pytest.raises(ReadTimeoutError):
        body_of(serve(answer), seconds=0.3, largest_bytes=10**12)


def endless(at: socket.socket) -> None:
    at.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        at.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")


def without_length(at: socket.socket) -> None:
    at.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        at.sendall(b"x" * 0x4000)


def packed(at: socket.socket) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    at.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + b"Content-Length: %d\r\n\r\n" % len(bomb) + bomb)


def packed_twice(at: socket.socket) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 20_000_000))
    at.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n" + b"Content-Length: %d\r\n\r\n" % len(bomb) + bomb
    )


def packed_nothing(at: socket.socket) -> None:
    """Member after member, none of which holds a byte."""
    at.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    nothing = gzip.compress(b"") * 500
    for _ in range(500):
        at.sendall(nothing)


@pytest.mark.parametrize("answer", [endless, without_length, packed, packed_twice, packed_nothing])
def test_more_than_may_be_is_not_read(serve: Serve, answer: Callable[[socket.socket], None]) -> None:
    with pytest.raises(AnswerTooLarge):
        body_of(serve(answer))


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, made anew."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, key_file = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, key_file


def test_the_bounds_hold_over_tls_and_on_a_connection_that_is_used_again(tmp_path: Path) -> None:
    pem, key_file = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    answers = [HEAD % 5 + b"hello", HEAD % 90_000 + b"x" * 90_000, HEAD % 200_000 + b"x" * 200_000, b""]
    connections = []

    def work() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            places.append(listener.getsockname()[1])
            ready.set()
            while answers:
                raw, _ = listener.accept()
                connections.append(raw)
                # Whoever has had enough closes while the rest is on its way: the next one is served all the same.
                with suppress(OSError), context.wrap_socket(raw, server_side=True) as connection:
                    while answers and connection.recv(65_536):
                        answer = answers.pop(0)
                        if answer:
                            connection.sendall(answer)
                        else:
                            drip(connection, b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 2_000)

    places: list[int] = []
    ready = threading.Event()
    threading.Thread(target=suppressed(work), daemon=True).start()
    assert ready.wait(300)

    def within(seconds: float) -> PoolManager:
        pools = PoolManager(retries=False, ca_certs=str(pem))
        bound_answers(pools, seconds=seconds, largest_bytes=100_000)
        return pools

    def ask(pools: PoolManager) -> bytes:
        answer = pools.request("GET", f"https://127.0.0.1:{places[0]}/", preload_content=False, timeout=300)
        return whole_body(answer, largest_bytes=100_000)

    patient = within(60)
    assert ask(patient) == b"hello"
    assert len(ask(patient)) == 90_000
    assert len(connections) == 1
    with pytest.raises(AnswerTooLarge):
        ask(patient)
    with pytest.raises(ReadTimeoutError):
        ask(within(0.5))


def suppressed(work: Callable[[], None]) -> Callable[[], None]:
    """The same; a client that has had enough is no fault."""

    def quiet() -> None:
        with suppress(OSError):
            work()

    return quiet


def test_the_largest_answer_that_may_be_is_read(serve: Serve) -> None:
    assert len(body_of(serve(lambda at: at.sendall(HEAD % 90_000 + b"x" * 90_000)))) == 90_000
