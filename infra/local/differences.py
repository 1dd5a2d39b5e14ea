"""What of an environment is different on this machine, in settings and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.config import Environment, Logstash, Protocol
from infra.local import database_here


@dataclass(frozen=True)
class Address:
    """Where a receiver is, and what it speaks."""

    host: str
    port: int
    protocol: Protocol = "tcp"

    def __str__(self) -> str:
        return f"{self.protocol}://{self.host}:{self.port}"


def for_receiver(environment: Environment, to: Address | None) -> tuple[Environment, list[str]]:
    """The environment, sending what the receiver speaks; and what is different in it, in words.

    The bundled receiver, which stands in when no address is given, speaks plain TCP. Nobody's
    secrets are in the local AWS, and no VPC but the environment's own.
    """
    environment, notes = _without_the_other_vpc(environment)
    environment, of_database = database_here.for_here(environment)
    notes += of_database
    settings = environment.log_processor
    if settings is None:
        return environment, notes
    asked, spoken = settings.logstash.protocol, to.protocol if to else "tcp"
    if asked != spoken:
        notes.append(f"the receiver speaks {spoken}: {asked} of the settings is not tried")
    if settings.logstash.secret_arn is not None:
        notes.append("logstash.secret_arn is left out: no secret of yours is known here")
    if settings.logstash.private_link is not None:
        notes.append("logstash.private_link is left out: an endpoint here leads nowhere")
    changed = _left_out(spoken) | {"protocol": spoken} | _reached(settings.logstash)
    logstash = settings.logstash.model_copy(update=changed)
    log_processor = settings.model_copy(update={"logstash": logstash})
    return environment.model_copy(update={"log_processor": log_processor}), notes


def _without_the_other_vpc(environment: Environment) -> tuple[Environment, list[str]]:
    """A peering with a VPC of another account or region has its other side there anyway."""
    peering = environment.network.peering
    if peering is None or peering.account or peering.elsewhere(environment.region):
        return environment, []
    network = environment.network.model_copy(update={"peering": None})
    note = "network.peering is left out: the other VPC is not here"
    return environment.model_copy(update={"network": network}), [note]


def _reached(logstash: Logstash) -> dict[str, Any]:
    """By address, which parameters then say; an endpoint's settings have neither."""
    if logstash.private_link is None:
        return {}
    return {"private_link": None, "host": logstash.host or ("localhost",), "cidr": "127.0.0.0/8"}


def _left_out(spoken: Protocol) -> dict[str, None]:
    """The settings that the protocol has no use for, as None."""
    names = ["secret_arn"]
    if not spoken.endswith("tls"):
        names += ["server_name", "ca"]
    if not spoken.startswith("lumberjack"):
        names.append("compression_level")
    return dict.fromkeys(names)
