"""The weekly review: what the page of a week holds, as plain data that a snapshot keeps and every export shows."""
