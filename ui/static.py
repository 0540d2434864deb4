"""The files of our own that a browser asks for. Their addresses change with what they hold, so that it keeps them."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

ASSETS = Path(__file__).resolve().parent / "assets"
MOUNT_PATH = "/assets"
FOR_A_YEAR = "public, max-age=31536000, immutable"


@cache
def address(name: str) -> str:
    """Where the browser finds the file of that name in `ui/assets`."""
    return f"{MOUNT_PATH}/{name}?{sha256((ASSETS / name).read_bytes()).hexdigest()[:12]}"


class StaticAssets(StaticFiles):
    """The files at `WHERE`, kept by browsers for a year."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = FOR_A_YEAR
        return response
