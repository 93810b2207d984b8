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
# # 01 · Tiny
#
# The smallest unit that has everything: a course for the engine's own tests.
#
# {{badge}} {{points}} points, about {{minutes}} minutes.

# %% tags=["setup"]
# Replaced by the setup cell that all units share.

# %% [markdown]
# ## 1 · Doubling
#
# A function that doubles, and one that takes means.

# %% [markdown] tags=["predict"]
# **Predict.** What is twice 21?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "double", "difficulty": 1, "minutes": 2}
# ### Double
#
# Write `double(x)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Think of adding.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Add x to itself.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return x + …`
# </details>

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Twice x.

    x: (N,) array. Returns: (N,) array.
    """
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "double-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("Double", 3)
with score.part("a small example", 1):
    check.close("double([1, 2])", double(np.array([1.0, 2.0])), [2.0, 4.0])
### BEGIN HIDDEN TESTS
with score.part("other numbers", 2):
    x = np.array([-3.0, 0.5, 7.0])  # CANARY-01-double
    check.close("double(x)", double(x), 2 * x, candidates={"memorised": np.array([2.0, 4.0])})
### END HIDDEN TESTS
score.total()

# %% [markdown] exercise={"id": "mean", "difficulty": 2, "minutes": 3}
# ### Mean of the columns
#
# Write `column_means(X)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which axis counts samples?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Axis 0.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `X.mean(axis=…)`
# </details>

# %% nbgrader={"grade": false, "grade_id": "mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def column_means(X):
    """The mean of each column.

    X: (N, d) array. Returns: (d,) array.
    """
    ### BEGIN SOLUTION
    return X.mean(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "mean-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("Mean of the columns", 2)
with score.part("two samples", 1):
    X = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]])
    check.close("column_means(X)", column_means(X), [2.0, 3.0, 4.0])
### BEGIN HIDDEN TESTS
with score.part("another size", 1):
    X = np.random.default_rng(1).normal(size=(4, 5))  # CANARY-01-mean
    check.close(
        "column_means(X)",
        column_means(X),
        X.mean(axis=0),
        candidates={"wrong-axis": X.mean(axis=1)},
    )
### END HIDDEN TESTS
score.total()

# %% tags=["study"]
print("a study cell: left out when grading")

# %% [markdown]
# ## 2 · Explain it

# %% [markdown] tags=["predict"]
# **Predict.** How long is a good answer?

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Why does the mean of the columns use axis 0? (2–3 sentences)
#
# ### BEGIN SOLUTION
# Axis 0 counts the samples, and the mean of a column is taken over them.
#
# *Marking: 1 point for naming the axis of samples, 1 for the reason.*
# ### END SOLUTION
