"""Updates of whole environments in the local AWS, which `infra.deploy` only creates."""

from __future__ import annotations

import copy
import io
import zipfile
from dataclasses import replace
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from infra.aws.services import Aws
from infra.deploy.execution import Outputs
from infra.deploy.plan import CreateStack, UploadAsset, creation
from infra.deploy.wiring import resolve
from infra.local import demo
from infra.local.differences import Address
from infra.model import Assembly, Asset
from infra.model import Stack as Composed
from tests.local.stacks import Client, Stack

MARK = "this code is the new one"
_MARKING = f"\nprint('{MARK}', flush=True)\n"


def updated(
    assembly: Assembly, aws: Aws, client: Client, to: Address, **overrides: str
) -> dict[str, str]:
    """How the update of each stack ended that there was one for, by its name."""
    return updated_with(assembly, aws, client, demo.overrides(aws, to) | overrides)


def updated_with(
    assembly: Assembly, aws: Aws, client: Client, overrides: dict[str, str]
) -> dict[str, str]:
    """The same, where no logs are sent anywhere."""
    ends, outputs = {}, Outputs()
    for step in creation(assembly, overrides):
        match step:
            case UploadAsset(asset):
                aws.objects.put(asset.bucket, asset.key, asset.content)
            case CreateStack(composed):
                stack = Stack(client, composed.name)
                values = resolve(step.values, outputs)
                try:
                    ends[composed.name] = stack.update(composed.template, **values)
                except ClientError as error:
                    if "No updates are to be performed" not in str(error):
                        raise
                outputs[composed.id] = stack.outputs()
    return ends


def with_new_code(assembly: Assembly) -> Assembly:
    """The same stacks, whose functions say in their logs that they are new ones."""
    return replace(assembly, stacks=tuple(_marked(stack) for stack in assembly.stacks))


def _marked(stack: Composed) -> Composed:
    template = copy.deepcopy(dict(stack.template))
    for resource in template["Resources"].values():
        code: dict[str, Any] = resource.get("Properties", {}).get("Code", {})
        if "ZipFile" in code:
            code["ZipFile"] += _MARKING
    keys = {asset.key: _with_mark(asset) for asset in stack.assets}
    values = {
        name: keys[value].key if isinstance(value, str) and value in keys else value
        for name, value in stack.values.items()
    }
    return replace(stack, template=template, values=values, assets=tuple(keys.values()))


def _with_mark(asset: Asset) -> Asset:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(asset.content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            marking = _MARKING.encode() if name.endswith("/handler.py") else b""
            new.writestr(name, old.read(name) + marking)
    digest = sha256(buffer.getvalue()).hexdigest()
    key = f"{asset.name}/{digest}.zip"
    return replace(asset, content=buffer.getvalue(), sha256=digest, key=key)
