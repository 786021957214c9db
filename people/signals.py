"""How news of people travels upwards: people imports nothing that uses it."""

from django.dispatch import Signal

# Sent with guest and user, within the transaction that passes everything of the guest's to user.
guest_joins = Signal()
