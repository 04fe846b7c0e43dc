"""What is passed through to the node agent of a pod: logs, exec and port-forward."""
