"""Reads of figures: of cohorts and of questions."""
