"""What deploy/ says fits the program: its addresses, settings, folders and dependencies."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

import manage
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


def test_what_serves_nothing_is_asked_for_no_health_and_the_relay_alone_relays():
    services = yaml.safe_load(read("compose.yaml"))["services"]
    for name in ("upgrade", "relay"):
        assert services[name]["healthcheck"] == {"disable": True}
    for name in ("app-1", "app-2"):
        assert "healthcheck" not in services[name]
        assert services[name]["environment"]["HEADWAY_RELAY"] == "0"
        assert services[name]["environment"]["HEADWAY_PROXIES"] == "172.31.77.0/24"
        assert services[name]["mem_limit"] == "2g"


def commands_in(text: str) -> set[tuple[str, ...]]:
    """What follows `manage.py` in a file, each word of it."""
    text = re.sub(r"[\[\],]", " ", text)
    return {tuple(command.split()) for command in re.findall(r"python3? +manage\.py +([^\n`…&|;<]+)", text)}


@pytest.mark.parametrize(
    "file", [*FILES, ROOT / "docs/guide/running.md", ROOT / "Makefile"], ids=lambda path: path.name
)
def test_every_command_that_is_named_is_one_with_those_options(file):
    program = typer.main.get_command(manage.program)
    for words in commands_in(file.read_text()):
        command = program
        for word in words:
            if not hasattr(command, "commands"):
                break
            assert word in command.commands, words
            command = command.commands[word]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= options, words


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_port_of_the_program_is_its_own(file):
    ports = set(re.findall(r"(?:app-\d:|127\.0\.0\.1:|containerPort: |EXPOSE )(\d+)", file.read_text()))
    assert ports <= {str(Settings.model_fields["HEADWAY_PORT"].default)}


def test_the_units_may_write_to_their_own_folder_only_and_end_in_time():
    for name in ("headway@.service", "headway-relay.service", "headway-backup.service"):
        unit = read(f"systemd/{name}")
        for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "StateDirectory=headway",
                     "SystemCallFilter=@system-service", "User=headway"):  # fmt: skip
            assert f"\n{line}\n" in f"{unit}\n", (name, line)
    assert "TimeoutStopSec=15" in read("systemd/headway@.service"), "more than the 10 s in which it ends"


def test_caddy_takes_our_file():
    caddy = Path(sys.executable).with_name("caddy")
    command = [str(caddy), "adapt", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(
        command, env=os.environ | {"HEADWAY_DOMAIN": "headway.example.com"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    routes = json.dumps(json.loads(done.stdout))
    assert '"policy": "cookie"' in routes
    assert '"uri": "/api/v1/ready"' in routes
    assert '"max_size": 30000000' in routes


def test_the_manifests_are_of_this_version_and_keep_a_person_with_a_pod():
    documents = {each["kind"]: each for each in yaml.safe_load_all(read("kubernetes/headway.yaml"))}
    pod = documents["Deployment"]["spec"]["template"]["spec"]
    assert {each["image"] for each in pod["containers"] + pod["initContainers"]} == {f"headway:{VERSION}"}
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert documents["Ingress"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"


LOCKS = {"requirements.lock": "requirements.txt", "requirements-traces.lock": "requirements-traces.txt"}


def requirements(name: str) -> list[str]:
    """The pins of a file of requirements, and of the one that it begins with."""
    lines = (ROOT / name).read_text().splitlines()
    return [pin for line in lines for pin in (requirements(line[3:]) if line.startswith("-r ") else [line])]


def locked(name: str) -> set[str]:
    """What a lock pins, without hashes."""
    return set(re.findall(r"^([a-z0-9].*?==\S+)", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_every_requirement_in_its_version_with_hashes(lock):
    pins = {re.sub(r"\[.*\]", "", pin).lower().replace("_", "-") for pin in requirements(LOCKS[lock])}
    assert pins <= locked(lock)
    packages = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / lock).read_text().strip())
    assert all("--hash=sha256:" in package for package in packages if not package.startswith("#"))


def test_what_sends_traces_is_all_that_the_longer_lock_has_besides():
    assert locked("requirements.lock") < locked("requirements-traces.lock")
    more = {pin.split("==")[0] for pin in locked("requirements-traces.lock") - locked("requirements.lock")}
    assert all(name.startswith("opentelemetry-") or name == "googleapis-common-protos" for name in more)
