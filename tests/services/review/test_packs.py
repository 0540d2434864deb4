"""The portfolio pack: only what is theirs, told as it is made, and journalled when it is taken."""

import io

import pypdf
import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.database import engine
from models.engagement import Engagement
from models.errors import Invalid, NotFound
from models.names import NameFinder
from models.people import Actor, Member, Role
from models.review import ReviewDownload
from services.privacy.frozen_weeks import forget
from services.review import packs, reviews
from tests.builders import an_actor, an_engagement, on_day, the_operator
from tests.stories import a_story

pytestmark = pytest.mark.usefixtures("database")
NAMES = {"acme": "Lending platform", "birch": "Claims in a day", "cedar": "Core ledger"}


def frozen_portfolio() -> None:
    """Three engagements, two of them with a frozen week; their clients are told apart by their names."""
    a_story("acme", until=20, name=NAMES["acme"])
    for slug in ("birch", "cedar"):
        an_engagement(slug, name=NAMES[slug], client=f"Client of {slug}")
    for slug in ("acme", "birch"):
        reviews.freeze(the_operator(20), slug, on_day(20))


def sponsor_of(*slugs: str) -> Actor:
    for slug in slugs:
        actor = an_actor("Dana Ruiz", slug, role=Role.SPONSOR, day=21)
    return actor


def text_of(pdf: bytes) -> str:
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return text.replace("\u200b", "")


def downloads() -> list[tuple[str, str]]:
    with Session(engine()) as session:
        return [(row.format, row.by) for row in session.scalars(select(ReviewDownload))]


def test_the_pack_holds_what_that_person_may_see_and_nothing_else():
    frozen_portfolio()
    dana = sponsor_of("acme", "cedar")
    made = packs.build(dana)
    text = text_of(packs.download(dana, made.key))
    assert NAMES["acme"] in text
    assert "birch" not in text
    assert NAMES["birch"] not in text
    assert "Waits" not in text
    assert made.without == [NAMES["cedar"]]
    everything = packs.build(the_operator(21))
    assert {slug for slug, _ in everything.weeks} == {"acme", "birch"}
    assert len(pypdf.PdfReader(io.BytesIO(everything.data)).pages) == 3


def test_it_is_told_how_many_of_how_many_are_read():
    frozen_portfolio()
    progress = []
    packs.build(the_operator(21), lambda done, all: progress.append((done, all)))
    assert progress == [(1, 3), (2, 3), (3, 3)]


def test_taking_it_is_journalled_in_every_engagement_and_making_it_is_not():
    frozen_portfolio()
    dana = sponsor_of("acme", "birch")
    made = packs.build(dana)
    assert downloads() == []
    packs.download(dana, made.key)
    assert downloads() == [("pack", "Dana Ruiz")] * 2


def test_it_is_for_whom_all_of_it_is():
    frozen_portfolio()
    dana, mei = sponsor_of("acme", "birch"), an_actor("Mei Tan", "acme", day=21)
    made = packs.build(dana)
    for actor, key in ((mei, made.key), (dana, "guess"), (dana, "999"), (dana, ""), (dana, f"{2**40}")):
        with pytest.raises(NotFound, match="There is no such pack for you"):
            packs.download(actor, key)
    with Session(engine()) as session, session.begin():
        session.execute(delete(Member).where(Member.user_id == dana.user_id))
    with pytest.raises(NotFound, match="There is no such pack for you"):
        packs.download(dana, made.key)
    assert downloads() == []


def test_the_same_weeks_give_the_same_bytes():
    frozen_portfolio()
    assert packs.build(the_operator(21)).data == packs.build(the_operator(22)).data


def test_where_nothing_is_frozen_it_says_what_to_do():
    an_engagement()
    with pytest.raises(Invalid, match="Freeze one first"):
        packs.build(the_operator(2))


def test_another_process_hands_out_the_same_pack():
    frozen_portfolio()
    dana = sponsor_of("acme", "birch")
    made = packs.build(dana)
    packs._cached.clear()
    assert packs.download(dana, made.key) == made.data


def test_an_erasure_reaches_a_pack_that_was_made_before():
    frozen_portfolio()
    dana = sponsor_of("acme")
    made = packs.build(dana)
    assert "Mei Tan" in text_of(made.data)
    with Session(engine()) as session, session.begin():
        everyone = NameFinder(["Mei Tan"])
        acme = session.scalar(select(Engagement.id).where(Engagement.slug == "acme"))
        forget(session, acme, set(), everyone, "Somebody", on_day(21))
    assert "Mei Tan" not in text_of(packs.download(dana, made.key))
