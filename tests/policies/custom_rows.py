"""What the functions behind custom resources may do, each to the one thing that it is for."""

from __future__ import annotations

from collections.abc import Iterator

from .function_rows import may, may_not
from .requests import Row
from .scene import Actor, Scene


def custom_rows(scene: Scene) -> Iterator[Row]:
    """All of them, where there are such resources."""
    actors = {actor.function.arn: actor for actor in scene.actors}
    for each in scene.of_type("Custom::BucketNotification"):
        bucket = scene.place.global_arn("s3", each.properties["Bucket"])
        yield from _notification(scene, actors[each.properties["ServiceToken"]], bucket)
    for each in scene.of_type("Custom::PeeringOptions"):
        connection = each.properties["PeeringConnectionId"]
        yield from _peering(actors[each.properties["ServiceToken"]], connection)


def _notification(scene: Scene, actor: Actor, bucket: str) -> Iterator[Row]:
    """Our notification on a bucket of somebody else."""
    owner = scene.log_bucket_owner
    for action in ("GetBucketNotification", "PutBucketNotification"):
        row = may(actor, "set who is told", f"s3:{action}", bucket).of(owner)
        yield row
        yield row.but("or of another bucket", resource=f"{bucket}-other", owner=actor.place.account)
    for action in (
        *("ListBucket", "PutBucketPolicy", "DeleteBucketPolicy", "PutLifecycleConfiguration"),
        *("PutBucketAcl", "PutEncryptionConfiguration", "DeleteBucket", "GetBucketPolicy"),
    ):
        yield may_not(actor, "administer the bucket", f"s3:{action}", bucket).of(owner)
    log = f"{bucket}/{scene.log_prefix}app.log.gz"
    for action in ("GetObject", "PutObject", "DeleteObject"):
        yield may_not(actor, "touch a log", f"s3:{action}", log).of(owner)


def _peering(actor: Actor, connection: str) -> Iterator[Row]:
    """DNS resolution over a connection, for one side of it."""
    ours = actor.place.arn("ec2", f"vpc-peering-connection/{connection}")
    theirs = actor.place.arn("ec2", "vpc-peering-connection/pcx-0a1b2c3d4e5f60718")
    name = "ec2:ModifyVpcPeeringConnectionOptions"
    resolve = may(actor, "resolve names over the connection", name, ours)
    yield resolve
    yield resolve.but("or over another one", resource=theirs)
    for action in ("DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "DeleteTags"):
        yield may_not(actor, "do away with it", f"ec2:{action}", ours)
    table = actor.place.arn("ec2", "route-table/rtb-0a1b2c3d4e5f60718")
    yield may_not(actor, "route to it", "ec2:CreateRoute", table)
