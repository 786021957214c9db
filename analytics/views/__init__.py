"""The pages of figures: a cohort's dashboard, and the statistics of questions."""
