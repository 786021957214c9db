"""How news of people travels upwards: people imports nothing that uses it."""

from django.dispatch import Signal

# Sent with guest and user, within the transaction that passes everything of the guest's to user.
guest_joins = Signal()

# Sent with person and at_most within a piece of an erasure, again and again while anybody returns True: that there is
# more to take away than at_most rows. What is taken away, and what stays: docs/decisions/0020-privacy.md.
erasing = Signal()

# Sent with source, target, shift (a timedelta), actor and now, within the transaction that makes target.
cohort_duplicated = Signal()

# Sent with user, within the transaction that changes what is agreed with them about time limits.
time_limits_given = Signal()
