# %% [markdown]
# Answers that the tests of 01_tiny must catch, and others that they must keep.

# %% answer="adds_two" exercise="double" kind="wrong" loses={"double-values": 3} diagnosis="wrong-value"
def double(x):
    return x + 2

# %% answer="memorised" exercise="double" kind="wrong" loses={"double-values": 2} diagnosis="memorised"
import numpy as np

def double(x):
    return np.array([2.0, 4.0])

# %% answer="loop" exercise="double" kind="right"
import numpy as np

def double(x):
    return np.array([v + v for v in x])

# %% answer="other_axis" exercise="mean" kind="wrong" loses={"mean-values": 2} diagnosis="wrong-axis"
def column_means(X):
    return X.mean(axis=1)

# %% answer="sum_over_n" exercise="mean" kind="right"
def column_means(X):
    return X.sum(0) / len(X)
