"""The demo world as data: CRDs, custom resources, the osp.edpm collection."""
