"""The page behind the unsubscribe link in a mail: opening it changes nothing, its button ends the mails."""

import re

from models.mail import WEEKS
from services.mail import mail_choices
from services.mail.outbox import unsubscribe_url
from tests.api.conftest import HOME
from tests.builders import an_actor, an_engagement, noon


def test_opening_the_link_changes_nothing_and_the_button_ends_the_mails(client):
    an_engagement(name="Loans <b>& Cards")
    mei = an_actor("Mei Tan", day=5)
    mail_choices.choose(mei, "acme", weeks=True)
    link = unsubscribe_url(mei.user_id, 1, WEEKS, noon(5))
    for _ in range(2):
        page = client.get(link)
        assert page.status_code == 200
    assert mail_choices.choices(mei, "acme")["weeks"], "a mail scanner opens links"
    token = re.search(r'name="token" value="([^"]+)"', page.text).group(1)
    done = client.post("/sign/unsubscribe", data={"token": token}, headers={"origin": HOME})
    assert done.status_code == 200
    assert "Loans &lt;b&gt;&amp; Cards" in done.text
    assert not mail_choices.choices(mei, "acme")["weeks"]
    assert mail_choices.choices(mei, "acme")["digest"], "the others stay"


def test_a_link_that_is_none_of_ours_is_told_so(client):
    answer = client.post("/sign/unsubscribe", data={"token": "made up"}, headers={"origin": HOME})
    assert answer.status_code == 404
    assert "Nothing was changed" in answer.text
    assert client.get('/sign/unsubscribe?token="><script>').text.count("<script>") == 0


def test_a_mail_programs_own_button_ends_the_mails_by_a_post_to_the_link(client):
    an_engagement()
    mei = an_actor("Mei Tan", day=5)
    mail_choices.choose(mei, "acme", weeks=True)
    link = unsubscribe_url(mei.user_id, 1, WEEKS, noon(5))
    # RFC 8058: no cookie, no origin, only this body.
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not mail_choices.choices(mei, "acme")["weeks"]


def test_a_post_without_an_origin_reaches_no_other_page_and_no_session(client):
    an_engagement()
    mei = an_actor("Mei Tan", day=5)
    mail_choices.choose(mei, "acme", weeks=True)
    for path in ("/sign/unsubscribe/", "/sign/metrics", "/sign/link", "/session/enter"):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"}, follow_redirects=False)
        assert answer.status_code in (403, 404, 405), path
    answer = client.post("/sign/unsubscribe", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 404, "without a token nobody is meant, whoever is signed in"
    assert mail_choices.choices(mei, "acme")["weeks"]
    link = unsubscribe_url(mei.user_id, 1, WEEKS, noon(5))
    for method in ("HEAD", "PUT", "DELETE"):
        client.request(method, link)
    assert mail_choices.choices(mei, "acme")["weeks"], "only a POST ends them"
    assert "set-cookie" not in client.post(link, data={"List-Unsubscribe": "One-Click"}).headers
