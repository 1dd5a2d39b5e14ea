"""A CloudWatch metric as a value: what an alarm watches and a dashboard draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troposphere import AWSHelperFn


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One series of figures, told from all others by exactly these dimensions."""

    namespace: str | AWSHelperFn
    name: str
    dimensions: Mapping[str, str | AWSHelperFn]
