"""The only reader of YAML: a project folder becomes stacks for one target, or every problem in it becomes a diagnostic."""
