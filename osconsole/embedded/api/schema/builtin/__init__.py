"""The schemas of the built-in kinds: data distilled from a kube-apiserver, and the defaults that it applies.

Not here: anything that reads or writes objects (`osconsole.embedded.api.schema.schemas` and its neighbours).
"""
