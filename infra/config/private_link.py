"""The settings of PrivateLink: Logstash as an endpoint service of its owner's."""

from __future__ import annotations

from pydantic import Field

from infra.config.values import EndpointService, Settings


class PrivateLink(Settings):
    """The endpoint service that leads to Logstash, with an endpoint in the private subnets.

    Each of those has to be in another zone, and in one that the service is in. The service's owner
    has to allow this account, and to accept the endpoint where the service asks for that:
    https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
    """

    service_name: EndpointService = Field(
        description="the endpoint service's name, com.amazonaws.vpce.<region>.vpce-svc-…"
    )
    private_dns: bool = Field(
        default=False,
        description="whether the service has a private DNS name of its own: then host is that name",
    )
