"""Put our resource types among MiniStack's, through a private name of it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from operator import attrgetter
from typing import Any

from infra.local.plugin import (
    addresses,
    asynchronous,
    bucket,
    bucket_lifecycle,
    bucket_notifications,
    classic_load_balancer,
    concurrency,
    custom_resource,
    db_instance,
    endpoint,
    flow_log,
    function_log,
    invocation,
    invoke_config,
    mapping,
    network,
    peering_options,
    role_policy,
    rotation_schedule,
    rules,
    secret,
    trusted_ca,
    vpc,
    workers,
)
from infra.local.plugin.calls import Handler

_PROVISIONERS = "ministack.services.cloudformation.provisioners"
_RUNTIME = "ministack.core.lambda_runtime"
_PERMISSIONS = "ministack.core.iam_actions"
_CUSTOM_RESOURCES = "ministack.services.cloudformation.custom_resource"
_S3 = "ministack.services.s3"
_IAM = "ministack.core.iam_evaluator"
_LAMBDA = "ministack.services.lambda_svc"
_EVENTBRIDGE = "ministack.services.eventbridge"
_RDS = "ministack.services.rds"
_STACKS = "ministack.services.cloudformation.stacks"

PRIVATE_NAMES = (
    (_PROVISIONERS, "_RESOURCE_HANDLERS"),
    (_PROVISIONERS, "_S3_BUCKET_CONFIGURATIONS"),
    (_PROVISIONERS, "_STACK_TAG_PROPERTY"),
    (_PROVISIONERS, "_ec2_apply_tags"),
    (_PROVISIONERS, "_ec2_sg_permissions"),
    (_RUNTIME, "Worker.__init__"),
    (_RUNTIME, "Worker._drain_stderr_bounded"),
    (_RUNTIME, "_lock"),
    (_RUNTIME, "_workers"),
    (_RUNTIME, "kill_workers"),
    (_PERMISSIONS, "extract_resource_arn"),
    ("ministack.services.ec2", "_ACTION_MAP"),
    (_CUSTOM_RESOURCES, "deliver_response"),
    (_CUSTOM_RESOURCES, "invoke_custom_resource"),
    (_EVENTBRIDGE, "_dispatch_to_lambda"),
    (_EVENTBRIDGE, "_dispatch_to_sqs"),
    (_EVENTBRIDGE, "_invoke_target"),
    (_EVENTBRIDGE, "_pattern_event_view"),
    (_IAM, "_gather_role_policies"),
    (_IAM, "_permissions_boundary"),
    (_LAMBDA, "_LAMBDA_ASYNC_RETRY_BASE_SECONDS"),
    (_LAMBDA, "_delete_function_concurrency"),
    (_LAMBDA, "_execute_function_dispatch"),
    (_LAMBDA, "_execute_function_with_config_scope"),
    (_LAMBDA, "_execution_record_for_config"),
    (_LAMBDA, "_functions"),
    (_LAMBDA, "_get_func_record_for_ref"),
    (_LAMBDA, "_put_function_concurrency"),
    (_LAMBDA, "_resolve_name"),
    (_LAMBDA, "invalidate_worker"),
    (_LAMBDA, "invoke_async_with_retry"),
    (_LAMBDA, "release_worker"),
    (_RDS, "_ACTION_MAP"),
    (_RDS, "_instances"),
    (_RDS, "_param_groups"),
    (_S3, "_bucket_owner_account"),
    (_S3, "_delete_bucket_lifecycle"),
    (_S3, "_deliver_event_to_lambda"),
    (_S3, "_event_matches"),
    (_S3, "_invalid_notification_config"),
    (_S3, "_put_bucket_lifecycle"),
    (_S3, "_validate_notification_configs"),
    (_STACKS, "_runs_on_worker_thread"),
    ("ministack.services.ec2", "_accept_vpc_peering_connection"),
    ("ministack.services.ec2", "_addresses"),
    ("ministack.services.ec2", "_allocate_address"),
    ("ministack.services.ec2", "_create_flow_logs"),
    ("ministack.services.ec2", "_create_nat_gateway"),
    ("ministack.services.ec2", "_create_network_acl"),
    ("ministack.services.ec2", "_create_network_acl_entry"),
    ("ministack.services.ec2", "_create_vpc_peering_connection"),
    ("ministack.services.ec2", "_delete_flow_logs"),
    ("ministack.services.ec2", "_delete_nat_gateway"),
    ("ministack.services.ec2", "_delete_network_acl"),
    ("ministack.services.ec2", "_delete_network_acl_entry"),
    ("ministack.services.ec2", "_delete_vpc_peering_connection"),
    ("ministack.services.ec2", "_error"),
    ("ministack.services.ec2", "_release_address"),
    ("ministack.services.ec2", "_security_groups"),
    ("ministack.services.ec2", "_sg_rule_id"),
    ("ministack.services.ec2", "_vpc_endpoints"),
    ("ministack.services.ec2", "_vpc_peering"),
    ("ministack.services.ec2", "_xml"),
    ("ministack.services.iam", "_delete_role_policy"),
    ("ministack.services.iam", "_put_role_policy"),
    ("ministack.services.iam", "_roles"),
    ("ministack.services.secretsmanager", "_resolve"),
    ("ministack.core.responses", "get_account_id"),
    ("ministack.core.responses", "get_region"),
)
"""Everything of MiniStack's own that the plug-in touches; a test looks for each."""

_ADDED: dict[str, Handler] = {
    "AWS::EC2::EIP": addresses.EIP,
    "AWS::EC2::FlowLog": flow_log.FLOW_LOG,
    "AWS::EC2::NatGateway": addresses.NAT_GATEWAY,
    "AWS::EC2::NetworkAcl": network.ACL,
    "AWS::EC2::NetworkAclEntry": network.ACL_ENTRY,
    "AWS::EC2::VPCPeeringConnection": network.PEERING,
    "AWS::IAM::RolePolicy": role_policy.ROLE_POLICY,
    "AWS::EC2::SecurityGroupIngress": rules.INGRESS,
    "AWS::EC2::SecurityGroupEgress": rules.EGRESS,
    "AWS::ElasticLoadBalancing::LoadBalancer": classic_load_balancer.LOAD_BALANCER,
    "AWS::SecretsManager::RotationSchedule": rotation_schedule.ROTATION_SCHEDULE,
}

_WRAPPED: dict[str, Callable[[Handler], Handler]] = {
    "AWS::EC2::VPC": vpc.with_its_range,
    "AWS::EC2::VPCEndpoint": endpoint.with_dns_entries,
    "AWS::S3::Bucket": bucket.named_by_account_and_region,
    "AWS::Lambda::Function": concurrency.reserved,
    "AWS::Lambda::EventInvokeConfig": invoke_config.with_a_destination_of_its_role,
    "AWS::Lambda::EventSourceMapping": mapping.as_lambda_takes_it,
    "AWS::RDS::DBInstance": db_instance.with_a_server,
    "AWS::RDS::DBParameterGroup": db_instance.with_their_parameters,
    "AWS::SecretsManager::Secret": secret.named_by_its_arn,
}

_TAGGED = (
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NatGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::VPCPeeringConnection",
)


def register() -> None:
    """Add the missing types and wrap the wrong ones; raises if MiniStack has changed."""
    moved = missing_names()
    if moved:
        raise RuntimeError(
            f"MiniStack has moved what our plug-in uses: {', '.join(moved)}. "
            "Install the version that the extra `local` pins, or adapt infra/local/plugin."
        )
    provisioners: Any = import_module(_PROVISIONERS)
    handlers: dict[str, Handler] = provisioners._RESOURCE_HANDLERS
    for name, handler in _ADDED.items():
        handlers.setdefault(name, handler)
    for name, wrapped in _WRAPPED.items():
        handlers[name] = wrapped(handlers[name])
    provisioners._S3_BUCKET_CONFIGURATIONS += (bucket_lifecycle.configuration(),)
    for name in _TAGGED:
        provisioners._STACK_TAG_PROPERTY.setdefault(name, ("Tags", "list"))
    peering_options.register()
    permissions: Any = import_module(_PERMISSIONS)
    permissions.extract_resource_arn = peering_options.of_the_connection(
        permissions.extract_resource_arn
    )
    worker = import_module(_RUNTIME).Worker
    worker._drain_stderr_bounded = function_log.whole(worker._drain_stderr_bounded)
    custom: Any = import_module(_CUSTOM_RESOURCES)
    custom.deliver_response = custom_resource.noted(custom.deliver_response)
    custom.invoke_custom_resource = custom_resource.cleaned_up(custom.invoke_custom_resource)
    s3: Any = import_module(_S3)
    s3._validate_notification_configs = invocation.validated(
        bucket_notifications.unambiguous(s3._validate_notification_configs)
    )
    s3._deliver_event_to_lambda = invocation.from_bucket(s3._deliver_event_to_lambda)
    _invoke_as_lambda_does()
    _serve_databases()


def _invoke_as_lambda_does() -> None:
    functions: Any = import_module(_LAMBDA)
    functions.invalidate_worker = workers.invalidated(functions.invalidate_worker)
    functions.release_worker = workers.released(functions.release_worker)
    functions.invoke_async_with_retry = asynchronous.invoke
    functions._execute_function_dispatch = asynchronous.under_one_id(
        functions._execute_function_dispatch
    )
    buses: Any = import_module(_EVENTBRIDGE)
    buses._dispatch_to_lambda = invocation.asynchronously
    buses._invoke_target = invocation.from_rule(buses._invoke_target)


def _serve_databases() -> None:
    databases: Any = import_module(_RDS)
    actions = databases._ACTION_MAP
    actions["DeleteDBInstance"] = db_instance.ended_by_its_api(actions["DeleteDBInstance"])
    stacks: Any = import_module(_STACKS)
    stacks._runs_on_worker_thread = db_instance.on_a_thread(stacks._runs_on_worker_thread)
    worker = import_module(_RUNTIME).Worker
    worker.__init__ = trusted_ca.of_these_servers(worker.__init__)


def missing_names() -> list[str]:
    """Which of the private names are no longer there."""
    return [
        f"{module}.{name}"
        for module, name in PRIVATE_NAMES
        if not _has(import_module(module), name)
    ]


def _has(module: object, name: str) -> bool:
    try:
        attrgetter(name)(module)
    except AttributeError:
        return False
    return True
