"""Delivery inside TLS: who is trusted, what is said when nobody is, and how a connection ends."""

from __future__ import annotations

import socket
import ssl
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from lambda_src.log_processor.delivery import Deadline, Protocol, TlsOptions, tls
from lambda_src.log_processor.delivery.deadline import Patience

from .certificates import NAME, Certificates, Identity, certificates, server_context
from .delivering import GENEROUS, Hooked, behaving, delivering, failure, numbered, target
from .lumberjack_server import acknowledging
from .receivers import Behaviour, StandIn, over_tls, receiving, reset

EVENTS = numbered(2_000, size=1_000)
BATCH = b"".join(EVENTS)
LINE = b'{"a":1}\n'

ENCRYPTED = [protocol for protocol in Protocol if protocol.is_encrypted]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]

both_protocols = pytest.mark.parametrize("protocol", ENCRYPTED)
both_versions = pytest.mark.parametrize("version", VERSIONS)

Chosen = dict[str, str | None]
Choose = Callable[[Certificates], Chosen]


def serving(protocol: Protocol, context: ssl.SSLContext) -> Behaviour:
    return over_tls(context, acknowledging() if protocol.is_acknowledged else StandIn.drain)


def of_version(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    context.minimum_version = context.maximum_version = version
    return context


def options(**chosen: str | None) -> TlsOptions:
    return replace(TlsOptions(ca=certificates().ca, server_name=NAME), **chosen)


def why(said: str) -> str:
    """Return a failure without the receiver's name and the number of attempts."""
    return said.split(": ", 1)[1].rsplit(" (", 1)[0]


@both_protocols
@both_versions
def test_all_batches_arrive_inside_tls(protocol: Protocol, version: ssl.TLSVersion) -> None:
    """Confirmed one after the other, with either version that is allowed."""
    context = of_version(server_context(certificates().receiver), version)
    with receiving(serving(protocol, context)) as receiver:
        where = target(protocol, receiver.port)
        with delivering(where) as delivery:
            for count in range(1, 4):
                delivery.deliver(BATCH)
                assert receiver.lines == EVENTS * count
    assert (delivery.batches, delivery.retries, delivery.bytes) == (3, 0, 3 * len(BATCH))


@both_versions
def test_a_receiver_may_end_tls_or_only_tcp(version: ssl.TLSVersion) -> None:
    """Some answer close_notify with their own, and rsyslog just closes."""

    def drain_and_say_so(receiver: StandIn, connection: socket.socket) -> None:
        receiver.drain(connection)
        assert isinstance(connection, ssl.SSLSocket)
        connection.unwrap()

    context = of_version(server_context(certificates().receiver), version)
    for behaviour in (drain_and_say_so, StandIn.drain):
        with receiving(over_tls(context, behaviour)) as receiver:
            with delivering(target(Protocol.TLS, receiver.port)) as delivery:
                delivery.deliver(BATCH)
                delivery.deliver(LINE)
            assert receiver.received == [BATCH, LINE]
        assert delivery.retries == 0


@both_protocols
def test_the_endpoint_is_the_name_to_verify_unless_another_is_set(protocol: Protocol) -> None:
    """An address counts if the certificate carries it."""
    with receiving(behaving(protocol)) as receiver:
        where = target(protocol, receiver.port, tls=options(server_name=None))
        with delivering(where) as delivery:
            delivery.deliver(LINE)
        assert receiver.lines == [LINE]


def test_the_name_is_told_to_the_receiver() -> None:
    """It may have several, and a certificate for each."""
    told: list[str | None] = []
    context = server_context(certificates().receiver)
    context.sni_callback = lambda connection, name, _: told.append(name)
    with receiving(over_tls(context, StandIn.drain)) as receiver:
        where = target(Protocol.TLS, receiver.port, tls=options(server_name=NAME + "."))
        with delivering(where) as delivery:
            delivery.deliver(LINE)
    assert set(told) == {NAME}


UNKNOWN_CA = "its certificate comes from a CA that is not trusted: give that CA's certificate"
SELF_SIGNED = "its certificate is self-signed and not one that is trusted: give it as the CA"
WRONG_NAME = (
    "its certificate is not for the name 'logstash.example': "
    "set the server name to one that it carries"
)
WRONG_ADDRESS = (
    "its certificate is not for the address '127.0.0.1': set the server name to a name it carries"
)


def nothing_else(made: Certificates) -> Chosen:
    return {}


@both_protocols
@pytest.mark.parametrize(
    ("identity", "choose", "said"),
    [
        ("receiver", lambda made: {"ca": None}, UNKNOWN_CA),
        ("receiver", lambda made: {"ca": made.other_ca}, UNKNOWN_CA),
        ("receiver", lambda made: {"server_name": "logstash.example"}, WRONG_NAME),
        ("elsewhere", lambda made: {"server_name": None}, WRONG_ADDRESS),
        ("expired", nothing_else, "its certificate has expired: renew it on the receiver"),
        ("not_yet_valid", nothing_else, "its certificate is not valid yet: compare the clocks"),
        ("self_signed", nothing_else, SELF_SIGNED),
    ],
)
def test_a_certificate_that_cannot_be_verified_ends_it(
    protocol: Protocol, identity: str, choose: Choose, said: str
) -> None:
    """At once, in words, and before an event has left."""
    context = server_context(getattr(certificates(), identity))
    with receiving(serving(protocol, context)) as receiver:
        where = target(protocol, receiver.port, tls=options(**choose(certificates())))
        with delivering(where) as delivery:
            assert why(failure(delivery, LINE)) == said
        assert (receiver.lines, delivery.batches, delivery.retries) == ([], 0, 0)


def test_the_receiver_is_told_why() -> None:
    """So that its log says it as well."""
    told: list[str | None] = []
    context = server_context(certificates().receiver)

    def behave(receiver: StandIn, connection: socket.socket) -> None:
        try:
            context.wrap_socket(connection, server_side=True)
        except ssl.SSLError as error:
            told.append(error.reason)

    with receiving(behave) as receiver:
        where = target(Protocol.TLS, receiver.port, tls=options(ca=certificates().other_ca))
        with delivering(where) as delivery:
            failure(delivery, LINE)
        receiver.wait_until(lambda: receiver.served == 1)
    assert told == ["TLSV1_ALERT_UNKNOWN_CA"]


def test_another_endpoint_may_be_the_right_one() -> None:
    """One that has the wrong certificate does not stop the others."""
    wrong, right = (
        over_tls(server_context(identity), StandIn.drain)
        for identity in (certificates().expired, certificates().receiver)
    )
    with receiving(wrong) as one, receiving(right) as two:
        with delivering(target(Protocol.TLS, one.port, two.port)) as delivery:
            delivery.deliver(LINE)
        assert (one.lines, two.lines) == ([], [LINE])


def test_a_certificate_can_be_trusted_by_itself() -> None:
    """Given as the CA, whether it is self-signed or not."""
    for identity in (certificates().self_signed, certificates().receiver):
        with receiving(over_tls(server_context(identity), StandIn.drain)) as receiver:
            trusted = "# Größe: 1 Zertifikat\n" + identity.certificate
            where = target(Protocol.TLS, receiver.port, tls=options(ca=trusted))
            with delivering(where) as delivery:
                delivery.deliver(LINE)
            assert receiver.lines == [LINE]


def as_client(identity: Identity) -> Chosen:
    return {"certificate": identity.certificate, "private_key": identity.key}


@both_protocols
@both_versions
def test_a_receiver_may_want_a_certificate(protocol: Protocol, version: ssl.TLSVersion) -> None:
    """The key may stand in a text of its own or with the certificate."""
    client = certificates().client
    context = of_version(server_context(certificates().receiver, certificates().ca), version)
    together: Chosen = {"certificate": client.certificate + client.key}
    for chosen in (as_client(client), together):
        with receiving(serving(protocol, context)) as receiver:
            where = target(protocol, receiver.port, tls=options(**chosen))
            with delivering(where) as delivery:
                delivery.deliver(BATCH)
            assert receiver.lines == EVENTS


REFUSED = (
    "it did not accept our certificate, or wants one and none is set: check the client certificate "
    "and which CA the receiver trusts"
)
MISSING = "it wants a client certificate, and none is set"
NOTHING_IN_COMMON = (
    "it refused the handshake: it may want a client certificate, or nothing of its ciphers and "
    "ours is the same"
)


@both_protocols
@pytest.mark.parametrize("batch", [LINE, BATCH])
@pytest.mark.parametrize(
    ("version", "missing"), [(VERSIONS[0], NOTHING_IN_COMMON), (VERSIONS[1], MISSING)]
)
def test_without_the_certificate_that_it_wants_nothing_is_delivered(
    protocol: Protocol, batch: bytes, version: ssl.TLSVersion, missing: str
) -> None:
    """With TLS 1.3 that shows only after the handshake, while events are being sent."""
    context = of_version(server_context(certificates().receiver, certificates().ca), version)
    stranger = as_client(certificates().stranger)
    for chosen, said in ((Chosen(), missing), (stranger, REFUSED)):
        with receiving(serving(protocol, context)) as receiver:
            where = target(protocol, receiver.port, tls=options(**chosen))
            with delivering(where) as delivery:
                assert why(failure(delivery, batch)) == said
            assert (receiver.lines, delivery.batches) == ([], 0)


BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


CA = "the CA cannot be used: "
CLIENT = "the client certificate or its private key cannot be used: "


@pytest.mark.parametrize(
    ("choose", "said"),
    [
        (lambda made: {"ca": ""}, CA),
        (lambda made: {"ca": "nonsense"}, CA),
        (lambda made: {"ca": BROKEN}, CA),
        (lambda made: {"certificate": "nonsense"}, CLIENT),
        (lambda made: {"certificate": BROKEN}, CLIENT),
        (lambda made: {"certificate": made.client.certificate}, CLIENT),
        (
            lambda made: as_client(Identity(made.client.certificate, made.stranger.key)),
            CLIENT + "key values mismatch; they must be PEM and belong together",
        ),
        (
            lambda made: {"private_key": made.client.key},
            "a client's private key is set without its certificate: set both",
        ),
        (
            lambda made: as_client(made.locked),
            "the client's private key is encrypted: give it without passphrase",
        ),
    ],
)
def test_options_that_cannot_be_used_are_said_to_be_so(
    choose: Choose, said: str, refused_port: int
) -> None:
    """At once, as no receiver can change that; the key itself is never said."""
    where = target(Protocol.TLS, refused_port, tls=options(**choose(certificates())))
    with delivering(where) as delivery:
        told = failure(delivery, LINE)
    assert told.startswith(said)
    assert "PRIVATE" not in told + repr(where)


def test_no_key_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL reads keys from files alone; these are gone when it has."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    tls.context.cache_clear()
    client = certificates().client
    tls.context(options(**as_client(client)))
    assert list(tmp_path.iterdir()) == []


def old() -> ssl.SSLContext:
    """A receiver of yesterday; today's OpenSSL has to be asked for it."""
    context = server_context(certificates().receiver)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def test_an_old_tls_is_refused() -> None:
    """From 1.2 on it is good enough."""
    with receiving(over_tls(old(), StandIn.drain)) as receiver:
        with delivering(target(Protocol.TLS, receiver.port)) as delivery:
            said = why(failure(delivery, LINE))
        assert receiver.lines == []
    assert said == "it speaks no TLS from version 1.2 on: allow 1.2 or 1.3 there"


def answer(receiver: StandIn, connection: socket.socket) -> None:
    connection.recv(10)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    receiver.over.wait()


def hang(receiver: StandIn, connection: socket.socket) -> None:
    receiver.over.wait()


def close(receiver: StandIn, connection: socket.socket) -> None:
    connection.recv(65_536)


def reset_at_once(receiver: StandIn, connection: socket.socket) -> None:
    reset(connection)


@both_protocols
@pytest.mark.parametrize(
    ("behaviour", "idle", "said", "attempts"),
    [
        (answer, GENEROUS, "it does not speak TLS on this port: ", 1),
        (hang, 0.05, "it did not answer the TLS handshake in time: it may not speak TLS ", 6),
        (close, GENEROUS, "it ended the connection within TLS: it may not speak TLS ", 6),
        (reset_at_once, GENEROUS, "it broke the connection off: Connection reset by peer", 6),
    ],
)
def test_a_port_without_tls_is_a_failure(
    protocol: Protocol, behaviour: Behaviour, idle: float, said: str, attempts: int
) -> None:
    """Logstash on a plain port takes a handshake for a line and waits for its end."""
    with receiving(behaviour) as receiver:
        where = target(protocol, receiver.port)
        with delivering(where, idle=idle) as delivery:
            assert why(failure(delivery, LINE)).startswith(said)
    assert delivery.retries == attempts - 1


def cut_short(receiver: StandIn, connection: socket.socket) -> None:
    """End TLS and nothing else."""
    assert isinstance(connection, ssl.SSLSocket)
    connection.recv(len(LINE))
    connection.settimeout(0)
    with pytest.raises(ssl.SSLWantReadError):
        connection.unwrap()
    receiver.over.wait()


def test_an_end_of_tls_that_comes_before_ours_confirms_nothing() -> None:
    """Also without an end of TCP."""
    with receiving(over_tls(server_context(certificates().receiver), cut_short)) as receiver:
        connection = socket.create_connection(("127.0.0.1", receiver.port))
        stream = secured(connection, Hooked())
        assert not stream.has_ended()
        stream.send(LINE)
        receiver.wait_until(stream.has_ended)
        stream.close()


def secured(connection: socket.socket, deadline: Deadline) -> tls.TlsStream:
    return tls.secured(connection, tls.context(options()), NAME, Patience(deadline, GENEROUS))


def read_late(receiver: StandIn, connection: socket.socket) -> None:
    """Read what is below TLS."""
    receiver.acted.wait()
    content = b""
    while chunk := socket.socket.recv(connection, 65_536):
        content += chunk
    receiver.received.append(content)


def test_a_last_word_that_does_not_fit_is_waited_for() -> None:
    """A receiver that reads slowly has no room even for close_notify."""
    deadline = Hooked()
    with receiving(over_tls(server_context(certificates().receiver), read_late)) as receiver:
        connection = socket.create_connection(("127.0.0.1", receiver.port))
        stream = secured(connection, deadline)
        filled = fill(connection)
        deadline.at(1, receiver.acted.set)  # looked at to wait for room
        stream.finish()
        receiver.wait_until(lambda: receiver.served == 1)
        stream.abort()
    [content] = receiver.received
    assert content[:filled] == bytes(filled)
    assert len(content) > filled


def fill(connection: socket.socket) -> int:
    """Leave no room in what the kernel holds of a connection, below TLS; return how much it is."""
    filled = 0
    connection.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            filled += connection.send(bytes(65_536))
    return filled
