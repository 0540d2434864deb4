"""Requests made from the API's description, right and wrong: no server error, and only answers that it names."""

import pytest
from hypothesis import HealthCheck, Phase, settings

from api.routes import api
from models.api_tokens import Scope
from services.people import tokens
from tests.builders import an_engagement, noon, the_operator

schemathesis = pytest.importorskip("schemathesis")
schema = schemathesis.openapi.from_asgi("/openapi.json", api)
# The other checks are about what HTTP allows to be left open, such as a method that isn't there.
CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]


@pytest.fixture
def token(sqlite_database, monkeypatch) -> str:
    """A token of an engagement that may be asked for by chance as well."""
    monkeypatch.setattr("api.current_user.now", lambda: noon(60))
    an_engagement("0")
    return tokens.make_token(the_operator(), "0", name="nightly", scope=Scope.MEASUREMENTS, days=90)


@schema.parametrize()
@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_an_address_answers_as_the_description_says(case, token):
    case.call_and_validate(headers={"authorization": f"Bearer {token}"}, checks=CHECKS)
