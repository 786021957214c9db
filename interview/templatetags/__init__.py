"""Words for times on pages and in mails."""
