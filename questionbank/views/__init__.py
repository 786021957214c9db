"""The mentors' pages of the question bank."""
