"""The topic that alarms ring."""

from __future__ import annotations

from troposphere import Ref, Template

from infra.blocks.topic import alarm_topic
from infra.render import to_plain


def test_alarms_of_this_account_may_publish_and_nobody_without_tls() -> None:
    """Another account's alarm is refused, and so is plain HTTP from whomever it comes."""
    template = Template()
    alarm_topic(template, "AlarmTopic", shown_as=Ref("AWS::StackName"), emails=[Ref("Email1")])
    resources = to_plain(template)["Resources"]
    assert resources.pop("AlarmTopic")["Properties"] == {"DisplayName": {"Ref": "AWS::StackName"}}
    assert resources == {
        "AlarmTopicEmail1": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "AlarmTopic"},
                "Protocol": "email",
                "Endpoint": {"Ref": "Email1"},
            },
        },
        "AlarmTopicPolicy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {
                "Topics": [{"Ref": "AlarmTopic"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Alarms",
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudwatch.amazonaws.com"},
                            "Action": ["sns:Publish"],
                            "Resource": [{"Ref": "AlarmTopic"}],
                            "Condition": {
                                "ArnLike": {
                                    "aws:SourceArn": {
                                        "Fn::Sub": "arn:${AWS::Partition}:cloudwatch:"
                                        "${AWS::Region}:${AWS::AccountId}:alarm:*"
                                    }
                                },
                                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                            },
                        },
                        {
                            "Sid": "NoPlainHttp",
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": ["sns:Publish"],
                            "Resource": [{"Ref": "AlarmTopic"}],
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        },
                    ],
                },
            },
        },
    }


def test_why_it_is_not_encrypted_stands_in_the_template() -> None:
    """Whoever asks, or scans, finds the reason where the finding is."""
    template = Template()
    alarm_topic(template, "AlarmTopic", shown_as=Ref("AWS::StackName"), emails=[])
    (skipped,) = to_plain(template)["Resources"]["AlarmTopic"]["Metadata"]["checkov"]["skip"]
    assert skipped["id"] == "CKV_AWS_26"
    assert "alarms cannot publish" in skipped["comment"]
