"""The schema `ecs`: nested objects with the names of the Elastic Common Schema.

`ecs_fields` says what comes from which column. What every event carries besides: `Environment` and
`Application` are `service.environment` and `service.name`; `Component`, `SourceModuleName` and
`Type` are `labels.component`, `labels.source_module_name` and `labels.type`, for ECS has no place
for them; and what the object's key tells. Where the events go (`data_stream.*`) is the receiver's
choice. What is absent is left out, and so is an object with nothing in it. What a field's type
would refuse is in `aws.elb.raw`, by column, as text.

An event is a tree. Each leaf is a column of texts, one for each line, such as `,"port":443` or
nothing; all leaves in their order, with braces between them, are the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from json.encoder import encode_basestring
from typing import Any

from ..formats import ABSENT, Format
from ..origin import Origin
from ..tables import Table
from .ecs_fields import KEY_COLUMNS, constants_of, rules_of
from .ecs_rules import Rule, Value
from .ecs_values import is_address
from .order import Written, joined
from .writing import Write

_Leaf = str | Sequence[str]
"""A comma and a field, or nothing: one text for all lines, or a list with one for each."""

_Tree = dict[str, "_Tree | str"]
"""An object's fields by name; those that are no objects as the field's whole name."""


def ecs(static: Mapping[str, str]) -> Write:
    """Return the writer of the schema `ecs`."""

    @cache
    def of(format_: Format) -> _Writer:
        return _Writer(format_, static)

    def write(tables: Sequence[Table], origin: Origin) -> str:
        written = [of(table.format).written(table.raw(), origin) for table in tables if len(table)]
        return joined(written) if written else ""

    return write


def fields_of(format_: Format, static: Iterable[str]) -> list[str]:
    """Return every field that an event of a format can have; `static` are the static keys."""
    of_rules = (field for rule in rules_of(format_) for field in rule.fields)
    of_settings = map(_static_field, static)
    return [*constants_of(format_.kind), *of_settings, *_OF_OBJECT, *_OF_LINES, *of_rules]


class _Writer:
    """Writes the tables of one format."""

    def __init__(self, format_: Format, static: Mapping[str, str]) -> None:
        self._readers = [_Reader(rule) for rule in rules_of(format_)]
        self._same = {**constants_of(format_.kind), **_of_settings(static)}
        self._tree = _tree(fields_of(format_, static))

    def written(self, table: Table, origin: Origin) -> Written:
        """Write each line as one piece."""
        leaves: dict[str, _Leaf] = {}
        for field, value in {**self._same, **_of_object(origin)}.items():
            leaves[field] = _member(_name(field), value)
        leaves.update(_of_lines(table, origin))
        columns = _columns(table, origin)
        for reader in self._readers:
            leaves.update(reader.leaves(columns))
        events = _joined(_members(self._tree, leaves), len(table))
        return Written(table.offsets, [f"{{{event[1:]}}}\n" for event in events], 1)


_STATIC_FIELDS = {"Environment": "service.environment", "Application": "service.name"}


def _of_settings(static: Mapping[str, str]) -> Mapping[str, Value]:
    return {_static_field(key): _encodable(value) for key, value in static.items()}


def _static_field(key: str) -> str:
    """Return the field of a static key, `labels.source_module_name` of SourceModuleName."""
    words = "".join(f"_{each}" if each.isupper() else each for each in key)
    return _STATIC_FIELDS.get(key, f"labels.{words.removeprefix('_').lower()}")


_OF_OBJECT = (
    "cloud.account.id",
    "cloud.region",
    "aws.s3.bucket.name",
    "aws.s3.object.key",
    "log.file.path",
)


def _of_object(origin: Origin) -> Mapping[str, Value]:
    """Return what all events of an object have in common."""
    bucket, key = origin.bucket, _encodable(origin.key)
    path = f"s3://{bucket}/{key}" if bucket else key
    values = (origin.account, origin.region, bucket or None, key, path)
    return dict(zip(_OF_OBJECT, values, strict=True))


_OF_LINES = ("@metadata._id", "log.offset", "aws.elb.extra_fields")


def _of_lines(table: Table, origin: Origin) -> Mapping[str, _Leaf]:
    """Return what comes from no column."""
    ids = [f',"_id":"{origin.id}-{offset}"' for offset in table.offsets]
    offsets = [f',"offset":{offset}' for offset in table.offsets]
    extra: _Leaf = ""
    if table.extra is not None:
        extra = [_member(',"extra_fields":', fields or None) for fields in table.extra]
    return dict(zip(_OF_LINES, (ids, offsets, extra), strict=True))


def _columns(table: Table, origin: Origin) -> Mapping[str, Sequence[str]]:
    """Return the columns by name; what a line lacks is filled in from the object's key."""
    columns = dict(zip(table.format.names, table.columns, strict=True))
    told = _of_key(_encodable(origin.key))
    for name in KEY_COLUMNS:
        column = columns.get(name, [ABSENT] * len(table))
        if name in told and ABSENT in column:
            column = [told[name] if text == ABSENT else text for text in column]
        columns[name] = column
    return columns


def _of_key(key: str) -> Mapping[str, str]:
    """Return what an object's name tells: the load balancer, and its node but for an NLB."""
    # [conn_log_]123456789012_elasticloadbalancing_eu-west-1_app.lb.50dc6c49_<end>_<node>_…
    parts = key.rpartition("/")[2].split("_")
    if len(parts) < 6 or parts[-6] != "elasticloadbalancing" or not is_address(parts[-2]):
        return {}
    return {"elb": parts[-4].replace(".", "/"), "ip_address": parts[-2]}


class _Reader:
    """Applies one rule to columns."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._names = list(map(_name, rule.fields))
        self._known: dict[str, Sequence[str]] = {}

    def leaves(self, columns: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, _Leaf]]:
        """Return each field with its leaf."""
        texts, *others = (columns[name] for name in self._rule.columns)
        return zip(self._rule.fields, self._leaves(texts, others), strict=True)

    def _leaves(self, texts: Sequence[str], others: Sequence[Sequence[str]]) -> Iterable[_Leaf]:
        read, known = self._rule.read, self._known
        if others and read is not None:
            lines = [self._members(read(*line)) for line in zip(texts, *others, strict=True)]
        elif texts.count(texts[0]) == len(texts):
            return self._of_text(texts[0])
        elif read is None:
            return self._as_they_are(texts)
        else:
            lines = [known.get(text) or self._of_text(text) for text in texts]
        return zip(*lines, strict=True)

    def _as_they_are(self, texts: Sequence[str]) -> Iterable[_Leaf]:
        absent = self._rule.absent
        values = ["" if text in absent else _quoted(text) for text in texts]
        return [[value and name + value for value in values] for name in self._names]

    def _of_text(self, text: str) -> Sequence[str]:
        """Return what one text of the only column gives for each field."""
        read = self._rule.read
        if text in self._rule.absent:
            members: Sequence[str] = [""] * len(self._names)
        else:
            members = self._members([text] * len(self._names) if read is None else read(text))
        if len(self._known) < _FEW and len(text) <= _SHORT:
            self._known[text] = members
        return members

    def _members(self, values: Sequence[Value]) -> Sequence[str]:
        return [
            "" if value is None else name + _JSON[type(value)](value)
            for name, value in zip(self._names, values, strict=True)
        ]


_FEW = 2048
"""Texts of a column that are remembered, with what they give: many columns have few."""
_SHORT = 256
"""Characters of a text that is remembered: a hostile log must not fill the memory."""


def _tree(fields: Iterable[str]) -> _Tree:
    """Return the objects that the fields make up."""
    tree: _Tree = {}
    for field in fields:
        *path, name = field.split(".")
        node = tree
        for each in path:
            inner = node.setdefault(each, {})
            if isinstance(inner, str):
                raise ValueError(f"{inner} is an object in {field}")
            node = inner
        node[name] = field
    return tree


def _members(tree: _Tree, leaves: Mapping[str, _Leaf]) -> list[_Leaf]:
    """Return the leaves of an object, those of objects in it between their braces."""
    members: list[_Leaf] = []
    for name, child in tree.items():
        if isinstance(child, str):
            members.append(leaves[child])
        else:
            members += _object(_key(name), _members(child, leaves))
    return [member for member in members if member != ""]


def _object(key: str, members: list[_Leaf]) -> list[_Leaf]:
    """Return an object as leaves; where no line may have a member, there must be no object."""
    if not members:
        return []
    first = members[0]
    if isinstance(first, str):
        return [f"{key}{{{first[1:]}", *members[1:], "}"]
    number = len(first)
    return [[f"{key}{{{text[1:]}}}" if text else "" for text in _joined(members, number)]]


def _joined(leaves: Sequence[_Leaf], number: int) -> Iterable[str]:
    """Return the text of each line."""
    columns: list[Sequence[str]] = []
    for same, group in groupby(leaves, lambda leaf: isinstance(leaf, str)):
        some = list(group)
        columns += [["".join(map(str, some))] * number] if same else some
    return map("".join, zip(*columns, strict=True))


def _key(name: str) -> str:
    return f",{_quoted(name)}:"


def _name(field: str) -> str:
    """Return the start of a field as it stands in its object."""
    return _key(field.rpartition(".")[2])


def _member(key: str, value: Value) -> str:
    return "" if value is None else key + _JSON[type(value)](value)


def _encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs: a file's name may hold them."""
    return text.encode(errors="backslashreplace").decode()


_quoted: Callable[[str], str] = encode_basestring


def _list(texts: Sequence[str]) -> str:
    return f"[{','.join(map(_quoted, texts))}]"


_JSON: Mapping[type, Callable[[Any], str]] = {
    str: _quoted,
    int: str,
    float: repr,
    bool: lambda value: str(value).lower(),
    list: _list,
    tuple: _list,
}
