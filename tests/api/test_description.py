"""The API's description: every address names the refusals that it can answer with."""

from api.routes import api
from tests.builders import an_engagement


def described() -> dict[str, dict[str, set[str]]]:
    """The statuses that the description names, by address and method."""
    paths = api.openapi()["paths"]
    return {
        path: {method: set(operation["responses"]) for method, operation in methods.items()}
        for path, methods in paths.items()
    }


def test_every_address_names_the_refusals_that_happen(client):
    an_engagement()
    for path, methods in described().items():
        for method, statuses in methods.items():
            address = path.replace("{slug}", "nowhere")
            for name in ("review_id", "record_id", "runbook_id", "number"):
                address = address.replace(f"{{{name}}}", "1")
            answer = client.request(method.upper(), "/api" + address)
            assert str(answer.status_code) in statuses, f"{method} {path}: {answer.text}"
            assert "503" in statuses
            secret = "{secret}" in path or "health" in path or "live" in path or "ready" in path
            assert secret or {"401", "403"} <= statuses, path
            assert ("{" not in path) or "404" in statuses, path


def test_a_refusal_is_described_as_a_problem():
    for path, methods in api.openapi()["paths"].items():
        for operation in methods.values():
            for status in {"401", "403", "404"} & set(operation["responses"]):
                content = operation["responses"][status]["content"]
                assert set(content) == {"application/problem+json"}, (path, status)
