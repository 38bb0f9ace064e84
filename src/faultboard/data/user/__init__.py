"""Files of a user, of which no card says anything: opened by what they say of themselves.

`files` is the way in (`open_file`). `text_table` reads the columns of a CSV file, `signal` says which are channels.
"""
