"""What can go wrong with one object or one invocation, as one tree.

LogProcessorError
├── SettingsError        the environment variables cannot be used: the invocation fails
├── ReadError            the object cannot be read to its end: the object fails
│   └── ObjectGoneError  there is no such object any more: it is skipped, and counted
├── StateError           what is to be kept about an object cannot be written: the object fails
├── DeliveryError        the receiver did not take everything: the object fails
└── NotTakenBackError    something failed that only a failed invocation can bring back
"""

from __future__ import annotations


class LogProcessorError(Exception):
    """Base of all errors whose message says everything that an operator needs."""


class SettingsError(LogProcessorError):
    """Environment variables that are missing or cannot be used."""


class ReadError(LogProcessorError):
    """An object that cannot be opened, or whose content ends too early or is corrupt."""


class ObjectGoneError(ReadError):
    """An object that was deleted since its notification."""


class StateError(LogProcessorError):
    """Rejected lines or a checkpoint that cannot be kept."""


class DeliveryError(LogProcessorError):
    """Events of which nobody can say that the receiver has them."""


class NotTakenBackError(LogProcessorError):
    """Work that failed, of a source that repeats nothing unless the invocation fails."""
