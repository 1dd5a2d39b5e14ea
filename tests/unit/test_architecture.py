"""The walls between the parts, and that arrows between modules point down."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS = (
    ("infra.__main__",),
    ("infra.cli",),
    ("infra.local",),
    ("infra.deploy", "infra.processing"),
    ("infra.aws", "infra.lint", "infra.synth"),
    ("infra.assembly", "infra.library"),
    ("infra.stacks", "infra.elk"),
    ("infra.blocks", "infra.packaging", "infra.render"),
    ("infra.config",),
    ("infra.problems",),
    ("infra.yaml_source", "infra.rules"),
    (
        "infra.model",
        "infra.naming",
        "infra.runtime",
        "infra.weight",
        "infra.words",
        "infra.errors",
        "infra.environments",
    ),
)
"""From top to bottom: a module imports from its own part and from layers below."""

WALLS = {
    "boto3": ("infra.aws", "lambda_src"),
    "botocore": ("infra.aws", "lambda_src"),
    "typer": ("infra.cli",),
    "rich": ("infra.cli",),
    "troposphere": ("infra.blocks", "infra.stacks", "infra.render"),
    "awacs": ("infra.blocks", "infra.stacks"),
    "ministack": ("infra.local",),
    "cfnlint": ("infra.lint",),
    "cloudformation_validate": ("infra.lint",),
    "pydantic": ("infra.config", "infra.problems"),
    "infra": ("infra",),
    "lambda_src": (
        "lambda_src",
        "infra.processing",
        "infra.cli.processing",
        "infra.aws.s3",
        "infra.config",
        "infra.deploy.general_plan",
        "infra.elk",
        "infra.local",
    ),
}
"""What may be imported only there."""


def modules() -> dict[str, Path]:
    found = {}
    for top in ("infra", "lambda_src"):
        for file in sorted((ROOT / top).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = file
    return found


MODULES = modules()


def imports(name: str) -> set[str]:
    """Full names of what a module imports; a `from` import names the module where there is one."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    return {target for node in ast.walk(tree) for target in _targets(name, node)}


def _targets(name: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _base(name, node)
        for alias in node.names:
            full = f"{base}.{alias.name}"
            yield full if full in MODULES else base


def _base(name: str, node: ast.ImportFrom) -> str:
    package = MODULES[name].name == "__init__.py"
    parts = name.split(".")
    above = parts[: len(parts) - node.level + package] if node.level else []
    return ".".join([*above, *([node.module] if node.module else [])])


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def part_and_layer(name: str) -> tuple[str, int]:
    return next(
        (part, depth) for depth, layer in enumerate(LAYERS) for part in layer if within(name, part)
    )


@pytest.mark.parametrize("library", sorted(WALLS))
def test_a_library_is_imported_only_behind_its_wall(library: str) -> None:
    """One place knows each library, so one place changes when it does."""
    outside = [
        name
        for name in MODULES
        if any(within(target, library) for target in imports(name))
        and not any(within(name, allowed) for allowed in WALLS[library])
    ]
    assert outside == []


def test_arrows_between_modules_point_down() -> None:
    """Whoever reads from the top never has to go back up."""
    upward = []
    for name in MODULES:
        if not within(name, "infra") or name == "infra":
            continue
        part, depth = part_and_layer(name)
        for target in imports(name):
            if within(target, "infra") and target != "infra":
                other, other_depth = part_and_layer(target)
                if other != part and other_depth <= depth:
                    upward.append(f"{name} -> {target}")
    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Each module can be read, and tested, without a later one."""
    graph = {name: {t for t in imports(name) if t in MODULES} - {name} for name in MODULES}
    assert set(TopologicalSorter(graph).static_order()) == MODULES.keys()


TALK = {"print", "sys.exit", "exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}
SPEAKS = {"infra.__main__", "infra.local.guard", "infra.local.launcher"}
"""The command's entry, and processes of their own that tell their parent how they are."""


def test_only_the_command_line_prints_and_exits() -> None:
    """A library that prints or exits is none. The function's own log is its output."""
    talkative = [
        f"{name}:{node.lineno}"
        for name, file in MODULES.items()
        if within(name, "infra") and not within(name, "infra.cli") and name not in SPEAKS
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in TALK
    ]
    assert talkative == []


def test_the_simulator_of_policies_is_a_tool_of_the_tests_alone() -> None:
    """It is AGPL: tests run it as a program of its own, and nothing that ships knows of it."""
    shipped = [*MODULES.values(), ROOT / "setup.cfg", ROOT / "pyproject.toml"]
    naming = [file for file in shipped if "cloud-copilot" in file.read_text(encoding="utf-8")]
    assert naming == []
