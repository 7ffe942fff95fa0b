"""`python -m harness`."""

from harness.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main(prog_name="harness")
