"""Passwords that Secrets Manager makes and keeps, and that stand nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn, Ref, Sub, Template, rds, secretsmanager

from infra.blocks.reasons import reasons
from infra.blocks.references import embedded

TRANSFORM = "AWS::SecretsManager-2024-09-16"
"""What AWS makes a rotation function with, where it is to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-secretsmanager.html
"""

_LENGTH = 48
"""Letters and digits alone: they need no quoting in a URL, a shell or a connection string."""


_ACCEPTED = {
    "CKV_AWS_149": "encrypted with Secrets Manager's own key; one of the account's costs by the "
    "month, and whoever spoils its policy loses the password"
}


@dataclass(frozen=True, kw_only=True)
class RotationPlace:
    """Where AWS's rotation function runs, in a VPC."""

    subnet_ids: AWSHelperFn
    security_group_id: AWSHelperFn


def generated_secret(
    template: Template, title: str, *, name: str, description: str, username: AWSHelperFn
) -> secretsmanager.Secret:
    """A user's name and a password that nobody has chosen, as JSON.

    `name` stands inside an Fn::Sub. A change of what it is generated from would make another
    password, so none of that is a matter of settings but the user's name.
    """
    return template.add_resource(
        secretsmanager.Secret(
            title,
            Metadata=reasons(accepted=_ACCEPTED),
            Name=Sub(name),
            Description=description,
            GenerateSecretString=secretsmanager.GenerateSecretString(
                SecretStringTemplate=Sub(f'{{"username":"{embedded(username)}"}}'),
                GenerateStringKey="password",
                PasswordLength=_LENGTH,
                ExcludePunctuation=True,
            ),
        )
    )


def resolved(secret: secretsmanager.Secret, member: str) -> Sub:
    """A dynamic reference, which CloudFormation resolves and never shows.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
    """
    return Sub(f"{{{{resolve:secretsmanager:${{{secret.title}}}:SecretString:{member}}}}}")


def attach(
    template: Template, secret: secretsmanager.Secret, instance: rds.DBInstance
) -> secretsmanager.SecretTargetAttachment:
    """Write the server's host, port and database into the secret, as rotation needs them."""
    return template.add_resource(
        secretsmanager.SecretTargetAttachment(
            f"{secret.title}Attachment",
            SecretId=Ref(secret),
            TargetId=Ref(instance),
            TargetType="AWS::RDS::DBInstance",
        )
    )


def rotate(
    template: Template,
    secret: secretsmanager.Secret,
    attachment: secretsmanager.SecretTargetAttachment,
    *,
    every_days: AWSHelperFn,
    by: AWSHelperFn | RotationPlace,
) -> secretsmanager.RotationSchedule:
    """Change the password from time to time, by a function of somebody's or one that AWS makes.

    The schedule waits for the attachment: before, the function would not know the server.
    """
    if isinstance(by, RotationPlace):
        template.set_transform(TRANSFORM)
    return template.add_resource(
        secretsmanager.RotationSchedule(
            f"{secret.title}Rotation",
            DependsOn=attachment.title,
            SecretId=Ref(secret),
            RotationRules=secretsmanager.RotationRules(AutomaticallyAfterDays=every_days),
            **_by(by),
        )
    )


def _by(by: AWSHelperFn | RotationPlace) -> dict[str, Any]:
    if not isinstance(by, RotationPlace):
        return {"RotationLambdaARN": by}
    return {
        "HostedRotationLambda": secretsmanager.HostedRotationLambda(
            RotationType="PostgreSQLSingleUser",
            RotationLambdaName=Sub("${AWS::StackName}-rotation"),
            # As long and as plain as the first one.
            ExcludeCharacters="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            VpcSubnetIds=by.subnet_ids,
            VpcSecurityGroupIds=by.security_group_id,
        )
    }
