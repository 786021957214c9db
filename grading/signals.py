"""How a grade travels upwards: grading imports nothing that uses it."""

from django.dispatch import Signal

# Sent after the commit with job: a GradingJob whose grade is written, or which waits for a mentor.
grade_ready = Signal()
