"""The glossary names files and symbols that exist."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

import models.database  # noqa: F401  (relationships need every table)

ROOT = Path(__file__).parents[1]
GLOSSARY = (ROOT / "docs/glossary.md").read_text()
PATHS = re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", GLOSSARY)
SYMBOLS = re.findall(r"`([a-z_/]+)\.py` \(`([\w.]+)`\)", GLOSSARY)


@pytest.mark.parametrize("path", sorted(set(PATHS)))
def test_a_file_of_the_glossary_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("path", "symbol"), SYMBOLS)
def test_a_symbol_of_the_glossary_is_in_its_file(path, symbol):
    module = import_module(path.replace("/", "."))
    assert reduce(getattr, symbol.split("."), module) is not None


def test_the_glossary_is_linked_from_where_people_begin():
    assert "(docs/glossary.md)" in (ROOT / "README.md").read_text()
    assert "(../glossary.md)" in (ROOT / "docs/decisions/README.md").read_text()
