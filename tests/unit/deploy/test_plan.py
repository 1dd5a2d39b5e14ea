"""A plan is data, and parameters get their values in a fixed order of precedence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from infra.deploy.plan import CreateStack, UploadAsset, UploadTemplate, creation
from infra.deploy.wiring import resolve
from infra.errors import AwsError, InputError
from infra.model import Output, Value
from tests.unit.deploy.fakes import ASSET, assembly, heavy, stack


def test_assets_go_up_before_the_stack_that_needs_them() -> None:
    """The steps stand in the order in which they are done."""
    network, logs = stack("network"), stack("logs", assets=(ASSET,))
    assert creation(assembly(network, logs)) == (
        CreateStack(network, {"Team": "web"}, {}),
        UploadAsset(ASSET),
        CreateStack(logs, {"Team": "web"}, {}),
    )


@pytest.mark.parametrize(("account", "region"), [("210987654321", None), (None, "eu-central-1")])
def test_what_stands_in_another_account_or_region_is_not_created(
    account: str | None, region: str | None
) -> None:
    """Whoever owns that account creates it, from the same templates."""
    network, theirs = (
        stack("network"),
        replace(stack("theirs", assets=(ASSET,)), account=account, region=region),
    )
    both = assembly(network, theirs)
    assert creation(both) == (CreateStack(network, {"Team": "web"}, {}),)
    assert (both.here, both.elsewhere) == ((network,), (theirs,))


def test_a_template_that_no_request_carries_goes_up_before_its_stack() -> None:
    """Under a name made of its content; where there is no bucket for it, CloudFormation decides."""
    large = heavy("logs")
    upload, create = creation(assembly(large))
    assert isinstance(upload, UploadTemplate)
    assert create == CreateStack(large, {"Team": "web"}, {}, upload.template)
    assert json.loads(upload.template.text) == large.template
    digest = hashlib.sha256(upload.template.content).hexdigest()
    assert upload.template.bucket == "artifacts"
    assert upload.template.key == f"templates/test-logs/{digest}.json"
    assert str(upload) == "upload the template of test-logs (51,283 bytes) to s3://artifacts"
    assert creation(replace(assembly(large), artifact_bucket=None)) == (
        CreateStack(large, {"Team": "web"}, {}),
    )


def test_a_step_reads_as_the_line_that_the_user_sees() -> None:
    """`str()` of a step is what is shown before it is done."""
    plan = creation(assembly(stack("logs", assets=(ASSET,)), stack("data", stack_policy={})))
    assert [str(step) for step in plan] == [
        "upload code (3 bytes) to s3://artifacts",
        "create stack test-logs (1 resource)",
        "create stack test-data (1 resource, protected)",
    ]


def test_an_override_stands_above_settings_and_wiring() -> None:
    """Only stacks that have the parameter get it."""
    wired = stack("logs", {"Host": "a", "VpcId": Output("network", "VpcId")}, ("Host", "VpcId"))
    plan = creation(assembly(stack("network"), wired), {"Host": "b", "VpcId": "vpc-1"})
    assert [step.values for step in plan if isinstance(step, CreateStack)] == [
        {},
        {"Host": "b", "VpcId": "vpc-1"},
    ]


def test_an_override_that_no_stack_knows_is_refused_with_the_nearest_name() -> None:
    """A misspelt override must not be ignored."""
    with pytest.raises(InputError) as caught:
        creation(assembly(stack("logs", parameters=("LogstashHost",))), {"LogstahsHost": "b"})
    assert str(caught.value) == (
        'No stack has a parameter LogstahsHost (did you mean "LogstashHost"?); '
        "there are: LogstashHost"
    )


def test_wiring_takes_an_earlier_stacks_output() -> None:
    """Text stays text, an output becomes the value that the stack gave."""
    values: dict[str, Value] = {"Host": "a", "VpcId": Output("network", "VpcId")}
    assert resolve(values, {"network": {"VpcId": "vpc-1"}}) == {"Host": "a", "VpcId": "vpc-1"}


def test_a_missing_output_says_which_parameter_wants_it() -> None:
    """Wiring that leads nowhere is said before CloudFormation is asked."""
    with pytest.raises(AwsError) as caught:
        resolve({"VpcId": Output("network", "VpcId")}, {})
    assert str(caught.value) == (
        "Parameter VpcId needs the output VpcId of stack network, which gave none. "
        "Create that stack first, or give the value yourself."
    )
