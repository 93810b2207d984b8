"""Test cells outside the student's process: the examiner asks, an agent in the kernel answers.

wire      frames on a socket: lengths, deadlines
values    plain values as nodes that msgpack can carry, and back, each one checked
states    what an array, a tensor or a random generator holds, as bytes that can be compared
shared    objects that both sides know, kept the same on both
agent     the student's side: looks names up, calls, answers
handle    what the test sees of an object that stays with the student
session   the examiner's side of the conversation
examiner  runs one test cell
service   the examiner's process
driver    starts it, and hands it cells

This package is imported by the student's kernel as well (`agent` and what it needs): it holds no secret.
"""
