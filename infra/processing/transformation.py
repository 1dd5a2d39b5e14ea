"""What is done with each line, from an environment's settings or from options of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra import config
from infra.errors import InputError
from lambda_src.log_processor import filters
from lambda_src.log_processor.errors import SettingsError
from lambda_src.log_processor.filters import Filter, Rule
from lambda_src.log_processor.forwarding import Transformation
from lambda_src.log_processor.redaction import redactor
from lambda_src.log_processor.schemas import Schema, writer
from lambda_src.log_processor.schemas.original import ORIGINAL
from lambda_src.log_processor.settings import STATIC_KEYS


@dataclass(frozen=True)
class Wishes:
    """What was asked for; None leaves it to the environment, or without one to the default."""

    env: str | None = None
    """Whose function's events these are to be: fields, schema, filters and redaction."""
    schema: str | None = None
    filters: Path | None = None
    """A file with rules as JSON."""
    redact: str | None = None
    """Names of query parameters, separated by commas."""


def transformation(wishes: Wishes) -> Transformation:
    """What the function would do; an InfraError says what cannot be done."""
    variables = _variables(wishes.env) if wishes.env is not None else {}
    schema = wishes.schema or variables.get("EVENT_SCHEMA") or Schema.ORIGINAL
    rules = _rules(wishes, variables)
    redact = variables.get("REDACT", "") if wishes.redact is None else wishes.redact
    return Transformation(
        write=writer(Schema(schema), _static(variables)),
        filter=Filter(rules, ORIGINAL) if rules else None,
        redact=redactor(redact.split(",")) if redact.strip(", ") else None,
    )


def _variables(env: str) -> Mapping[str, str]:
    """The variables that the environment's function has."""
    environment = config.load(env)
    if environment.log_processor is None:
        raise InputError(
            f"environment {environment.name} has no log_processor, so no events: "
            "name another, or leave --env out"
        )
    return config.variables(
        environment.log_processor,
        environment=environment.name,
        application=environment.application,
    )


def _static(variables: Mapping[str, str]) -> Mapping[str, str]:
    return {key: variables[name] for key, name in STATIC_KEYS.items() if name in variables}


def _rules(wishes: Wishes, variables: Mapping[str, str]) -> tuple[Rule, ...]:
    path = wishes.filters
    if path is None:
        return filters.parse(variables.get("FILTERS", ""), ORIGINAL)
    try:
        return filters.parse(path.read_text(encoding="utf-8-sig"), ORIGINAL)
    except OSError as error:
        raise InputError(f"--filters {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"--filters {path}: is not UTF-8 text; save it as UTF-8") from error
    except SettingsError as error:
        raise InputError(f"--filters {path}: {error}") from error
