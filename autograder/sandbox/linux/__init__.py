"""What Linux has to hold a process: namespaces, mounts, seccomp, limits, control groups, by system calls.

Each module does one of these to the process that it runs in, and knows nothing of kernels or Python.
"""
