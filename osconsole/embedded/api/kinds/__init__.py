"""Which resources there are, by nature or by definition, and what the server adds to them and refuses in them."""
