"""What every function runs on: what its template asks for, and what its code is made for."""

from __future__ import annotations

from typing import Literal

Architecture = Literal["arm64", "x86_64"]

PYTHON = (3, 13)
RUNTIME = f"python{PYTHON[0]}.{PYTHON[1]}"

GLIBC = (2, 34)
"""Of Amazon Linux 2023, which that runtime is built on: no wheel may need a newer one.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
"""
