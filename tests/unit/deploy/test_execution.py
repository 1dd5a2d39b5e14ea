"""Carrying out: in order, told as it goes, ended at the first failure with its root cause."""

from __future__ import annotations

import json

import pytest

from infra.aws.services import NewStack, StackEvent, StackState
from infra.deploy.execution import Watcher, carry_out
from infra.deploy.plan import creation
from infra.deploy.root_cause import root_cause
from infra.errors import AwsError
from infra.model import Output
from tests.unit.deploy.fakes import ASSET, FakeAws, assembly, event, heavy, stack

CANCELLED = event("Queue", "CREATE_FAILED", "Resource creation cancelled")
DENIED = event("Role", "CREATE_FAILED", "not authorized to perform: iam:CreateRole")


def test_each_stack_gets_its_values_tags_and_capabilities() -> None:
    """What CloudFormation is given is what the plan says, outputs resolved."""
    logs = stack("logs", {"VpcId": Output("network", "VpcId")}, ("VpcId",), (ASSET,))
    fake = FakeAws(states={"test-network": [StackState("CREATE_COMPLETE", "", {"VpcId": "v"})]})
    outputs = carry_out(creation(assembly(stack("network"), logs)), fake.aws, Watcher())
    assert outputs == {"network": {"VpcId": "v"}, "logs": {}}
    assert fake.written == {("artifacts", "code/ab12.zip"): b"zip"}
    assert fake.created[1] == NewStack(
        name="test-logs",
        template=json.dumps(logs.template, separators=(",", ":")),
        parameters={"VpcId": "v"},
        tags={"Team": "web"},
        capabilities=("CAPABILITY_IAM",),
    )


def test_a_template_that_no_request_carries_is_named_where_it_stands() -> None:
    """What was put there is what the stack is made of."""
    fake = FakeAws()
    carry_out(creation(assembly(heavy("logs"))), fake.aws, Watcher())
    [((bucket, key), content)] = fake.written.items()
    [made] = fake.created
    assert made.template_url == f"https://s3.test/{bucket}/{key}"
    assert made.template.encode() == content


POLICY = {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Resource": "*"}]}


def test_a_protected_stack_is_protected_from_its_first_moment() -> None:
    """Creation itself carries both: nothing depends on a later call that may not come."""
    fake = FakeAws()
    plan = creation(assembly(stack("network"), stack("logs", stack_policy=POLICY)))
    carry_out(plan, fake.aws, Watcher())
    assert [(one.termination_protection, one.stack_policy) for one in fake.created] == [
        (False, None),
        (True, json.dumps(POLICY, separators=(",", ":"))),
    ]


def test_a_protected_stack_that_failed_says_how_it_can_be_removed() -> None:
    """CloudFormation refuses to delete it, although nothing of it was made."""
    fake = FakeAws(
        states={"test-logs": [StackState("ROLLBACK_COMPLETE", "", {})]},
        history={"test-logs": [DENIED]},
    )
    with pytest.raises(AwsError) as caught:
        carry_out(creation(assembly(stack("logs", stack_policy=POLICY))), fake.aws, Watcher())
    assert str(caught.value).splitlines()[1:] == [
        "The stack is ROLLBACK_COMPLETE; remove it before you create it again.",
        "It is protected; first: aws cloudformation update-termination-protection "
        "--stack-name test-logs --no-enable-termination-protection",
    ]


def test_every_event_is_told_once_while_a_stack_is_created() -> None:
    """Looking again does not repeat what was told."""
    events = [event("Topic", "CREATE_IN_PROGRESS"), event("Topic", "CREATE_COMPLETE")]
    states = [StackState("CREATE_IN_PROGRESS", "", {}), StackState("CREATE_COMPLETE", "", {})]
    fake = FakeAws(states={"test-logs": states}, history={"test-logs": events})
    told: list[StackEvent] = []
    slept: list[float] = []
    watcher = Watcher(event=told.append, sleep=slept.append, interval=7.0)
    carry_out(creation(assembly(stack("logs"))), fake.aws, watcher)
    assert (told, slept) == (events, [7.0])


def test_a_failed_stack_ends_the_plan_with_its_root_cause() -> None:
    """No further step is done, and the message names the resource that began it."""
    fake = FakeAws(
        states={"test-network": [StackState("ROLLBACK_COMPLETE", "", {})]},
        history={"test-network": [CANCELLED, DENIED]},
    )
    plan = creation(assembly(stack("network"), stack("logs")))
    with pytest.raises(AwsError) as caught:
        carry_out(plan, fake.aws, Watcher())
    assert [one.name for one in fake.created] == ["test-network"]
    assert str(caught.value) == (
        "Stack test-network was not created: Role (AWS::SNS::Topic) failed: "
        "not authorized to perform: iam:CreateRole\n"
        "The stack is ROLLBACK_COMPLETE; remove it before you create it again."
    )


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([], None),
        ([event("Topic", "CREATE_COMPLETE")], None),
        ([CANCELLED, DENIED], DENIED),
        ([CANCELLED], CANCELLED),
        ([DENIED, event("Topic", "CREATE_FAILED", "later")], DENIED),
    ],
)
def test_the_root_cause_is_the_first_failure_that_is_no_consequence(
    events: list[StackEvent], cause: StackEvent | None
) -> None:
    """A cancelled resource is blamed only when there is nobody else."""
    assert root_cause(events) == cause
