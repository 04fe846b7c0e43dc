"""What a pane shows. Pure: a snapshot, a specification and now go in, rows come out."""
