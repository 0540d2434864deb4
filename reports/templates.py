"""HTML fragments made of Jinja2 templates. What is put into one is escaped, unless it is Markup already."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


class Templates:
    """The templates of a folder, each read and compiled once."""

    def __init__(self, folder: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def render(self, template: str, /, **values: Any) -> Markup:
        """Return the template's fragment; raises UndefinedError where it needs a value that isn't given."""
        return Markup(self._environment.get_template(template).render(values).strip())
