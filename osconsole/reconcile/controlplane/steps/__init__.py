"""The steps that the services of a control plane have in common, as values: what each does, and what it waits for.

A step is a frozen struct with `conditions` (the types it answers for) and `run(walk) -> bool` (False ends the walk).
What only one service does is in its own module one level up.
"""
