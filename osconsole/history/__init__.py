"""History: what happened, kept on the bastion past the life of Events and objects, and across restarts.

A memory, not a record: bounded, and never in anybody's way. `history.History` is its door, `recorder` feeds it; the
record of actions is `journal`. What kept things mean is not judged here.
"""
