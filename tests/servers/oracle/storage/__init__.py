"""What the database holds beside its rows: users, tables, keys, grants, and the dictionary that shows them."""
