"""Verbs of an interview: what a candidate does, and what follows from it."""
