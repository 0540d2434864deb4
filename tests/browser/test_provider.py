"""Signing in and out with the firm's identity provider, in a real browser: both are other origins to each other."""

import pytest
from playwright.sync_api import expect

from tests import databases
from tests.browser.harness import settled
from tests.browser.server import Server
from tests.browser.signing_in import MEI, two_clients

mock = pytest.importorskip("oidc_provider_mock")
MEI_THERE = {"email": MEI, "email_verified": True, "name": "Mei Tan"}


@pytest.fixture
def provided(tmp_path, monkeypatch):
    """The program with an identity provider, which knows Mei."""
    with (
        databases.sqlite_database(tmp_path) as url,
        mock.run_server_in_thread(user_claims=[mock.User(sub="mei", claims=MEI_THERE)]) as there,
    ):
        settings = {
            "DATABASE_URL": url,
            "HEADWAY_OIDC_ISSUER": f"http://localhost:{there.server_port}",
            "HEADWAY_OIDC_CLIENT_ID": "headway",
            "HEADWAY_OIDC_CLIENT_SECRET": "secret",
            "AUTHLIB_INSECURE_TRANSPORT": "1",
        }
        with Server(tmp_path / "log", settings) as server:
            two_clients(server)
            yield server


def test_who_signs_in_with_the_firms_account_is_signed_out_of_both(chromium, provided):
    # The provider sends people back to HEADWAY_URL, and what they began with is in a cookie of that host.
    home = provided.url.replace("127.0.0.1", "localhost")
    with chromium.new_context(base_url=home) as context:
        page = context.new_page()
        page.goto("/plan?engagement=acme")
        page.get_by_role("link", name="Sign in with your firm’s account").click()
        page.get_by_label("sub").or_(page.locator("input[name=sub]")).first.fill("mei")
        page.locator("button[type=submit]").first.click()
        page.wait_for_url("**/plan?engagement=acme")
        settled(page)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/oauth2/end_session?**")
        page.goto("/plan?engagement=acme")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
