"""What others may do to the bucket, to queues, topics and functions, and to the role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .function_rows import OTHER_ACCOUNT
from .requests import ANYBODY, Row, administrator, service
from .scene import Scene, Sender

DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


def resource_rows(scene: Scene) -> Iterator[Row]:
    """All of them."""
    if scene.bucket in scene.policies.resource:
        yield from _delivery(scene)
        yield from _people(scene)
    if "s3" in scene.policies.endpoint:
        yield from _endpoint(scene)
    for sender in scene.senders:
        yield from _handed_over(scene, sender)
    yield from _role(scene)


def _delivery(scene: Scene) -> Iterator[Row]:
    """The load balancer delivery service, which writes for whoever's load balancer it is.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    ours, theirs = scene.place.account, OTHER_ACCOUNT
    object_ = f"elasticloadbalancing/{scene.place.region}/2026/10/14/app.log.gz"
    log = f"{scene.bucket}/{scene.log_prefix}{object_}"
    caller = service(DELIVERY, account=ours)
    write = Row("write this account's logs", caller, "s3:PutObject", log, ours)
    elsewhere = scene.log_prefix.replace(ours, theirs)
    yield write
    yield replace(write, says=f"{write.says} over TLS 1.2", context={"s3:TlsVersion": "1.2"})
    yield write.but("for another's load balancer", caller=service(DELIVERY, account=theirs))
    yield write.but("for it is not said whom", caller=service(DELIVERY))
    yield write.but("in another account's folder", resource=f"{scene.bucket}/{elsewhere}{object_}")
    yield write.but("below another prefix", resource=f"{scene.bucket}/x/{scene.log_prefix}a.gz")
    yield write.but("in the function's folder", resource=f"{scene.bucket}/state/checkpoints/a.json")
    yield write.over("over plain HTTP", **{"aws:SecureTransport": "false"})
    for version in ("1.0", "1.1"):
        yield write.over(f"over TLS {version}", **{"s3:TlsVersion": version})
    for action in ("GetObject", "DeleteObject", "PutObjectAcl", "PutObjectTagging"):
        yield write.but(f"or {action}", action=f"s3:{action}")
    for action in ("ListBucket", "PutBucketPolicy", "DeleteBucket"):
        yield write.but(f"or {action}", action=f"s3:{action}", resource=scene.bucket)
    for other in ("cloudtrail.amazonaws.com", "s3.amazonaws.com", "lambda.amazonaws.com"):
        yield write.but("as if it delivered logs", caller=service(other, account=ours))


def _people(scene: Scene) -> Iterator[Row]:
    """People and programs; what an account's own policies allow, S3 adds to the bucket's."""
    ours = scene.place.account
    log = f"{scene.bucket}/{scene.log_prefix}app.log.gz"
    inside, outside = administrator(ours), administrator(OTHER_ACCOUNT)
    read = Row("read a log", inside, "s3:GetObject", log, ours)
    administer = Row("change its policy", inside, "s3:PutBucketPolicy", scene.bucket, ours)
    yield from (read, administer)
    for row in (read, administer):
        yield row.over("over plain HTTP", **{"aws:SecureTransport": "false"})
        yield row.over("over TLS 1.1", **{"s3:TlsVersion": "1.1"})
        yield row.but("", caller=outside)
    for action in ("GetObject", "PutObject", "DeleteObject"):
        yield Row(f"{action} a log", ANYBODY, f"s3:{action}", log, ours, allowed=False)
    for action in ("ListBucket", "GetBucketPolicy", "PutBucketPolicy"):
        yield Row(f"{action} it", ANYBODY, f"s3:{action}", scene.bucket, ours, allowed=False)
    for action in ("PutObject", "DeleteObject", "GetObjectVersion"):
        yield Row(f"{action} a log", outside, f"s3:{action}", log, ours, allowed=False)


def _handed_over(scene: Scene, sender: Sender) -> Iterator[Row]:
    """Whoever is set up to hand something over may; nobody else, nor for something else."""
    ours = scene.place.account
    account = ours if sender.sends_account else None
    caller = service(sender.service, arn=sender.source, account=account)
    kind = sender.target.split(":")[2]
    row = Row(f"hand over to {kind}", caller, sender.action, sender.target, ours)
    other = service(sender.service, arn=f"{sender.source}-other", account=account)
    yield row
    yield row.but("for a source of another name", caller=other)
    yield row.but("for no source", caller=service(sender.service, account=account))
    yield row.but("for it is not said whom", caller=service(sender.service))
    if sender.sends_account:
        # A bucket's name can come back in another account once it was deleted.
        stolen = service(sender.service, arn=sender.source, account=OTHER_ACCOUNT)
        yield row.but("for a source of that name in another account", caller=stolen)
    else:
        stolen = service(sender.service, arn=sender.source.replace(ours, OTHER_ACCOUNT))
        yield row.but("for a source of another account", caller=stolen)
    imposter = service("ec2.amazonaws.com", arn=sender.source, account=account)
    yield row.but("as if it were the sender", caller=imposter)
    yield row.but("", caller=administrator(OTHER_ACCOUNT))
    yield row.but("", caller=ANYBODY)
    for action in _MORE[kind]:
        yield row.but(f"or {action}", action=f"{kind}:{action}")


_MORE = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "PurgeQueue", "SetQueueAttributes"),
    "sns": ("Subscribe", "SetTopicAttributes", "DeleteTopic"),
    "lambda": ("UpdateFunctionCode", "GetFunction", "DeleteFunction"),
}
"""What handing over does not need, by the kind of its target."""


def _endpoint(scene: Scene) -> Iterator[Row]:
    """With credentials of another account nothing gets out of the VPC to a bucket of theirs."""
    thief = replace(administrator(OTHER_ACCOUNT), within=True)
    theirs = scene.place.global_arn("s3", "elsewhere")
    for action in ("PutObject", "GetObject", "DeleteObject"):
        take = Row("out of the VPC", thief, f"s3:{action}", f"{theirs}/logs", OTHER_ACCOUNT)
        yield take.but("")
    yield Row("out of the VPC", thief, "s3:ListBucket", theirs, OTHER_ACCOUNT, allowed=False)


def _role(scene: Scene) -> Iterator[Row]:
    ours, role = scene.place.account, scene.role.arn
    take = Row("take on the role", service("lambda.amazonaws.com"), "sts:AssumeRole", role, ours)
    yield take
    for other in ("ec2.amazonaws.com", "edgelambda.amazonaws.com", "s3.amazonaws.com"):
        yield take.but("in Lambda's place", caller=service(other))
    yield take.but("", caller=administrator(ours))
    yield take.but("", caller=administrator(OTHER_ACCOUNT))
    yield take.but("of its own accord", caller=scene.code)
    yield take.but("with a session's tags", action="sts:TagSession")
