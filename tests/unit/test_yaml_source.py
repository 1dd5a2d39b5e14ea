"""Reading YAML without losing where each key stands, or that one stands there twice."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import SettingsError
from infra.yaml_source import YamlSource, dotted, parse, read


def test_each_key_and_list_entry_has_its_line() -> None:
    """A message can point at the line of whatever is wrong."""
    source = parse("a: 1\nb:\n  c:\n    - x\n    - y\n", "f.yaml")
    assert source == YamlSource(
        "f.yaml",
        {"a": 1, "b": {"c": ["x", "y"]}},
        {("a",): 1, ("b",): 2, ("b", "c"): 3, ("b", "c", 0): 4, ("b", "c", 1): 5},
    )


def test_a_path_that_is_not_there_stands_at_its_nearest_parent() -> None:
    """What is missing is reported where it would have to be."""
    source = parse("a: 1\nb:\n  c: 2\n", "f.yaml")
    assert source.place(("b", "missing")) == "f.yaml:2"


def test_a_key_that_stands_twice_is_an_error() -> None:
    """YAML would silently keep the last one."""
    with pytest.raises(SettingsError) as refused:
        parse("a: 1\nb:\n  c: 2\n  c: 3\na: 4\n", "f.yaml")
    assert refused.value.problems == (
        "f.yaml:4: b.c: this key stands here twice (first on line 3); keep one",
        "f.yaml:5: a: this key stands here twice (first on line 1); keep one",
    )


def test_broken_yaml_is_named_with_its_line() -> None:
    """Where the parser gave up is where to look, or where it had begun."""
    with pytest.raises(SettingsError) as refused:
        parse("a: 1\nb: [1, 2\n", "f.yaml")
    assert str(refused.value) == (
        "f.yaml:3: is not valid YAML: expected ',' or ']', but got '<stream end>' "
        "while parsing a flow sequence that begins on line 2"
    )


def test_text_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    """A file in another encoding is not a traceback."""
    file = tmp_path / "f.yaml"
    file.write_bytes(b"name: caf\xe9\n")
    with pytest.raises(SettingsError) as refused:
        read(file)
    assert str(refused.value) == f"{file}: is not UTF-8 text (byte 9); save it as UTF-8"


def test_aliases_that_multiply_are_read_in_no_time() -> None:
    """Ten levels of ten aliases are ten thousand million values and ten lines."""
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 11)]
    source = parse("\n".join(["a0: &a0 x", *levels]), "f.yaml")
    assert source.place(("a10",)) == "f.yaml:11"


def test_a_value_that_does_not_fit_its_tag_is_no_traceback() -> None:
    """PyYAML's own errors are not all errors of YAML."""
    with pytest.raises(SettingsError, match=r"^f\.yaml:1: is not valid YAML: "):
        parse("zones: !!bool x\n", "f.yaml")


def test_only_regular_files_of_a_settings_files_size_are_read(tmp_path: Path) -> None:
    """A device or a pipe would be read for ever."""
    large, pipe = tmp_path / "large.yaml", tmp_path / "pipe"
    large.write_bytes(b"#" * (1024 * 1024 + 1))
    os.mkfifo(pipe)
    for file, says in (
        (large, "is larger than 1,048,576 bytes: no settings file"),
        (pipe, "is no regular file; save the settings as one"),
        (Path("/dev/zero"), "is no regular file; save the settings as one"),
    ):
        with pytest.raises(SettingsError) as refused:
            read(file)
        assert str(refused.value) == f"{file}: {says}"


@pytest.mark.parametrize(
    ("path", "text"), [(("a", "b"), "a.b"), (("a", 0, "b"), "a[0].b"), ((), "")]
)
def test_key_paths_read_as_an_operator_writes_them(path: tuple[str | int, ...], text: str) -> None:
    """Dots between keys, brackets around positions."""
    assert dotted(path) == text


@given(st.text())
def test_any_text_is_data_or_a_settings_error(text: str) -> None:
    """No input can make the reader fail in another way."""
    with suppress(SettingsError):
        assert parse(text, "f.yaml").file == "f.yaml"
