"""Nodes outside of the cluster: addresses, names, NodeSets, Deployments as Ansible Jobs. Who runs pods is not known."""
