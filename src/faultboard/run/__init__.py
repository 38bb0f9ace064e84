"""Running a suite: plan, cells, executors, the store."""
