"""Batches of events to receivers: four protocols, each confirmed, with fail-over and retries."""

from __future__ import annotations

from .deadline import Clock, Deadline
from .receiver import Receiver
from .target import Endpoint, Protocol, Target, TlsOptions

__all__ = ["Clock", "Deadline", "Endpoint", "Protocol", "Receiver", "Target", "TlsOptions"]
