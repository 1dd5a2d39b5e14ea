"""Python source without what it does not need to run: comments, docstrings, annotations, spaces.

What is left are the source's own tokens in their order and spelling, whichever Python does it, and
each statement begins on its own line as before: so names, messages, line numbers and behaviour
stay. Annotations of a class's attributes stay too: dataclasses and named tuples are made of them.
"""

from __future__ import annotations

import ast
import token as kinds
from collections.abc import Iterable, Iterator
from tokenize import TokenInfo

from infra.packaging.modules import is_for_types_alone
from infra.packaging.tokens import Tokens

READ_DOCSTRINGS = frozenset({"__doc__", "getdoc"})
READ_ANNOTATIONS = frozenset(
    {"__annotations__", "get_annotations", "get_type_hints", "signature"}
    | {"singledispatch", "singledispatchmethod"}
)
"""Names in a program that looks at its own docstrings or annotations, which then stay."""

_INDENTATION = "\t"


def stripped(source: str, *, docstrings: bool = False, annotations: bool = False) -> str:
    """The source without comments and spaces; with docstrings and annotations where wanted."""
    tokens, tree = Tokens(source), ast.parse(source)
    if not docstrings:
        _cut_docstrings(tokens, tree)
    if not annotations:
        _Annotations(tokens).visit(tree)
    for statement in tree.body:
        if is_for_types_alone(statement) and not getattr(statement, "orelse", None):
            tokens.cut_statement(statement)
    return "".join(_written(tokens.left())) + "\n"


def _cut_docstrings(tokens: Tokens, tree: ast.Module) -> None:
    """Cut them, also those below an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            strings = [each for each in node.body if _is_string(each) and tokens.is_alone(each)]
            if strings and len(strings) == len(node.body) and node is not tree:
                tokens.replace(strings.pop(), "pass")
            for each in strings:
                tokens.cut_statement(each)


def _is_string(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(ast.Constant(str())):
            return True
    return False


class _Annotations(ast.NodeVisitor):
    """Cuts annotations but those of a class's attributes."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._scope: ast.AST | None = None

    def generic_visit(self, node: ast.AST) -> None:
        outer = self._scope
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            self._scope = node
        super().generic_visit(node)
        self._scope = outer

    def visit_arg(self, node: ast.arg) -> None:
        if node.annotation is not None:
            self._cut(self._tokens.start(node) + 1, ",", ")", "=")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.returns is not None:
            self._cut(self._tokens.last(self._tokens.start(node.returns), "->"), ":")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """One without a value stays: it says whose the name is."""
        if node.value is not None and not isinstance(self._scope, ast.ClassDef):
            self._cut(self._tokens.next(self._tokens.end(node.target), ":"), "=")
        self.generic_visit(node)

    def _cut(self, begin: int, *ends: str) -> None:
        self._tokens.cut(begin, self._tokens.next(begin, *ends))


def _written(tokens: Iterable[TokenInfo]) -> Iterator[str]:
    """The tokens with only the spaces that keep them apart, each statement on its old line."""
    line, depth, before = 1, 0, None
    for each in tokens:
        if each.type == kinds.INDENT:
            depth += 1
        elif each.type == kinds.DEDENT:
            depth -= 1
        elif each.type == kinds.NEWLINE:
            before = None
        elif each.type != kinds.ENDMARKER:
            if before is None:
                yield "\n" * (each.start[0] - line) + _INDENTATION * depth
                line = each.start[0]
            else:
                yield _space(before, each)
            before = each
            line += each.string.count("\n")
            yield each.string


def _space(before: TokenInfo, after: TokenInfo) -> str:
    """A space, where these would become one token, or a number is followed by a word."""
    if before.type == kinds.NUMBER and (after.type == kinds.NAME or after.string[0] == "."):
        return " "
    return " " if _is_of_word(before.string[-1]) and _is_of_word(after.string[0]) else ""


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or not character.isascii()
