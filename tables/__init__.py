"""CSV and XLSX files: read safely, whoever sent them, and written so that no spreadsheet takes text for a formula.

A pure library of no app: it knows neither Django nor what the columns mean. formats.py lists the two formats.
"""
