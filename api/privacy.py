"""The copy of an interviewee's personal data: for leads only, and journalled."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.current_user import caller
from api.forms import read_form
from api.threads import in_thread
from models.people import Actor
from services.privacy.erasure import hand_over

router = APIRouter()


@router.post("/v1/engagements/{slug}/personal-data")
async def personal_data(slug: str, request: Request, who: Annotated[Actor, Depends(caller)]) -> Response:
    """All that is stored about the person whom the form names, as a file."""
    interviewee = (await read_form(request)).get("person", "")
    copy = await in_thread(partial(hand_over, who, slug, interviewee))
    headers = {
        "content-disposition": f'attachment; filename="personal-data-{slug}.json"',
        "cache-control": "private, no-store",
    }
    return Response(copy, media_type="application/json", headers=headers)
