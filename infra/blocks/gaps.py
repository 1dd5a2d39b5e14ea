"""Properties that CloudFormation has and troposphere 4.11.1 lost: drop each when it is back.

troposphere names its classes after the last resource that has a property of that name, so Lambda's
newer resources overwrote two of its older ones.
"""

from __future__ import annotations

from troposphere import PropsDictType, awslambda, iam
from troposphere.validators import integer
from troposphere.validators.iam import policytypes


class LoggingConfig(awslambda.LoggingConfig):
    """AWS::Lambda::Function LoggingConfig, with `LogFormat`."""

    props: PropsDictType = {**awslambda.LoggingConfig.props, "LogFormat": (str, False)}


class ScalingConfig(awslambda.ScalingConfig):
    """AWS::Lambda::EventSourceMapping ScalingConfig, with `MaximumConcurrency`."""

    props: PropsDictType = {**awslambda.ScalingConfig.props, "MaximumConcurrency": (integer, False)}


class RolePolicy(iam.RolePolicy):
    """AWS::IAM::RolePolicy, whose document may be awacs's, as with every other policy."""

    props: PropsDictType = {**iam.RolePolicy.props, "PolicyDocument": (policytypes, True)}
