"""What a wheel has to be made for, to run in Lambda."""

from __future__ import annotations

from infra.runtime import GLIBC, PYTHON, Architecture

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""The architectures as Linux and wheels have them."""

INTERPRETER = f"cp{PYTHON[0]}{PYTHON[1]}"

_OLDEST_GLIBC = {"arm64": (2, 17), "x86_64": (2, 5)}
_LEGACY = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
"""https://peps.python.org/pep-0600/#legacy-manylinux-tags."""


def platforms(architecture: Architecture) -> tuple[str, ...]:
    """The platform tags of wheels that run there, the best first."""
    machine = MACHINES[architecture]
    tags = []
    for minor in range(GLIBC[1], _OLDEST_GLIBC[architecture][1] - 1, -1):
        tags.append(f"manylinux_{GLIBC[0]}_{minor}_{machine}")
        if (GLIBC[0], minor) in _LEGACY:
            tags.append(f"{_LEGACY[GLIBC[0], minor]}_{machine}")
    return tuple(tags)


def marker_environment(architecture: Architecture) -> dict[str, str]:
    """What a requirement's `; …` is held against: Lambda's, not this machine's.

    https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
    """
    version = f"{PYTHON[0]}.{PYTHON[1]}"
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{version}.0",
        "os_name": "posix",
        "platform_machine": MACHINES[architecture],
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{version}.0",
        "python_version": version,
        "sys_platform": "linux",
        "extra": "",
    }
