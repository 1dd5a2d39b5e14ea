"""What the function may do that puts our notification on a bucket of somebody else."""

from __future__ import annotations

from collections.abc import Iterator

from .function_rows import may, may_not
from .requests import Row
from .scene import Actor, Scene


def notifier_rows(scene: Scene) -> Iterator[Row]:
    """All of them, where there is such a bucket."""
    actors = {actor.function.arn: actor for actor in scene.actors}
    for each in scene.of_type("Custom::BucketNotification"):
        bucket = scene.place.global_arn("s3", each.properties["Bucket"])
        yield from _bucket(scene, actors[each.properties["ServiceToken"]], bucket)


def _bucket(scene: Scene, actor: Actor, bucket: str) -> Iterator[Row]:
    for action in ("GetBucketNotification", "PutBucketNotification"):
        row = may(scene, actor, "set who is told", f"s3:{action}", bucket)
        row = row.of(scene.log_bucket_owner)
        yield row
        yield row.but("or of another bucket", resource=f"{bucket}-other", owner=scene.place.account)
    for action in (
        *("ListBucket", "PutBucketPolicy", "DeleteBucketPolicy", "PutLifecycleConfiguration"),
        *("PutBucketAcl", "PutEncryptionConfiguration", "DeleteBucket", "GetBucketPolicy"),
    ):
        row = may_not(scene, actor, "administer the bucket", f"s3:{action}", bucket)
        yield row.of(scene.log_bucket_owner)
    log = f"{bucket}/{scene.log_prefix}app.log.gz"
    for action in ("GetObject", "PutObject", "DeleteObject"):
        row = may_not(scene, actor, "touch a log", f"s3:{action}", log)
        yield row.of(scene.log_bucket_owner)
