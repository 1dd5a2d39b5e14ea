"""Lines about connections and health checks, drawn as those about requests are.

Formats: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html
and https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-health-check-logs.html
and https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
"""

from __future__ import annotations

from datetime import timedelta

from infra.local.sample_lines import Source

_CERTIFICATES = "arn:aws:acm:{}:{}:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99"


def connection(source: Source, position: float) -> str:
    """A line of an application load balancer's connection log, with 15 fields."""
    pick = source.random
    client, _, port = source.client().rpartition(":")
    start = f"{source.time(position):%Y-%m-%dT%H:%M:%S.%fZ} {client} {port}"
    end = f"TID_{pick.getrandbits(128):032x} {{}} {source.name} 10.0.{pick.randint(0, 3)}.17"
    chance = pick.random()
    if chance < 0.1:
        # Plain HTTP: nothing of TLS.
        return f'{start} 80 - - - "-" - - - {end.format("-")}'
    tls = f"TLSv1.3 TLS_AES_128_GCM_SHA256 {pick.random() / 100:.3f}"
    validity = "NotBefore=2026-01-01T00:00:00Z;NotAfter=2027-01-01T00:00:00Z"
    status = "Failed:ClientCertUntrusted" if chance < 0.13 else "Success"
    subject = f'"CN=shop-{pick.randint(1, 40)}.example.com,O=Example Shop, Inc."'
    client_certificate = f"{subject} {validity} {pick.getrandbits(64):016X} {status}"
    return f"{start} 443 {tls} {client_certificate} {end.format('X25519')}"


def health_check(source: Source, position: float) -> str:
    """A line of an application load balancer's health check log, with 10 fields."""
    pick = source.random
    result = "FAIL 503 ResponseCodeMismatch" if pick.random() < 0.04 else "PASS 200 -"
    return (
        f"http {source.time(position):%Y-%m-%dT%H:%M:%S.%fZ} {pick.random() / 50:.9f} "
        f"10.0.{pick.randint(0, 3)}.{pick.randint(4, 250)}:8080 shop/73e2d6bc24d8a067 "
        f"{result} {source.name} 10.0.{pick.randint(0, 3)}.17"
    )


def network(source: Source, position: float) -> str:
    """A line of a network load balancer's TLS listener, with 22 fields."""
    pick = source.random
    ended, milliseconds = source.time(position), pick.randint(5, 60_000)
    began = ended - timedelta(milliseconds=milliseconds)
    alpn = 'h2 h2 "h2","http/1.1"' if pick.random() < 0.6 else "- - -"
    return (
        f"tls 2.0 {ended:%Y-%m-%dT%H:%M:%S} {source.name} g3d4b5e8bb8464cd {source.client()} "
        f"10.0.{pick.randint(0, 3)}.{pick.randint(4, 250)}:443 {milliseconds} {pick.randint(1, 9)} "
        f"{pick.randint(90, 900)} {pick.randint(200, 90000)} - "
        f"{_CERTIFICATES.format(source.region, source.account)} - TLS_AES_128_GCM_SHA256 tlsv13 "
        f"X25519 shop.example.com {alpn} {began:%Y-%m-%dT%H:%M:%S}"
    )
