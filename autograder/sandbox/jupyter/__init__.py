"""Kernels forked from the warm parent, as Jupyter's own tools know kernels.

`kernel` is what runs in the fork; `kernels` starts one; `provisioner` and `kernelspec` are for Jupyter.
"""
