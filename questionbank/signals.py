"""What the question bank asks those above it."""

from django.dispatch import Signal

# Sent (version=QuestionVersion) in the transaction in which a mentor publishes. A receiver that objects raises
# ValidationError with the reason, and nothing is published.
publishing = Signal()
