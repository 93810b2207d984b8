"""The warm parent: a small process that has imported everything once, and forks what is asked of it.

`client` and `process` are the grader's side; `server`, `child` and `supervisor` run in the sandbox.
"""
