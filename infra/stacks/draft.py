"""A stack while it is composed: its template, and the value of each parameter beside it.

A parameter and its value are declared in one step, so that neither can be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from troposphere import AWSHelperFn, Parameter, Ref, Template
from troposphere import Output as TemplateOutput

from infra.model import Asset, Output, Stack, Value
from infra.naming import stack_name
from infra.render import to_plain
from infra.rules import Rule


@dataclass
class Draft:
    """One stack in the making."""

    id: str
    description: str
    values: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin the template."""
        self.template = Template(Description=self.description)
        self.template.set_version("2010-09-09")

    def text(self, title: str, value: Value, rule: Rule, description: str) -> Ref:
        """Declare a parameter of text that `rule` must match."""
        return self._parameter(
            title,
            value,
            Type="String",
            Description=description,
            AllowedPattern=f"^{rule.pattern}$",
            ConstraintDescription=f"must be {rule.allowed}",
        )

    def texts(self, title: str, value: Value, rule: Rule, description: str) -> Ref:
        """Declare a parameter of texts, separated by commas, each of which `rule` must match."""
        return self._parameter(
            title,
            value,
            Type="CommaDelimitedList",
            Description=description,
            AllowedPattern=f"^{rule.pattern}$",
            ConstraintDescription=f"each must be {rule.allowed}",
        )

    def number(
        self,
        title: str,
        value: int,
        description: str,
        *,
        minimum: int,
        maximum: int,
    ) -> Ref:
        """Declare a parameter of a whole number between two bounds, both included."""
        return self._parameter(
            title,
            str(value),
            Type="Number",
            Description=description,
            MinValue=minimum,
            MaxValue=maximum,
            ConstraintDescription=f"must be a whole number from {minimum} to {maximum}",
        )

    def choice(
        self, title: str, value: int | str, allowed: Iterable[int | str], description: str
    ) -> Ref:
        """Declare a parameter of a number or a text out of a list."""
        return self._parameter(
            title,
            str(value),
            Type="Number" if isinstance(value, int) else "String",
            Description=description,
            AllowedValues=list(allowed),
            ConstraintDescription="must be one of the allowed values",
        )

    def resource_id(self, title: str, value: Value, type_: str, description: str) -> Ref:
        """Declare a parameter of AWS's own type, which CloudFormation looks up by itself."""
        return self._parameter(title, value, Type=type_, Description=description)

    def output(self, title: str, value: AWSHelperFn, description: str) -> Output:
        """Declare an output, and give its handle for other stacks."""
        self.template.add_output(TemplateOutput(title, Value=value, Description=description))
        return Output(self.id, title)

    def finish(
        self,
        environment: str,
        *,
        assets: tuple[Asset, ...] = (),
        capabilities: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
        account: str | None = None,
        region: str | None = None,
    ) -> Stack:
        """The stack as a value; `account` and `region` where they are not the environment's."""
        return Stack(
            id=self.id,
            name=stack_name(environment, self.id),
            template=to_plain(self.template),
            values=dict(self.values),
            assets=assets,
            capabilities=capabilities,
            after=after,
            account=account,
            region=region,
        )

    def _parameter(self, title: str, value: Value, **properties: Any) -> Ref:
        self.values[title] = value
        return Ref(self.template.add_parameter(Parameter(title, **properties)))
