"""Servers that are not there, not who they should be, or too slow: said clearly, and in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.local.authority import identity
from lambda_src.reporting_user import handler
from lambda_src.reporting_user.errors import PropertiesError, UnreachableError
from tests.unit.custom_resource.cloudformation import Invocation

from .servers import ADMINISTRATOR_SECRET, REPORTING_SECRET, Manager, Shop

SECRETS = {
    ADMINISTRATOR_SECRET: {"username": "shop_admin", "password": "hush hush"},
    REPORTING_SECRET: {"username": "analyst", "password": "more hush"},
}


ONE_VERSION = pytest.mark.parametrize("pair", ["Debian"], indirect=True, scope="session")
"""For what takes its time and is the same in all."""


def reason(shop: Shop, seconds: float = 100.0, **changes: Any) -> str:
    """Return why CloudFormation is told that a Create failed."""
    answer = shop.asked("Create", seconds, **changes)
    assert answer["Status"] == "FAILED"
    said: str = answer["Reason"].partition(" (log group")[0]
    return said.replace(str(shop.pair.primary.port), "PORT").replace(
        str(shop.pair.standby.port), "PORT"
    )


def test_a_certificate_of_another_ca_is_refused(shop: Shop) -> None:
    """Before the password is sent to whoever that is."""
    log = shop.pair.primary.log()
    assert reason(shop, Certificates=identity("localhost").ca) == (
        "the server localhost:PORT is refused: its certificate comes from a CA that is not "
        "trusted: give the CAs of its region in Certificates, from "
        "https://truststore.pki.rds.amazonaws.com"
    )
    assert reason(shop, Certificates=None).startswith("the server localhost:PORT is refused")
    assert "shop_admin" not in shop.pair.primary.log()[len(log) :]


def test_a_certificate_for_another_name_is_refused(shop: Shop) -> None:
    """Here another spelling of 127.0.0.1, which the certificate does not have."""
    assert reason(shop, Host="127.1") == (
        "the server 127.1:PORT is refused: its certificate is not for the name '127.1': set Host "
        "to the instance's own endpoint"
    )


def test_a_wrong_password_is_told_from_a_missing_database(shop: Shop) -> None:
    """One sends the operator to the secret, the other to the settings."""
    assert reason(shop, MaintenanceDatabase="nowhere") == (
        "the server localhost:PORT has no database 'nowhere'"
    )
    shop.manager.secrets[ADMINISTRATOR_SECRET]["password"] = "not the right one"
    assert reason(shop) == (
        "the server localhost:PORT does not let 'shop_admin' into database 'postgres': its secret "
        "has another password than the server: set the server's to that"
    )


def test_a_replica_is_not_taken_for_the_master(shop: Shop) -> None:
    """Nothing could be made there."""
    assert reason(shop, Port=str(shop.pair.standby.port)) == (
        "the server localhost is a read replica: roles are made on its master"
    )


@ONE_VERSION
def test_somebody_elses_lock_is_not_waited_for_for_ever(shop: Shop) -> None:
    """Another run that hangs, say; the reason is in the stack's events, and a repeat mends it."""
    with shop.pair.administrator() as other:
        other.rows("SELECT pg_advisory_lock(CAST(:number AS bigint))", number=str(0x696E667261))
        start = time.monotonic()
        assert reason(shop, seconds=10.0) in (
            "another run is busy with this server: run it again",
            "canceling statement due to statement timeout",
        )
        assert time.monotonic() - start < 10
    shop.made()


@contextmanager
def listening(greeting: bytes | None, drip: float = 0.0) -> Iterator[int]:
    """Somebody on a port who says this to every client, or nothing, and keeps the line open."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def serve() -> None:
            clients = []
            while not done.is_set():
                try:
                    client, _ = listener.accept()
                except TimeoutError:
                    continue
                clients.append(client)
                client.settimeout(2)
                if greeting:
                    client.recv(8)
                    client.sendall(greeting)
            for client in clients:
                client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def run(port: int, seconds: float, **changes: Any) -> None:
    event = {
        "ResourceProperties": {
            "AdministratorSecret": ADMINISTRATOR_SECRET,
            "ReportingSecret": REPORTING_SECRET,
            "Host": "127.0.0.1",
            "Port": port,
            "Databases": [{"Name": "shop", "Schemas": ["sales"]}],
        }
        | changes
    }
    handler.process(event, Invocation(seconds), lambda: Manager(SECRETS), {})


NO_ANSWER = (
    "the server 127.0.0.1:{} does not answer: check that the instance is available, and that its "
    "security group lets the function in on that port"
)


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (None, NO_ANSWER),
        (b"N", "127.0.0.1 speaks no TLS: Host and Port must be those of the master"),
        (b"H", "127.0.0.1 is no PostgreSQL: Host and Port must be those of the master"),
        (b"S", NO_ANSWER),
        (b"SHTTP/1.1 400", "the server 127.0.0.1:{} cannot be reached: "),
    ],
)
def test_whoever_is_no_server_of_ours_is_told_within_the_time(
    greeting: bytes | None, said: str
) -> None:
    """Silent ones too: a security group that lets nothing in is silent."""
    start = time.monotonic()
    with listening(greeting) as port:
        with pytest.raises(UnreachableError) as caught:
            run(port, 3.0)
        assert str(caught.value).startswith(said.format(port))
    assert time.monotonic() - start < 5


def test_a_closed_port_and_a_name_without_address_are_told_at_once(refused_port: int) -> None:
    """Each with where to look."""
    with pytest.raises(UnreachableError) as caught:
        run(refused_port, 60.0)
    assert str(caught.value) == (
        f"the server 127.0.0.1:{refused_port} cannot be reached: [Errno 111] Connection refused"
    )
    with pytest.raises(UnreachableError, match=r"has no address \(.*\): check Host and the VPC's"):
        run(5432, 60.0, Host="gone.invalid")
    with pytest.raises(UnreachableError, match=r"the server \.\.:5432"):
        run(5432, 60.0, Host="..")


@ONE_VERSION
def test_a_server_that_hangs_in_the_middle_is_told_within_the_time(shop: Shop) -> None:
    """Somebody has changed the same row, and does not come to an end."""
    shop.made()
    start = time.monotonic()
    with shop.pair.administrator() as other:
        other.run("BEGIN")
        other.run(f"ALTER ROLE {shop.analyst.user} CONNECTION LIMIT 5")
        said = reason(shop, seconds=10.0, ConnectionLimit="7")
    assert said == (
        "canceling statement due to statement timeout, in database postgres, at: "
        f'ALTER ROLE "{shop.analyst.user}" CONNECTION LIMIT 7'
    )
    assert time.monotonic() - start < 15
    assert shop.made("Update", ConnectionLimit="7")["Statements"] == "1"


def test_a_schedule_without_properties_says_what_it_lacks() -> None:
    """Its invocation fails, which Lambda's metric of errors tells."""
    for event, environment in (({}, {}), ({}, {handler.VARIABLE: "[]"}), ("x", {})):
        with pytest.raises(PropertiesError, match="neither the event's ResourceProperties nor REP"):
            handler.process(event, Invocation(), lambda: Manager({}), environment)
    with pytest.raises(PropertiesError, match="REPORTING_USER is not JSON"):
        handler.process({}, Invocation(), lambda: Manager({}), {handler.VARIABLE: "{"})
