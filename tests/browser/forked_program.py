"""The program, forked from a process that has imported it: importing takes ten times as long as all else at its start.

One such process is there for all workers of a run; the first that asks starts it, and it ends once the run's folder is
gone. Each program has its own environment, log, arguments and exit, as if it had been started. What has to be shown of
a real start is shown with `server.PROGRAM`.
"""

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests import databases

ROOT = Path(__file__).parents[2]
SOCKET = "program.socket"
LOOK_SECONDS = 2.0
START_SECONDS = 120


class ForkedProgram:
    """A running program, with what `subprocess.Popen` has of the same names. Its environment is `environment`."""

    def __init__(self, environment: dict[str, str], log: int) -> None:
        self._connection = _connect()
        told = json.dumps(environment).encode()
        socket.send_fds(self._connection, [len(told).to_bytes(4, "big")], [log])
        self._connection.sendall(told)
        self.pid = int.from_bytes(self._connection.recv(4), "big")

    def poll(self) -> int | None:
        """0 once it has ended, whatever its code was; None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, seconds: float | None = None) -> int:
        """Wait until it has ended. Raises TimeoutExpired."""
        # It never writes to its end of the connection, which is closed when it ends.
        self._connection.settimeout(seconds)
        try:
            self._connection.recv(1)
        except (BlockingIOError, TimeoutError) as error:
            raise subprocess.TimeoutExpired("app.py", seconds or 0) from error
        except ConnectionError:
            pass
        return 0

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _connect() -> socket.socket:
    path = databases.run_folder() / SOCKET
    with databases.one_worker_at_a_time("program"):
        if not path.exists():
            _start(path)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection


def _start(path: Path) -> None:
    with open(path.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.forked_program", str(path)],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"the program was not imported:\n{path.with_suffix('.log').read_text()}")
        time.sleep(0.05)


def _serve(path: Path) -> None:
    """Fork the program for whoever connects, until the folder of `path` is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whose end nobody waits for here leaves nothing behind
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path.with_suffix(".draft")))
    listening.listen(16)
    listening.settimeout(LOOK_SECONDS)
    path.with_suffix(".draft").rename(path)
    while path.exists():
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            continue
        with connection:
            length, (log,), _, _ = socket.recv_fds(connection, 4, 1)
            environment = json.loads(_read(connection, int.from_bytes(length, "big")))
            pid = os.fork()
            if pid == 0:
                listening.close()
                _become_the_program(environment, log)
            os.close(log)
            connection.sendall(pid.to_bytes(4, "big"))


def _read(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        parts += connection.recv(size - len(parts))
    return parts


def _become_the_program(environment: dict[str, str], log: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    sys.argv = ["app.py"]
    code = 1
    try:
        runpy.run_path("app.py", run_name="__main__")
        code = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _import_the_program() -> None:
    from app import preload
    from reports.charts import exploration

    preload()
    exploration.prepare()
    gc.collect()
    gc.freeze()  # or the first collection of each program would copy all of it


if __name__ == "__main__":
    _import_the_program()
    _serve(Path(sys.argv[1]))
