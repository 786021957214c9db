"""Grading jobs, grades and reviews. engine/ is the pure library that grades; this app keeps its promises."""
