"""Talks to the API server. The only package that imports kubernetes; what an answer means is judged elsewhere."""
