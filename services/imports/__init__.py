"""Imports: a file is read into checked rows, shown as a plan of what it changes, imported whole, and undone whole.

Reading (reading.py, rows.py, measurements.py and what they use) knows of no database. Records, series, applying and
undoing do; they set rows only through the services' own `put_...`, so that each rule exists once.
"""
