"""The page of replacements: the rows, one replacement, and its acts."""
