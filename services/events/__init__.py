"""Sending what happened: endpoints, the relay that tails the journal for them, and notices."""
