"""A plug-in of pytest: whatever imports the log processor's modules gets the embedded ones."""

from __future__ import annotations

from hypothesis import settings

from infra.packaging import embedded

settings.register_profile("few", deadline=None, max_examples=4)
exec(compile(embedded("log_processor"), "index.py", "exec"), {"__name__": "index"})
