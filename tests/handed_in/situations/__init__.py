"""What students hand in, a function for each: in cells, in files, to a kernel, in words."""

from __future__ import annotations

from situations import cells, files, kernels, written

CASES = [case for room in (cells, files, kernels, written) for case in room.catalogue.cases]
