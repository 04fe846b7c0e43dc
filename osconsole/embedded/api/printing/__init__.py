"""What `kubectl get` shows: the columns and cells of the Table that the server makes of each kind.

One module for each family of kinds. Not here: the Table object itself (`osconsole.embedded.api.protocol.table`).
"""
