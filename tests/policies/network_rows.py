"""What may pass the VPC's endpoints, write its flow logs, and accept its peering."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .function_rows import role_rows
from .identities import Resource
from .requests import ANYBODY, OTHER_ACCOUNT, Caller, Row, administrator, service
from .scene import Scene

OBJECT = "some/object"


def network_rows(scene: Scene) -> Iterator[Row]:
    """All of them, as far as there are such things."""
    endpoints = scene.policies.endpoint
    if "s3" in endpoints:
        yield from _s3(scene)
    if "secretsmanager" in endpoints:
        yield from _secrets(scene)
    roles = {role.arn: role for role in scene.of_type("AWS::IAM::Role")}
    for each in scene.of_type("AWS::EC2::FlowLog"):
        role = roles[each.properties["DeliverLogsPermissionArn"]]
        yield from _flow_logs(role, each.properties["LogGroupName"])
    for each in scene.of_type("AWS::EC2::VPCPeeringConnection"):
        if each.properties.get("PeerRoleArn") in roles:
            yield from _accepting(roles[each.properties["PeerRoleArn"]], each)


def _passes(scene: Scene, caller: Caller, action: str, resource: str) -> Row:
    """What an endpoint lets through: the caller and the resource would both have it so."""
    within = replace(caller, within=True)
    ours = scene.place.account
    return Row("pass the endpoint", within, action, resource, ours, admitted=True)


def _s3(scene: Scene) -> Iterator[Row]:
    """The log buckets for this account, and what else the settings name; nothing goes elsewhere."""
    network = scene.environment.network
    ours = administrator(scene.place.account)
    if scene.environment.log_processor is None:
        yield from _own_buckets(scene, ours)
    else:
        buckets = {scene.log_bucket: None, scene.state_bucket: None}
        for bucket in buckets:
            yield from _log_bucket(scene, ours, bucket)
    access = getattr(network, "s3_access", None)
    for name in access.readable if access else ():
        bucket = scene.place.global_arn("s3", name.replace("*", "x"))
        yield from _readable(scene, ours, bucket)
    for name in access.writable if access else ():
        bucket = scene.place.global_arn("s3", name.replace("*", "x"))
        yield from _writable(scene, ours, bucket)
    database = scene.environment.database
    yield from _answers(scene, wanted=database is not None and database.reporting_user is not None)
    elsewhere = scene.place.global_arn("s3", "elsewhere")
    for caller in (administrator(OTHER_ACCOUNT), ANYBODY):
        for action in ("PutObject", "GetObject", "DeleteObject"):
            row = _passes(scene, caller, f"s3:{action}", f"{elsewhere}/{OBJECT}")
            yield row.of(OTHER_ACCOUNT).but("to a bucket elsewhere")


def _answers(scene: Scene, *, wanted: bool) -> Iterator[Row]:
    """A function in the VPC answers CloudFormation, at an address that AWS's account has signed."""
    region = scene.place.region.replace("-", "")
    bucket = scene.place.global_arn("s3", f"cloudformation-custom-resource-response-{region}")
    for caller in (ANYBODY, administrator(OTHER_ACCOUNT)):
        answer = _passes(scene, caller, "s3:PutObject", f"{bucket}/{OBJECT}").of(OTHER_ACCOUNT)
        yield answer if wanted else answer.but("")
        yield answer.but("in another region", resource=f"{bucket}-other/{OBJECT}")
        yield answer.but("and read others'", action="s3:GetObject")


def _log_bucket(scene: Scene, ours: Caller, bucket: str) -> Iterator[Row]:
    for action in ("GetObject", "GetObjectVersion", "PutObject"):
        yield from _ours_alone(_passes(scene, ours, f"s3:{action}", f"{bucket}/{OBJECT}"))
    yield from _ours_alone(_passes(scene, ours, "s3:ListBucket", bucket))
    yield _passes(scene, ours, "s3:DeleteObject", f"{bucket}/{OBJECT}").but("to lose a log")
    yield _passes(scene, ours, "s3:PutBucketPolicy", bucket).but("to open the bucket")
    for action in ("GetObject", "GetObjectVersion", "PutObject"):
        row = _passes(scene, ours, f"s3:{action}", f"{bucket}-other/{OBJECT}")
        yield row.but("to a bucket of a longer name")
    yield _passes(scene, ours, "s3:ListBucket", f"{bucket}-other").but("to another bucket")


def _ours_alone(row: Row) -> Iterator[Row]:
    """This account's principals may, another's or nobody's may not."""
    yield row
    for caller in (administrator(OTHER_ACCOUNT), ANYBODY):
        yield row.but("", caller=replace(caller, within=True))


def _own_buckets(scene: Scene, ours: Caller) -> Iterator[Row]:
    own = scene.place.global_arn("s3", "anything-of-ours")
    for action in ("PutObject", "DeleteObject"):
        row = _passes(scene, ours, f"s3:{action}", f"{own}/{OBJECT}")
        yield from _ours_alone(row)
        yield row.of(OTHER_ACCOUNT).but("to another account's bucket")


def _readable(scene: Scene, ours: Caller, bucket: str) -> Iterator[Row]:
    """By anybody, as packages are read without credentials."""
    for action in ("GetObject", "GetObjectVersion"):
        yield _passes(scene, ANYBODY, f"s3:{action}", f"{bucket}/{OBJECT}")
        row = _passes(scene, ours, f"s3:{action}", f"{bucket.replace('-', '.')}/{OBJECT}")
        yield row.but("to another bucket")
    yield _passes(scene, ANYBODY, "s3:ListBucket", bucket)
    yield _passes(scene, ours, "s3:ListBucket", bucket.replace("-", ".")).but("to another bucket")
    for action in ("PutObject", "DeleteObject"):
        row = _passes(scene, ours, f"s3:{action}", f"{bucket}/{OBJECT}")
        yield row.but("to write where it only reads")


def _writable(scene: Scene, ours: Caller, bucket: str) -> Iterator[Row]:
    on_objects = (
        *("AbortMultipartUpload", "DeleteObject", "GetObject", "GetObjectVersion"),
        *("ListMultipartUploadParts", "PutObject"),
    )
    for action in on_objects:
        yield from _ours_alone(_passes(scene, ours, f"s3:{action}", f"{bucket}/{OBJECT}"))
    for action in ("GetBucketLocation", "ListBucket"):
        yield from _ours_alone(_passes(scene, ours, f"s3:{action}", bucket))
    for action in ("PutBucketPolicy", "DeleteBucket"):
        yield _passes(scene, ours, f"s3:{action}", bucket).but("to administer it")
    other = bucket.replace("-", ".")
    yield _passes(scene, ours, "s3:PutObject", f"{other}/{OBJECT}").but("to another bucket")


def _secrets(scene: Scene) -> Iterator[Row]:
    """The named secrets are read, by this account; the database's are rotated if that is wanted."""
    ours, database = administrator(scene.place.account), scene.environment.database
    rotated = database is not None and database.rotation is not None
    for named in _named(scene):
        read = _passes(scene, ours, "secretsmanager:GetSecretValue", named)
        yield from _ours_alone(read)
        longer = named.replace("-AbCdEf", "-other-AbCdEf").replace("-database/", "-databases/")
        yield read.but("for one of a longer name", resource=longer)
        for action in ("DeleteSecret", "UpdateSecret", "PutResourcePolicy"):
            yield read.but("for something else", action=f"secretsmanager:{action}")
        for action in ("DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"):
            row = _passes(scene, ours, f"secretsmanager:{action}", named)
            if rotated and "-database/" in named:
                yield from _ours_alone(row)
                yield row.but("for another secret", resource=longer)
            else:
                yield row.but("to change it")
    other = scene.place.arn("secretsmanager", "secret:other-AbCdEf")
    yield _passes(scene, ours, "secretsmanager:GetSecretValue", other).but("for another secret")
    random = _passes(scene, ours, "secretsmanager:GetRandomPassword", "*")
    yield from _ours_alone(random) if rotated else [random.but("")]


def _named(scene: Scene) -> list[str]:
    """The ARNs of the secrets that somebody in the VPC reads."""
    logs, found = scene.environment.log_processor, []
    if logs is not None and logs.logstash.secret_arn is not None:
        found.append(logs.logstash.secret_arn)
    return found + [each.ref for each in scene.of_type("AWS::SecretsManager::Secret")]


def _flow_logs(role: Resource, group: str) -> Iterator[Row]:
    """The service that writes them, for flow logs of this account and to their group.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    name, place = "vpc-flow-logs.amazonaws.com", role.place
    ours, theirs = place.account, OTHER_ACCOUNT
    source = place.arn("ec2", "vpc-flow-log/fl-0a1b2c3d4e5f60718")
    yield from role_rows(role, service(name, arn=source, account=ours))
    take = Row("take on the role", service(name), "sts:AssumeRole", role.arn, ours)
    for words, arn, account in (
        ("for it is not said whom", None, None),
        ("for another account", source, theirs),
        ("for another account's flow log", source.replace(ours, theirs), ours),
        ("for something else", place.arn("ec2", "vpc/vpc-0a1b2c3d"), ours),
    ):
        yield take.but(words, caller=service(name, arn=arn, account=account))
    session = place.global_arn("sts", f"assumed-role/{role.name}/flow-logs")
    writer = Caller("the service of flow logs", session, role=role.arn)
    stream = ":log-stream:eni-0a1b2c3d4e5f60718-all"
    own, other = (place.arn("logs", f"log-group:{each}{stream}") for each in (group, "/vpc/other"))
    for action in ("CreateLogStream", "PutLogEvents", "DescribeLogStreams"):
        row = Row("write flow logs", writer, f"logs:{action}", own, ours)
        yield row
        yield row.but("to another group", resource=other)
    for action in ("DeleteLogStream", "GetLogEvents"):
        yield Row("read or lose them", writer, f"logs:{action}", own, ours, allowed=False)
    bare = place.arn("logs", f"log-group:{group}")
    for action in ("DeleteLogGroup", "CreateLogGroup", "PutRetentionPolicy"):
        yield Row("administer the group", writer, f"logs:{action}", bare, ours, allowed=False)


def _accepting(role: Resource, connection: Resource) -> Iterator[Row]:
    """The account that asks for a peering accepts it in this role, with that VPC and from its own.

    https://docs.aws.amazon.com/vpc/latest/peering/security-iam.html#vpc-peering-iam-accept
    """
    there, ours = role.place, connection.place
    requester = administrator(ours.account)
    yield from role_rows(role, requester)
    session = there.global_arn("sts", f"assumed-role/{role.name}/cloudformation")
    caller = Caller("who asks for the peering", session, role=role.arn)
    vpc = there.arn("ec2", f"vpc/{connection.properties['PeerVpcId']}")
    pending = there.arn("ec2", "vpc-peering-connection/pcx-0a1b2c3d4e5f60718")
    between = {
        "ec2:AccepterVpc": vpc,
        "ec2:RequesterVpc": ours.arn("ec2", f"vpc/{connection.properties['VpcId']}"),
    }
    name, account = "ec2:AcceptVpcPeeringConnection", there.account
    into = Row("accept it for that VPC", caller, name, vpc, account)
    accept = Row("accept it", caller, name, pending, account, context=between)
    other = there.arn("ec2", "vpc/vpc-0a1b2c3d4e5f60718")
    yield from (into, accept)
    yield into.but("or for another one", resource=other)
    for action in ("DeleteVpc", "ModifyVpcAttribute"):
        yield into.but("or change it", action=f"ec2:{action}")
    yield accept.over("into another VPC", **{"ec2:AccepterVpc": other})
    foreign = between["ec2:RequesterVpc"].replace(ours.account, OTHER_ACCOUNT)
    yield accept.over("from another account", **{"ec2:RequesterVpc": foreign})
    yield accept.but("without saying which", context={})
    for action in ("DeleteVpcPeeringConnection", "RejectVpcPeeringConnection"):
        yield accept.but("or do away with it", action=f"ec2:{action}", context=between)
    table = there.arn("ec2", "route-table/rtb-0a1b2c3d4e5f60718")
    yield accept.but("or route to it", action="ec2:CreateRoute", resource=table, context={})
