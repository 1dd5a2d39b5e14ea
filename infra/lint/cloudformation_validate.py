"""AWS's own cloudformation-validate over the stacks of an assembly, as they are written to files.

It knows each property's schema. It looks twice: at the template alone, as everybody gets it, and
with the parameters at the values of the settings or their defaults.
https://github.com/aws-cloudformation/cloudformation-validate
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from infra.errors import NotInstalledError
from infra.lint.finding import Finding, place
from infra.model import Assembly, Stack
from infra.render import to_json

NAME = "cloudformation-validate"

_LEVELS = {"FATAL": "error", "ERROR": "error", "WARN": "warning"}
_LITERAL_ARNS = ["W9002", "W9013"]
_SECTIONS = {
    "RESOURCE": "Resources",
    "PARAMETER": "Parameters",
    "OUTPUT": "Outputs",
    "MAPPING": "Mappings",
    "CONDITION": "Conditions",
    "RULE": "Rules",
    "METADATA": "Metadata",
}
"""Whose entries it names; the other sections have none."""


def is_installed() -> bool:
    """Whether this machine has it: there are wheels only, and not for every system."""
    return find_spec("cloudformation_validate") is not None


def findings(assembly: Assembly) -> list[Finding]:
    """Everything it finds but information, sorted by stack and place.

    Raises NotInstalledError where it is not installed.
    """
    if not is_installed():
        raise NotInstalledError(
            f"{NAME} is not installed; install it with: pip install 'infra[lint]'"
        )
    found: list[Finding] = []
    for stack in assembly.stacks:
        found += sorted(set(_findings(stack, assembly.region)))
    return found


def _findings(stack: Stack, region: str) -> Iterable[Finding]:
    from cloudformation_validate import TemplateContent

    for template, values in (
        (_without_values(stack.template), None),
        (stack.template, stack.parameters),
    ):
        report = _engine().validate_template(
            TemplateContent(to_json(template), stack.id), _settings(stack, region, values)
        )
        yield from (_finding(stack, each) for each in report.diagnostics)
        if report.status.name == "ANALYSIS_INCOMPLETE":
            yield _incomplete(stack, report.metadata.budget_exhaustions or ())


def _without_values(template: Mapping[str, Any]) -> dict[str, Any]:
    """No parameter has one: then nothing that is built of them is looked at as if it were text."""
    declared = template.get("Parameters", {})
    bare = {
        name: {key: value for key, value in one.items() if key != "Default"}
        for name, one in declared.items()
    }
    return {**template, **({"Parameters": bare} if declared else {})}


def _settings(stack: Stack, region: str, values: Mapping[str, str] | None) -> Any:
    import cloudformation_validate as validate

    return validate.ValidateConfig(
        severity_level=validate.Severity.WARN,
        parameter_overrides={} if values is None else dict(values),
        pseudo_parameter_overrides=validate.PseudoParameterOverrides(
            region=region, stack_name=stack.name
        ),
        exclude=validate.RuleFilterConfig(
            # With a value in its place, what is built of a parameter looks as if it stood there.
            ids=[] if values is None else _LITERAL_ARNS,
            logical_ids=[
                validate.LogicalIdFilter(rule_id=rule, logical_id=name)
                for rule, name in _mistaken(stack.template)
            ],
        ),
    )


def _mistaken(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Rules that are wrong of certain names.

    It takes every parameter with "secret" in its name for a password; an ARN or an id is none. A
    read replica is public because its settings say so; a master never is.
    """
    for name in template.get("Parameters", {}):
        if name.endswith(("Arn", "Id")):
            yield "W2509", name
    for name, resource in template.get("Resources", {}).items():
        if "SourceDBInstanceIdentifier" in resource.get("Properties", {}):
            yield "W9011", name


@cache
def _engine() -> Any:
    """One for all templates: it takes half a second to make, and a verb that does not lint none."""
    from cloudformation_validate import CompositeEngine

    # It has to go while its library is still there: later, the interpreter complains of it.
    atexit.register(_engine.cache_clear)
    return CompositeEngine()


def _finding(stack: Stack, diagnostic: Any) -> Finding:
    resource, property_ = place(_path(diagnostic))
    return Finding(
        stack=stack.id,
        resource=resource,
        property=property_,
        rule=diagnostic.rule_id,
        level=_LEVELS[diagnostic.severity.name],
        message=re.sub(r"\s+", " ", diagnostic.message),
        engine=NAME,
    )


def _path(diagnostic: Any) -> list[str | int]:
    """Its paths begin at the resource, or at the template; names hold neither a dot nor a slash."""
    path: list[str | int] = [
        int(part) if part.isdecimal() else part
        for part in re.split(r"[./]", diagnostic.property_path or "")
        if part
    ]
    entity = diagnostic.entity
    section = entity and _SECTIONS.get(entity.entity_type.name)
    if section is None or path[:2] == [section, entity.logical_id]:
        return path
    return [section, entity.logical_id, *path]


def _incomplete(stack: Stack, limits: Iterable[Any]) -> Finding:
    said = "; ".join(each.description for each in limits) or "it gave up"
    return Finding(
        stack=stack.id,
        resource="template",
        property="",
        rule="incomplete",
        level="warning",
        message=f"not everything was looked at: {said}",
        engine=NAME,
    )
