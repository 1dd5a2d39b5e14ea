"""`python -m infra`, the same as the command `infra`."""

from infra.cli import main

main()
