"""The version of the program, as in pyproject.toml and CHANGELOG.md; a test compares them."""

VERSION = "0.2.0"
