"""Both pipelines with their queues, as entries for Logstash's `pipelines.yml`."""

from __future__ import annotations

from infra.config import LogProcessor
from infra.elk.names import Names, folder


def pipelines(settings: LogProcessor, names: Names) -> str:
    """The file's text."""
    machine = settings.elk.pipeline
    return _TEMPLATE.format(
        pipeline=names.pipeline,
        refused=names.refused_pipeline,
        folder=folder(settings, names),
        gigabytes=machine.queue_gigabytes,
        checkpoint=machine.queue_checkpoint_events,
    )


# https://github.com/elastic/logstash/blob/v9.5.2/logstash-core/lib/logstash/settings.rb has the
# settings that may stand here; that a queue's open page is read again after a crash of Logstash:
# https://github.com/elastic/logstash/blob/v9.5.2/logstash-core/src/main/java/org/logstash/ackedqueue/Queue.java
_TEMPLATE = """\
# Entries for /etc/logstash/pipelines.yml, beside those that stand there already.
# Leave config.reload.automatic off: when it reloads a pipeline, its tcp input can lose events.
# https://github.com/logstash-plugins/logstash-input-tcp/issues/237

- pipeline.id: "{pipeline}"
  path.config: "{folder}/pipeline.conf"
  pipeline.ecs_compatibility: v8
  # An event overwrites itself, so the order does not matter and all processors can work.
  pipeline.ordered: false
  # One request to Elasticsearch for each batch: of about a megabyte, not of 125 events.
  pipeline.batch.size: 1000
  # The function takes an event for delivered when it is in this queue, which must outlive Logstash.
  queue.type: persisted
  # When it is full the input takes no more, and the function tries again later.
  queue.max_bytes: {gigabytes}gb
  # A crash of Logstash loses nothing; one of the whole machine so many events at most.
  queue.checkpoint.writes: {checkpoint}
  queue.checkpoint.acks: 1024
  # What Elasticsearch refuses. Without it such an event would be a line in Logstash's log.
  dead_letter_queue.enable: true
  dead_letter_queue.max_bytes: 1gb
  # The patterns in the .conf files are written for backslashes and quotes as they stand.
  config.support_escapes: false

- pipeline.id: "{refused}"
  path.config: "{folder}/refused.conf"
  pipeline.ecs_compatibility: v8
  pipeline.workers: 1
  # A dead letter is deleted as soon as it is read.
  queue.type: persisted
  queue.max_bytes: 256mb
  dead_letter_queue.enable: false
  config.support_escapes: false
"""
