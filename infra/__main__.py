"""The command `infra`, also as `python -m infra`."""

import sys


def main() -> None:
    """Run the command line, also ending quietly while it is still being loaded."""
    try:
        from infra.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
