"""Interviews: a candidate's run through a track, with drafts, answers and results."""
