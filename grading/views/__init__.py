"""Pages of graded answers: for their candidates, for mentors, and the one that says how marks are made."""
