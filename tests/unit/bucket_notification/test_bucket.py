"""AWS's own client against a server that speaks S3's XML: nothing of theirs is lost on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest

from lambda_src.bucket_notification.bucket import (
    Bucket,
    PassingError,
    UnvalidatedError,
    client,
)
from lambda_src.bucket_notification.configuration import including
from lambda_src.bucket_notification.properties import parse
from lambda_src.custom_resource import RefusedError

from .s3 import LOGS, OWNER
from .stacks import QUEUE, wanted

SPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
THEIRS = f"""<?xml version="1.0" encoding="UTF-8"?>
<NotificationConfiguration xmlns="{SPACE}">
<TopicConfiguration><Id>MTBhYmNkZWY &amp; more \u00e9</Id>
<Topic>arn:aws:sns:eu-west-1:123456789012:theirs</Topic>
<Event>s3:ObjectCreated:Put</Event><Event>s3:ObjectCreated:Copy</Event>
<Filter><S3Key><FilterRule><Name>Prefix</Name><Value>images/</Value></FilterRule>
<FilterRule><Name>Suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter>
</TopicConfiguration>
<QueueConfiguration><Id>q</Id><Queue>arn:aws:sqs:eu-west-1:123456789012:theirs</Queue>
<Event>s3:ObjectRemoved:*</Event><Filter><S3Key/></Filter></QueueConfiguration>
<CloudFunctionConfiguration><Id>f</Id>
<CloudFunction>arn:aws:lambda:eu-west-1:123456789012:function:theirs:live</CloudFunction>
<Event>s3:ObjectRestore:Completed</Event></CloudFunctionConfiguration>
<EventBridgeConfiguration/>
</NotificationConfiguration>"""


@dataclass
class Server:
    """Answers a GET with `body`, and keeps what is put."""

    body: str = THEIRS
    status: int = 200
    refusal: str = ""
    """What a PUT is answered with; 400 if there is anything."""
    put: list[bytes] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)


@contextmanager
def serving(here: Server) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(here.status, here.body)

        def do_PUT(self) -> None:
            here.put.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(400 if here.refusal else 200, here.refusal)

        def _answer(self, status: int, body: str) -> None:
            owner = self.headers["x-amz-expected-bucket-owner"]
            here.requests.append((self.command, self.path, owner))
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    here = Server()
    with serving(here) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield here


def bucket() -> Bucket:
    return Bucket(client(), LOGS, OWNER)


def entries(xml: str | bytes) -> list[object]:
    """Every notification as a value that does not depend on the order of its parts."""
    return sorted(map(_value, ElementTree.fromstring(xml)), key=str)


def _value(element: ElementTree.Element) -> object:
    return (element.tag, (element.text or "").strip(), sorted(map(_value, element), key=str))


def test_what_is_read_is_written_back_as_it_was(server: Server) -> None:
    """Ours is all that is added, on the bucket of the account that is expected."""
    here = bucket()
    here.write(including(here.read(), parse(wanted())))
    [written] = server.put
    added = [entry for entry in entries(written) if entry not in entries(THEIRS)]
    assert [entry for entry in entries(THEIRS) if entry not in entries(written)] == []
    assert len(added) == 1
    assert QUEUE in str(added[0])
    path = f"/{LOGS}?notification"
    assert server.requests == [("GET", path, OWNER), ("PUT", path, OWNER)]


def test_nothing_is_changed_where_something_could_not_be_written_back(server: Server) -> None:
    """What S3 has got since the runtime's client was made would be deleted without a word."""
    server.body = THEIRS.replace(
        "<EventBridgeConfiguration/>", "<PipesConfiguration><Pipe>x</Pipe></PipesConfiguration>"
    )
    with pytest.raises(RefusedError, match=r"changes nothing: Pipe, PipesConfiguration$"):
        bucket().read()


def test_what_s3_says_of_a_destination_is_kept(server: Server) -> None:
    """The message alone does not say which one, nor why."""
    server.refusal = (
        "<Error><Code>InvalidArgument</Code><Message>Unable to validate the following destination "
        f"configurations</Message><ArgumentName1>{QUEUE}, null</ArgumentName1><ArgumentValue1>"
        "Permissions on the destination queue do not allow S3 to publish notifications from this "
        "bucket</ArgumentValue1><RequestId>1</RequestId><HostId>2</HostId></Error>"
    )
    with pytest.raises(UnvalidatedError) as caught:
        bucket().write({})
    assert caught.value.words == (
        f"Unable to validate the following destination configurations; {QUEUE}, null; Permissions "
        "on the destination queue do not allow S3 to publish notifications from this bucket"
    )


def test_each_call_is_made_once(server: Server) -> None:
    """Before another attempt the configuration is read anew, which the client would not do."""
    server.status, server.body = 503, "<Error><Code>SlowDown</Code><Message>Slow</Message></Error>"
    with pytest.raises(PassingError, match="SlowDown: Slow"):
        bucket().read()
    assert len(server.requests) == 1
