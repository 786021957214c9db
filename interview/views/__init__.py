"""The candidate's pages."""
