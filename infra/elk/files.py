"""All files of the ELK side, by their path below `elk/`."""

from __future__ import annotations

from importlib import resources

from infra.config import Environment, LogProcessor
from infra.elk.index import requests
from infra.elk.kibana.objects import ndjson
from infra.elk.names import names_of
from infra.elk.pipeline import pipeline
from infra.elk.pipelines import pipelines
from infra.elk.refused import refused
from infra.render import to_json


def files(environment: Environment, settings: LogProcessor) -> dict[str, bytes]:
    """Relative path → content, with the environment's values."""
    names = names_of(environment, settings)
    texts = {
        "pipelines.yml": pipelines(settings, names),
        "pipeline.conf": pipeline(settings, names),
        "refused.conf": refused(settings, names),
        "refused.rb": _shipped("refused.rb"),
        **{
            # The path is the request's: install.sh sends each file where it stands.
            f"elasticsearch/{path}.json": to_json(body)
            for path, body in requests(settings, names).items()
        },
        "kibana.ndjson": ndjson(settings, names),
        "install.sh": _shipped("install.sh"),
    }
    return {path: text.encode() for path, text in texts.items()}


def _shipped(name: str) -> str:
    """A file that is the same for all environments."""
    return (resources.files("infra.elk") / name).read_text(encoding="utf-8")
