"""The files that a function is made of, found by following its imports.

Only what an `import` statement names is found, at a module's top or within a function: nothing
here is imported or run. What stands under `if TYPE_CHECKING:` is not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from infra.errors import InputError

ENTRY = "handler.py"
INITIAL = "__init__.py"

NEEDED = "requirements.txt"
OPTIONAL = "requirements-optional.txt"
"""The packages of others that a function takes along, and does without where it is embedded."""

DATA = frozenset({".json", ".pem", ".sql"})
"""Files of these kinds go with the package that they stand in; others are the project's own."""


def modules(sources: Path, function: str) -> dict[str, bytes]:
    """Each module that a function needs: its path in the archive, sorted, and its source."""
    found: dict[PurePosixPath, bytes] = {}
    waiting = [PurePosixPath(sources.name, function, ENTRY)]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = (sources.parent / path).read_bytes()
        waiting += _initials(sources, path)
        waiting += _imported(sources, path, found[path])
    return {str(path): found[path] for path in sorted(found)}


def data(sources: Path, paths: Mapping[str, bytes]) -> dict[str, bytes]:
    """The data files of the packages that these modules are in, by path in the archive."""
    folders = {PurePosixPath(path).parent for path in paths} - {PurePosixPath(sources.name)}
    files = (file for folder in folders for file in (sources.parent / folder).iterdir())
    found = {
        file.relative_to(sources.parent).as_posix(): file
        for file in files
        if file.suffix in DATA and file.is_file()
    }
    return {path: found[path].read_bytes() for path in sorted(found)}


def is_for_types_alone(node: ast.AST) -> bool:
    """Whether it is an `if TYPE_CHECKING:`, whose body never runs."""
    match node:
        case ast.If(ast.Name(name) | ast.Attribute(attr=name)):
            return name == "TYPE_CHECKING"
    return False


def _initials(sources: Path, path: PurePosixPath) -> Iterator[PurePosixPath]:
    """Python runs the `__init__.py` of every package above a module first."""
    for folder in list(path.parents)[:-1]:
        initial = folder / INITIAL
        if (sources.parent / initial).is_file():
            yield initial


def _imported(sources: Path, path: PurePosixPath, source: bytes) -> Iterator[PurePosixPath]:
    for node in _running(_parsed(sources.parent / path, source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _file(sources, PurePosixPath(*alias.name.split(".")))
        elif isinstance(node, ast.ImportFrom):
            yield from _named(sources, path, node)


def _parsed(file: Path, source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise InputError(f"{file}:{error.lineno}: no Python: {error.msg}; correct it") from error


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node of what may run."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if is_for_types_alone(node):
            assert isinstance(node, ast.If)
            for other in node.orelse:
                yield from (other, *_running(other))
        else:
            yield from _running(node)


def _named(sources: Path, path: PurePosixPath, node: ast.ImportFrom) -> Iterator[PurePosixPath]:
    """The module that a `from` names, and those of its names that are modules themselves."""
    base = path.parents[node.level - 1] if node.level else PurePosixPath()
    module = base.joinpath(*(node.module or "").split("."))
    files = list(_file(sources, module))
    files += [file for alias in node.names for file in _file(sources, module / alias.name)]
    if node.level and not files:
        raise InputError(
            f"{sources.parent / path}:{node.lineno}: imports {'.'.join(module.parts)}, "
            "and there is no such module; write it, or correct the import"
        )
    yield from files


def _file(sources: Path, module: PurePosixPath) -> Iterator[PurePosixPath]:
    """Where a module of ours is; nothing for one of others."""
    if module.parts[:1] != (sources.name,):
        return
    for path in (module / INITIAL, module.with_name(f"{module.name}.py")):
        if (sources.parent / path).is_file():
            yield path
            return
