"""What happens to graded answers and to what grades them: the only way to write."""
