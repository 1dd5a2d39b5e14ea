"""What is left of a source: the same program, with its lines where they were."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from textwrap import dedent

import pytest

from infra.packaging import SOURCES
from infra.packaging.modules import is_for_types_alone
from infra.packaging.stripping import stripped

STANDARD = (
    *("argparse", "ast", "asyncio.base_events", "configparser", "dataclasses", "datetime"),
    *("decimal", "difflib", "doctest", "email.message", "enum", "functools", "http.client"),
    *("inspect", "logging", "mailbox", "pathlib", "pickle", "random", "statistics", "string"),
    *("tarfile", "textwrap", "tokenize", "traceback", "typing", "unittest.mock", "urllib.parse"),
    *("uuid", "zipfile"),
)
"""Modules of Python itself, which hold whatever Python's grammar allows."""


def file_of(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


FILES = [*map(file_of, STANDARD), *sorted(SOURCES.rglob("*.py"))]


class Without(ast.NodeTransformer):
    """Takes docstrings and annotations out of a syntax tree."""

    def __init__(self) -> None:
        self.in_class = False

    def visit_Module(self, node: ast.Module) -> ast.AST:
        kept = [each for each in node.body if not (is_for_types_alone(each) and not each.orelse)]  # type: ignore[attr-defined]
        node.body = self.without_strings(kept, empty=True)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self.scope(node, in_class=True)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.scope(node, in_class=False)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.scope(node, in_class=False)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if self.in_class or node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def scope(
        self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, *, in_class: bool
    ) -> ast.AST:
        outer, self.in_class = self.in_class, in_class
        node.body = self.without_strings(node.body)
        self.generic_visit(node)
        self.in_class = outer
        return node

    @staticmethod
    def without_strings(body: list[ast.stmt], *, empty: bool = False) -> list[ast.stmt]:
        kept = [
            each
            for each in body
            if not (
                isinstance(each, ast.Expr)
                and isinstance(each.value, ast.Constant)
                and isinstance(each.value.value, str)
            )
        ]
        return kept or ([] if empty else [ast.copy_location(ast.Pass(), body[-1])])


def lines(tree: ast.AST) -> list[int]:
    return [each.lineno for each in ast.walk(tree) if isinstance(each, ast.stmt)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_only_docstrings_and_annotations_are_missing(file: Path) -> None:
    """What Python makes of it is the same tree, each statement on the line that it was on."""
    source = file.read_text(encoding="utf-8")
    left = ast.parse(stripped(source))
    wanted = Without().visit(ast.parse(source))
    assert ast.dump(left) == ast.dump(wanted)
    assert lines(left) == lines(wanted)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_of_a_program_that_reads_them_stays(file: Path) -> None:
    """With docstrings and annotations kept, nothing but comments and spaces goes."""
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    tree.body = [each for each in tree.body if not is_for_types_alone(each)]
    left = ast.parse(stripped(source, docstrings=True, annotations=True))
    assert ast.dump(left) == ast.dump(tree)


def test_what_it_looks_like() -> None:
    """Names, strings and numbers as they were written; a class's annotations stay."""
    source = '''\
        """A docstring."""
        from __future__ import annotations

        from dataclasses import dataclass

        LIMIT: int = 0x10  # a comment
        """What it is."""


        @dataclass
        class Point:
            """A docstring."""

            x: int = 0

            def __call__(self, *rest: int, name: str | None = None) -> dict[str, int]:
                """A docstring."""
                found: dict[str, int] = {
                    "x": self.x,  # another
                }
                text = f"{name !r:>{LIMIT}}  # no comment"
                return found if name is not None else {text: 1 if rest else 2}


        class Nothing(Exception):
            """A docstring."""
    '''
    assert stripped(dedent(source)) == (
        "\nfrom __future__ import annotations\n\nfrom dataclasses import dataclass\n\nLIMIT=0x10\n"
        "\n\n\n@dataclass\nclass Point:\n\n\n\tx:int=0\n"
        "\n\tdef __call__(self,*rest,name=None):\n\n"
        '\t\tfound={"x":self.x,}\n\n\n'
        '\t\ttext=f"{name !r:>{LIMIT}}  # no comment"\n'
        "\t\treturn found if name is not None else{text:1 if rest else 2}\n"
        "\n\nclass Nothing(Exception):\n\tpass\n"
    )


def test_statements_that_share_a_line_are_left_alone() -> None:
    """Nobody writes them so, and they run."""
    source = '"""doc"""; x = 1\ndef f(): "doc"\nif x: y: int = 2\n'
    assert stripped(source) == '"""doc""";x=1\ndef f():"doc"\nif x:y=2\n'


def test_only_newlines_end_lines() -> None:
    """Other characters that end lines elsewhere are part of a text, or nothing, in Python."""
    source = "X: str = 'a\u2028\x1cb é'  # é\n\x0c\ndef f(é: int = 1) -> str:\n    return f'é{X}'\n"
    assert stripped(source) == "X='a\u2028\x1cb é'\n\ndef f(é=1):\n\treturn f'é{X}'\n"


def test_what_runs_for_types_alone_goes_with_all_that_is_in_it() -> None:
    """And nothing that stands after it."""
    source = """\
        if TYPE_CHECKING:
            from x import y
            if y:
                from x import z
        else:
            y = 1
        if TYPE_CHECKING:
            from x import y

            class Z:
                a: int
        if True:
            b = 1
    """
    assert stripped(dedent(source)).split() == [
        *("if", "TYPE_CHECKING:", "from", "x", "import", "y", "if", "y:", "from", "x", "import"),
        *("z", "else:", "y=1", "if", "True:", "b=1"),
    ]
