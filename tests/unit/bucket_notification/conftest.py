"""One presigned URL, and a stack beside what others have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.custom_resource.cloudformation import PresignedUrl, presigned

from .s3 import (
    S3,
)
from .stacks import Stack


@pytest.fixture(name="url", scope="module")
def _url() -> Iterator[PresignedUrl]:
    with presigned() as url:
        yield url


@pytest.fixture(name="s3")
def _s3() -> S3:
    return S3()


@pytest.fixture(name="stack")
def _stack(s3: S3, url: PresignedUrl) -> Stack:
    return Stack(s3, url)
