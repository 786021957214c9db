"""What the question bank asks those above it."""

from django.dispatch import Signal

# Sent (version=QuestionVersion) in the transaction in which a mentor publishes. A receiver that objects raises
# ValidationError with the reason, and nothing is published.
publishing = Signal()

# Sent (version=QuestionVersion) in the transaction in which a version is handed in for review.
handed_in = Signal()

# Sent (versions=list of ids of QuestionVersions) in the transaction in which a file's questions become drafts.
imported = Signal()
