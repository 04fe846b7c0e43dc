"""What a kube-apiserver refuses in built-in objects beyond the types of their fields, by kind."""
