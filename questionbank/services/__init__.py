"""What happens to questions: the only way to write them."""
