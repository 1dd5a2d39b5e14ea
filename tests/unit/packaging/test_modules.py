"""Which files a function is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import InputError
from infra.packaging.modules import data, modules

from .sources import written


def found(sources: Path, function: str = "f") -> list[str]:
    return [path.removeprefix("lambda_src/") for path in modules(sources, function)]


def test_only_what_is_imported_goes_along(tmp_path: Path) -> None:
    """Of a shared folder just the modules that the function needs, at whatever depth."""
    sources = written(
        tmp_path,
        {
            "f/handler.py": "from ..shared.answers import answer\nfrom . import own",
            "f/own.py": "import lambda_src.absolute.deep",
            "f/left.py": "",
            "shared/answers.py": "from .more import more as most",
            "shared/more.py": "",
            "shared/left.py": "",
            "absolute/deep.py": "",
            "other/handler.py": "",
        },
    )
    assert found(sources) == [
        *("__init__.py", "absolute/__init__.py", "absolute/deep.py"),
        *("f/__init__.py", "f/handler.py", "f/own.py"),
        *("shared/__init__.py", "shared/answers.py", "shared/more.py"),
    ]


def test_what_a_package_itself_imports_goes_along(tmp_path: Path) -> None:
    """Python runs a package's own module before any that is in it."""
    sources = written(
        tmp_path,
        {
            "f/handler.py": "from ..shared import answer",
            "shared/__init__.py": "from .answers import answer",
            "shared/answers.py": "",
        },
    )
    assert found(sources)[-2:] == ["shared/__init__.py", "shared/answers.py"]


def test_imports_within_functions_count_and_those_for_types_do_not(tmp_path: Path) -> None:
    """The first run sooner or later, the others never."""
    sources = written(
        tmp_path,
        {
            "f/handler.py": """\
                from typing import TYPE_CHECKING
                if TYPE_CHECKING:
                    from .for_types import T
                else:
                    from .running import T
                if not TYPE_CHECKING:
                    from .too import T
                def handle(event, context):
                    from .late import it
                    return it
            """,
            "f/late.py": "",
            "f/running.py": "",
            "f/too.py": "",
            "f/for_types.py": "",
        },
    )
    assert found(sources) == [
        *("__init__.py", "f/__init__.py", "f/handler.py", "f/late.py", "f/running.py", "f/too.py"),
    ]


def test_an_import_of_nothing_is_found_before_lambda_finds_it(tmp_path: Path) -> None:
    """The message has file, line and the module's name."""
    sources = written(tmp_path, {"f/handler.py": "\nfrom ..shared.answer import x"})
    with pytest.raises(InputError) as caught:
        modules(sources, "f")
    assert str(caught.value) == (
        f"{sources}/f/handler.py:2: imports lambda_src.shared.answer, and there is no such module; "
        "write it, or correct the import"
    )


def test_a_source_that_is_no_python_is_named_with_its_line(tmp_path: Path) -> None:
    """Not Lambda says it, at the first invocation."""
    sources = written(tmp_path, {"f/handler.py": "\ndef handle(:"})
    with pytest.raises(InputError, match=r"f/handler\.py:2: no Python: invalid syntax; correct it"):
        modules(sources, "f")


def test_certificates_statements_and_json_go_with_their_package(tmp_path: Path) -> None:
    """Whatever else lies beside the sources stays where it is."""
    sources = written(
        tmp_path,
        {
            "f/handler.py": "from ..shared import answer",
            "f/bundle.pem": "pem",
            "f/notes.txt": "",
            "shared/answer.py": "",
            "shared/grants.sql": "sql",
            "shared/.hidden": "",
            "other/left.json": "",
            "left.json": "",
        },
    )
    assert data(sources, modules(sources, "f")) == {
        "lambda_src/f/bundle.pem": b"pem",
        "lambda_src/shared/grants.sql": b"sql",
    }
