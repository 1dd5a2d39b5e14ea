"""A Python source as tokens that can be left out, and found by the nodes of its syntax tree.

A string that is formatted is one token here, as it is to a Python before 3.12.
"""

from __future__ import annotations

import ast
import io
import token as kinds
import tokenize
from bisect import bisect_left
from collections.abc import Iterator
from tokenize import TokenInfo

_DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_SILENT = {kinds.COMMENT, kinds.NL}
_BEGINNINGS = {kinds.NEWLINE, kinds.INDENT, kinds.DEDENT}
_STRING_STARTS = {getattr(kinds, f"{each}STRING_START", None) for each in "FT"} - {None}
_STRING_ENDS = {getattr(kinds, f"{each}STRING_END", None) for each in "FT"} - {None}

Node = ast.stmt | ast.expr | ast.arg


class Tokens:
    """The tokens of a source; indexes count all of them, also those that are cut."""

    def __init__(self, source: str) -> None:
        self._lines = list(io.StringIO(source))
        self._all = list(_whole_strings(source, self._lines))
        self._starts = [each.start for each in self._all]
        self._kept: list[TokenInfo | None] = list(self._all)

    def left(self) -> Iterator[TokenInfo]:
        """What has not been cut, without comments."""
        return (each for each in self._kept if each is not None and each.type not in _SILENT)

    def start(self, node: Node) -> int:
        """The index of a node's first token."""
        index = bisect_left(self._starts, self._position(node.lineno, node.col_offset))
        while not self._all[index].string.strip():
            index += 1
        return index

    def end(self, node: Node) -> int:
        """The index after that of a node's last token."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return bisect_left(self._starts, self._position(node.end_lineno, node.end_col_offset))

    def next(self, begin: int, *wanted: str) -> int:
        """The index of the next such token that is not in brackets opened since `begin`."""
        depth = 0
        for index in range(begin, len(self._all)):
            string = self._all[index].string
            if depth == 0 and string in wanted:
                return index
            depth += _DEPTH.get(string, 0)
        raise ValueError(f"none of {wanted} after {self._all[begin]}")

    def last(self, end: int, wanted: str) -> int:
        """The index of the last such token before `end`."""
        return next(at for at in range(end - 1, -1, -1) if self._all[at].string == wanted)

    def cut(self, begin: int, end: int) -> None:
        """Leave tokens out."""
        self._kept[begin:end] = [None] * (end - begin)

    def is_alone(self, node: ast.stmt) -> bool:
        """Whether a statement has its lines to itself."""
        before, after = self.start(node) - 1, self.end(node)
        while before >= 0 and self._all[before].type in _SILENT:
            before -= 1
        after += self._all[after].type == kinds.COMMENT
        opened = before < 0 or self._all[before].type in _BEGINNINGS
        return opened and self._all[after].type == kinds.NEWLINE

    def cut_statement(self, node: ast.stmt) -> None:
        """Leave out a statement that has its lines to itself, with what indents and ends it."""
        begin, end = self.start(node), self.end(node)
        while self._all[end].type != kinds.NEWLINE:
            end += 1
        inner = sum(each.type == kinds.INDENT for each in self._all[begin:end])
        self.cut(begin, end + 1)
        for _ in range(inner):
            end = next(
                at for at in range(end + 1, len(self._all)) if self._all[at].type == kinds.DEDENT
            )
            self.cut(end, end + 1)

    def replace(self, node: ast.stmt, word: str) -> None:
        """Put a word in the place of a statement."""
        begin, end = self.start(node), self.end(node)
        self.cut(begin, end)
        self._kept[begin] = self._all[begin]._replace(type=kinds.NAME, string=word)

    def _position(self, line: int, offset: int) -> tuple[int, int]:
        """Syntax trees count bytes, tokens characters."""
        return line, len(self._lines[line - 1].encode()[:offset].decode())


def _whole_strings(source: str, lines: list[str]) -> Iterator[TokenInfo]:
    """The tokens, those of a formatted string as one."""
    begun: list[TokenInfo] = []
    for each in tokenize.generate_tokens(io.StringIO(source).readline):
        if each.type in _STRING_STARTS:
            begun.append(each)
        elif each.type in _STRING_ENDS:
            first = begun.pop()
            if not begun:
                text = _between(lines, first.start, each.end)
                yield TokenInfo(kinds.STRING, text, first.start, each.end, first.line)
        elif not begun:
            yield each


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    first, *inner, last = lines[start[0] - 1 : end[0]]
    return "".join((first[start[1] :], *inner, last[: end[1]]))
