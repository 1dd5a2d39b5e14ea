"""What things are called in Logstash, Elasticsearch and Kibana, each name made in one place."""

from __future__ import annotations

from dataclasses import dataclass

from infra.config import Environment, LogProcessor


@dataclass(frozen=True)
class Names:
    """Everything that an environment has there; all of it begins with its prefix.

    The prefix holds no underscore, so no environment's pattern matches another one's index.
    """

    prefix: str

    @property
    def policy(self) -> str:
        """The lifecycle of the indices."""
        return self.prefix

    @property
    def pipeline(self) -> str:
        """The pipeline that takes the events in."""
        return self.prefix

    @property
    def refused_pipeline(self) -> str:
        """The pipeline that takes what Elasticsearch refused out of Logstash's dead letters."""
        return f"{self.prefix}-refused"

    @property
    def events(self) -> str:
        """What an index of events begins with; also its template."""
        return f"{self.prefix}_events"

    @property
    def refused(self) -> str:
        """What an index of refused events begins with; also its template."""
        return f"{self.prefix}_refused"

    def component(self, part: str) -> str:
        """A part that index templates share."""
        return f"{self.prefix}_{part}"

    @staticmethod
    def pattern(index: str) -> str:
        """Every index of this kind, whatever its period."""
        return f"{index}_*"

    def saved_object(self, name: str) -> str:
        """The id of an object in Kibana: the same at each import, so that it is overwritten."""
        return f"{self.prefix}-{name}"


def names_of(environment: Environment, settings: LogProcessor) -> Names:
    """The names in an environment."""
    return Names(settings.elk.index.prefix or f"elb-logs-{environment.name}")


def folder(settings: LogProcessor, names: Names) -> str:
    """Where the pipelines' files are put on Logstash's machine."""
    return settings.elk.pipeline.folder or f"/etc/logstash/{names.prefix}"
