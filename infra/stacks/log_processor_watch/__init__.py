"""How the log processor is watched: alarms for whoever is on call, a dashboard of the whole way."""

from __future__ import annotations

from infra.blocks.alarms import alarm
from infra.blocks.dashboard import dashboard
from infra.config import LogProcessorOperations
from infra.stacks.draft import Draft
from infra.stacks.log_processor_watch.alarms import alarms
from infra.stacks.log_processor_watch.handles import Watched
from infra.stacks.log_processor_watch.widgets import rows
from infra.stacks.ringing import topic_of

__all__ = ["Watched", "watch"]


def watch(draft: Draft, settings: LogProcessorOperations, watched: Watched) -> None:
    """Add the alarms, the topic that they ring, and the dashboard, as far as they are wanted."""
    made = {}
    if settings.alarms:
        topic = topic_of(draft, settings)
        made = {
            each.title: alarm(draft.template, each, topic=topic)
            for each in alarms(draft, settings.thresholds, watched)
        }
    if settings.dashboard:
        dashboard(draft.template, "Dashboard", rows=rows(watched, made))
