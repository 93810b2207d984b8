"""What a submission may do: one module for each heading, one function for each threat.

Both graders are shown the same folders: `tests/threats/test_*.py` grades them with the real engine,
`stock.py` with plain nbgrader.
"""
