"""What people read of a graded class: pages for students, a report, tables, files for other systems.

All of it is made of `records.standing`, and nothing here runs code or changes a grade.
"""
