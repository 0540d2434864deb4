"""Health for load balancers and operators: `live` says that the process answers, `ready` that it can do its work.

These addresses need no sign-in and answer at any host name: a probe asks a process by its own address.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from models.database import database_url
from models.version import VERSION
from services.operations.readiness import readiness
from services.operations.schema import schema_revision

PATHS = ("/api/v1/live", "/api/v1/ready", "/api/v1/health")
RETRY_SECONDS = "5"
router = APIRouter()


@router.get("/v1/live")
async def live() -> dict[str, str]:
    """Whether the process answers. It asks no database: a restart would help against nothing else."""
    return {"status": "ok", "version": VERSION}


@router.get("/v1/ready", responses={503: {"description": "A check failed; its sentence says why."}})
def ready() -> JSONResponse:
    """Whether the program can do its work: writing, disk, migration and journal, each "ok" or a sentence."""
    result = readiness()
    content = {
        "status": "ok" if result.is_ready else "unavailable",
        "version": VERSION,
        "checks": result.checks,
    }
    headers = {} if result.is_ready else {"retry-after": RETRY_SECONDS}
    return JSONResponse(content, 200 if result.is_ready else 503, headers)


@router.get("/v1/health", responses={503: {"description": "The database can't be used."}})
def health() -> dict[str, str | None]:
    """Whether the program answers, its version, and the migration that its database is at."""
    return {"status": "ok", "version": VERSION, "schema": schema_revision(database_url())}
