"""The API server: storage, discovery, REST, patches, watches, admission of schemas."""
