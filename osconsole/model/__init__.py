"""What exists, as pure values without a clock. Nothing here reads, writes or waits."""
