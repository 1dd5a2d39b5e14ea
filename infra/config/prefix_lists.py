"""The id of a region's S3 prefix list, which CloudFormation cannot look up: a checked table.

https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/453
"""

from __future__ import annotations

S3_PREFIX_LISTS = {
    "ap-northeast-1": "pl-61a54008",
    "ap-northeast-2": "pl-78a54011",
    "ap-south-1": "pl-78a54011",
    "ap-southeast-1": "pl-6fa54006",
    "ap-southeast-2": "pl-6ca54005",
    "ca-central-1": "pl-7da54014",
    "eu-central-1": "pl-6ea54007",
    "eu-west-1": "pl-6da54004",
    "eu-west-2": "pl-7ca54015",
    "eu-west-3": "pl-23ad484a",
    "sa-east-1": "pl-6aa54003",
    "us-east-1": "pl-63a5400a",
    "us-east-2": "pl-7ba54012",
    "us-west-1": "pl-6ba54002",
    "us-west-2": "pl-68a54001",
}
"""Region → the id of `com.amazonaws.<region>.s3`, the same in every account.

An id means another list, or none, in another region, so none is inferred: each stands in two
independent sources, of which the first is AWS's own answer in each region.
https://github.com/sharadchhetri/aws/blob/master/README.md (describe-prefix-lists)
https://github.com/Juniper/vSRX-AWS/blob/master/Transit-VPC/transit-vpc-primary-account.template
and https://github.com/Juniper/vSRX-AWS/blob/master/TGW-Transit-VPC/lambda.template
"""


def s3_prefix_list_name(region: str) -> str:
    """What AWS calls the list."""
    return f"com.amazonaws.{region}.s3"


def s3_prefix_list_id(chosen: str | None, region: str) -> str:
    """The id that the settings give, else the known one of the region.

    A KeyError for any other region: settings with neither are refused.
    """
    return chosen or S3_PREFIX_LISTS[region]


def how_to_look_up(region: str) -> str:
    """The command that shows the id."""
    return (
        f"aws ec2 describe-managed-prefix-lists --region {region} "
        f"--filters Name=prefix-list-name,Values={s3_prefix_list_name(region)} "
        "--query PrefixLists[].PrefixListId --output text"
    )
