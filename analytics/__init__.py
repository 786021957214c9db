"""What the grades of a cohort add up to. Reads only: it has no models and writes nothing."""
