"""A whole cluster on loopback: API server, controllers, node agent, compute nodes and a demo world.

Shares no code with kube.
"""
