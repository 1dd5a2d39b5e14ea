"""An assembly as files: templates, parameters, policies, assets, others, and the manifest of all.

The same settings give the same bytes, whatever the hash seed, clock, umask or machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from infra.errors import InputError
from infra.model import Assembly, Asset, Stack
from infra.render import to_compact_json, to_json, to_yaml
from infra.weight import Weight

Format = Literal["yaml", "json"]

MANIFEST = "manifest.json"
MANIFEST_VERSION = 1


def files(assembly: Assembly, format_: Format, *, compact: bool = False) -> dict[str, bytes]:
    """Relative path → content of every file, the manifest last; `compact` JSON has no spaces."""
    tree: dict[str, bytes] = {}
    for stack in assembly.stacks:
        tree[_template(stack, format_)] = _text(stack, format_, compact).encode()
        tree[_parameters(stack)] = to_json(_parameter_list(stack.parameters)).encode()
        if stack.stack_policy is not None:
            tree[_stack_policy(stack)] = to_json(stack.stack_policy).encode()
        tree |= {_asset(asset): asset.content for asset in stack.assets}
    tree |= assembly.files
    return tree | {MANIFEST: to_json(_manifest(assembly, format_, tree)).encode()}


def weights(
    assembly: Assembly, format_: Format, tree: Mapping[str, bytes], *, embedded: bool = False
) -> tuple[Weight, ...]:
    """What each template of a tree weighs; `embedded` with functions' code in it."""
    return tuple(
        Weight(
            name=_template(stack, format_),
            bytes=len(tree[_template(stack, format_)]),
            compact_bytes=len(to_compact_json(stack.template).encode()),
            embedded=embedded,
        )
        for stack in assembly.stacks
    )


def write(tree: Mapping[str, bytes], folder: Path) -> None:
    """Write the tree into `folder`, and remove what an earlier one of ours left there.

    A folder that is not empty and has no manifest of ours is refused. Each file is replaced in one
    step. Until the last one is there the manifest lists the earlier files too, so that the next
    run can tidy up after one that was interrupted.
    """
    stale = _written_before(folder) - tree.keys()
    manifest = json.loads(tree[MANIFEST])
    both = manifest | {"files": sorted({*manifest["files"], *stale})}
    replace(folder / MANIFEST, to_json(both).encode())
    for path, content in tree.items():
        replace(folder / path, content)
    for path in sorted(stale):
        (folder / path).unlink(missing_ok=True)


def _template(stack: Stack, format_: Format) -> str:
    return f"{stack.id}.{format_}"


def _parameters(stack: Stack) -> str:
    return f"{stack.id}.parameters.json"


def _stack_policy(stack: Stack) -> str:
    return f"{stack.id}.stack-policy.json"


def _asset(asset: Asset) -> str:
    return str(PurePosixPath("assets", asset.key))


def _text(stack: Stack, format_: Format, compact: bool) -> str:
    if format_ == "yaml":
        return to_yaml(stack.template)
    return to_compact_json(stack.template) if compact else to_json(stack.template)


def _parameter_list(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    """The list form that both `aws cloudformation --parameters file://…` and Octopus take."""
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]


def _manifest(assembly: Assembly, format_: Format, tree: Iterable[str]) -> dict[str, Any]:
    return {
        "version": MANIFEST_VERSION,
        "environment": assembly.environment,
        "region": assembly.region,
        "tags": dict(assembly.tags),
        "stacks": [_stack_entry(stack, assembly.region, format_) for stack in assembly.stacks],
        "files": sorted(tree),
    }


def _stack_entry(stack: Stack, region: str, format_: Format) -> dict[str, Any]:
    """`account` is null for the one that the environment is deployed to, whichever that is."""
    return {
        "id": stack.id,
        "name": stack.name,
        "account": stack.account,
        "region": stack.region or region,
        "template": _template(stack, format_),
        "parameters": _parameters(stack),
        "capabilities": list(stack.capabilities),
        "termination_protection": stack.termination_protection,
        "stack_policy": None if stack.stack_policy is None else _stack_policy(stack),
        "depends_on": sorted({*stack.after, *(output.stack for output in stack.wiring.values())}),
        "wiring": {
            parameter: {"stack": output.stack, "output": output.name}
            for parameter, output in stack.wiring.items()
        },
        "assets": [
            {
                "name": asset.name,
                "path": _asset(asset),
                "sha256": asset.sha256,
                "bytes": len(asset.content),
                "bucket": asset.bucket,
                "key": asset.key,
            }
            for asset in stack.assets
        ],
    }


def _written_before(folder: Path) -> set[str]:
    """The files of an earlier tree; an InputError where something else stands there."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder; name another one with --out")
    manifest = folder / MANIFEST
    if not manifest.exists() and not any(folder.iterdir()):
        return set()
    try:
        return _files_of(json.loads(manifest.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise InputError(
            f"{folder}: holds other files than an earlier synth wrote; "
            "name an empty or new folder with --out"
        ) from None


def _files_of(manifest: Any) -> set[str]:
    """The files that a manifest of ours lists; a ValueError for any other JSON."""
    match manifest:
        case {"version": int(), "environment": str(), "stacks": list(), "files": list(files)}:
            if all(isinstance(path, str) and _stays_inside(path) for path in files):
                return set(files)
    raise ValueError("not a manifest of ours")


def _stays_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts


def replace(file: Path, content: bytes) -> None:
    """Write a file in one step, and the folders above it, whatever the umask."""
    _make_folder(file.parent)
    if file.is_dir():
        raise InputError(f"{file}: is a folder, where a file is to be written; remove it")
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.write_bytes(content)
        partial.chmod(0o644)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
