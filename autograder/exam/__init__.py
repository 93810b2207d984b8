"""Test cells outside the student's process: the examiner asks, an agent in the kernel answers.

wire      frames on a socket: lengths, deadlines
values    plain values as nodes that msgpack can carry
reading   and back, each one checked
codec     values and shared objects together; agent_codec, exam_codec: each side's own
states    what an array, a tensor or a random generator holds, as bytes that can be compared
twins     a state made into an object, or put into one
shared    objects that both sides know, kept the same on both
agent     the student's side: looks names up, calls, answers
operations, describe, incident, builders: what the agent can do, and how it tells of it
handle    what the test sees of an object that stays with the student
session   the examiner's side of the conversation
examiner  runs one test cell
service   the examiner's process
driver    starts it, and hands it cells

This package is imported by the student's kernel as well (`agent` and what it needs): it holds no secret.
"""
