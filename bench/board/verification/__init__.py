"""Running a sample of a submission again: `avss-bench verify`, and the mark that comes of it."""
