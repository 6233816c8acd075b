"""The board of runs and submissions: finding, grouping, ranking, and what each system costs."""
