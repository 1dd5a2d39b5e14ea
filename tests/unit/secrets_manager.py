"""AWS Secrets Manager, as far as functions ask it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Manager:
    """Gives one answer."""

    secret: str
    """The only one that may be asked for."""
    answer: dict[str, Any] | Exception

    def get_secret_value(self, **request: str) -> Any:
        assert request == {"SecretId": self.secret}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
