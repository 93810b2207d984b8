# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["title"]
# # 01 · Threats
#
# A small unit that every submission of tests/threats hands in: a function, a class, partial credit.
#
# {{badge}} {{points}} points, about {{minutes}} minutes.

# %% tags=["setup"]
# Replaced by the setup cell that all units share.

# %% [markdown]
# ## 1 · Numbers
#
# A function, a class and a mean. A cell to play in comes first.

# %% [markdown] tags=["predict"]
# **Predict.** What is twice 21?

# %%
playground = "yours"

# %% [markdown] exercise={"id": "double", "difficulty": 1, "minutes": 2}
# ### Double
#
# Write `double(x)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Read the docstring.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# One line is enough.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return …`
# </details>

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Twice x.

    x: (N,) array. Returns: (N,) array.
    """
    ### BEGIN SOLUTION
    return 2 * x  # CANARY-solution
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "double-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("Double", 4)
with score.part("a small example", 1):
    check.close("double([1, 2])", double(np.array([1.0, 2.0])), [2.0, 4.0])
### BEGIN HIDDEN TESTS
note = "CANARY-test-double"
with score.part("large numbers", 3):
    want = np.array([524287.0, 131071.0])  # CANARY-comment-double
    check.close("double(x)", double(want / 2), want)
### END HIDDEN TESTS
score.total()

# %% [markdown] exercise={"id": "scale", "difficulty": 2, "minutes": 2}
# ### Scale
#
# Write `Scale(k)`, a module with one parameter `k`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Read the docstring.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# One line is enough.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return …`
# </details>

# %% nbgrader={"grade": false, "grade_id": "scale", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch


class Scale(torch.nn.Module):
    """Multiplies by a parameter.

    k: a number, the parameter's first value.
    """

    ### BEGIN SOLUTION
    def __init__(self, k):
        super().__init__()
        self.k = torch.nn.Parameter(torch.tensor(float(k)))

    def forward(self, x):
        return self.k * x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "scale-forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("Scale", 3)
with score.part("forward", 1):
    check.close("Scale(3)(x)", Scale(3.0)(torch.tensor([1.0, 2.0])), [3.0, 6.0])
### BEGIN HIDDEN TESTS
with score.part("gradient of the parameter", 2):
    want = 65521.0  # CANARY-test-scale
    model = Scale(2.0)
    model(torch.tensor([want - 1.0, 1.0])).sum().backward()
    check.close("k.grad", next(iter(model.parameters())).grad, want)
### END HIDDEN TESTS
score.total()

# %% [markdown] exercise={"id": "mean", "difficulty": 1, "minutes": 2}
# ### Mean of the columns
#
# Write `column_means(X)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Read the docstring.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# One line is enough.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return …`
# </details>

# %% nbgrader={"grade": false, "grade_id": "mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def column_means(X):
    """The mean of each column.

    X: (N, d) array. Returns: (d,) array.
    """
    ### BEGIN SOLUTION
    return X.mean(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "mean-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("Mean of the columns", 3)
with score.part("two samples", 1):
    check.close("column_means(X)", column_means(np.array([[1.0, 2.0], [3.0, 4.0]])), [2.0, 3.0])
### BEGIN HIDDEN TESTS
with score.part("another size", 2):
    want = np.array([32749.0, 16381.0, 8191.0])  # CANARY-test-mean
    X = np.stack([want - 5.0, want + 5.0])
    check.close("column_means(X)", column_means(X), want)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 2 · Explain it

# %% [markdown] tags=["predict"]
# **Predict.** How long is a good answer?

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Why does the mean of the columns use axis 0? (2–3 sentences)
#
# ### BEGIN SOLUTION
# Axis 0 counts the samples. CANARY-marking
#
# *Marking: 1 point for naming the axis of samples, 1 for the reason.*
# ### END SOLUTION
