"""What a check has to say about a template."""

from __future__ import annotations

from collections.abc import Sequence
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
    engine: str
    """Who says so, such as cfn-lint."""

    def __str__(self) -> str:
        """The line that the user sees."""
        place = f"{self.resource}.{self.property}" if self.property else self.resource
        return f"{self.stack}: {place}: {self.engine} {self.rule} {self.level}: {self.message}"

    def as_data(self) -> dict[str, str]:
        """For --format json."""
        return asdict(self)


def place(path: Sequence[str | int]) -> tuple[str, str]:
    """`["Resources", "Queue", "Properties", "Tags", 0]` → `("Queue", "Tags[0]")`."""
    parts = [str(part) if isinstance(part, str) else f"[{part}]" for part in path]
    if parts[:1] == ["Resources"] and len(parts) > 1:
        resource, rest = parts[1], parts[2:]
        rest = rest[1:] if rest[:1] == ["Properties"] else rest
    else:
        resource, rest = ".".join(parts[:2]) or "template", parts[2:]
    return resource, ".".join(rest).replace(".[", "[")
