"""What runs hidden tests, in a sandboxed process of its own: names that a test lacks are the student's.

It holds no file of the grader's either; what it finds out goes to the grader as data (`outcome`).
"""
