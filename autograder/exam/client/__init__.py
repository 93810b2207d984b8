"""What the grader holds of an exam: the socket that asks a kernel for it, and the examiner's process."""
