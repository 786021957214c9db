"""Reads of graded answers, and of what mentors do with them."""
