"""Reads of interviews: results, progress, plan."""
