"""Replacements: moving work from an old system to a new one, and the evidence that machines report of it."""
