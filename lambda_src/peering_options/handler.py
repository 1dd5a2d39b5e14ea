"""The function's entry: CloudFormation's event in; the answer goes to its presigned URL."""

from __future__ import annotations

from ..custom_resource import Context, serve
from .connection import client
from .provider import Options


def handle(event: object, context: Context) -> None:
    """Carry out one request about a Custom::PeeringOptions."""
    serve(event, context, lambda: Options(client()))
