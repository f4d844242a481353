"""Many versions at once: an environment for each column, a run in each, and one picture of all reports."""
