"""The grader's end of a Jupyter kernel that nobody trusts: bounded in time, bytes and shape.

From the wire (`zmtp`) over checked messages (`incoming`) to a conversation, cell by cell.
"""
