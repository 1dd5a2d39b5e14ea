"""What can go wrong with one object or one invocation, as one tree.

LogProcessorError
├── SettingsError   the environment variables cannot be used: the invocation fails
├── ReadError       the object cannot be read to its end: the object fails
└── DeliveryError   the receiver did not take everything: the object fails
"""

from __future__ import annotations


class LogProcessorError(Exception):
    """Base of all errors whose message says everything that an operator needs."""


class SettingsError(LogProcessorError):
    """Environment variables that are missing or cannot be used."""


class ReadError(LogProcessorError):
    """An object that cannot be opened, or whose content ends too early or is corrupt."""


class DeliveryError(LogProcessorError):
    """Events of which nobody can say that the receiver has them."""
