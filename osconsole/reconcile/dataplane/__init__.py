"""Networks, NodeSets and Deployments of compute nodes: one decider a kind."""
