"""Downloads of frozen weeks for members, each journalled, and the calendar feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.current_user import caller
from models.errors import Forbidden, NotFound
from models.people import Actor
from reports.exports.portfolio_files import portfolio_csv, portfolio_xlsx
from reports.exports.week_files import FORMATS, export, file_name
from reports.frames.portfolio import portfolio
from reports.frames.portfolio_list import arranged, table, view_of
from services.review import calendar_feed, packs, reviews
from store import reviews as stored_reviews

router = APIRouter()
Caller = Annotated[Actor, Depends(caller)]
_PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}
_BY_SUFFIX = {format.suffix: format for format in FORMATS.values()}


@router.get("/v1/engagements/{slug}/reviews")
def frozen_weeks(slug: str, who: Caller) -> list[dict[str, object]]:
    """The frozen weeks of an engagement, the newest first."""
    return [
        {
            "id": row.id, "cycle": row.cycle, "week": row.week, "on": row.on.isoformat(), "revision": row.revision,
            "snapshot": row.digest, "health": row.health, "verdict": row.verdict, "superseded": row.superseded,
        }
        for row in stored_reviews.weeks(who, slug)
    ]  # fmt: skip


@router.get("/v1/engagements/{slug}/reviews/{review_id}.{suffix}")
def download(slug: str, review_id: int, suffix: str, who: Caller) -> Response:
    """A frozen week as a file: pdf, pptx, xlsx, md, zip (CSV) or json. Without interviews for who may not read them.
    \f
    Raises NotFound if there is no such week or format.
    """
    row = next((row for row in stored_reviews.weeks(who, slug) if row.id == review_id), None)
    format = _BY_SUFFIX.get(suffix)
    if row is None or format is None:
        raise NotFound("There is no such file of a review here.")
    document = stored_reviews.document(who, slug, row.digest)
    data = export(document, format.key)
    reviews.note_download(who, slug, row.id, format.key, data)
    headers = {"content-disposition": f'attachment; filename="{file_name(document, format.key)}"'} | _PRIVATE
    return Response(data, media_type=format.media_type, headers=headers)


@router.get("/v1/portfolio/packs/{key}.pdf")
def portfolio_pack(key: str, who: Caller) -> Response:
    """The portfolio pack that the page Portfolio built under this key, for a member of all its engagements."""
    headers = {"content-disposition": 'attachment; filename="portfolio-pack.pdf"'} | _PRIVATE
    return Response(packs.download(who, key), media_type=FORMATS["pdf"].media_type, headers=headers)


@router.get("/v1/portfolio/list.{suffix}")
def portfolio_list(suffix: str, request: Request, who: Caller) -> Response:
    """The caller's portfolio as csv or xlsx, filtered and sorted as the address of the page is.

    Parts of the address: `sort`, `order`, `health`, `region`, `sector`, `lead`, `find`, `on`.
    \f
    Raises NotFound for any other format, and Forbidden for a token, which is of one engagement.
    """
    if suffix not in ("csv", "xlsx"):
        raise NotFound("The list of the portfolio can be had as csv or xlsx.")
    if who.token_id is not None:
        raise Forbidden("A token is of one engagement. Sign in to see your portfolio.")
    view = view_of(request.query_params.multi_items())
    rows = table(arranged(portfolio(who, view.on), view))
    on = view.on or who.today("UTC")
    if suffix == "csv":
        data, media_type = portfolio_csv(rows), "text/csv; charset=utf-8"
    else:
        data, media_type = (
            portfolio_xlsx(rows, f"Portfolio as of {on.isoformat()}"),
            FORMATS["xlsx"].media_type,
        )
    headers = {
        "content-disposition": f'attachment; filename="portfolio-{on.isoformat()}.{suffix}"'
    } | _PRIVATE
    return Response(data, media_type=media_type, headers=headers)


@router.get("/v1/calendar/{secret}.ics")
def calendar(secret: str) -> Response:
    """Milestones and reviews of a person's engagements. The address is the secret; who has it may read it."""
    return Response(
        calendar_feed.render_feed(secret),
        media_type="text/calendar; charset=utf-8",
        headers={"cache-control": "private, no-store"},
    )
