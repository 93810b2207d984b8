"""What lies in a student's folder: which file is the unit's notebook, what belongs to it, when it came.

Files are opened with care (no links, no devices, bounded sizes) and read once.
"""
