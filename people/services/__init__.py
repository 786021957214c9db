"""What people do, each with the audit entry it leaves: cohorts, invitations, guests."""
