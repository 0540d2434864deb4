"""A relay in a process of its own, to be killed: `python -m tests.services.relay_process LEASE_SECONDS`."""

import sys
from datetime import timedelta

from services.events.relay import Relay

if __name__ == "__main__":
    Relay(lease=timedelta(seconds=float(sys.argv[1]))).run()
