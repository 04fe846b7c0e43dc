"""What HTTP carries, without the store: paths, options, media types, protobuf, and the forms of an answer."""
