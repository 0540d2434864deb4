"""What deploy/ says fits the program: its addresses, settings, folders and dependencies."""

import re
from pathlib import Path

import pytest
import yaml

from models.settings import Settings
from models.version import VERSION

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def read(name: str) -> str:
    return (DEPLOY / name).read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_one(file):
    named = set(re.findall(r"\bHEADWAY_[A-Z_]+\b", file.read_text())) - {"HEADWAY_DOMAIN"}
    assert named <= set(Settings.model_fields)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_health_address_that_is_named_is_one(file):
    from api.health import PATHS

    assert set(re.findall(r"/api/v1/\w+", file.read_text())) <= set(PATHS)


def test_the_image_has_every_room_and_nobody_is_root_in_it():
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", read("Dockerfile"), re.MULTILINE)
    copied = {name for line in copied for name in line.split()}
    rooms = {path.parent.name for path in ROOT.glob("*/*.py")} - {"tests"}
    assert rooms <= copied
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied} <= set(ignored)
    assert re.search(r"^USER 10001", read("Dockerfile"), re.MULTILINE)
    assert "HEALTHCHECK" in read("Dockerfile")
    assert "--require-hashes" in read("Dockerfile")


def test_compose_has_two_processes_that_come_after_the_upgrade():
    services = yaml.safe_load(read("compose.yaml"))["services"]
    for name in ("app-1", "app-2"):
        assert services[name]["read_only"] is True
        assert services[name]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
        assert f"{name}:8501" in read("Caddyfile")
    assert services["upgrade"]["command"] == ["python", "manage.py", "upgrade"]
    assert "lb_policy cookie" in read("Caddyfile")


def test_the_manifests_are_of_this_version_and_keep_a_person_with_a_pod():
    documents = {each["kind"]: each for each in yaml.safe_load_all(read("kubernetes/headway.yaml"))}
    pod = documents["Deployment"]["spec"]["template"]["spec"]
    assert {each["image"] for each in pod["containers"] + pod["initContainers"]} == {f"headway:{VERSION}"}
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert documents["Ingress"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"


def test_the_lock_has_every_requirement_in_its_version_with_hashes():
    lock = (ROOT / "requirements.lock").read_text()
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        pinned = re.escape(re.sub(r"\[.*\]", "", line).lower().replace("_", "-"))
        found = re.search(
            rf"^{pinned.replace('==', '(?:.*)==')} ", lock.lower().replace("_", "-"), re.MULTILINE
        )
        assert found, line
    packages = re.split(r"\n(?=[a-zA-Z0-9])", lock.strip())
    assert all("--hash=sha256:" in package for package in packages if not package.startswith("#"))
