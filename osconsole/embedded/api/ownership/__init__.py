"""Which field manager owns what, and server-side apply, which merges by it."""
