"""A relay in a process of its own, to be killed: `python -m tests.services.relay_process LEASE_SECONDS`."""

import sys
from datetime import timedelta

from services.events import relay
from services.events.relay import Relay

if __name__ == "__main__":
    # On a busy machine a delivery to a fast receiver may take long: it still keeps its turn, so that one is in flight.
    relay.SLOW_SECONDS = relay.TURN_SECONDS = 5.0
    Relay(lease=timedelta(seconds=float(sys.argv[1]))).run()
