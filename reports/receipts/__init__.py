"""Receipts of sign-offs: what they say, and how one is read again."""
