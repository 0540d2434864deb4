"""Downloads of the evidence, in the columns of the import templates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.current_user import caller
from models.people import Actor
from services.imports.evidence_files import export_evidence

router = APIRouter()
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/v1/engagements/{slug}/evidence/{kind}.{format}")
def evidence(slug: str, kind: str, format: str, who: Annotated[Actor, Depends(caller)]) -> Response:
    """All records of a kind, such as systems or measurements, as csv or xlsx."""
    data = export_evidence(who, slug, kind, format)
    headers = {
        "content-disposition": f'attachment; filename="{slug}-{kind}.{format}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=MEDIA_TYPES[format], headers=headers)
