"""What both sides of the exam speak: frames of bounded size, and the values and states in them.

It trusts neither side: what arrives is checked (`checked`) before it becomes an object.
"""
