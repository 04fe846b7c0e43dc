"""Why an object is as it is: the chain to the root cause, judged by the causes that are data in `views/causes`."""
