"""A server of our own: the program as a person would start it, on a free port of this machine, until we stop it."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.forked_python import ForkedPython

ROOT = Path(__file__).parents[2]
START_SECONDS = 180
STOP_SECONDS = 10
PROGRAM = (sys.executable, "app.py")
"""Really started. Without a command the program is forked from one that has imported it (`tests.forked_python`)."""
HEALTH = "/api/v1/health"


class Server:
    """`command`, listening on 127.0.0.1 at a free port, which it is told by HEADWAY_HOST and HEADWAY_PORT.

    A context manager: started and healthy inside, stopped after. What it prints goes to the file `log`.
    `url` has no slash at its end. `environment` is added to the test's own.
    """

    def __init__(
        self,
        log: Path,
        environment: dict[str, str] | None = None,
        command: tuple[str, ...] | None = None,
        health: str = HEALTH,
    ):
        self.log = log
        self.environment = environment or {}
        self.command = command
        self.health = health
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | ForkedPython | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and return once it is healthy; a program that ends instead fails with what it printed."""
        self.process = self._started()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                command = " ".join(self.command or PROGRAM)
                raise RuntimeError(f"{command} did not start; it printed:\n{self.printed_so_far()}")
            time.sleep(0.05)

    def _started(self) -> subprocess.Popen | ForkedPython:
        own = {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
        own |= {"HEADWAY_HOST": "127.0.0.1", "HEADWAY_PORT": str(self.port)}
        environment = os.environ | own | self.environment
        with open(self.log, "ab") as log:
            if self.command is None:
                return ForkedPython("app.py", stdout=log, stderr=log, environment=environment)
            return subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self) -> None:
        """Ask it to end, and insist when it doesn't."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End it at once, as a power cut would. `start()` brings it back on the same port."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def printed_so_far(self) -> str:
        """All that it has printed since its first start."""
        return self.log.read_text(errors="replace")

    def printed(self, pattern: str) -> str:
        """The last thing it printed that matches the regular expression `pattern`, such as a sign-in link.

        It may be printed a moment after the server is healthy; LookupError when it isn't within five seconds.
        """
        for _ in range(50):
            if matches := re.findall(pattern, self.printed_so_far()):
                return matches[-1]
            time.sleep(0.1)
        raise LookupError(f"nothing like {pattern} in:\n{self.printed_so_far()}")

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + self.health, timeout=5) as reply:
                return reply.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
