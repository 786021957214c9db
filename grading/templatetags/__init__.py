"""What other apps' pages show of grading."""
