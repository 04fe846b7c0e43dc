"""Patches as pure functions: merge, JSON and strategic merge. The verb PATCH lies in `verbs`."""
