"""Reading an OpenAPI document: values as JSON has them, and a sentence for what can't be compared."""

import json
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.errors import HeadwayError
from services.architecture.openapi_document import Unreadable, read_openapi
from tests.analysis.documents import document, shop

HEAD = "openapi: 3.0.3\ninfo: {title: Loans, version: '1'}\n"


def of_yaml(text: str) -> dict:
    return read_openapi((HEAD + text).encode())


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_openapi(content)
    assert isinstance(caught.value, HeadwayError)
    return str(caught.value)


def test_json_and_yaml_of_one_document_are_read_alike():
    old = shop(3)
    assert read_openapi(json.dumps(old).encode()) == old
    assert read_openapi(yaml.safe_dump(json.loads(json.dumps(old)), allow_unicode=True).encode()) == old
    assert read_openapi(b"\xef\xbb\xbf" + json.dumps(old, indent=2).encode()) == old


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("2024-08-22", "2024-08-22"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ("007", "007"),
        ("0", 0),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("true", True),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ('"5"', "5"),
        ("!!str 5", "5"),
        ("=", "="),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_a_value_of_yaml_is_what_json_would_have(text, value):
    assert of_yaml(f"x: {text}\n")["x"] == value


def test_names_stay_text_so_that_a_response_is_found():
    read = of_yaml(
        "paths:\n  /a:\n    get:\n      responses:\n        200: {description: ok}\n        on: {}\n"
    )
    assert set(read["paths"]["/a"]["get"]["responses"]) == {"200", "on"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_any_value_survives_as_json_which_is_yaml_too(value):
    given_ = document(**{"x-value": value})
    assert read_openapi(json.dumps(given_).encode()) == given_


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_an_alias_is_refused_before_it_is_followed():
    assert refusal((HEAD + BOMB).encode()) == (
        "Line 4 refers to another part with “*a”. Write the part out, or use $ref. Nothing was saved."
    )
    assert "“*b”" in refusal((HEAD + "base: &b {x: 1}\nmore:\n  <<: *b\n").encode())


@pytest.mark.parametrize("kind", ["json", "yaml", "yaml block"])
def test_more_than_100_levels_are_refused(kind):
    def nested(levels: int) -> bytes:
        if kind == "json":
            inner = "[" * levels + "]" * levels
            return f'{{"openapi": "3.0.3", "x": {inner}}}'.encode()
        if kind == "yaml":
            return f"{HEAD}x: {'[' * levels}{']' * levels}\n".encode()
        return (HEAD + "".join(" " * n + "a:\n" for n in range(levels))).encode()

    read_openapi(nested(99))
    for levels in (101, 20_000 if kind != "yaml block" else 500):
        assert refusal(nested(levels)) == "The document is nested deeper than 100 levels. Nothing was saved."


def test_the_same_name_twice_is_refused_in_json_and_yaml():
    expected = "“get” is there twice in one object, so one of the two would be lost. Nothing was saved."
    assert refusal(b'{"openapi": "3.0.0", "paths": {"/a": {"get": {}, "get": {}}}}') == expected
    assert refusal(f"{HEAD}paths:\n  /a:\n    get: {{}}\n    get: {{}}\n".encode()) == expected
    assert "“200”" in refusal(f"{HEAD}x: {{200: a, '200': b}}\n".encode())


def test_more_than_2000_operations_are_refused():
    def many(number: int) -> bytes:
        return json.dumps(document(paths={f"/{n}": {"get": {}} for n in range(number)})).encode()

    read_openapi(many(2000))
    assert refusal(many(2001)) == (
        "The document has 2,001 operations; 2,000 at most are compared. Nothing was saved."
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b" " * 10_000_001, "The file has 10.0 MB; 10 MB at most are read. Nothing was saved."),
        (b"\xff\xfe{}", "The file isn't text in UTF-8. Nothing was saved."),
        (b"", "The file is no OpenAPI document: it has no “openapi: 3…” at its top. Nothing was saved."),
        (b"[]", "The file is no OpenAPI document: it has no “openapi: 3…” at its top. Nothing was saved."),
        (b"PK\x03\x04", "The file is neither JSON nor YAML"),
        (b'{"openapi": ', "The file isn't JSON: Expecting value at line 1, column 13. Nothing was saved."),
        (b'{"openapi": NaN}', "NaN is no number in JSON. Nothing was saved."),
        (b'{"openapi": 1e999}', "1e999 is no number in JSON. Nothing was saved."),
        (
            b'{"openapi": ' + b"9" * 5000 + b"}",
            "The file holds a number that is too long. Nothing was saved.",
        ),
        (
            b"a: b: c",
            "The file is neither JSON nor YAML: mapping values are not allowed in this context at line 1",
        ),
        (
            b'swagger: "2.0"\n',
            "The file is Swagger 2.0. Convert it to OpenAPI 3.0 or 3.1. Nothing was saved.",
        ),
        (b"openapi: 3.2.0\n", "The file is OpenAPI 3.2.0; 3.0 and 3.1 can be compared. Nothing was saved."),
        (b"openapi: 3.1.0\npaths: []\n", "“paths” is no object in this document. Nothing was saved."),
        (
            b"openapi: 3.1.0\n---\nopenapi: 3.1.0\n",
            "The file holds more than one document. Nothing was saved.",
        ),
        (b"openapi: 3.1.0\nx: !!python/object:os.system {}\n", "Line 2 has the tag"),
        (b"openapi: 3.1.0\nx: !secret y\n", "Line 2 has the tag !secret. Nothing was saved."),
        (
            b"openapi: 3.1.0\n? [a, b]\n: 1\n",
            "Line 2 names a field with more than a text. Nothing was saved.",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_sentence(content, sentence):
    assert refusal(content).startswith(sentence)


@given(st.text() | st.text("{}[]:,&*!|>-#'\"\n 0a"))
def test_any_text_is_read_or_refused(text):
    for content in (text.encode(errors="ignore"), (HEAD + text).encode(errors="ignore")):
        with suppress(Unreadable):
            assert "openapi" in read_openapi(content)
