"""Our own static files. Their addresses change with their content, so that browsers may cache them."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

ASSETS = Path(__file__).resolve().parent / "assets"
MOUNT_PATH = "/assets"
CACHE_FOR_A_YEAR = "public, max-age=31536000, immutable"


@cache
def address(name: str) -> str:
    """Return the address of the file of that name in `ui/assets`."""
    return f"{MOUNT_PATH}/{name}?{sha256((ASSETS / name).read_bytes()).hexdigest()[:12]}"


class StaticAssets(StaticFiles):
    """The files under `MOUNT_PATH`, cached by browsers for a year."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = CACHE_FOR_A_YEAR
        return response
