"""The node agent: simulated pods, process pods and their logs."""
