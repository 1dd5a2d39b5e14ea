"""What an object's place tells, and the id that it has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.log_processor.kinds import Kind
from lambda_src.log_processor.origin import Origin

from .samples import CLASSIC_KEY, KEYS


def test_an_id_never_changes() -> None:
    """Events that were delivered before an update are overwritten after it, not doubled."""
    assert Origin("bucket", CLASSIC_KEY, "v1").id == "b85536b3e28fb8815bd1ab30d139fd06"


parts = st.text(alphabet=st.characters(exclude_characters="\0"), max_size=5)
origins = st.builds(Origin, parts, parts, parts)


@given(origins, origins)
def test_each_version_of_each_object_has_its_own_id(one: Origin, other: Origin) -> None:
    """Wherever bucket, key and version begin and end."""
    assert (one.id == other.id) == (one == other)
    assert len(one.id) == 32
    assert set(one.id) <= set("0123456789abcdef")


def test_parts_do_not_run_into_each_other() -> None:
    """The same letters in a row are not the same object."""
    ids = {Origin(*parts).id for parts in (("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""))}
    assert len(ids) == 3


def test_a_key_with_half_of_a_surrogate_pair_has_an_id() -> None:
    """No key raises."""
    assert Origin("b", "\ud800", "v").id != Origin("b", "\udbff", "v").id


@pytest.mark.parametrize("prefix", ["", "a prefix/", "AWSLogs/x/"])
@pytest.mark.parametrize("kind", KEYS)
def test_the_key_tells_account_and_region(kind: Kind, prefix: str) -> None:
    """All kinds of logs are kept in folders of the same names."""
    origin = Origin("bucket", prefix + KEYS[kind], "v1")
    assert (origin.account, origin.region) == ("123456789012", "eu-west-1")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "renamed.log",
        CLASSIC_KEY.rpartition("/")[2],
        "xAWSLogs/123456789012/elasticloadbalancing/eu-west-1/a.log",
        "AWSLogs/12345/elasticloadbalancing/eu-west-1/a.log",
        "AWSLogs/123456789012/ELBAccessLogTestFile",
        "AWSLogs/123456789012/vpcflowlogs/eu-west-1/a.log",
    ],
)
def test_any_other_key_tells_neither(key: str) -> None:
    """A name that was made up by somebody else is not trusted."""
    origin = Origin("bucket", key, "v1")
    assert (origin.account, origin.region) == (None, None)
