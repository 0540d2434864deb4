"""The copy of what is held of an interviewee: for its leads only, and journalled."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from api.current_user import caller
from api.forms import read_form
from models.people import Actor
from services.privacy.erasure import hand_over

router = APIRouter()


@router.post("/v1/engagements/{slug}/personal-data")
async def personal_data(slug: str, request: Request, who: Annotated[Actor, Depends(caller)]) -> Response:
    """All that is held of the person whom the form names, as a file."""
    person = (await read_form(request)).get("person", "")
    copy = await to_thread.run_sync(hand_over, who, slug, person)
    headers = {
        "content-disposition": f'attachment; filename="personal-data-{slug}.json"',
        "cache-control": "private, no-store",
    }
    return Response(copy, media_type="application/json", headers=headers)
