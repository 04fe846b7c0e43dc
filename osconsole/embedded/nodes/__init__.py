"""Sandbox compute nodes that answer real SSH.

`python -m osconsole.embedded.nodes --dir DIR` is the process that owns them. It belongs to the embedded cluster but
knows nothing of Kubernetes: the world's loader reads DIR/nodes/nodes.json.
"""
