"""What is done inside running process pods by somebody far away: commands (exec) and connections (port-forward)."""
