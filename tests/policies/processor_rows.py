"""What the function that delivers may do with logs, its state, messages and a secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .function_rows import may
from .requests import OTHER_ACCOUNT, Row
from .scene import Scene


def processor_rows(scene: Scene) -> Iterator[Row]:
    """All of them."""
    yield from _logs(scene)
    yield from _state(scene)
    for bucket in {scene.log_bucket: None, scene.state_bucket: None}:
        yield from _bucket_itself(scene, bucket)
    yield from _queues(scene)
    yield from _secrets(scene)


def _may(scene: Scene, says: str, action: str, resource: str) -> Row:
    """Of a log bucket in another account, that account is the owner."""
    row = may(scene, scene.processor, says, action, resource)
    is_foreign = resource.partition("/")[0] == scene.log_bucket
    return replace(row, owner=scene.log_bucket_owner) if is_foreign else row


def _may_not(scene: Scene, says: str, action: str, resource: str) -> Row:
    return _may(scene, says, action, resource).but("")


def _logs(scene: Scene) -> Iterator[Row]:
    bucket, prefix = scene.log_bucket, scene.log_prefix
    day = "elasticloadbalancing/eu-west-1/2026/10/14/app.log.gz"
    key = f"{bucket}/{prefix}{day}"
    other = prefix.replace(scene.place.account, OTHER_ACCOUNT)
    read = _may(scene, "read a log", "s3:GetObject", key)
    yield read
    yield _may(scene, "read a version of a log", "s3:GetObjectVersion", key)
    yield read.but("of another account", resource=f"{bucket}/{other}{day}")
    yield read.but("from the prefix's parent", resource=f"{bucket}/{prefix[:-1]}")
    yield read.but("with a key of another kind", resource=f"{bucket}/reports/2026.csv")
    yield read.but("below another prefix", resource=f"{bucket}/x/{prefix}{day}")
    longer = _may_not(scene, "read a log", "s3:GetObject", f"{bucket}-other/{prefix}{day}")
    yield longer.but("of a bucket of a longer name")
    for action in ("DeleteObject", "DeleteObjectVersion", "PutObject", "PutObjectTagging"):
        yield _may_not(scene, "change or lose a log", f"s3:{action}", key)
    for action in ("GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "RestoreObject"):
        yield _may_not(scene, "see or change a log's rights", f"s3:{action}", key)
    yield from _in_the_open(scene, read)


def _state(scene: Scene) -> Iterator[Row]:
    bucket = scene.state_bucket
    folder, checkpoint = f"{bucket}/state", f"{bucket}/state/checkpoints/a.json"
    keep = _may(scene, "keep a rejected line", "s3:PutObject", f"{folder}/rejected/a.ndjson")
    again = _may(scene, "go on at a checkpoint", "s3:GetObject", checkpoint)
    yield keep
    yield _may(scene, "keep a checkpoint", "s3:PutObject", checkpoint)
    yield again
    yield keep.but("beside its folder", resource=f"{bucket}/statement/a.ndjson")
    yield keep.but("in the bucket's root", resource=f"{bucket}/a.ndjson")
    yield keep.but("in another bucket", resource=f"{bucket}-other/state/rejected/a.ndjson")
    yield again.but("or read rejected lines", resource=f"{folder}/rejected/a.ndjson")
    yield again.but("or read other state", resource=f"{folder}/other.json")
    for action in ("DeleteObject", "PutObjectAcl", "PutObjectRetention", "PutObjectTagging"):
        yield _may_not(scene, "take back what it kept", f"s3:{action}", checkpoint)
    yield from _in_the_open(scene, keep)


def _in_the_open(scene: Scene, row: Row) -> Iterator[Row]:
    """A bucket of ours refuses what can be read on the way; of a foreign one its owner decides."""
    if row.resource.partition("/")[0] in scene.policies.resource:
        yield row.over("over plain HTTP", **{"aws:SecureTransport": "false"})
        yield row.over("over TLS 1.1", **{"s3:TlsVersion": "1.1"})


def _bucket_itself(scene: Scene, bucket: str) -> Iterator[Row]:
    tell = _may(scene, "tell an object that is gone from one denied", "s3:ListBucket", bucket)
    yield tell
    yield tell.but("in another bucket", resource=f"{bucket}-other", owner=scene.place.account)
    for action in (
        *("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketAcl"),
        *("PutBucketNotification", "PutLifecycleConfiguration", "PutEncryptionConfiguration"),
        *("PutBucketVersioning", "PutReplicationConfiguration", "DeleteBucket", "GetBucketPolicy"),
        *("ListBucketVersions", "PutBucketOwnershipControls"),
    ):
        yield _may_not(scene, "administer the bucket", f"s3:{action}", bucket)


def _queues(scene: Scene) -> Iterator[Row]:
    for queue in scene.polled:
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            row = _may(scene, "take messages for the function", f"sqs:{action}", queue)
            yield row
            for other in scene.other_queues:
                yield row.but("from another queue", resource=other)
    for queue in (*scene.polled, *scene.other_queues):
        for action in ("PurgeQueue", "SetQueueAttributes", "DeleteQueue", "AddPermission"):
            yield _may_not(scene, "change a queue", f"sqs:{action}", queue)
        put = _may(scene, "leave an event that failed", "sqs:SendMessage", queue)
        yield put if queue in scene.failures else put.but("")
        yield put.but("or in one of a longer name", resource=f"{queue}-other")


def _secrets(scene: Scene) -> Iterator[Row]:
    named = scene.processor.variables.get("LOGSTASH_SECRET")
    if named:
        read = _may(scene, "read the named secret", "secretsmanager:GetSecretValue", named)
        yield read
        yield read.but("or one whose name goes on", resource=f"{named}-GhIjKl")
        for action in ("PutSecretValue", "DeleteSecret", "DescribeSecret", "UpdateSecret"):
            yield _may_not(scene, "change the secret", f"secretsmanager:{action}", named)
