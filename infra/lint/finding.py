"""What a check has to say about a template."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One fault: where it is, which rule says so, and what it says."""

    stack: str
    """The stack's id."""
    resource: str
    """The resource's title, or the section's name where no resource is concerned."""
    property: str
    """`VpcConfig.SubnetIds[0]`; empty where the resource as a whole is meant."""
    rule: str
    """Such as E3002."""
    level: str
    """error, warning or informational."""
    message: str

    def __str__(self) -> str:
        """The line that the user sees."""
        place = f"{self.resource}.{self.property}" if self.property else self.resource
        return f"{self.stack}: {place}: {self.rule} {self.level}: {self.message}"

    def as_data(self) -> dict[str, str]:
        """For --format json."""
        return asdict(self)
