"""The pipeline that shows what Elasticsearch refused, `refused.conf`.

It takes the dead letters of the other one and makes documents of them that cannot be refused in
turn: the event is one text, beside the reason. Should Elasticsearch refuse one all the same,
Logstash's log says so: a dead letter never becomes one again.
https://www.elastic.co/docs/reference/logstash/dead-letter-queues
"""

from __future__ import annotations

from infra.config import LogProcessor
from infra.elk.names import Names, folder
from infra.elk.output import into, with_an_id
from infra.elk.syntax import Lines, comment, plugin, section


def refused(settings: LogProcessor, names: Names) -> str:
    """The file's text."""
    lines = [
        *comment(_HEAD),
        "",
        *section("input", _dead_letters(settings, names)),
        "",
        *section("filter", with_an_id(), _as_text(settings, names)),
        "",
        *section("output", into(names.refused, settings.elk)),
    ]
    return "\n".join(lines) + "\n"


_HEAD = """
Events that Elasticsearch refused, each as text with the reason, to an index of their own.
For Logstash 8.19 and 9; written by infra synth, which overwrites changes.
"""


def _dead_letters(settings: LogProcessor, names: Names) -> Lines:
    return plugin(
        "dead_letter_queue",
        id="dead_letters",
        path=f"{settings.elk.pipeline.data_folder}/dead_letter_queue",
        pipeline_id=names.pipeline,
        commit_offsets=True,
        # Otherwise the queue would fill up, and lose what comes then.
        clean_consumed=True,
    )


def _as_text(settings: LogProcessor, names: Names) -> Lines:
    return plugin("ruby", path=f"{folder(settings, names)}/refused.rb")
