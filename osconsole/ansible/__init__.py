"""Understands Ansible: its output, progress and inventory; runs it in a runner pod. Knows no Kubernetes objects."""
