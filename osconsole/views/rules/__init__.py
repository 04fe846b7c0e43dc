"""What objects of single kinds mean, beyond their conditions: one module for each family, called by `views.health`.

Each rule is a function of an object and the Snapshot; it returns a Verdict and knows no clock. Conditions themselves
are judged by `model.reading` and `model.standing`; what contradicts is `views.contradictions`.
"""
