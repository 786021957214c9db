"""Users, roles, cohorts, memberships, invitations and the audit log: the lowest app, which knows no other."""
