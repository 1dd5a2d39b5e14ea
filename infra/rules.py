"""What a text value may look like, said once for settings and CloudFormation parameters.

The patterns keep to what Python's and CloudFormation's (Java's) regular expressions share, and
match the whole value, of which letters and digits are ASCII.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.naming import BUCKET_PREFIX_LIMIT, ENVIRONMENT_NAME_LIMIT


@dataclass(frozen=True)
class Rule:
    """A pattern for the whole value, and the same in words: "allowed: …"."""

    pattern: str
    allowed: str

    def accepts(self, text: str) -> bool:
        """Whether the pattern matches the whole text."""
        return re.fullmatch(self.pattern, text, re.ASCII) is not None


_OCTET = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_FOLDER = r"[A-Za-z0-9!_.'()-]+"  # without *, which is a wildcard in the ARNs of policies

ENVIRONMENT_NAME = Rule(
    rf"(?=.{{1,{ENVIRONMENT_NAME_LIMIT}}}$)[a-z](-?[a-z0-9])*",
    "lower-case letters, digits and single hyphens, beginning with a letter, "
    f"at most {ENVIRONMENT_NAME_LIMIT} characters",
)
REGION = Rule(r"[a-z]{2,4}(-[a-z]+)+-\d", "a region's name, such as eu-west-1 or us-east-1")
BUCKET_NAME = Rule(
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens",
)
BUCKET_PREFIX = Rule(
    rf"[a-z0-9][a-z0-9-]{{0,{BUCKET_PREFIX_LIMIT - 2}}}[a-z0-9]",
    f"2 to {BUCKET_PREFIX_LIMIT} lower-case letters, digits and hyphens "
    "(-<account>-<region>-an is appended to it)",
)
STATE_FOLDER = "state"
"""Where the function keeps rejected lines and checkpoints, in the bucket that the logs are in."""

KEY_PREFIX = Rule(
    rf"(?=.{{0,512}}$)(?!.*AWSLogs)(?!{STATE_FOLDER}(/|$))({_FOLDER}(/{_FOLDER})*)?",
    "empty, or folders such as team/shop: no slash at either end, without AWSLogs, "
    f"which load balancers add themselves, and not below {STATE_FOLDER}, where the function keeps "
    "its own objects",
)
KEY_PREFIX_WITH_SLASH = Rule(
    rf"(?=.{{0,513}}$)(?!.*AWSLogs)(?!{STATE_FOLDER}/)({_FOLDER}/)*",
    "empty, or folders such as team/shop/, each with its slash, without AWSLogs, "
    f"which load balancers add themselves, and not below {STATE_FOLDER}/, where the function keeps "
    "its own objects",
)
# What looks like an address has to be one.
_NAME = rf"(?=[^,]{{1,253}}(,|$))(?![\d.]+(,|$))({_LABEL}\.)*{_LABEL}"
_HOST = rf"({_NAME}|({_OCTET}\.){{3}}{_OCTET})"
HOST = Rule(
    _HOST, "a host name or an IPv4 address, without scheme or port, such as logstash.example.net"
)
HOSTS_LIMIT = 8
HOSTS = Rule(
    rf"{_HOST}(,{_HOST}){{0,{HOSTS_LIMIT - 1}}}",
    f"host names or IPv4 addresses without scheme or port, 1 to {HOSTS_LIMIT}, separated by commas",
)
HOST_OR_NONE = Rule(rf"({_HOST})?", f"empty, or {HOST.allowed}")
PORT = Rule(
    r"([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])",
    "a port from 1 to 65535",
)
CIDR = Rule(
    rf"({_OCTET}\.){{3}}{_OCTET}/(3[0-2]|[12]?\d)", "an IPv4 network, such as 10.90.16.0/24"
)
PREFIX_LIST_ID = Rule(r"pl-[0-9a-f]{8,17}", "a prefix list's id, such as pl-6da54004")
VPC_ID = Rule(r"vpc-[0-9a-f]{8,17}", "a VPC's id, such as vpc-0a1b2c3d4e5f60718")
SUBNET_ID = Rule(r"subnet-[0-9a-f]{8,17}", "a subnet's id, such as subnet-0a1b2c3d4e5f60718")
ROUTE_TABLE_ID = Rule(r"rtb-[0-9a-f]{8,17}", "a route table's id, such as rtb-0a1b2c3d4e5f60718")
SECURITY_GROUP_ID = Rule(
    r"sg-[0-9a-f]{8,17}", "a security group's id, such as sg-0a1b2c3d4e5f60718"
)
PEERING_ID = Rule(r"pcx-[0-9a-f]{8,17}", "a peering connection's id, such as pcx-0a1b2c3d4e5f60718")
ACCOUNT_ID = Rule(r"\d{12}", "an account's id of 12 digits, such as 123456789012")
ROLE_NAME = Rule(r"[\w+=,.@-]{1,64}", "a role's name: 1 to 64 letters, digits and + = , . @ _ -")
ROLE_NAME_WITH_PATH = Rule(
    r"[\w+=,.@/-]{1,512}", "a role's name, with its path: letters, digits and + = , . @ / _ -"
)
ROLE_ARN = Rule(
    r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}",
    "a role's ARN, such as arn:aws:iam::123456789012:role/accept-peering",
)
ENDPOINT_SERVICE = Rule(
    r"com\.amazonaws\.vpce\.[a-z0-9-]+\.vpce-svc-[0-9a-f]{8,17}",
    "the name of an endpoint service, such as "
    "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718",
)
BUCKET_PATTERN = Rule(
    r"(?=.{3,63}$)[a-z0-9][a-z0-9.*-]*[a-z0-9*]",
    "a bucket's name, in which * stands for any characters, such as al2023-repos-eu-west-1-*",
)
SECRET_ARN = Rule(
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}",
    "the whole ARN of a secret, with the six characters that Secrets Manager appends to its name",
)
"""Less would name other secrets too: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html"""

CERTIFICATES = Rule(
    r"(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+",
    "certificates in PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, "
    "and nothing else",
)
CERTIFICATES_OR_NONE = Rule(rf"({CERTIFICATES.pattern})?", f"empty, or {CERTIFICATES.allowed}")
JSON_LIST_OR_NONE = Rule(r"(\[.*\])?", "empty, or a JSON list on one line")
INDEX_PREFIX = Rule(
    r"(?=.{1,64}$)(?!(logs|metrics|traces|synthetics|profiling)(-|$))[a-z](-?[a-z0-9])*",
    "lower-case letters, digits and single hyphens, at most 64 characters, beginning with a letter "
    "and not with logs-, metrics-, traces-, synthetics- or profiling-, which Elasticsearch's own "
    "templates take for data streams",
)
"""https://www.elastic.co/docs/manage-data/data-store/templates#avoid-index-pattern-collisions"""

# With addresses of both versions, but without a user: credentials stand in Logstash's keystore.
ELASTICSEARCH_URL = Rule(
    rf"https?://({_HOST}|\[[0-9a-f:.]{{2,45}}\])(:{PORT.pattern})?(/[A-Za-z0-9._~/-]*)?",
    "a URL such as https://elasticsearch.example.net:9200, without user and password",
)
ABSOLUTE_PATH = Rule(
    r"(?=.{2,255}$)(?!.*/\.{1,2}(/|$))(/[A-Za-z0-9._@+-]+)+",
    "the absolute path of a file or folder on Logstash's machine, of letters, digits and . _ @ + -",
)
_QUERY_PARAMETER = r"""[!"$%'-+.-:<>@-~-]{1,64}"""
QUERY_PARAMETER = Rule(
    _QUERY_PARAMETER,
    "the name of a query parameter: 1 to 64 ASCII characters, none of them a space or , & ; # = ?",
)
QUERY_PARAMETERS = Rule(
    rf"({_QUERY_PARAMETER}(,{_QUERY_PARAMETER})*)?",
    "empty, or names of query parameters, separated by commas",
)
METRICS_NAMESPACE = Rule(
    r"(?!AWS/)[A-Za-z0-9._/#-]{1,255}",
    "a CloudWatch namespace: 1 to 255 letters, digits and . _ / # -, not beginning with AWS/",
)
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html"""

POLICY_ARN = Rule(
    r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[A-Za-z0-9+=,.@_/-]{1,512}",
    "the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/boundary",
)
ROLE_PATH = Rule(
    r"/([A-Za-z0-9+=,.@_-]{1,64}/){0,7}", "a path such as /team/: with a slash at either end"
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""

FOLDERS_WITH_SLASH = Rule(
    rf"(?=.{{0,512}}$)({_FOLDER}/)*", "empty, or folders such as team/shop/, each with its slash"
)

SILENT_MINUTES = (10, 24 * 60)
"""Twice the 5 minutes that load balancers take for a log, up to the day that an alarm looks back.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

TOPIC_ARN = Rule(
    r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}",
    "the ARN of a standard SNS topic, such as arn:aws:sns:eu-west-1:123456789012:alarms",
)
EMAIL = Rule(
    rf"[A-Za-z0-9._%+'-]{{1,64}}@(?=.{{1,253}}$)({_LABEL}\.)+[A-Za-z]{{2,63}}",
    "a mail address, such as on-call@example.net",
)
ASSET_KEY = Rule(r"[A-Za-z0-9_-]+/[0-9a-f]{64}\.zip", "<function>/<sha256>.zip")
_PRINTABLE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
TEXT = Rule(
    rf"(?! )(?!.* $){_PRINTABLE}{{1,128}}",
    "text of 1 to 128 characters without control characters and without a space at either end",
)

TAG_KEY = Rule(
    r"(?!aws:)[A-Za-z0-9 _.:/=+@-]{1,128}",
    "a tag's key: 1 to 128 letters, digits, spaces and _ . : / = + - @, not beginning with aws:",
)
TAG_VALUE = Rule(
    r"[A-Za-z0-9 _.:/=+@-]{0,256}",
    "a tag's value: up to 256 letters, digits, spaces and _ . : / = + - @",
)
"""Both as every service takes them: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The only retentions that CloudWatch Logs takes.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

ENGINE_VERSION = Rule(
    r"(1[5-7]\.\d{1,2}|18(\.\d{1,2})?)",
    "a full version of PostgreSQL from 15 on, such as 17.9, or 18, the newest of its kind",
)
INSTANCE_CLASS = Rule(
    r"db\.[a-z][a-z0-9]{1,9}\.[a-z0-9-]{2,12}",
    "an instance class such as db.t4g.medium or db.m7g.large",
)
DATABASE_NAME = Rule(
    r"(?!template[01]$|rdsadmin$)[A-Za-z][A-Za-z0-9_]{0,62}",
    "a database's name: a letter, then up to 62 letters, digits and underscores; not template0, "
    "template1 or rdsadmin, which are the server's own",
)
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""

MASTER_USERNAME = Rule(
    r"(?!(admin|none|public|user|root|rds[a-z0-9_]*|pg_[a-z0-9_]*)$)[a-z][a-z0-9_]{0,62}",
    "a lower-case name: a letter, then up to 62 letters, digits and underscores; not admin, none, "
    "public, root, user, nor what begins with rds or pg_, which the server keeps for itself",
)
REPORTING_USERNAME = Rule(
    MASTER_USERNAME.pattern.replace("{0,62}", "{0,39}"),
    MASTER_USERNAME.allowed.replace("62", "39"),
)
"""Shorter, as its secret is named after it too."""

REPLICA_NAME = Rule(
    r"(?!master$)(?=.{1,20}$)[a-z](-?[a-z0-9])*",
    "lower-case letters, digits and single hyphens, beginning with a letter, at most 20 "
    "characters; not master",
)
HOSTED_ZONE_ID = Rule(r"Z[A-Z0-9]{3,31}", "a hosted zone's id, such as Z0123456789ABCDEFGHIJ")
DNS_NAME = Rule(
    rf"(?=.{{1,253}}$)({_LABEL}\.)+[A-Za-z]{{2,63}}", "a DNS name, such as reports.example.net"
)
APPROVED_LIMIT = 50
"""Of the 60 rules that a security group has, some are for our own functions.

https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""

APPROVED_CIDR = Rule(
    rf"({_OCTET}\.){{3}}{_OCTET}/(3[0-2]|[12]\d|[89])",
    "an IPv4 network from /8 to /32, such as 203.0.113.0/24",
)
GROUP_RULE_TEXT = Rule(
    r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}",
    "1 to 255 letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html"""

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)"
BACKUP_WINDOW = Rule(
    rf"{_TIME}-{_TIME}", "two times of a day in UTC, in quotes, such as 02:00-02:30"
)
MAINTENANCE_WINDOW = Rule(
    rf"{_DAY}:{_TIME}-{_DAY}:{_TIME}",
    "two times of a week in UTC, in lower case, such as sun:03:00-sun:04:00",
)
KMS_KEY_ARN = Rule(
    r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[a-z0-9-]{36,40}",
    "the ARN of a KMS key, such as "
    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
)
FUNCTION_ARN = Rule(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]{1,128})?",
    "the ARN of a function, such as arn:aws:lambda:eu-west-1:123456789012:function:rotation",
)
SECRET_FOLDER = Rule(
    r"([A-Za-z0-9_+=.@-]{1,128}/)+", "what secrets' names begin with, such as prod-database/"
)
SERVER_IDENTIFIER = Rule(
    r"(?=.{1,63}$)[a-z](-?[a-z0-9])*",
    "what RDS calls a server: lower-case letters, digits and single hyphens, at most 63 characters",
)
FUNCTION_NAME = Rule(r"[A-Za-z0-9_-]{1,64}", "a function's name, such as prod-reporting-user")
LOG_GROUP_NAME = Rule(
    r"[A-Za-z0-9_/.#-]{1,512}", "a log group's name, such as /aws/rds/instance/prod/postgresql"
)
