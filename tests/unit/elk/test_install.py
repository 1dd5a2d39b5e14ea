"""The script that puts all of it into Elasticsearch and Kibana, run against servers that listen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.elk.files import files
from tests.conftest import unavailable

from .environments import environment

REQUESTS = [
    "PUT /_ilm/policy/elb-logs-dev",
    "PUT /_component_template/elb-logs-dev_ecs",
    "PUT /_component_template/elb-logs-dev_original",
    "PUT /_component_template/elb-logs-dev_settings",
    "PUT /_index_template/elb-logs-dev_events",
    "PUT /_index_template/elb-logs-dev_refused",
]
IMPORT = "POST /s/ops/api/saved_objects/_import?overwrite=true"


@dataclass
class Server:
    """Elasticsearch and Kibana in one: it answers as it is told, and keeps what was asked."""

    url: str = ""
    answers: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)


@contextmanager
def listening(answers: Mapping[str, tuple[int, str]]) -> Iterator[Server]:
    server = Server(answers=answers)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            request = f"{self.command} {self.path}"
            server.requests.append(request)
            server.headers.append(dict(self.headers))
            server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            usual = '{"success":true}' if "_import" in request else '{"acknowledged":true}'
            status, text = server.answers.get(request, (200, usual))
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def do_PUT(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        server.url = f"http://127.0.0.1:{httpd.server_port}"
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            httpd.shutdown()


@pytest.fixture(name="script")
def _script(tmp_path: Path) -> Path:
    """Where infra synth would put it, with all that it needs."""
    each = environment()
    assert each.log_processor is not None
    for path, content in files(each, each.log_processor).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path / "install.sh"


def run(script: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    for tool in ("bash", "curl"):
        if shutil.which(tool) is None:
            unavailable(f"{tool} not found; on Debian: apt-get install {tool}")
    return subprocess.run(
        ["bash", script],
        env={"PATH": os.environ["PATH"], "no_proxy": "*", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_puts_everything_in_the_order_that_elasticsearch_needs(script: Path) -> None:
    """Each body as it stands in its file; the objects as a file in a form."""
    with listening({}) as server:
        done = run(script, ELASTICSEARCH_URL=server.url + "/", KIBANA_URL=f"{server.url}/s/ops/")
    assert (done.returncode, done.stdout) == (0, "")
    assert server.requests == [*REQUESTS, IMPORT]
    for request, body in zip(server.requests[:-1], server.bodies, strict=False):
        file = script.parent / "elasticsearch" / f"{request.removeprefix('PUT /')}.json"
        assert json.loads(body) == json.loads(file.read_bytes())
    assert (script.parent / "kibana.ndjson").read_bytes() in server.bodies[-1]
    assert server.headers[-1]["kbn-xsrf"] == "true"


def test_it_can_be_run_again(script: Path) -> None:
    """The same requests, which overwrite."""
    with listening({}) as server:
        for _ in range(2):
            done = run(script, ELASTICSEARCH_URL=server.url, KIBANA_URL=server.url)
            assert done.returncode == 0
    assert server.requests[:7] == server.requests[7:]


def test_a_refusal_ends_it_and_says_what_and_why(script: Path) -> None:
    """Nothing that would build on it is tried."""
    refusal = (400, '{"error":{"reason":"unknown setting"}}')
    with listening({REQUESTS[3]: refusal}) as server:
        done = run(script, ELASTICSEARCH_URL=server.url, KIBANA_URL=server.url)
    assert done.returncode == 1
    assert server.requests == REQUESTS[:4]
    assert done.stderr.splitlines()[-1] == (
        "install.sh: _component_template/elb-logs-dev_settings: refused with status 400: "
        '{"error":{"reason":"unknown setting"}}'
    )


def test_objects_that_kibana_did_not_take_are_an_error(script: Path) -> None:
    """It answers with status 200 all the same."""
    answer = (200, '{"success":false,"errors":[{"id":"elb-logs-dev-chart-urls"}]}')
    with listening({"POST /api/saved_objects/_import?overwrite=true": answer}) as server:
        done = run(script, ELASTICSEARCH_URL=server.url, KIBANA_URL=server.url)
    assert done.returncode == 1
    assert "kibana.ndjson: not imported" in done.stderr
    assert "elb-logs-dev-chart-urls" in done.stderr


def test_a_server_that_does_not_answer_is_named_by_what_was_to_be_put(
    script: Path, refused_port: int
) -> None:
    """With what curl says about it."""
    done = run(script, ELASTICSEARCH_URL=f"http://127.0.0.1:{refused_port}")
    assert done.returncode == 1
    assert "install.sh: _ilm/policy/elb-logs-dev: no answer" in done.stderr
    assert "curl: (7)" in done.stderr


def test_without_kibana_it_says_what_is_left_to_do(script: Path) -> None:
    """And that is no error."""
    with listening({}) as server:
        done = run(script, ELASTICSEARCH_URL=server.url)
    assert done.returncode == 0
    assert server.requests == REQUESTS
    assert "import kibana.ndjson" in done.stderr


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({"ELASTIC_API_KEY": "abc=="}, "ApiKey abc=="),
        # elastic:a "b" \c: and é in base 64
        (
            {"ELASTIC_USER": "elastic", "ELASTIC_PASSWORD": 'a "b" \\c:é'},
            "Basic ZWxhc3RpYzphICJiIiBcYzrDqQ==",
        ),
        ({}, None),
    ],
)
def test_credentials_come_from_the_environment(
    script: Path, variables: dict[str, str], header: str | None
) -> None:
    """Whatever a password holds; for Kibana as well."""
    with listening({}) as server:
        done = run(script, ELASTICSEARCH_URL=server.url, KIBANA_URL=server.url, **variables)
    assert done.returncode == 0, done.stderr
    assert {headers.get("Authorization") for headers in server.headers} == {header}


def test_credentials_are_on_no_command_line(script: Path, tmp_path: Path) -> None:
    """Where every user of the machine could read them."""
    seen = tmp_path / "seen"
    curl = tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text(f'#!/bin/sh\necho "$@" >>{seen}\nprintf "200\\n200"\n')
    curl.chmod(0o755)
    run(
        script,
        PATH=f"{curl.parent}:{os.environ['PATH']}",
        ELASTICSEARCH_URL="http://es",
        ELASTIC_USER="elastic",
        ELASTIC_PASSWORD="unseen",
    )
    assert "_index_template" in seen.read_text()
    assert "unseen" not in seen.read_text()


def test_an_address_is_needed(script: Path) -> None:
    """There is none that would be right for everybody."""
    done = run(script)
    assert done.returncode != 0
    assert "ELASTICSEARCH_URL: is needed" in done.stderr


def test_a_user_without_a_password_is_refused_before_anything_is_asked(script: Path) -> None:
    """Rather than to try without credentials."""
    with listening({}) as server:
        done = run(script, ELASTICSEARCH_URL=server.url, ELASTIC_USER="elastic")
    assert done.returncode != 0
    assert "ELASTIC_PASSWORD: is needed with ELASTIC_USER" in done.stderr
    assert server.requests == []


def test_shellcheck_finds_nothing(script: Path) -> None:
    """The script is read on somebody's machine before it is run there."""
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        unavailable("shellcheck not found; on Debian: apt-get install shellcheck")
    done = subprocess.run([shellcheck, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
