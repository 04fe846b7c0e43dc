"""The Textual application. Sees the session, the views and the model, and nothing of the cluster."""
