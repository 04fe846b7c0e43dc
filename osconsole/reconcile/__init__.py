"""Makes the cluster match what was asked, level-triggered. Deciding is pure; only execute writes."""
