"""S3's answers, and its errors in our words."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from botocore.response import StreamingBody

from lambda_src.log_processor.errors import ObjectGoneError, ReadError, StateError
from lambda_src.log_processor.storage import Folder, client, opened

from .buckets import ETAG, PREFIX, STATE, VERSION, Bucket, refusal


def folder(bucket: Bucket) -> Folder:
    return Folder(bucket, STATE, PREFIX)


def content(bucket: Bucket, key: str = "a") -> bytes:
    """Return an object that has been read to its end."""
    with closing(opened(bucket, "logs", key)) as found:
        return b"".join(found.chunks)


def test_an_object_comes_in_chunks_and_is_closed() -> None:
    """Its body is never read as a whole."""
    bucket = Bucket({"a": b"x" * 2500})
    with closing(opened(bucket, "logs", "a")) as found:
        assert [len(chunk) for chunk in found.chunks] == [1000, 1000, 500]
    assert [stream.closed for stream in bucket.opened] == [True]


def test_an_object_that_nobody_reads_is_closed_as_well() -> None:
    """Connections to S3 are few."""
    bucket = Bucket({"a": b"x"})
    opened(bucket, "logs", "a").close()
    assert [stream.closed for stream in bucket.opened] == [True]


@pytest.mark.parametrize(
    ("version", "identity"), [(VERSION, VERSION), ("null", ETAG), (None, ETAG)]
)
def test_without_versions_the_etag_tells_contents_apart(version: str | None, identity: str) -> None:
    """`null` is the version of all objects from before versioning."""
    assert opened(Bucket({"a": b""}, version=version), "logs", "a").version == identity


def test_a_version_is_asked_for_where_it_is_known() -> None:
    """What has the key by now may be something else."""
    bucket = Bucket({"a": b""})
    opened(bucket, "logs", "a", VERSION)
    opened(bucket, "logs", "a")
    assert bucket.requests == [
        {"Bucket": "logs", "Key": "a", "VersionId": VERSION},
        {"Bucket": "logs", "Key": "a"},
    ]


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"])
def test_what_is_gone_is_told_from_what_fails(code: str) -> None:
    """Of a delete marker S3 says that the method is not allowed."""
    with pytest.raises(ObjectGoneError) as caught:
        opened(Bucket({"a": refusal(code)}), "logs", "a")
    assert str(caught.value) == (
        f"s3://logs/a: An error occurred ({code}) when calling the GetObject operation: No."
    )


FAILURES: list[tuple[Exception, str]] = [
    (
        refusal("AccessDenied", "Access Denied"),
        "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied "
        "(or, without s3:ListBucket, the object is gone)",
    ),
    (
        refusal("NoSuchBucket"),
        "An error occurred (NoSuchBucket) when calling the GetObject operation: No.",
    ),
    (
        ConnectTimeoutError(endpoint_url="https://s3"),
        'Connect timeout on endpoint URL: "https://s3"',
    ),
    (NoCredentialsError(), "Unable to locate credentials"),
]


@pytest.mark.parametrize(("error", "said"), FAILURES, ids=[said for _, said in FAILURES])
def test_an_object_that_cannot_be_opened_says_why(error: Exception, said: str) -> None:
    """With the object's name, and nothing of S3's client around it."""
    with pytest.raises(ReadError) as caught:
        opened(Bucket({"a": error}), "logs", "a")
    assert str(caught.value) == f"s3://logs/a: {said}"
    assert not isinstance(caught.value, ObjectGoneError)


def test_an_error_on_the_way_says_of_which_object() -> None:
    """A timeout, or a connection that ends early."""
    reads = iter([None, ReadTimeoutError(endpoint_url="https://s3")])

    def before(step: str) -> None:
        if step == "read" and (error := next(reads)):
            raise error

    with pytest.raises(ReadError) as caught:
        content(Bucket({"a": b"x" * 2500}, before=before))
    assert str(caught.value) == 's3://logs/a: Read timeout on endpoint URL: "https://s3"'


def test_a_body_that_is_shorter_than_announced_is_an_error() -> None:
    """A plain log has no other sign of its end."""

    class Short:
        def get_object(self, **request: str) -> Any:
            return {"Body": StreamingBody(io.BytesIO(b"abc"), 5), "ETag": '"x"'}

        def put_object(self, **request: Any) -> Any:
            raise AssertionError

    with pytest.raises(ReadError, match="3 read, but total bytes expected is 5"):
        list(opened(Short(), "logs", "a").chunks)


def test_the_real_client_has_patience_for_little() -> None:
    """An invocation must not wait for minutes where S3 is out of reach."""
    made: Any = client()
    config = made.meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}


def test_texts_come_back() -> None:
    """Below the prefix; what is not there is none."""
    bucket = Bucket(step=2)
    folder(bucket).put("rejected/a", b"text")
    assert bucket.texts == {PREFIX + "rejected/a": b"text"}
    assert folder(bucket).get("rejected/a") == b"text"
    assert folder(bucket).get("rejected/b") is None
    assert [stream.closed for stream in bucket.opened] == [True]


ASKED: dict[str, Callable[[Folder], object]] = {
    "load": lambda texts: texts.get("checkpoints/a"),
    "checkpoint": lambda texts: texts.put("checkpoints/a", b""),
}


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (
            "load",
            refusal("AccessDenied"),
            "s3://state/log-processor/checkpoints/a: An error occurred (AccessDenied) when calling "
            "the GetObject operation: No. (or, without s3:ListBucket, the object is gone)",
        ),
        (
            "load",
            NoCredentialsError(),
            "s3://state/log-processor/checkpoints/a: Unable to locate credentials",
        ),
        (
            "checkpoint",
            refusal("AccessDenied", operation="PutObject"),
            "s3://state/log-processor/checkpoints/a cannot be written: An error occurred "
            "(AccessDenied) when calling the PutObject operation: No.",
        ),
        (
            "checkpoint",
            ConnectTimeoutError(endpoint_url="https://s3"),
            "s3://state/log-processor/checkpoints/a cannot be written: "
            'Connect timeout on endpoint URL: "https://s3"',
        ),
    ],
)
def test_a_text_that_is_out_of_reach_says_why(step: str, error: Exception, said: str) -> None:
    """Nothing is taken for missing that may be there."""

    def before(_: str) -> None:
        raise error

    with pytest.raises(StateError) as caught:
        ASKED[step](folder(Bucket(before=before)))
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("prefix", "key", "ours"),
    [
        ("p/", "p/rejected/logs/a/1.jsonl", True),
        ("p/", "p/checkpoints/logs/a/1.json", True),
        ("p/", "rejected/logs/a/1.jsonl", False),
        ("p/", "p/AWSLogs/a.log", False),
        ("", "rejected/logs/a/1.jsonl", True),
        ("", "AWSLogs/a.log", False),
    ],
)
def test_logs_may_share_bucket_and_prefix_with_texts(prefix: str, key: str, ours: bool) -> None:
    """Only texts are told apart, so that no log is taken for one."""
    assert Folder(Bucket(), STATE, prefix).holds(STATE, key) is ours
    assert not Folder(Bucket(), STATE, prefix).holds("logs", key)
