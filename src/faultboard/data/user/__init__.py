"""Files of a user, opened by what they say of themselves."""
