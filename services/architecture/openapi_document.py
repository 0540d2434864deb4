"""Read an OpenAPI 3.0 or 3.1 document, JSON or YAML, into plain dictionaries; refuse what can't be compared.

YAML is read as OpenAPI asks: the values that JSON has, names as text. So "no" stays the country code of Norway, a date
stays a text, and the response 200 is "200". Aliases are refused before they are followed: nine lines of them can stand
for 430 million values.
"""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from analysis.contracts import operations_of
from models.errors import Invalid

MAX_BYTES = 10_000_000
MAX_DEPTH = 100
MAX_OPERATIONS = 2_000

# Where PyYAML brings libyaml, it reads ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOO_DEEP = f"The document is nested deeper than {MAX_DEPTH} levels. Nothing was saved."
# The values of YAML 1.2's JSON schema (https://yaml.org/spec/1.2.2/#102-json-schema), which OpenAPI asks for, and the
# other spellings of null, true and false. A number with a leading zero stays a text: it is a code.
_NULL = re.compile(r"(?:null|Null|NULL|~|)$")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,400})$")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$")
_AS_TEXT = ("tag:yaml.org,2002:str", "!")
_TAGS = {*_AS_TEXT, *(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "map", "seq"))}


class Unreadable(Invalid):
    """The file isn't an OpenAPI document that can be compared."""


def content_of(path: Path) -> bytes:
    """Return what a file on disk holds; its size is asked for first. Raises Unreadable where there is none to read."""
    if not path.is_file():
        raise Unreadable(f"There is no file {path}. Nothing was saved.")
    try:
        _refuse_large(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} can't be read ({error.strerror}). Nothing was saved.") from error


def read_openapi(content: bytes) -> dict[str, Any]:
    """Return the document in `content`. Raises Unreadable, with a sentence, for anything that can't be compared."""
    _refuse_large(len(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file isn't text in UTF-8. Nothing was saved.") from None
    document = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    _check(document)
    return document  # type: ignore[no-any-return]  # _check refused what is no dictionary


def _refuse_large(size: int) -> None:
    if size > MAX_BYTES:
        raise Unreadable(
            f"The file has {size / 1e6:.1f} MB; {MAX_BYTES / 1e6:.0f} MB at most are read. Nothing was saved."
        )


def _json(text: str) -> Any:
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"The file isn't JSON: {error.msg} at {where}. Nothing was saved.") from None
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    except ValueError:  # a number of thousands of digits
        raise Unreadable("The file holds a number that is too long. Nothing was saved.") from None
    if _is_deep(document):
        raise Unreadable(_TOO_DEEP)
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name, value in pairs:
        if name in content:
            raise Unreadable(_twice(name))
        content[name] = value
    return content


def _twice(name: str) -> str:
    return f"“{name[:60]}” is there twice in one object, so one of the two would be lost. Nothing was saved."


def _no_number(text: str) -> NoReturn:
    raise Unreadable(f"{text} is no number in JSON. Nothing was saved.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_number(text)
    return number


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return bool(level)


def _yaml(text: str) -> Any:
    loader = _LOADER(text)
    try:
        return _document(_events(loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise Unreadable(f"The file is neither JSON nor YAML: {problem}{where}. Nothing was saved.") from None
    finally:
        loader.dispose()


def _events(loader: Any) -> Iterator[yaml.Event]:
    while loader.check_event():
        event = loader.get_event()
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(
                f"Line {_line(event)} refers to another part with “*{str(event.anchor)[:60]}”. "
                "Write the part out, or use $ref. Nothing was saved."
            )
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _TAGS:
            raise Unreadable(f"Line {_line(event)} has the tag {tag[:60]}. Nothing was saved.")
        yield event


def _document(events: Iterator[yaml.Event]) -> Any:
    """Build the values that the events tell, without recursion."""
    root: list[Any] = []
    open_nodes: list[Any] = [root]
    names: list[str | None] = [None]  # of each open object, the name whose value comes next
    for event in events:
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            _put(open_nodes[-1], names, value, event)
            open_nodes.append(value)
            names.append(None)
            if len(open_nodes) > MAX_DEPTH + 1:
                raise Unreadable(_TOO_DEEP)
        elif isinstance(event, yaml.ScalarEvent):
            _put(open_nodes[-1], names, event, event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            open_nodes.pop()
            names.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and root:
            raise Unreadable("The file holds more than one document. Nothing was saved.")
    return root[0] if root else None


def _line(event: yaml.Event) -> int:
    mark: Any = event.start_mark
    return int(mark.line) + 1


def _put(node: Any, names: list[str | None], value: Any, event: Any) -> None:
    """Put a value into the object or list that is open; in an object, names and values take turns."""
    if isinstance(node, list):
        node.append(_scalar(event) if value is event else value)
    elif names[-1] is not None:
        node[names[-1]] = _scalar(event) if value is event else value
        names[-1] = None
    elif value is not event:
        raise Unreadable(f"Line {_line(event)} names a field with more than a text. Nothing was saved.")
    else:
        if event.value in node:
            raise Unreadable(_twice(event.value))
        names[-1] = event.value


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = event.value
    if event.tag in _AS_TEXT or not (event.implicit[0] or event.tag):
        return text
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text.lower() == "true"
    if _INT.match(text):
        return int(text)
    return _finite(text) if _FLOAT.match(text) else text


def _check(document: Any) -> None:
    if not isinstance(document, dict) or not ({"openapi", "swagger"} & document.keys()):
        raise Unreadable(
            "The file is no OpenAPI document: it has no “openapi: 3…” at its top. Nothing was saved."
        )
    version = str(document.get("openapi", ""))
    if "swagger" in document:
        raise Unreadable(
            f"The file is Swagger {str(document['swagger'])[:20]}. Convert it to OpenAPI 3.0 or 3.1. Nothing was saved."
        )
    if not version.startswith(("3.0", "3.1")):
        raise Unreadable(
            f"The file is OpenAPI {version[:20]}; 3.0 and 3.1 can be compared. Nothing was saved."
        )
    for part in ("paths", "webhooks", "components"):
        if not isinstance(document.get(part, {}), dict):
            raise Unreadable(f"“{part}” is no object in this document. Nothing was saved.")
    operations = operations_of(document)
    if operations > MAX_OPERATIONS:
        raise Unreadable(
            f"The document has {operations:,} operations; {MAX_OPERATIONS:,} at most are compared. Nothing was saved."
        )
