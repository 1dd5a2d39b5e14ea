"""A stack while it is composed: its template, and the value of each parameter beside it.

A parameter and its value are declared in one step, so that neither can be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from troposphere import AWSHelperFn, AWSObject, Parameter, Ref, Template
from troposphere import Output as TemplateOutput

from infra.model import Asset, Output, Stack, Value
from infra.naming import label, stack_name
from infra.render import to_plain
from infra.rules import Rule
from infra.stacks.protection import stack_policy

Given = Value | AWSHelperFn
"""What a parameter is to get, or what stands in its place in a template of somebody else."""

_INTERFACE = "AWS::CloudFormation::Interface"


@dataclass
class Draft:
    """One stack in the making."""

    id: str
    description: str
    values: dict[str, Value] = field(default_factory=dict)
    template: Template = field(default_factory=Template)
    """Its own, or somebody else's that it is added to."""
    defaults: bool = False
    """Whether parameters get the settings' values as defaults: nothing else brings them then."""
    held: list[str] = field(default_factory=list)
    """The titles of what holds data."""
    _groups: dict[str, list[str]] = field(default_factory=dict)
    _group: str = "Other"

    def __post_init__(self) -> None:
        """Begin the template, unless somebody has."""
        if not self.template.description:
            self.template.set_description(self.description)
        if not self.template.version:
            self.template.set_version("2010-09-09")

    @contextmanager
    def group(self, label: str) -> Iterator[None]:
        """Show what is declared meanwhile under this heading, where people fill parameters in."""
        before, self._group = self._group, label
        try:
            yield
        finally:
            self._group = before

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

    def resource_id(
        self, title: str, value: Given | Sequence[AWSHelperFn | str], type_: str, description: str
    ) -> Any:
        """Declare a parameter of AWS's own type, which CloudFormation looks up by itself.

        What already stands in the template needs none.
        """
        if not isinstance(value, Value):
            return value
        return self._parameter(
            title,
            value,
            Type=type_,
            Description=description,
            ConstraintDescription="must exist in this account and region",
        )

    def output(self, title: str, value: AWSHelperFn, description: str) -> Output:
        """Declare an output, and give its handle for other stacks."""
        self.template.add_output(TemplateOutput(title, Value=value, Description=description))
        return Output(self.id, title)

    def hold(self, *resources: AWSObject) -> None:
        """Count these among what holds data: an update may neither delete nor replace them."""
        self.held += [str(resource.title) for resource in resources]

    def finish(
        self,
        environment: str,
        *,
        assets: tuple[Asset, ...] = (),
        capabilities: tuple[str, ...] = (),
        protected: bool = False,
        after: tuple[str, ...] = (),
        account: str | None = None,
        region: str | None = None,
    ) -> Stack:
        """The stack as a value; a protected one is kept, and so is what it holds.

        `account` and `region` are told where they are not the environment's.
        """
        self.arrange()
        return Stack(
            id=self.id,
            name=stack_name(environment, self.id),
            template=to_plain(self.template),
            values=dict(self.values),
            assets=assets,
            capabilities=capabilities,
            termination_protection=protected,
            stack_policy=stack_policy(self.held) if protected and self.held else None,
            after=after,
            account=account,
            region=region,
        )

    def arrange(self) -> None:
        """Say how the parameters that were declared are to be shown to people.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
        """
        groups = [
            {"Label": {"default": group}, "Parameters": titles}
            for group, titles in self._groups.items()
        ]
        labels = {
            title: {"default": label(title)} for titles in self._groups.values() for title in titles
        }
        theirs = self.template.metadata.get(_INTERFACE, {})
        self.template.set_metadata(
            {
                **self.template.metadata,
                _INTERFACE: {
                    "ParameterGroups": [*theirs.get("ParameterGroups", []), *groups],
                    "ParameterLabels": {**theirs.get("ParameterLabels", {}), **labels},
                },
            }
        )

    def _parameter(self, title: str, value: Value, **properties: Any) -> Ref:
        self.values[title] = value
        self._groups.setdefault(self._group, []).append(title)
        if self.defaults and isinstance(value, str):
            properties["Default"] = int(value) if properties["Type"] == "Number" else value
        return Ref(self.template.add_parameter(Parameter(title, **properties)))
