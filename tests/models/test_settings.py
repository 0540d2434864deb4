"""Settings: each is documented, and a wrong one is named."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from models.errors import Invalid
from models.settings import Settings, settings, unknown_settings
from models.version import VERSION

ROOT = Path(__file__).parents[2]


def test_the_guide_has_every_setting_with_its_default_and_what_it_does():
    guide = (ROOT / "docs/guide/settings.md").read_text()
    rows = {
        name: (default, text) for name, default, text in re.findall(r"\| `(\w+)` \| (.*?) \| (.*) \|", guide)
    }
    assert set(rows) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        shown = "" if field.default in (None, "") else f"{field.default}".removesuffix(".0")
        assert rows[name] == (f"`{shown}`" if shown else "", field.description)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEADWAY_PORT", "many"),
        ("HEADWAY_PORT", "0"),
        ("HEADWAY_URL", "headway.example.com"),
        ("HEADWAY_PROXIES", "10.0.0.0/99"),
        ("HEADWAY_IDLE_MINUTES", "-1"),
        ("HEADWAY_TEMPLATES", "/there/is/no/such/folder"),
        ("HEADWAY_METRICS_TOKEN", "short"),
        ("HEADWAY_LOG", "xml"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://root:secret@host/name"),
    ],
)
def test_a_wrong_one_is_named_and_its_value_is_no_traceback(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(Invalid, match=f"^The setting {name} is wrong: ") as refused:
        settings()
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_one_set_to_nothing_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("HEADWAY_PORT", "")
    monkeypatch.setenv("HEADWAY_TEMPLATES", "")
    assert (settings().HEADWAY_PORT, settings().HEADWAY_TEMPLATES) == (8501, None)


def test_one_that_is_none_is_named_with_the_one_that_was_meant(monkeypatch):
    monkeypatch.setenv("HEADWAY_PROXY", "10.0.0.1")
    assert "HEADWAY_PROXY is no setting. Did you mean HEADWAY_PROXIES?" in unknown_settings()


@pytest.mark.parametrize(
    ("proxies", "behind", "believed"),
    [
        ("", "", []),
        ("", "1", ["127.0.0.1", "::1"]),
        ("10.0.0.0/8, 192.168.1.2", "1", ["10.0.0.0/8", "192.168.1.2"]),
    ],
)
def test_the_proxies_that_are_believed(proxies, behind, believed, monkeypatch):
    monkeypatch.setenv("HEADWAY_PROXIES", proxies)
    monkeypatch.setenv("HEADWAY_BEHIND_PROXY", behind)
    assert settings().proxies() == believed


def test_a_secret_is_not_shown(monkeypatch):
    monkeypatch.setenv("HEADWAY_METRICS_TOKEN", "0123456789abcdef")
    assert "0123456789abcdef" not in repr(settings())


def test_the_version_is_the_same_everywhere():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


def test_a_command_names_a_wrong_one_that_it_does_not_ask_for(tmp_path):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/headway.db",
        "HEADWAY_OIDC_ISSUER": "nonsense",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "status", "acme"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The setting HEADWAY_OIDC_ISSUER is wrong: ")
    assert len(done.stderr.splitlines()) == 1
