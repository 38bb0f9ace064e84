"""Training by gradient: the loop, its optimisers, what it sees."""
