"""What is in a submitted notebook: decoded, matched with the unit's cells, restored, and accounted for.

Each cell, attachment and file of the student's is used, is as it was released, or is named in a remark.
"""
