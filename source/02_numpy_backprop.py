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
# # 02 · Backpropagation by hand
#
# {{badge}}
#
# **Promise.** At the end of this notebook you will have trained a neural network in which every number was
# computed by code that *you* wrote: no framework, no autograd, nothing but NumPy and the chain rule. And you will
# know that your gradients are right, because you will have checked them against a method that knows no chain rule.
#
# | | |
# |---|---|
# | **You need** | Python, NumPy (`@`, broadcasting, `axis`), the chain rule; unit 01 helps |
# | **Time** | about {{minutes}} minutes, exercises and reading |
# | **Points** | {{points}} |
#
# The whole idea in one picture: numbers flow to the right, derivatives flow back to the left, and every box needs
# to know only its own little rule.
#
# ```text
#            W1,b1              relu             W2,b2             ½|f−y|²
#   X ──────► [ affine ] ──a1──► [ fold ] ──h──► [ affine ] ──f──► [ loss ] ──► loss
#   (N,d)        ▲      (N,h)       ▲     (N,h)     ▲    (N,out)      │
#                └───── da1 ◄───────┴───── dh ◄─────┴────── df ◄──────┘
#              dW1,db1                            dW2,db2
# ```
#
# **How to work.** Each exercise has a cell with a TODO and a check below it. Run the check as often as you like: it
# says what is right, what is wrong, and often why. Part of the points is given on cases that you do not see, so
# write code that works for every size, not for the example.

# %% tags=["setup"]
# The build puts the setup cell that all units share here.

# %%
import numpy as np

# %% [markdown]
# ## 1 · Data that no straight line can split
#
# The points lie in the square $[-1, 1]^2$, and a point belongs to class 1 when its two coordinates have different
# signs: $y = 1$ if $x_1 x_2 < 0$, else $0$. This is XOR, drawn in the plane.
#
# Two conventions hold in the whole course. **Batch first**: row $n$ of $X$ is sample $n$, so `X` has shape `(N, d)`.
# And **targets are a column**: `y` has shape `(N, out)`, here `(N, 1)`, the same shape as the network's output. If
# one were `(N,)` and the other `(N, 1)`, then `f - y` would quietly become an `(N, N)` matrix. That is worth a look:

# %%
X, y = data.xor()
y = y[:, None]  # (N,) -> (N, 1)
print("X", X.shape, "y", y.shape, "share of class 1:", round(float(y.mean()), 2))
print("the trap: ", (np.zeros((4, 1)) - np.zeros(4)).shape, "where (4, 1) was meant")

# %% tags=["study"]
plot.points(X, y[:, 0], "XOR in the plane", alt="Points in a square; opposite corners share a class.")

# %% [markdown] tags=["predict"]
# 🔮 **Predict, before you go on.** The best *straight* line through this picture: what share of the points would it
# get right? And how many straight folds does one need at least, to get nearly all of them?
#
# *Your prediction (double-click to write):*

# %% [markdown]
# <details><summary>Reveal</summary>
#
# A straight line gets little more than half: whatever it gains in one corner it loses in the opposite one. (A line
# that cuts off one corner does best, with about 5 to 6 in 8.) Two folds are enough in principle, one for each axis;
# with more, the network has an easier time finding them.
# </details>

# %% [markdown]
# ## 2 · Forward: from points to a number
#
# The network has one hidden layer of $h$ units:
#
# $$a_1 = X W_1^\top + b_1, \qquad h = \max(a_1, 0), \qquad f = h\, W_2^\top + b_2 .$$
#
# | name | shape | what it is |
# |---|---|---|
# | `X` | `(N, d)` | a batch of samples |
# | `W1`, `b1` | `(h, d)`, `(h,)` | weights and biases of the hidden layer |
# | `a1` | `(N, h)` | pre-activations: how far each sample lies from each unit's fold |
# | `h` | `(N, h)` | activations: the same with everything negative cut to 0 (ReLU) |
# | `W2`, `b2` | `(out, h)`, `(out,)` | weights and biases of the output |
# | `f` | `(N, out)` | the output |
#
# The parameters live in a dict, `params["W1"]` and so on. What the forward pass computes on its way is kept in a
# second dict, the **cache**: the backward pass will need it.
#
# **A small example.** One sample, three hidden units, numbers that one can do in the head:
#
# $$x = (1, -2), \quad W_1 = \begin{pmatrix} 2 & 0 \\ -1 & 1 \\ 0 & -1 \end{pmatrix}, \quad b_1 = (1, 0, 0), \quad
# W_2 = (1, 4, -1), \quad b_2 = 0.5$$
#
# Then $a_1 = (3, -3, 2)$, so $h = (3, 0, 2)$: the second unit is *off*. And $f = 3 + 0 - 2 + 0.5 = 1.5$.

# %%
small = {
    "W1": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "b1": np.array([1.0, 0.0, 0.0]),
    "W2": np.array([[1.0, 4.0, -1.0]]),
    "b2": np.array([0.5]),
}
x_small = np.array([1.0, -2.0])
print("a1 of the small example:", small["W1"] @ x_small + small["b1"])

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Put a second sample into the small network, $x = (1, 3)$. Which of the three units is off now, and
# what is $f$? Do it on paper: the check below uses exactly these numbers.
#
# *Your prediction:*

# %% [markdown] exercise={"id": "forward", "difficulty": 1, "minutes": 10}
# ### The forward pass
#
# Write `forward(params, X)` for a whole batch at once, without a loop over the samples. It returns the output **and**
# the cache.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Write down the shapes first: `(N, d)` times something must give `(N, h)`. `W1` is `(h, d)`.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Three lines, one for each formula above. `@` multiplies matrices, `.T` transposes, and a bias of shape `(h,)` is
# added to every row by broadcasting. `np.maximum(a, 0)` compares entry by entry.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# a1 = X @ params["W1"].T + ...
# h = np.maximum(..., 0)
# f = h @ ... + ...
# return f, {"a1": ..., "h": ..., "f": ...}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(params, X):
    """The output of the network for a batch, and what was computed on the way.

    params: dict with "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)
    X:      (N, d)

    Returns (f, cache): f (N, out), and cache = {"a1": (N, h), "h": (N, h), "f": (N, out)}.
    """
    ### BEGIN SOLUTION
    a1 = X @ params["W1"].T + params["b1"]
    h = np.maximum(a1, 0.0)
    f = h @ params["W2"].T + params["b2"]
    return f, {"a1": a1, "h": h, "f": f}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "forward-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("The forward pass", 4)
params_ = {
    "W1": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "b1": np.array([1.0, 0.0, 0.0]),
    "W2": np.array([[1.0, 4.0, -1.0]]),
    "b2": np.array([0.5]),
}
X_ = np.array([[1.0, -2.0], [1.0, 3.0]])
with score.part("output of the small example", 1):
    f_, cache_ = forward(params_, X_)
    without_relu_ = np.array([[-10.5], [14.5]])
    check.close("f", f_, [[1.5], [11.5]], candidates={"relu-missing": without_relu_})
with score.part("cache of the small example", 1):
    f_, cache_ = forward(params_, X_)
    check.keys("The cache", cache_, ["a1", "h", "f"])
    check.close("cache['a1']", cache_["a1"], [[3.0, -3.0, 2.0], [3.0, 2.0, -3.0]])
    check.close("cache['h']", cache_["h"], [[3.0, 0.0, 2.0], [3.0, 2.0, 0.0]])
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle

with score.part("other sizes: 7 samples, 3 inputs, 5 units, 2 outputs", 1, other_sizes=True):
    net_ = oracle.network(seed=11, N=7, d=3, h=5, out=2)
    p_ = net_.params
    f_, cache_ = forward(p_, net_.X)
    a1_ = net_.X @ p_["W1"].T + p_["b1"]
    candidates_ = {
        "relu-missing": a1_ @ p_["W2"].T + p_["b2"],
        "bias-missing": np.maximum(net_.X @ p_["W1"].T, 0) @ p_["W2"].T,
        "relu-mask-misplaced": np.maximum(net_.cache["f"], 0),
        "memorised": np.array([[1.5], [11.5]]),
    }
    check.close("f", f_, net_.cache["f"], candidates=candidates_)
    check.close("cache['a1']", cache_["a1"], net_.cache["a1"])
    check.close("cache['h']", cache_["h"], net_.cache["h"])
with score.part("a second call, with other data, and arguments left alone", 1):
    net_, other_ = oracle.network(12, 4, 3, 5, 2), oracle.network(13, 6, 3, 5, 2)
    forward(other_.params, other_.X)
    with check.unchanged(params=net_.params, X=net_.X):
        f_, cache_ = forward(net_.params, net_.X)
    stale_ = {"stale-cache": other_.cache["h"]}
    check.close("f", f_, net_.cache["f"])
    check.close("cache['h'] of the second call", cache_["h"], net_.cache["h"], candidates=stale_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `X @ W1` instead of `X @ W1.T`: the weights are stored as `(h, d)`, one row for each unit, like in PyTorch.
# - Keeping `relu(a1)` twice, and `a1` not at all: the backward pass asks "was the unit on?", and that is a question
#   about `a1`.
# - A second ReLU on the output: `f` may be any number.
# </details>

# %% [markdown] exercise={"id": "half_mse", "difficulty": 1, "minutes": 5}
# ### The loss
#
# For one sample the loss is half the squared distance, $\tfrac12 \lVert f - y \rVert^2$, summed over the outputs. For a
# batch it is the **mean over the samples**:
#
# $$\text{loss} = \frac1N \sum_{n=1}^{N} \frac12 \sum_{k} (f_{nk} - y_{nk})^2 .$$
#
# The ½ is there so that the derivative by $f$ is simply $f - y$.
#
# <details><summary>Hint 1: a nudge</summary>
#
# There are two sums, and only one of them becomes a mean.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Square `f - y`, sum over the outputs (`axis=1`) so that `(N,)` is left, take the mean of that, halve it.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return float(0.5 * ((f - y) ** 2).sum(axis=...).mean())`
# </details>

# %% nbgrader={"grade": false, "grade_id": "half_mse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def half_mse(f, y):
    """The mean over the samples of half the squared distance.

    f, y: (N, out)

    Returns a float.
    """
    ### BEGIN SOLUTION
    return float(0.5 * ((f - y) ** 2).sum(axis=1).mean())
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "half_mse-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("The loss", 3)
with score.part("one sample: f = 1.5, y = 1", 1):
    check.close("the loss", half_mse(np.array([[1.5]]), np.array([[1.0]])), 0.125)
### BEGIN HIDDEN TESTS
with score.part("five samples", 1):
    f_, y_ = np.array([[1.0], [2.0], [-1.0], [0.5], [3.0]]), np.array([[0.0], [2.5], [1.0], [0.0], [1.0]])
    check.close("the loss", half_mse(f_, y_), 0.95, batch=5)
with score.part("four samples with three outputs each", 1):
    rng_ = np.random.default_rng(5)
    f_, y_ = rng_.normal(size=(4, 3)), rng_.normal(size=(4, 3))
    total_ = 0.5 * ((f_ - y_) ** 2).sum()
    candidates_ = {"wrong-axis": total_ / 12}
    check.close("the loss", half_mse(f_, y_), total_ / 4, batch=4, candidates=candidates_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Reveal: why is a mean over everything wrong here?</summary>
#
# `((f - y) ** 2).mean()` divides by $N \cdot \text{out}$. With one output nobody notices. With three, each sample's
# loss, and with it each gradient, shrinks to a third, and the learning rate means something else. Which mean is taken
# is a *choice*; what counts is that the loss and the gradient make the same one.
# </details>

# %% [markdown]
# ## 3 · Backward: one sample
#
# Now from right to left. Write $\mathrm{d}z$ for $\partial\,\text{loss}/\partial z$. Each box gets the derivative by its
# output and hands on the derivative by its input:
#
# | box | forward | backward |
# |---|---|---|
# | loss | $\tfrac12 \lVert f-y \rVert^2$ | $\mathrm{d}f = f - y$ |
# | affine | $f = W_2 h + b_2$ | $\mathrm{d}W_2 = \mathrm{d}f\, h^\top,\quad \mathrm{d}b_2 = \mathrm{d}f,\quad \mathrm{d}h = W_2^\top \mathrm{d}f$ |
# | ReLU | $h = \max(a_1, 0)$ | $\mathrm{d}a_1 = \mathrm{d}h \odot [a_1 > 0]$ |
# | affine | $a_1 = W_1 x + b_1$ | $\mathrm{d}W_1 = \mathrm{d}a_1\, x^\top,\quad \mathrm{d}b_1 = \mathrm{d}a_1$ |
#
# Two rules of thumb save hours. **A gradient has the shape of its parameter.** And **every gradient is "what arrives"
# times "what went in"**: $\mathrm{d}W_2$ is made of $\mathrm{d}f$ and $h$, because $h$ is what $W_2$ was multiplied with.
#
# **The small example again**, $x = (1, -2)$ with target $y = 1$. Going forward gave $h = (3, 0, 2)$ and $f = 1.5$:
#
# - $\mathrm{d}f = 1.5 - 1 = 0.5$
# - $\mathrm{d}W_2 = 0.5 \cdot (3, 0, 2) = (1.5, 0, 1)$ and $\mathrm{d}b_2 = 0.5$
# - $\mathrm{d}h = 0.5 \cdot (1, 4, -1) = (0.5, 2, -0.5)$
# - $\mathrm{d}a_1 = (0.5, \mathbf{0}, -0.5)$: the second unit was off, nothing passes
# - $\mathrm{d}W_1 = \mathrm{d}a_1\, x^\top = \begin{pmatrix} 0.5 & -1 \\ 0 & 0 \\ -0.5 & 1\end{pmatrix}$ and
#   $\mathrm{d}b_1 = (0.5, 0, -0.5)$

# %% tags=["study"]
plot.graph(
    {
        "x": (0, 0), "W1, b1": (0, 1), "a1": (1.4, 0), "h": (2.6, 0), "W2, b2": (2.6, 1),
        "f": (4, 0), "y": (4, 1), "loss": (5.2, 0),
    },
    [
        ("x", "a1"), ("W1, b1", "a1"), ("a1", "h"), ("h", "f"), ("W2, b2", "f"), ("f", "loss"), ("y", "loss"),
    ],
    notes={"a1": "(0.5, 0, −0.5)", "h": "(0.5, 2, −0.5)", "f": "0.5", "loss": "1"},
    leaves=["x", "W1, b1", "W2, b2", "y"],
    title="The graph of the small example, and the derivative that arrives at each box",
    alt="Graph from x over a1, h and f to the loss; under each box the derivative that arrives there.",
)

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** The second unit is off for this sample. How would the loss change if its weights in `W1` changed a
# little? And if its *output* weight, the 4 in `W2`, did?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "backward_one", "difficulty": 2, "minutes": 15}
# ### Backward for one sample
#
# The first two gradients are given. Add the way through the ReLU, and the gradients of the hidden layer.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `np.outer(u, v)` has shape `(len(u), len(v))`. Which two vectors give something of the shape of `W1`?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Three steps: send `df` back through `W2` (shape `(h,)`), switch off the entries of units that were off, then do
# for the first layer what the given lines do for the second.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# dh = params["W2"].T @ ...
# da1 = dh * (cache["a1"] > ...)
# grads["W1"] = np.outer(..., x)
# grads["b1"] = ...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "backward_one", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward_one(params, x, y, cache):
    """The gradients of ½ |f − y|² for a single sample.

    params: dict with "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)
    x:      (d,);  y: (out,)
    cache:  {"a1": (h,), "h": (h,), "f": (out,)} of this sample

    Returns a dict of gradients with the keys and shapes of params.
    """
    grads = {}
    df = cache["f"] - y  # (out,)
    grads["W2"] = np.outer(df, cache["h"])  # (out, h)
    grads["b2"] = df  # (out,)
    ### BEGIN SOLUTION
    dh = params["W2"].T @ df  # (h,)
    da1 = dh * (cache["a1"] > 0)  # (h,)
    grads["W1"] = np.outer(da1, x)  # (h, d)
    grads["b1"] = da1  # (h,)
    ### END SOLUTION
    return grads

# %% nbgrader={"grade": true, "grade_id": "backward_one-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("Backward for one sample", 4)
params_ = {
    "W1": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "b1": np.array([1.0, 0.0, 0.0]),
    "W2": np.array([[1.0, 4.0, -1.0]]),
    "b2": np.array([0.5]),
}
cache_ = {"a1": np.array([3.0, 2.0, -3.0]), "h": np.array([3.0, 2.0, 0.0]), "f": np.array([11.5])}
with score.part("x = (1, 3), y = 10 in the small network", 2):
    grads_ = backward_one(params_, np.array([1.0, 3.0]), np.array([10.0]), cache_)
    check.keys("The gradients", grads_, ["W1", "b1", "W2", "b2"])
    check.close("grads['W2']", grads_["W2"], [[4.5, 3.0, 0.0]])
    no_mask_ = [1.5, 6.0, -1.5]
    check.close("grads['b1']", grads_["b1"], [1.5, 6.0, 0.0], candidates={"relu-mask-missing": no_mask_})
    check.close("grads['W1']", grads_["W1"], [[1.5, 4.5], [6.0, 18.0], [0.0, 0.0]])
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle

with score.part("other sizes, against a reference and finite differences", 2, other_sizes=True):
    for seed_ in (21, 22, 23):
        net_ = oracle.network(seed=seed_, N=2, d=3, h=5, out=4)
        one_ = oracle.Network(net_.params, net_.X[:1], net_.y[:1])
        cache_ = {name_: value_[0] for name_, value_ in one_.cache.items()}
        with check.unchanged(params=one_.params, cache=cache_):
            grads_ = backward_one(one_.params, one_.X[0], one_.y[0], cache_)
        for name_ in ("W2", "b2", "b1", "W1"):
            wrong_ = one_.mistakes(name_)
            check.close(f"grads['{name_}']", grads_[name_], one_.grads[name_], candidates=wrong_)
        check.gradient(
            "grads['W1']", lambda W1: one_.loss_at(W1=W1), one_.params["W1"], grads_["W1"]
        )
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - Masking with `cache["h"] > 0` is fine (it is the same question), but multiplying *by* `h` is not: the derivative of
#   ReLU is 1 where the unit is on, whatever its value.
# - Masking `dh > 0` instead of `a1 > 0`: the gate belongs to the unit's own forward pass, not to the sign of what
#   comes back.
# - `np.outer(x, da1)`: has shape `(d, h)`, and a gradient has the shape of its parameter.
# </details>
# <details><summary>Reveal: the answer to the prediction</summary>
#
# A small change of the second unit's weights in `W1` changes nothing: the unit stays off, and puts out 0. The
# same holds for the 4 in `W2`: it is multiplied by $h_2 = 0$. For this sample the unit does not exist. Other samples
# switch it on, and then both matter.
# </details>

# %% [markdown]
# ## 4 · Backward: a batch
#
# A batch is handled by the same boxes, with a row for each sample. The loss is now a mean, so each sample's derivative
# is divided by $N$, **once, where the loss enters**: $\mathrm{d}f = (f - y)/N$, shape `(N, out)`. From there on the
# division is in everything, and the matrix products sum over the samples by themselves:
#
# $$\mathrm{d}W_2 = \mathrm{d}f^\top h, \qquad \mathrm{d}b_2 = \sum_n \mathrm{d}f_n, \qquad
# \mathrm{d}h = \mathrm{d}f\, W_2, \qquad \mathrm{d}a_1 = \mathrm{d}h \odot [a_1 > 0], \ \dots$$
#
# Why a *sum* for the biases? Every sample used the same bias, so every sample has a say in how it should change.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** You feed every sample twice, so that the batch has $2N$ rows. What happens to the loss, and what to
# the gradients?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "backward", "difficulty": 3, "minutes": 20}
# ### Backward for a batch
#
# Write `backward(params, X, y, cache)`: all four gradients of the **mean** loss, without a loop over the samples.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Write the shape of every quantity beside its line. Where two `(N, …)` matrices must become something without `N`,
# a transposed matrix product sums over the samples.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Start with `df`, divided by `N = len(X)`. Then, line by line, what `backward_one` does: `np.outer(u, v)` becomes
# `U.T @ V`, a bias becomes a sum over `axis=0`, and `W2.T @ df` becomes `df @ W2`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# df = (cache["f"] - y) / ...
# dh = df @ ...
# da1 = dh * (...)
# return {"W1": da1.T @ ..., "b1": da1.sum(axis=...), "W2": ..., "b2": ...}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(params, X, y, cache):
    """The gradients of the mean loss over a batch.

    params: dict with "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)
    X:      (N, d);  y: (N, out)
    cache:  what forward(params, X) keeps: {"a1": (N, h), "h": (N, h), "f": (N, out)}

    Returns a dict of gradients with the keys and shapes of params.
    """
    ### BEGIN SOLUTION
    df = (cache["f"] - y) / len(X)  # (N, out)
    dh = df @ params["W2"]  # (N, h)
    da1 = dh * (cache["a1"] > 0)  # (N, h)
    return {
        "W1": da1.T @ X,
        "b1": da1.sum(axis=0),
        "W2": df.T @ cache["h"],
        "b2": df.sum(axis=0),
    }
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "backward-output", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("Backward for a batch: W2 and b2", 3)
params_ = {
    "W1": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "b1": np.array([1.0, 0.0, 0.0]),
    "W2": np.array([[1.0, 4.0, -1.0]]),
    "b2": np.array([0.5]),
}
X_ = np.array([[1.0, -2.0], [1.0, 3.0], [-1.0, 2.0]])
y_ = np.array([[1.0], [10.0], [12.0]])
cache_ = {
    "a1": np.array([[3.0, -3.0, 2.0], [3.0, 2.0, -3.0], [-1.0, 3.0, -2.0]]),
    "h": np.array([[3.0, 0.0, 2.0], [3.0, 2.0, 0.0], [0.0, 3.0, 0.0]]),
    "f": np.array([[1.5], [11.5], [12.5]]),
}
with score.part("three samples in the small network", 1):
    grads_ = backward(params_, X_, y_, cache_)
    check.keys("The gradients", grads_, ["W1", "b1", "W2", "b2"])
    check.close("grads['W2']", grads_["W2"], np.array([[6.0, 4.5, 1.0]]) / 3, batch=3)
    check.close("grads['b2']", grads_["b2"], [2.5 / 3], batch=3)
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle

with score.part("other sizes, against a reference and finite differences", 2, other_sizes=True):
    for seed_ in (31, 32, 33):
        net_ = oracle.network(seed=seed_, N=7, d=3, h=5, out=2)
        grads_ = backward(net_.params, net_.X, net_.y, net_.cache)
        for name_ in ("b2", "W2"):
            wrong_ = net_.mistakes(name_)
            check.close(f"grads['{name_}']", grads_[name_], net_.grads[name_], batch=7, candidates=wrong_)
    check.gradient("grads['W2']", lambda W2: net_.loss_at(W2=W2), net_.params["W2"], grads_["W2"])
### END HIDDEN TESTS
score.total()

# %% nbgrader={"grade": true, "grade_id": "backward-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("Backward for a batch: W1 and b1", 3)
params_ = {
    "W1": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "b1": np.array([1.0, 0.0, 0.0]),
    "W2": np.array([[1.0, 4.0, -1.0]]),
    "b2": np.array([0.5]),
}
X_ = np.array([[1.0, -2.0], [1.0, 3.0], [-1.0, 2.0]])
y_ = np.array([[1.0], [10.0], [12.0]])
cache_ = {
    "a1": np.array([[3.0, -3.0, 2.0], [3.0, 2.0, -3.0], [-1.0, 3.0, -2.0]]),
    "h": np.array([[3.0, 0.0, 2.0], [3.0, 2.0, 0.0], [0.0, 3.0, 0.0]]),
    "f": np.array([[1.5], [11.5], [12.5]]),
}
with score.part("three samples in the small network", 1):
    grads_ = backward(params_, X_, y_, cache_)
    no_mask_ = np.array([2.5, 10.0, -2.5]) / 3
    wrong_ = {"relu-mask-missing": no_mask_, "transposed": np.array([[2.0, 4.0, -0.5], [3.5, 22.0, 1.0]]) / 3}
    check.close("grads['b1']", grads_["b1"], np.array([2.0, 8.0, -0.5]) / 3, batch=3, candidates=wrong_)
    right_ = np.array([[2.0, 3.5], [4.0, 22.0], [-0.5, 1.0]]) / 3
    check.close("grads['W1']", grads_["W1"], right_, batch=3, candidates=wrong_)
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle

with score.part("other sizes, against a reference and finite differences", 2, other_sizes=True):
    for seed_ in (41, 42, 43):
        net_ = oracle.network(seed=seed_, N=7, d=3, h=5, out=2)
        with check.unchanged(params=net_.params, X=net_.X, y=net_.y):
            grads_ = backward(net_.params, net_.X, net_.y, net_.cache)
        for name_ in ("b1", "W1"):
            wrong_ = net_.mistakes(name_)
            check.close(f"grads['{name_}']", grads_[name_], net_.grads[name_], batch=7, candidates=wrong_)
    check.gradient("grads['W1']", lambda W1: net_.loss_at(W1=W1), net_.params["W1"], grads_["W1"])
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - Dividing by `N` twice: once in `df`, once more in a `.mean(axis=0)` for the biases.
# - Starting from `(f − y)` without `/ N`: then everything is the gradient of the *sum*, and the best learning rate
#   changes with the size of the batch.
# - `2 * (f − y)`: that is the derivative of the square without its ½.
# - Starting from 1 instead of from `f − y`: then nothing from the loss arrives, and the network learns nothing.
# </details>
# <details><summary>Reveal: the answer to the prediction</summary>
#
# Nothing changes. Loss and gradients are means, and a mean does not care how often all samples are repeated. (It
# would double with a sum.) That is why a learning rate stays good when the batch size changes a little.
# </details>

# %% [markdown]
# ## 5 · Trust, but check: finite differences
#
# The chain rule is easy to get *almost* right, and almost right still learns, only worse. So check it against
# something that knows no chain rule. Move one parameter by a tiny $\varepsilon$ to both sides, and look at the loss:
#
# $$\frac{\partial\,\text{loss}}{\partial \theta_i} \approx
# \frac{\text{loss}(\theta + \varepsilon e_i) - \text{loss}(\theta - \varepsilon e_i)}{2\varepsilon} .$$
#
# This is the **central** difference. Its error shrinks with $\varepsilon^2$, that of the one-sided difference
# $(\text{loss}(\theta + \varepsilon e_i) - \text{loss}(\theta))/\varepsilon$ only with $\varepsilon$. It is slow (two
# evaluations for each parameter), so nobody trains with it. To check, it is perfect.
#
# To treat all parameters alike, lay them out in one long vector $\theta$, and put them back into their shapes.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** For $g(\theta) = \theta^3$ at $\theta = 1$ with $\varepsilon = 0.1$: what do the central and the
# one-sided difference give? The true derivative is 3.
#
# *Your prediction:*

# %%
g = lambda t: t**3
print("one-sided:", round((g(1.1) - g(1.0)) / 0.1, 4), "  central:", round((g(1.1) - g(0.9)) / 0.2, 4))

# %% [markdown] exercise={"id": "flatten", "difficulty": 1, "minutes": 10}
# ### One long vector
#
# `flatten(params)` puts `W1`, `b1`, `W2`, `b2`, in this order, row by row, into one vector. `unflatten(theta, like)`
# is the way back: `like` is a dict of parameters that tells the shapes.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `reshape(-1)` flattens an array row by row, `np.concatenate` takes a list of vectors.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# For the way back, walk along `theta` with a position: take `like[name].size` entries, reshape them to
# `like[name].shape`, move on.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# start = 0
# for name in ("W1", "b1", "W2", "b2"):
#     size = like[name]...
#     params[name] = theta[start : start + ...].reshape(...)
#     start += ...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "flatten", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flatten(params):
    """All parameters in one vector: W1, b1, W2, b2, each row by row.

    Returns theta, shape (P,) for P parameters in all.
    """
    ### BEGIN SOLUTION
    return np.concatenate([params[name].reshape(-1) for name in ("W1", "b1", "W2", "b2")])
    ### END SOLUTION


def unflatten(theta, like):
    """The parameters in a vector that `flatten` made, with the shapes of those in `like`.

    theta: (P,);  like: dict with "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)

    Returns a dict with the keys and shapes of like.
    """
    ### BEGIN SOLUTION
    params, start = {}, 0
    for name in ("W1", "b1", "W2", "b2"):
        size = like[name].size
        params[name] = theta[start : start + size].reshape(like[name].shape)
        start += size
    return params
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "flatten-roundtrip", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("One long vector", 3)
params_ = {
    "W1": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    "b1": np.array([7.0, 8.0, 9.0]),
    "W2": np.array([[10.0, 11.0, 12.0]]),
    "b2": np.array([13.0]),
}
with score.part("1 to 13, in order", 1):
    by_column_ = np.array([1, 3, 5, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13.0])
    wrong_ = {"column-order": by_column_}
    check.close("flatten(params)", flatten(params_), np.arange(1.0, 14.0), candidates=wrong_)
with score.part("and back", 1):
    back_ = unflatten(np.arange(1.0, 14.0), params_)
    check.keys("The parameters", back_, ["W1", "b1", "W2", "b2"])
    for name_ in params_:
        check.close(f"the {name_} that comes back", back_[name_], params_[name_])
### BEGIN HIDDEN TESTS
with score.part("other sizes, there and back", 1, other_sizes=True):
    rng_ = np.random.default_rng(50)
    # the keys in another order: the vector's order is that of the text, not of the dict
    params_ = {
        "b2": rng_.normal(size=4),
        "W2": rng_.normal(size=(4, 5)),
        "b1": rng_.normal(size=5),
        "W1": rng_.normal(size=(5, 3)),
    }
    theta_ = np.concatenate([params_[name_].ravel() for name_ in ("W1", "b1", "W2", "b2")])
    wrong_ = {"wrong-order": np.concatenate([params_[name_].ravel() for name_ in params_])}
    check.close("flatten(params)", flatten(params_), theta_, candidates=wrong_)
    back_ = unflatten(theta_, {name_: np.zeros_like(value_) for name_, value_ in params_.items()})
    for name_ in params_:
        check.close(f"the {name_} that comes back", back_[name_], params_[name_])
### END HIDDEN TESTS
score.total()

# %% [markdown] exercise={"id": "numeric_gradient", "difficulty": 2, "minutes": 15}
# ### The gradient without calculus
#
# Write `numeric_gradient(loss, theta, eps)`: the central difference for each entry of `theta`. `loss` is a function
# from a vector to a number.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two evaluations for each entry. What must be true of `theta` when you move on to the next one?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Make a vector of zeros with `eps` at place `i`, and evaluate at `theta + step` and at `theta - step`. That way
# `theta` itself never changes.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for i in range(len(theta)):
#     step = np.zeros_like(...)
#     step[i] = ...
#     grad[i] = (loss(...) - loss(...)) / (...)
# return grad
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "numeric_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numeric_gradient(loss, theta, eps=1e-5):
    """The gradient of `loss` at `theta`, by central differences.

    loss:  function from (P,) to a float
    theta: (P,) float64, left as it is
    eps:   how far to move, to either side

    Returns (P,).
    """
    ### BEGIN SOLUTION
    grad = np.zeros_like(theta)
    for i in range(len(theta)):
        step = np.zeros_like(theta)
        step[i] = eps
        grad[i] = (loss(theta + step) - loss(theta - step)) / (2 * eps)
    return grad
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "numeric_gradient-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("The gradient without calculus", 4)
theta_ = np.array([1.0, -2.0, 0.5])
with score.part("a parabola: the gradient of θ·θ is 2θ", 1):
    got_ = numeric_gradient(lambda t: float(t @ t), theta_)
    wrong_ = {"two-eps": [4.0, -8.0, 2.0]}
    check.close("the gradient", got_, [2.0, -4.0, 1.0], rtol=0.05, atol=0.05, candidates=wrong_)
with score.part("a cubic, eps = 0.1: both sides are used", 1):
    got_ = numeric_gradient(lambda t: float((t**3).sum()), theta_, eps=0.1)
    one_sided_ = [3.31, 11.41, 0.91]
    wrong_ = {"forward-difference": one_sided_, "two-eps": [6.02, 24.02, 1.52]}
    check.close("the gradient", got_, [3.01, 12.01, 0.76], rtol=1e-4, candidates=wrong_)
### BEGIN HIDDEN TESTS
with score.part("a function of other length, with its own eps", 1):
    theta_ = np.array([0.3, -1.2, 0.8, 2.0, -0.7])
    weights_ = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    cubic_ = lambda t: float(weights_ @ t**3)
    eps_ = 0.05
    central_ = weights_ * (3 * theta_**2 + eps_**2)
    forward_only_ = weights_ * (3 * theta_**2 + 3 * theta_ * eps_ + eps_**2)
    backward_only_ = weights_ * (3 * theta_**2 - 3 * theta_ * eps_ + eps_**2)
    with check.unchanged(theta=theta_):
        got_ = numeric_gradient(cubic_, theta_, eps=eps_)
    wrong_ = {"forward-difference": forward_only_, "two-eps": 2 * central_}
    if not np.allclose(got_, central_, rtol=1e-3) and np.allclose(got_, backward_only_, rtol=1e-3):
        wrong_["forward-difference"] = backward_only_
    check.close("the gradient", got_, central_, rtol=1e-3, candidates=wrong_)
with score.part("float64 throughout: six digits with eps = 1e-5", 1):
    smooth_ = lambda t: float(np.sin(t).sum() + 3.0)
    theta_ = np.array([0.2, -1.1, 0.9, 1.9, -0.6, 2.4])
    right_ = np.cos(theta_)
    got_ = check.array("the gradient", numeric_gradient(smooth_, theta_.copy(), 1e-5))
    wrong_ = {"two-eps": 2 * right_}
    check.close("the gradient", got_, right_, rtol=0.3, atol=0.1, candidates=wrong_)
    error_ = float(np.abs(got_ - right_).max())
    what_ = f"the largest error is {error_:.1e}, where float64 gives about 1e-10."
    check.true(error_ < 1e-5, what_, "step-too-small")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Now the check itself: your gradients of the chain rule against your gradients without it, over all parameters of a
# 2-16-1 network. Run it; if `backward` is right, the largest difference is tiny.

# %%
def loss_and_grads(params, X, y):
    """One forward and one backward pass: the loss, and its gradients."""
    f, cache = forward(params, X)
    return half_mse(f, y), backward(params, X, y, cache)


params = data.init_params(d=2, h=16, out=1)
loss, grads = loss_and_grads(params, X, y)


def loss_of(theta):
    return half_mse(forward(unflatten(theta, params), X)[0], y)


difference = np.abs(flatten(grads) - numeric_gradient(loss_of, flatten(params)))
print(f"{len(difference)} parameters; loss {loss:.4f}")
print("largest difference below 1e-8:", bool(difference.max() < 1e-8))

# %% [markdown]
# <details><summary>If the difference is large: a debug checklist</summary>
#
# 1. Which parameter has the largest difference? `W2`, `b2` wrong: the loss's derivative. Only `W1`, `b1` wrong: the way
#    through the ReLU.
# 2. Look at the ratio of the two gradients. The same number everywhere (N, 2, −1) names the mistake.
# 3. One sample, one hidden unit: does it hold there? Then the sum over the batch is the culprit.
# 4. A difference of about 1e-3 everywhere: something is float32. It is *not* the kink of the ReLU: that one would
#    hit single parameters, and only within ε of the fold.
# </details>

# %% [markdown]
# ## 6 · Look inside before you train
#
# A hidden unit is on for a sample when its pre-activation is above 0. A unit that is off for *every* sample is
# **dead**: nothing passes it in either direction, so no gradient will ever wake it up.
#
# And a warning about the beginning. Weights must not all start alike:

# %%
twins = {"W1": np.full((4, 2), 0.3), "b1": np.zeros(4), "W2": np.full((1, 4), 0.3), "b2": np.zeros(1)}
print("gradient of W1 if all units start alike:")
print(loss_and_grads(twins, X, y)[1]["W1"].round(4))

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** All rows of that gradient are the same. What will the four units look like after a thousand steps?
# And what would the gradient be if all weights started at exactly 0?
#
# *Your prediction:*

# %% [markdown]
# <details><summary>Reveal</summary>
#
# Equal units with equal gradients stay equal for ever: the network has four units and the power of one. With zeros it is
# worse: $h = 0$ and $W_2 = 0$ make every gradient of the weights 0, and only $b_2$ learns. Random initial weights
# break the symmetry, and that is their whole purpose.
# </details>

# %% [markdown] exercise={"id": "unit_report", "difficulty": 2, "minutes": 10}
# ### What the units do
#
# Write `unit_report(cache, y)`: it reads from a cache and the targets how the network is doing.
#
# - `"accuracy"`: the share of samples for which `f ≥ 0.5` agrees with the target (a float in [0, 1]);
# - `"active"`: the share of all pre-activations (samples × units) that are above 0;
# - `"dead"`: the list of the numbers of units that are off for every sample.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Comparisons give arrays of booleans, and the mean of booleans is a share. Watch the shapes of what you compare.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Name the mask: `on`, shape `(N, h)`, says which unit is on for which sample. A unit is dead if no row has it on, so
# `on.any(axis=0)` is false there.
# `np.flatnonzero` gives the places where something is true.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# on = cache["a1"] > ...
# right = (cache["f"] >= 0.5) == (y >= ...)
# return {
#     "accuracy": ...,
#     "active": ...,
#     "dead": [int(j) for j in np.flatnonzero(~on.any(axis=...))],
# }
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "unit_report", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unit_report(cache, y):
    """How the network is doing, from the cache of a forward pass.

    cache: {"a1": (N, h), "h": (N, h), "f": (N, 1)};  y: (N, 1) of 0.0 and 1.0

    Returns {"accuracy": float, "active": float, "dead": list of int}.
    """
    ### BEGIN SOLUTION
    on = cache["a1"] > 0
    right = (cache["f"] >= 0.5) == (y >= 0.5)
    return {
        "accuracy": float(right.mean()),
        "active": float(on.mean()),
        "dead": [int(j) for j in np.flatnonzero(~on.any(axis=0))],
    }
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "unit_report-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check

score = check.Score("What the units do", 3)
with score.part("two samples, three units", 1):
    a1_ = np.array([[1.0, -1.0, -2.0], [2.0, 3.0, -1.0]])
    cache_ = {"a1": a1_, "h": np.maximum(a1_, 0), "f": np.array([[0.7], [0.9]])}
    report_ = unit_report(cache_, np.array([[1.0], [0.0]]))
    check.keys("The report", report_, ["accuracy", "active", "dead"])
    check.close("accuracy", report_["accuracy"], 0.5)
    check.close("active", report_["active"], 0.5)
    check.equal("dead", list(report_["dead"]), [2])
### BEGIN HIDDEN TESTS
with score.part("accuracy of other data", 1):
    rng_ = np.random.default_rng(60)
    a1_ = rng_.normal(size=(40, 6))
    f_, y_ = rng_.uniform(size=(40, 1)), (rng_.uniform(size=(40, 1)) < 0.3).astype(float)
    cache_ = {"a1": a1_, "h": np.maximum(a1_, 0), "f": f_}
    right_ = float(((f_ >= 0.5) == (y_ >= 0.5)).mean())
    mixed_ = float(((f_[:, 0] >= 0.5) == (y_ >= 0.5)).mean())
    wrong_ = {"broadcast": mixed_, "wrong-axis": float((f_ >= 0.5).mean())}
    check.close("accuracy", unit_report(cache_, y_)["accuracy"], right_, candidates=wrong_)
with score.part("dead units and active share of other data", 1):
    a1_[:, 1] = -np.abs(a1_[:, 1])
    a1_[:, 4] = -np.abs(a1_[:, 4])
    a1_[:3] = -np.abs(a1_[:3])  # three samples for which every unit is off: those are no dead units
    cache_ = {"a1": a1_, "h": np.maximum(a1_, 0), "f": f_}
    report_ = unit_report(cache_, y_)
    samples_ = [int(i_) for i_ in np.flatnonzero(~(a1_ > 0).any(axis=1))]
    check.true(list(report_["dead"]) != samples_, "`dead` lists samples, not units.", "wrong-axis")
    check.equal("dead", [int(j_) for j_ in report_["dead"]], [1, 4])
    check.close("active", report_["active"], float((a1_ > 0).mean()))
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `cache["f"][:, 0] == y`: `(N,)` against `(N, 1)` gives an `(N, N)` matrix of comparisons, and its mean looks like an
#   accuracy.
# - Looking for dead units along the wrong axis: that finds samples which switch everything off.
# </details>

# %% [markdown]
# ## 7 · Train
#
# Everything is in place. **Full-batch gradient descent** repeats one step:
#
# $$\theta \leftarrow \theta - \eta\, \nabla \text{loss}(\theta),$$
#
# with the learning rate $\eta$ (`lr`). All gradients are computed at the *old* parameters; only then do all of them
# move.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** The network starts with random weights. What will the loss be in the first epoch, roughly, and what
# at the end? (Half of the targets are 1, half 0: what loss would a network have that always answers ½?)
#
# *Your prediction:*

# %% [markdown] exercise={"id": "train", "difficulty": 3, "minutes": 20}
# ### The training loop
#
# Write `train(params, X, y, lr, epochs, loss_and_grads)`. The function `loss_and_grads(params, X, y)` is handed in
# (yours is above): it returns the loss, and the dict of gradients. One call for each epoch is enough. Leave the
# dict `params` that you were given as it was.
#
# <details><summary>Hint 1: a nudge</summary>
#
# In each epoch: ask for loss and gradients, write the loss down, move *all* parameters.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Make a **new** dict of parameters in each epoch: `{name: value - step for …}`. That leaves the old ones alone, and
# makes it impossible to mix old and new.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# losses = []
# for _ in range(epochs):
#     loss, grads = loss_and_grads(...)
#     losses.append(...)
#     params = {name: params[name] - ... for name in params}
# return params, losses
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(params, X, y, lr, epochs, loss_and_grads):
    """Full-batch gradient descent.

    params:         dict of arrays, left as it is
    X, y:           (N, d), (N, out)
    lr, epochs:     learning rate, number of steps
    loss_and_grads: function (params, X, y) -> (loss, grads)

    Returns (params, losses): the trained parameters, and the list of the `epochs` losses, each as it
    was before its step.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "train-steps", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check


def bowl(params, X, y):
    """A loss whose steps can be followed by hand: ½ (a + b)², with gradient a + b by both."""
    total = params["a"] + params["b"]
    return float(0.5 * (total**2).sum()), {"a": total, "b": total}


score = check.Score("The training loop: steps", 3)
with score.part("one step in a bowl: a = 4, b = 2, lr = 0.25", 1):
    start_ = {"a": np.array([4.0]), "b": np.array([2.0])}
    end_, losses_ = train(start_, None, None, 0.25, 1, bowl)
    wrong_ = {"sign": [5.5], "no-step": [4.0]}
    check.close("a after one step", end_["a"], [2.5], candidates=wrong_)
    check.close("b after one step", end_["b"], [0.5], candidates={"updated-before-use": [0.875]})
with score.part("three losses, each before its step: 18, 4.5, 1.125", 1):
    start_ = {"a": np.array([4.0]), "b": np.array([2.0])}
    end_, losses_ = train(start_, None, None, 0.25, 3, bowl)
    check.equal("the number of losses", len(losses_), 3)
    wrong_ = {"off-by-one": [4.5, 1.125, 0.28125]}
    check.close("the losses", losses_, [18.0, 4.5, 1.125], candidates=wrong_)
### BEGIN HIDDEN TESTS
with score.part("three steps of a network, the given parameters left alone", 1):
    from autograder.references import two_layer as oracle

    net_ = oracle.network(seed=71, N=9, d=3, h=4, out=2)
    expected_, by_turns_, uphill_ = dict(net_.params), dict(net_.params), dict(net_.params)
    for _ in range(3):
        grads_ = oracle.loss_and_grads(expected_, net_.X, net_.y)[1]
        expected_ = {k_: expected_[k_] - 0.05 * grads_[k_] for k_ in expected_}
        grads_ = oracle.loss_and_grads(uphill_, net_.X, net_.y)[1]
        uphill_ = {k_: uphill_[k_] + 0.05 * grads_[k_] for k_ in uphill_}
        for k_ in by_turns_:
            grads_ = oracle.loss_and_grads(by_turns_, net_.X, net_.y)[1]
            by_turns_ = {**by_turns_, k_: by_turns_[k_] - 0.05 * grads_[k_]}
    with check.unchanged(params=net_.params):
        end_, losses_ = train(net_.params, net_.X, net_.y, 0.05, 3, oracle.loss_and_grads)
    for name_ in ("W1", "b1", "W2", "b2"):
        wrong_ = {
            "no-step": net_.params[name_],
            "updated-before-use": by_turns_[name_],
            "sign": uphill_[name_],
        }
        check.close(f"{name_} after three steps", end_[name_], expected_[name_], candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Now the real thing: 2-16-1, the XOR data, 1,000 epochs.

# %% tags=["study"]
trained, losses = train(data.init_params(h=16), X, y, lr=0.2, epochs=1000, loss_and_grads=loss_and_grads)
report = unit_report(forward(trained, X)[1], y)
print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, training accuracy {report['accuracy']:.2f}")
plot.curves(
    {"loss": losses},
    ylabel="½ mean squared error",
    title="2-16-1 on XOR, full batch",
    log_y=True,
    alt="The loss falls steeply in the first 200 epochs and slowly after that.",
)

# %% nbgrader={"grade": true, "grade_id": "train-xor", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check, data

score = check.Score("The training loop: XOR", 3)


def stump(params, X, y):
    """A line, not a network: enough to see whether a loop learns."""
    f = X @ params["W"] + params["b"]
    return float(0.5 * ((f - y) ** 2).mean()), {"W": X.T @ (f - y) / len(X), "b": (f - y).mean(axis=0)}


with score.part("a line through points: the loss falls to almost nothing", 1):
    X_ = np.linspace(-1.5, 1.5, 21)[:, None]
    start_ = {"W": np.zeros((1, 1)), "b": np.zeros(1)}
    end_, losses_ = train(start_, X_, 3 * X_ - 1, 1.0, 10, stump)
    check.equal("the number of losses", len(losses_), 10)
    check.at_most("the last loss", losses_[-1], 1e-6)
    check.close("the slope", end_["W"], [[3.0]], rtol=1e-3)
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle

with score.part("XOR: 90 % of points never seen before, after 25 epochs of 2-64-1", 2):
    # Twenty seeds of a correct solution reach 0.930 or more; the margin is 0.030 (`autograder seeds 02`).
    # Many hidden units and an output that starts at zero: few epochs are enough.
    X_, y_ = data.xor(500, seed=7)
    start_ = {**data.init_params(2, 64, 1, seed=7), "W2": np.zeros((1, 64))}
    end_, losses_ = train(start_, X_, y_[:, None], 0.6, 25, oracle.loss_and_grads)
    X_, y_ = data.xor(2000, seed=12345)
    accuracy_ = float(((oracle.forward(end_, X_)["f"][:, 0] >= 0.5) == (y_ >= 0.5)).mean())
    check.at_least("the accuracy on new points", accuracy_, 0.90)
### END HIDDEN TESTS
score.total()

# %% tags=["seeds"]
from autograder.references import two_layer as oracle

THRESHOLDS = {"train-xor: accuracy on new points": 0.90}


def measure(seed):
    X, y = data.xor(500, seed=seed)
    start = {**data.init_params(2, 64, 1, seed=seed), "W2": np.zeros((1, 64))}
    end, _ = train(start, X, y[:, None], 0.6, 25, loss_and_grads)
    X, y = data.xor(2000, seed=12345)
    right = (oracle.forward(end, X)["f"][:, 0] >= 0.5) == (y >= 0.5)
    return {"train-xor: accuracy on new points": float(right.mean())}

# %% [markdown]
# ### What it has learned
#
# The decision boundary: colour is the output, the black line is where it crosses ½.

# %% tags=["study"]
plot.boundaries(
    {
        "before training": lambda P: forward(data.init_params(h=16), P)[0][:, 0],
        "after 1,000 epochs": lambda P: forward(trained, P)[0][:, 0],
    },
    X,
    y[:, 0],
    alt="Before training the boundary is a stray curve; afterwards it follows the two axes.",
)

# %% [markdown]
# Each hidden unit folds the plane along a line, and is on at one side of it. Solid lines push the output up,
# dashed ones push it down; the thicker, the more weight.

# %% tags=["study"]
plot.hidden_units(trained["W1"], trained["b1"], trained["W2"], X, y[:, 0])

# %% [markdown]
# **Does it need to be 16?** Here are some widths, five seeds each. Look at the spread as much as at the middle.

# %% tags=["study"]
X_new, y_new = data.xor(2000, seed=999)
print("hidden units   accuracy on new points (worst, middle, best of 5 seeds)")
for width in progress.bar((2, 4, 8, 16), "widths"):
    results = []
    for seed in range(5):
        start = data.init_params(h=width, seed=seed)
        end, _ = train(start, X, y, lr=0.2, epochs=1000, loss_and_grads=loss_and_grads)
        results.append(unit_report(forward(end, X_new)[1], y_new[:, None])["accuracy"])
    worst, *_, best = sorted(results)
    print(f"{width:12d}   {worst:.2f}  {sorted(results)[2]:.2f}  {best:.2f}")

# %% [markdown]
# <details><summary>Reveal: what to see in it</summary>
#
# Two units *could* do most of it, but gradient descent seldom finds how: with few units, it depends on where they
# happen to start. More units than needed make it likely that some start well. The best of five seeds hides that; the
# worst shows it.
# </details>

# %% [markdown]
# ## 8 · Quiz
#
# Four questions; write one letter for each.
#
# **q1.** Every sample of the batch is repeated three times. The gradients of the mean loss
# (a) triple; (b) become a third; (c) stay the same; (d) change in no simple way.
#
# **q2.** A unit's pre-activation is negative for every sample. Its row of `dW1` is
# (a) zero; (b) small but not zero; (c) the same as that of the other units; (d) negative.
#
# **q3.** All entries of `W1` start at 0.1, all of `W2` at 0.2, and the biases at 0. After 100 steps, the hidden units
# (a) are dead; (b) are all alike; (c) differ, because the samples do; (d) differ, because of rounding.
#
# **q4.** You halve ε in the central difference of a smooth function, in float64, with ε still large. Its error
# (a) stays; (b) halves; (c) becomes a quarter; (d) doubles.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** How many of the four will you get right?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "quiz", "difficulty": 1, "minutes": 5}
# ### Your answers
#
# <details><summary>Hint 1: a nudge</summary>
#
# Three of the four were predictions in this notebook.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# q1: section 4. q2: sections 3 and 6. q3: section 6. q4: section 5.
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# Try it: each of the four is an experiment of three lines with the functions that you wrote.
# </details>

# %% nbgrader={"grade": false, "grade_id": "quiz", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# answers = {"q1": "?", "q2": "?", "q3": "?", "q4": "?"}
### BEGIN SOLUTION
answers = {"q1": "c", "q2": "a", "q3": "b", "q4": "c"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quiz-answers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Quiz", 4)
with score.part("each question has a letter", 0):
    quiz.form(answers, {"q1": "abcd", "q2": "abcd", "q3": "abcd", "q4": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("q1", 1):
    quiz.right(answers, "q1", "c", "section 4, the prediction")
with score.part("q2", 1):
    quiz.right(answers, "q2", "a", "sections 3 and 6, units that are off")
with score.part("q3", 1):
    quiz.right(answers, "q3", "b", "section 6, units that start alike")
with score.part("q4", 1):
    quiz.right(answers, "q4", "c", "section 5, central differences")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 9 · Explain it
#
# In your own words; it is read by a person. Four to six sentences are plenty.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Why does the backward pass need what the forward pass computed?** Name one quantity of the cache for each of: the
# gradient of `W2`, the way through the ReLU. What would go wrong if the cache came from an earlier batch?
#
# ### BEGIN SOLUTION
# The local derivative of each box depends on the point at which it was evaluated, and the cache holds that point.
# dW2 = dfᵀ h needs the activations h, because h is what W2 was multiplied with. The ReLU passes a derivative only
# where a1 > 0, so the mask needs a1. With the cache of another batch the derivatives would be those of another point:
# shapes may even fit, but the direction is wrong, and finite differences would show it.
#
# *Marking (3 points): 1 for "derivatives are evaluated at the forward values"; 1 for h with W2 and a1 with the mask;
# 1 for a sound consequence of a stale cache.*
# ### END SOLUTION

# %% [markdown]
# ## What comes next
#
# Unit 03 gives the same parameters to PyTorch and lets **autograd** compute the gradients: they will agree with yours to
# the eighth decimal. Then you will teach autograd a new box of your own.
