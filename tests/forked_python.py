"""Python with the program imported, forked for each process of a test: importing takes longer than all else at a start.

One process is there for all workers of a run, from which the others are forked; the first that asks starts it, and it
ends with the run, also with one that is killed. Each has its own environment, files, arguments and end, as if it had
been started. What has to be shown of a real start is shown with one.
"""

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from tests import databases

ROOT = Path(__file__).parents[1]
SOCKET = "python.socket"
LOOK_SECONDS = 2.0
START_SECONDS = 120


class ForkedPython:
    """A running `python ARGUMENTS` in the project's folder, with what `subprocess.Popen` has of the same names.

    `arguments` are a script and its arguments, or `-m`, a module and its arguments.
    """

    def __init__(
        self,
        *arguments: object,
        stdout: IO[bytes],
        stderr: IO[bytes],
        environment: dict[str, str] | None = None,
    ) -> None:
        self.arguments, self.returncode = [str(word) for word in arguments], None
        request = json.dumps([self.arguments, dict(environment or os.environ)]).encode()
        self._connection = _connect()
        files = [stdout.fileno(), stderr.fileno()]
        socket.send_fds(self._connection, [len(request).to_bytes(4, "big")], files)
        self._connection.sendall(request)
        self.pid = int.from_bytes(_read(self._connection, 4), "big")

    def poll(self) -> int | None:
        """Its exit code once it has ended; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; its exit code. Raises TimeoutExpired after so many seconds."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                code = self._connection.recv(1)
            except (BlockingIOError, TimeoutError):
                raise subprocess.TimeoutExpired(self.arguments, timeout or 0) from None
            except ConnectionError:
                code = b""
            self.returncode = code[0] if code else -signal.SIGKILL
            self._connection.close()
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def run(*arguments: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS` to its end; what it printed. Its environment is the test's own with `environment`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = ForkedPython(
            *arguments, stdout=out, stderr=err, environment=os.environ | (environment or {})
        )
        process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(process.arguments, process.wait(), *texts)


def _connect() -> socket.socket:
    path = databases.run_folder() / SOCKET
    with databases.one_worker_at_a_time("python"):
        if not path.exists():
            _start(path)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection


def _start(path: Path) -> None:
    with open(path.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked_python", str(path)],
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


def _read(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        parts += connection.recv(size - len(parts))
    return parts


def _serve(path: Path) -> None:
    """Fork a process for whoever connects, until the run is over; what was forked and still runs ends then, too."""
    run_process = int(path.with_name(databases.RUN_PROCESS).read_text())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whose end nobody waits for here leaves nothing behind
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path.with_suffix(".draft")))
    listening.listen(64)
    listening.settimeout(LOOK_SECONDS)
    path.with_suffix(".draft").rename(path)
    while path.exists() and _runs(run_process):
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            continue
        with connection:
            length, files, _, _ = socket.recv_fds(connection, 4, 2)
            arguments, environment = json.loads(_read(connection, int.from_bytes(length, "big")))
            pid = os.fork()
            if pid == 0:
                listening.close()
                _become(arguments, environment, files, connection)
            for file in files:
                os.close(file)
            connection.sendall(pid.to_bytes(4, "big"))
    os.killpg(0, signal.SIGKILL)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _become(
    arguments: list[str], environment: dict[str, str], files: list[int], connection: socket.socket
) -> None:
    """Run it, and say its exit code to whoever waits; the connection of one that is killed ends without."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    for own, given in enumerate(files, start=1):
        os.dup2(given, own)
        os.close(given)
    code = 1
    try:
        _run(arguments)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            connection.sendall(bytes([code]))
        os._exit(code)


def _run(arguments: list[str]) -> None:
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path.insert(0, str(Path(arguments[0]).resolve().parent))
        runpy.run_path(arguments[0], run_name="__main__")


def _import_the_program() -> None:
    from app import preload
    from reports.charts import exploration

    preload()
    exploration.prepare()
    gc.collect()
    gc.freeze()  # or the first collection of each process would copy all of it


if __name__ == "__main__":
    _import_the_program()
    _serve(Path(sys.argv[1]))
