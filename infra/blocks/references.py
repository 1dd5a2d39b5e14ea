"""Small expressions that several blocks build on."""

from __future__ import annotations

from troposphere import AWSHelperFn, Ref, Sub


def placeholder(reference: Ref) -> str:
    """`${BucketNamePrefix}`: a Ref as it stands inside an Fn::Sub."""
    return "${" + str(reference.data["Ref"]) + "}"


def account_regional_name(prefix: Ref) -> str:
    """The name of an account-regional bucket as it stands inside an Fn::Sub.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """
    return f"{placeholder(prefix)}-${{AWS::AccountId}}-${{AWS::Region}}-an"


def embedded(value: str | AWSHelperFn) -> str:
    """Text, a Ref, a GetAtt or a Sub without variables of its own, as it stands inside an Fn::Sub.

    A TypeError names what cannot.
    """
    if isinstance(value, str):
        return value.replace("${", "${!")
    match value.data:
        case {"Ref": str(name)}:
            return "${" + name + "}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return "${" + name + "." + attribute + "}"
        case {"Fn::Sub": str(text)}:
            return text
    raise TypeError(f"{value.to_dict()} cannot stand inside an Fn::Sub")


def arn(service: str, resource: str) -> Sub:
    """The ARN of something of this account and region, which need not exist yet."""
    return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")
