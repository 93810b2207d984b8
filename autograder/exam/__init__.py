"""Test cells outside the student's process: the examiner asks, an agent in the kernel answers.

wire      what both sides speak
student   what runs beside a student's code, and answers
examiner  what runs a hidden test, and asks
client    what the grader holds of both

`docs/wire.md` has the conversation; `docs/exam.md` says what a test may do.
"""
