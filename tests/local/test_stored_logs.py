"""`infra parse` and `infra forward` of a bucket: objects and ids are those of the function."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.aws.connection import object_reader
from infra.aws.services import Aws, ListedObject
from infra.local.emulator import Emulator
from lambda_src.log_processor.origin import Origin
from tests.unit.commands import Infra, in_process
from tests.unit.log_processor.receivers import receiving
from tests.unit.processing.fakes import CLASSIC

LINE = f"{CLASSIC}\n".encode()
BUCKET = "stored-logs"
ODD = "AWSLogs/odd &+%2F ü.log"


@pytest.fixture
def infra(
    here: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Infra:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", here.credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", here.credentials.secret_key)
    for name in ("AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return in_process(tmp_path, monkeypatch, capfdbinary)


@pytest.fixture(scope="module")
def bucket(aws: Aws) -> str:
    """Two logs, an object that the load balancer makes, and more keys than a page has."""
    aws.objects.create_bucket(BUCKET)
    aws.objects.put(BUCKET, "AWSLogs/a.log", LINE * 2)
    aws.objects.put(BUCKET, ODD, LINE + b"nonsense\n")
    aws.objects.put(BUCKET, "AWSLogs/123456789012/ELBAccessLogTestFile", b"Enable")
    for number in range(1001):
        aws.objects.put(BUCKET, f"many/{number:04}", b"")
    return BUCKET


def test_a_prefix_is_read_whole(here: Emulator, infra: Infra, bucket: str) -> None:
    """Whatever characters its keys have; every object is accounted for."""
    source = f"s3://{bucket}/AWSLogs/"
    done = infra("parse", source, "--json", "--endpoint-url", here.endpoint_url)
    said = json.loads(done.stderr)
    assert [(each["name"], each["outcome"], each["written"]) for each in said["files"]] == [
        (f"s3://{bucket}/AWSLogs/123456789012/ELBAccessLogTestFile", "skipped", 0),
        (f"s3://{bucket}/AWSLogs/a.log", "done", 2),
        (f"s3://{bucket}/{ODD}", "done", 1),
    ]
    assert (done.code, said["accounted"], said["rejected"], len(done.events)) == (2, True, 1, 3)


def test_ids_are_those_of_the_function(here: Emulator, aws: Aws, infra: Infra, bucket: str) -> None:
    """Sent again, an event overwrites the one that the function has sent."""
    version = object_reader(endpoint_url=here.endpoint_url).opened(bucket, "AWSLogs/a.log").version
    with receiving() as receiver:
        url = f"tcp://127.0.0.1:{receiver.port}"
        source = f"s3://{bucket}/AWSLogs/a.log"
        done = infra("forward", source, "--to", url, "--endpoint-url", here.endpoint_url)
    ids = [json.loads(line)["@metadata"]["_id"] for line in receiver.lines]
    origin = Origin(bucket, "AWSLogs/a.log", version).id
    assert (done.code, ids) == (0, [f"{origin}-0", f"{origin}-{len(LINE)}"])


def test_a_listing_goes_on_after_its_first_page(here: Emulator, infra: Infra, bucket: str) -> None:
    """S3 lists a thousand objects at once."""
    listed = list(object_reader(endpoint_url=here.endpoint_url).listed(bucket, "many/"))
    assert (len(listed), listed[-1]) == (1001, ListedObject("many/1000", 0))


def test_what_is_not_there_is_told_and_the_others_are_read(
    here: Emulator, infra: Infra, bucket: str
) -> None:
    """With what to do about it; exit code 1."""
    names = [
        f"{bucket}/gone.log",
        f"{bucket}/gone/",
        "no-such-bucket/x/",
        f"{bucket}/AWSLogs/a.log",
    ]
    sources = [f"s3://{name}" for name in names]
    done = infra("parse", *sources, "--endpoint-url", here.endpoint_url)
    reasons = ["was refused: NoSuchKey", "there is no object", "was refused: NoSuchBucket"]
    for line, source, reason in zip(done.talk, sources, reasons, strict=False):
        assert line.startswith(f"{source}: failed: ")
        assert reason in line
    assert (done.code, len(done.events)) == (1, 2)
