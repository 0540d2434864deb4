"""Pages at addresses of their own, without the error pages that each Starlette application brings along."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, ExceptionHandler


def html_routes(routes: Sequence[BaseRoute], not_found: ExceptionHandler) -> ASGIApp:
    """Return an application of `routes`, which answers what isn't there by `not_found`.

    Any other error goes on to AuthMiddleware, which answers it as everywhere else. An application of Starlette's own
    would first send “Internal Server Error”, also while the database is away.
    """
    return ExceptionMiddleware(Router(routes), handlers={404: not_found, 405: not_found})
