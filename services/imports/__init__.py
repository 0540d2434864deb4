"""Reading files and pasted text into checked rows. Nothing in this room knows of a database."""
