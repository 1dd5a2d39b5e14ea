"""What the demo shows of a database: each thing that an analyst asks, and the server's answer."""

from __future__ import annotations

from dataclasses import dataclass

from infra.local.psql import Answer, Refusal


@dataclass(frozen=True)
class Asked:
    """One statement of the analyst's on the replica."""

    shows: str
    """What its answer is to show, such as `a write is refused`."""
    database: str
    statement: str
    answer: Answer | Refusal
    wanted: Answer | Refusal
    """A refusal that is wanted need not have more words than these."""

    @property
    def problem(self) -> str | None:
        """What is not as it should be, or None."""
        match self.answer, self.wanted:
            case Refusal(words), Refusal(wanted) if wanted in words:
                return None
            case Answer(), Answer() if self.answer == self.wanted:
                return None
            case Refusal(words), _:
                return f"{self.shows}: {self.statement} ended with {words!r}"
            case Answer(rows=rows), Answer(rows=wanted):
                return f"{self.shows}: {self.statement} gave {rows}, not {wanted}"
            case _:
                return f"{self.shows}: {self.statement} was not refused"


@dataclass(frozen=True)
class Shown:
    """All of it."""

    version: str
    """Of PostgreSQL, such as 18.4."""
    wanted_version: str
    """Of the settings."""
    replica: str
    """Its name in the settings."""
    user: str
    """Who asks."""
    connections: dict[str, str]
    """How psql connects to the replica, by database."""
    asked: tuple[Asked, ...]
    seconds: float
    """From the first statement to the last answer."""

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each thing that is not as it should be."""
        return tuple(each.problem for each in self.asked if each.problem)

    @property
    def holds(self) -> bool:
        """Whether everything was as it should be."""
        return not self.problems
