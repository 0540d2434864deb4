"""Replacements: their gates, and what was seen of them in traces."""
