"""What others may do to buckets, queues, topics and functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .handing_over import Sender, senders
from .requests import ANYBODY, OTHER_ACCOUNT, Caller, Row, administrator, service
from .scene import Scene

DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
NLB_DELIVERY = "delivery.logs.amazonaws.com"
HTTP = {"aws:SecureTransport": "false"}


def resource_rows(scene: Scene) -> Iterator[Row]:
    """All of them."""
    if scene.log_bucket in scene.policies.resource:
        yield from _delivery(scene)
        yield from _nlb_delivery(scene)
    for bucket in scene.of_type("AWS::S3::Bucket"):
        yield from _people(scene, bucket.arn)
    if "s3" in scene.policies.endpoint:
        yield from _endpoint(scene)
    for sender in senders(scene):
        yield from _handed_over(scene, sender)
    for topic in scene.of_type("AWS::SNS::Topic"):
        yield from _topic(scene, topic.arn)


def _written(scene: Scene, caller: Caller, **context: str) -> Iterator[Row]:
    """A delivery service writes this account's logs, and does nothing else nor elsewhere."""
    bucket, prefix, ours = scene.log_bucket, scene.log_prefix, scene.place.account
    log = f"{bucket}/{prefix}elasticloadbalancing/{scene.place.region}/2026/10/14/app.log.gz"
    write = Row("write this account's logs", caller, "s3:PutObject", log, ours, context=context)
    elsewhere = prefix.replace(ours, OTHER_ACCOUNT)
    yield write
    modern = {**context, "s3:TlsVersion": "1.2"}
    yield replace(write, says=f"{write.says} over TLS 1.2", context=modern)
    yield write.but("in another account's folder", resource=f"{bucket}/{elsewhere}app.log.gz")
    yield write.but("below another prefix", resource=f"{bucket}/x/{prefix}app.log.gz")
    yield write.but("in the function's folder", resource=f"{bucket}/state/checkpoints/a.json")
    yield write.over("over plain HTTP", **HTTP)
    for version in ("1.0", "1.1"):
        yield write.over(f"over TLS {version}", **{"s3:TlsVersion": version})
    for action in ("GetObject", "DeleteObject", "PutObjectTagging"):
        yield write.but(f"or {action}", action=f"s3:{action}", context={})
    for action in ("PutBucketPolicy", "DeleteBucket"):
        yield write.but(f"or {action}", action=f"s3:{action}", resource=bucket, context={})


def _delivery(scene: Scene) -> Iterator[Row]:
    """Of application and classic load balancers: it writes for whoever's load balancer it is.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    ours = scene.place.account
    write, *others = _written(scene, service(DELIVERY, account=ours))
    yield from (write, *others)
    yield write.but("for another's load balancer", caller=service(DELIVERY, account=OTHER_ACCOUNT))
    yield write.but("for it is not said whom", caller=service(DELIVERY))
    yield write.but("or list it", action="s3:ListBucket", resource=scene.log_bucket)
    for other in ("cloudtrail.amazonaws.com", "s3.amazonaws.com", "lambda.amazonaws.com"):
        yield write.but("as if it delivered logs", caller=service(other, account=ours))


def _nlb_delivery(scene: Scene) -> Iterator[Row]:
    """Of network load balancers, where they are admitted.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
    """
    ours, source = scene.place.account, scene.place.arn("logs", "delivery-source:nlb")
    caller = service(NLB_DELIVERY, arn=source, account=ours)
    owned = {"s3:x-amz-acl": "bucket-owner-full-control"}
    write, *others = _written(scene, caller, **owned)
    check = Row("see whether it may", caller, "s3:GetBucketAcl", scene.log_bucket, ours)
    rows = [write, *others, check, replace(check, action="s3:ListBucket")]
    if not scene.settings.network_load_balancers:
        yield from (row.but("") for row in rows if row.allowed)
        return
    yield from rows
    yield write.over("and keep them its own", **{"s3:x-amz-acl": "private"})
    yield write.but("or say later whose they are", action="s3:PutObjectAcl")
    elsewhere = source.replace(ours, OTHER_ACCOUNT)
    for row in (write, check):
        for words, arn, account in (
            ("for another account's source", elsewhere, ours),
            ("for another account", source, OTHER_ACCOUNT),
        ):
            yield row.but(words, caller=service(NLB_DELIVERY, arn=arn, account=account))
        imposter = service("lambda.amazonaws.com", arn=source, account=ours)
        yield row.but("as if it delivered logs", caller=imposter)
    for action in ("GetBucketPolicy", "PutBucketAcl"):
        yield check.but(f"or {action}", action=f"s3:{action}")


def _people(scene: Scene, bucket: str) -> Iterator[Row]:
    """People and programs; what an account's own policies allow, S3 adds to the bucket's."""
    ours, object_ = scene.place.account, f"{bucket}/{scene.log_prefix}app.log.gz"
    inside, outside = administrator(ours), administrator(OTHER_ACCOUNT)
    read = Row("read an object", inside, "s3:GetObject", object_, ours)
    administer = Row("change its policy", inside, "s3:PutBucketPolicy", bucket, ours)
    for row in (read, administer):
        yield row
        yield row.over("over plain HTTP", **HTTP)
        yield row.over("over TLS 1.1", **{"s3:TlsVersion": "1.1"})
        yield row.but("", caller=outside)
        yield row.but("", caller=ANYBODY)
    for action in ("PutObject", "DeleteObject", "GetObjectVersion"):
        for caller in (outside, ANYBODY):
            yield read.but("or do other things with it", action=f"s3:{action}", caller=caller)
    for action in ("ListBucket", "GetBucketPolicy", "DeleteBucket"):
        yield administer.but("or do other things with it", action=f"s3:{action}", caller=ANYBODY)


def _endpoint(scene: Scene) -> Iterator[Row]:
    """With credentials of another account nothing gets out of the VPC to a bucket of theirs."""
    thief = replace(administrator(OTHER_ACCOUNT), within=True)
    theirs = scene.place.global_arn("s3", "elsewhere")
    for action in ("PutObject", "GetObject", "DeleteObject"):
        take = Row("get out of the VPC", thief, f"s3:{action}", f"{theirs}/logs", OTHER_ACCOUNT)
        yield take.but("")
    yield Row("get out of the VPC", thief, "s3:ListBucket", theirs, OTHER_ACCOUNT, allowed=False)


def _handed_over(scene: Scene, sender: Sender) -> Iterator[Row]:
    """Whoever is set up to hand something over may; nobody else, nor for something else."""
    ours = scene.place.account
    arn, account, kind = sender.source, sender.account, sender.target.split(":")[2]
    caller = service(sender.service, arn=arn, account=account)
    row = Row(f"hand over to {kind}", caller, sender.action, sender.target, ours)
    yield row
    other = f"{arn}-other" if sender.alone else scene.place.arn("events", "rule/other")
    for words, changed in (
        ("for another source", service(sender.service, arn=other, account=account)),
        ("for no source", service(sender.service, account=account or ours)),
        ("for it is not said whom", service(sender.service)),
        ("as if it were the sender", service("ec2.amazonaws.com", arn=arn, account=account)),
        ("", administrator(OTHER_ACCOUNT)),
        ("", ANYBODY),
    ):
        yield row.but(words, caller=changed)
    if account is not None:
        # A bucket's name can come back in another account once it was deleted.
        stolen = service(sender.service, arn=arn, account="888888888888")
        yield row.but("for a source of that name in another account", caller=stolen)
    if ours in arn.split(":"):
        stolen = service(sender.service, arn=arn.replace(ours, OTHER_ACCOUNT), account=account)
        yield row.but("for a source of another account", caller=stolen)
    for action in _MORE[kind]:
        yield row.but(f"or {action}", action=f"{kind}:{action}")


_MORE = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "PurgeQueue", "SetQueueAttributes"),
    "sns": ("Subscribe", "SetTopicAttributes", "DeleteTopic"),
    "lambda": ("UpdateFunctionCode", "GetFunction", "DeleteFunction"),
}
"""What handing over does not need, by the kind of its target."""


def _topic(scene: Scene, topic: str) -> Iterator[Row]:
    """Whoever may ring it, may not so that others on the way can read what it says."""
    ours = scene.place.account
    ring = Row("ring for all", administrator(ours), "sns:Publish", topic, ours)
    yield ring
    yield ring.over("over plain HTTP", **HTTP)
