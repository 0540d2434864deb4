"""The dashboard's HTML comes with our style sheet and scripts, and names the scripts of Streamlit that the page needs."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from ui import static
from ui.chunks import INDEX
from ui.first_answer import SCRIPTS, STYLE_SHEETS, FirstAnswer, our_elements, version


@pytest.fixture
def client() -> TestClient:
    """A program whose page of the dashboard is Streamlit's own file, as Streamlit serves it."""
    routes = [
        Route("/plan", lambda _: FileResponse(INDEX)),
        Route("/sign", lambda _: HTMLResponse("<html><body></body>", headers={"etag": "its own"})),
        Route("/text", lambda _: PlainTextResponse("text</body>")),
        Route("/wrong", lambda _: HTMLResponse("<body></body>", 500)),
        Mount(static.MOUNT_PATH, app=static.StaticAssets(directory=static.ASSETS)),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(FirstAnswer)]))


def test_the_dashboards_html_has_our_elements_last_in_its_body(client):
    html = client.get("/plan").text
    before, after = INDEX.read_text(encoding="utf-8").split("</body>")
    assert html == f"{before}{our_elements()}</body>{after}"


def test_every_file_that_it_names_is_served_and_may_be_kept(client):
    named = re.findall(r'(?:src|href)="(/assets/[^"]+)"', client.get("/plan").text)
    assert [name.partition("?")[0] for name in named] == [
        f"/assets/{name}" for name in (*STYLE_SHEETS, *SCRIPTS)
    ]
    for address in named:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_it_is_whole_whether_or_not_the_browser_reads_gzip(client):
    packed, plain = (client.get("/plan", headers={"accept-encoding": it}) for it in ("gzip, br", "identity"))
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(plain.headers["content-length"]) == len(plain.content)
    assert "accept-encoding" in plain.headers["vary"].lower()


def test_a_browser_that_has_streamlits_file_of_before_gets_ours(client):
    marks = FileResponse(INDEX, stat_result=INDEX.stat()).headers
    answer = client.get("/plan", headers={"if-none-match": marks["etag"], "range": "bytes=0-9"})
    assert answer.status_code == 200
    assert our_elements() in answer.text
    assert not {"etag", "last-modified", "accept-ranges"} & set(answer.headers)


def test_only_the_dashboards_html_is_changed(client):
    assert "rel=modulepreload" in client.get("/plan").headers["link"]
    assert client.get("/sign").headers["etag"] == "its own"
    for path in ("/sign", "/text", "/wrong"):
        answer = client.get(path)
        assert "link" not in answer.headers
        assert "components.css" not in answer.text


def test_the_version_changes_with_a_file(monkeypatch):
    before = version()
    monkeypatch.setattr(static, "address", lambda name: f"/assets/{name}?newer")
    version.cache_clear()
    try:
        assert version() != before
    finally:
        version.cache_clear()
