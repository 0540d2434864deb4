"""The HTTP API under /api/v1. Its description is at /api/openapi.json."""

from __future__ import annotations

from fastapi import FastAPI

from api import problems, reviews
from models.database import database_url
from services.database import schema_revision

api = FastAPI(title="Headway", version="1", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
problems.install(api)
api.include_router(reviews.router)


@api.get("/v1/health")
def health() -> dict[str, str | None]:
    """Whether the program answers, and at which migration its database is."""
    return {"status": "ok", "schema": schema_revision(database_url())}
