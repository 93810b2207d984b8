"""What runs beside a student's code, in the same process: it answers the examiner's questions.

Nothing here may know a hidden test or a right answer, and nothing that it sends is believed unchecked.
"""
