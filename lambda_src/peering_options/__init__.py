"""The function behind Custom::PeeringOptions: DNS resolution over a VPC peering, on one side.

CloudFormation's own resource for a peering connection has no such property.
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/169
"""
