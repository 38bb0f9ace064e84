"""One answer over all tasks: what pretraining is worth, and networks, and features, where the machine is a new one."""
