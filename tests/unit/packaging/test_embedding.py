"""The `index.py` of a function: what it does, and what can be in it."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from infra.errors import InputError
from infra.packaging import SOURCES, embedded
from infra.packaging.embedding import READABLE_BYTES
from infra.render import to_compact_json, to_yaml
from tests.unit.log_processor.test_other_pythons import interpreters, printed

from .sources import written

SMALL = {
    "f/__init__.py": '"""A function."""\n',
    "f/handler.py": '''\
        """The entry."""

        from __future__ import annotations

        from ..shared.answers import answer
        from . import own
        from .deep.inner import Inner

        def handle(event: dict[str, str], context: object) -> object:
            """Answer, or fail."""
            if "fail" in event:
                from .late import fail

                fail()
            return [answer(own.NAME), repr(Inner("x")), __name__, __package__, handle.__module__]
    ''',
    "f/late.py": '''\
        """A module that is asked for late."""


        def fail() -> None:
            """Raise."""
            # a comment
            raise LookupError("it failed")
    ''',
    "f/own.py": "NAME = 'a \\\\ \"b\"'\n",
    "f/deep/__init__.py": "",
    "f/deep/inner.py": '''\
        from dataclasses import dataclass
        from typing import NamedTuple

        from .. import own
        from ...shared import answers

        @dataclass(frozen=True)
        class Inner:
            """A value."""

            text: str
            number: int = len(own.NAME)
    ''',
    "shared/answers.py": "def answer(name: str) -> str:\n    return f'{name}!'\n",
    "shared/left.py": "raise AssertionError('imported by nobody')\n",
}
"""A function with what functions have: packages, shared modules, late imports, dataclasses."""

FILLED = "\n".join(f"# comment {number} of many, which are cut" for number in range(300))

RUN = """
import json, sys, traceback
import index
print(json.dumps(index.handle({}, None)))
print("lambda_src.f.late" in sys.modules)
try:
    index.handle({"fail": "yes"}, None)
except LookupError:
    print("".join(traceback.format_exc()), end="")
"""


def run(folder: Path, code: str = RUN) -> list[str]:
    """What a program prints that has this folder and Python's own library alone."""
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", code],
        cwd=folder,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.fixture(params=["readable", "compressed"], name="folder")
def _folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the small function's `index.py` stands alone, in either form."""
    more = {"f/own.py": f"{FILLED}\n{SMALL['f/own.py']}"} if request.param == "compressed" else {}
    text = embedded("f", sources=written(tmp_path / "sources", SMALL | more))
    assert ("it failed" in text) == (request.param == "readable")
    folder = tmp_path / "task"
    folder.mkdir()
    (folder / "index.py").write_text(text, encoding="utf-8")
    return folder


def test_it_runs_as_from_files(folder: Path) -> None:
    """Relative imports, packages, shared modules and late imports mean what they meant."""
    answer, late, *traced = run(folder)
    assert json.loads(answer) == [
        'a \\ "b"!',
        "Inner(text='x', number=7)",
        "lambda_src.f.handler",
        "lambda_src.f",
        "lambda_src.f.handler",
    ]
    assert late == "False"
    assert traced[-1] == "LookupError: it failed"


def test_tracebacks_show_files_lines_and_sources(folder: Path) -> None:
    """As if they stood where they stand here, so that one finds the place."""
    traced = [line.strip() for line in run(folder)[2:]]
    assert 'File "lambda_src/f/handler.py", line 14, in handle' in traced
    place = traced.index('File "lambda_src/f/late.py", line 7, in fail')
    assert traced[place + 1].replace(" ", "") == 'raiseLookupError("itfailed")'


def test_a_module_that_is_not_there_is_missed_as_ever(folder: Path) -> None:
    """The error names the module, and what is installed is found."""
    code = """
import index, colorsys
try:
    from lambda_src.f import nobody
except ImportError as error:
    print(error)
try:
    import lambda_src.nobody
except ModuleNotFoundError as error:
    print(error)
"""
    name, module = run(folder, code)
    # From 3.13 on it has the package's file too.
    assert name.startswith("cannot import name 'nobody' from 'lambda_src.f' (")
    assert module == "No module named 'lambda_src.nobody'"


def test_a_small_function_can_be_read_in_the_template(tmp_path: Path) -> None:
    """Comments and all, by whoever reviews it."""
    text = embedded("f", sources=written(tmp_path, SMALL))
    assert len(text) <= READABLE_BYTES
    for path in SMALL.keys() - {"shared/left.py"}:
        assert dedent(SMALL[path]) in text
    assert "imported by nobody" not in text


@pytest.mark.parametrize(
    "line",
    [
        'X = "#{Octopus}"',
        "X = '''quotes'''",
        'X = "é"',
        'X = "\t"',
        'X = """a \nb"""',
        "X = '''\n'''",
    ],
)
def test_what_a_template_cannot_show_as_it_is_is_compressed(tmp_path: Path, line: str) -> None:
    """Octopus's variables, characters that CloudFormation does not give back, our own quotes."""
    sources = written(tmp_path, {"f/handler.py": f"{line}\ndef handle(event, context): return X\n"})
    text = embedded("f", sources=sources)
    assert line not in text
    (tmp_path / "index.py").write_text(text)
    expected: dict[str, str] = {}
    exec(line, expected)
    [answer] = run(tmp_path, "import index; print(ascii(index.handle({}, None)))")
    assert answer == ascii(expected["X"])


def test_nothing_in_it_is_escaped_or_means_something_to_anybody() -> None:
    """Neither YAML, JSON, Octopus nor Fn::Sub change or lengthen it."""
    text = embedded("log_processor")
    plain = set(string.ascii_letters + string.digits + string.punctuation + " \n")
    assert set(text) <= plain
    for hazard in ("#{", "${", "{{", " \n"):
        assert hazard not in text
    template = {"Resources": {"F": {"Properties": {"Code": {"ZipFile": text}}}}}
    as_yaml, as_json = to_yaml(template), to_compact_json(template)
    assert yaml.safe_load(as_yaml) == json.loads(as_json) == template
    lines = text.count("\n")
    assert len(as_yaml) - len(text) < 100 + 12 * lines
    assert len(as_json) - len(text) < 100 + 2 * lines + text.count('"')


def test_docstrings_and_annotations_stay_where_they_are_read(tmp_path: Path) -> None:
    """A program that looks at its own finds them."""
    text = f"""\
        {"# filled" * 2000}
        from typing import get_type_hints
        def handle(event: int, context: str) -> list[int]:
            '''What it does.'''
            return [handle.__doc__, str(get_type_hints(handle))]
    """
    sources = written(tmp_path, {"f/handler.py": text})
    (tmp_path / "index.py").write_text(embedded("f", sources=sources))
    assert run(tmp_path, "import index; print(*index.handle(0, ''), sep='\\n')") == [
        "What it does.",
        "{'event': <class 'int'>, 'context': <class 'str'>, 'return': list[int]}",
    ]


def test_every_python_makes_the_same_bytes() -> None:
    """Whoever writes a template, with whichever Python, changes no function by it."""
    code = "from infra.packaging import embedded; print(embedded('log_processor'), end='')"
    pythons = interpreters()
    texts = {
        version: printed([python, "-S", "-c", code], {"PYTHONPATH": str(SOURCES.parent)})
        for version, python in pythons.items()
    }
    assert texts == dict.fromkeys(pythons, embedded("log_processor"))


def test_a_function_with_data_files_is_not_embedded(tmp_path: Path) -> None:
    """A template holds one Python module; the message says which file it is, and what to do."""
    sources = written(tmp_path, {"f/handler.py": "", "f/bundle.pem": ""})
    with pytest.raises(InputError) as caught:
        embedded("f", sources=sources)
    assert str(caught.value) == (
        "f cannot be embedded in a template: it needs lambda_src/f/bundle.pem, which is no Python; "
        "package it instead"
    )


def test_a_function_that_needs_packages_is_not_embedded(tmp_path: Path) -> None:
    """Optional ones it does without, as its code says."""
    text = "try:\n    import orjson\nexcept ImportError:\n    import json as orjson\n"
    needed = written(tmp_path, {"f/handler.py": text}) / "f" / "requirements.txt"
    needed.touch()
    with pytest.raises(InputError) as caught:
        embedded("f", sources=tmp_path / "lambda_src")
    assert str(caught.value) == (
        f"f cannot be embedded in a template: it needs the packages in {needed}; package it instead"
    )
    needed.rename(needed.with_name("requirements-optional.txt"))
    assert text in embedded("f", sources=tmp_path / "lambda_src")


def test_an_unknown_function_is_named_with_the_nearest_one() -> None:
    """A mistyped name is answered with what there is."""
    with pytest.raises(InputError, match=r'did you mean "log_processor"'):
        embedded("log_procesor")
