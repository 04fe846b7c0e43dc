"""Understands Ansible: its output, progress and inventory, and runs it inside a runner pod. Knows nothing of Kubernetes objects."""
