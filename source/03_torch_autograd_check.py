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
# # 03 · Autograd, put to the test
#
# {{badge}}
#
# **Promise.** You have computed gradients by hand. Now the machine does it, on the same data and from the same
# parameters, and you will not take its word for it: you compare the two to the eighth decimal, let finite differences
# be the judge, find out when the judge itself is wrong, and at the end teach autograd a box that it did not know.
#
# | | |
# |---|---|
# | **You need** | unit 01 (`requires_grad`, `.grad`), unit 02 (the network and its gradients) |
# | **Time** | about {{minutes}} minutes, exercises and reading |
# | **Points** | {{points}} |
#
# Three ways to the same derivative, and each is a check of the other two:
#
# ```text
#                        ┌── by hand      chain rule on paper, NumPy      exact, easy to get wrong
#    params, X, y ──►────┼── autograd     chain rule by the machine       exact, if the graph is whole
#       loss             └── differences  two losses, 2ε apart            no calculus; error depends on ε
#                                   │
#                                   ▼
#                     equal?  to how many digits?  and if not: who is wrong?
# ```
#
# **How to work.** Each exercise has a cell with a TODO and a check below it. Run the check as often as you like: it
# says what is right, what is wrong, and often why. Part of the points is given on cases that you do not see.

# %% tags=["setup"]
# The build puts the setup cell that all units share here.

# %%
import numpy as np
import torch

# %% [markdown]
# ## 1 · The same numbers, as tensors
#
# Data and initial parameters are those of unit 02: XOR in the plane, a 2-16-1 network. NumPy's default is float64,
# PyTorch's is float32. To compare to the eighth decimal we need float64 *on both sides*: float32 has about seven
# digits and no more.
#
# | from NumPy | dtype | memory |
# |---|---|---|
# | `torch.tensor(array)` | that of the array | its own copy |
# | `torch.from_numpy(array)` | that of the array | **shared**: a step on the tensor changes the array |
# | `torch.tensor(array.tolist())` | float32: lists have no dtype, so the default is taken | its own copy |

# %%
X_np, y_np = data.xor()
X = torch.tensor(X_np)  # (N, d) float64
y = torch.tensor(y_np)[:, None]  # (N, 1): a column, like the network's output
start = data.init_params()  # a dict of arrays: "W1" (16, 2), "b1" (16,), "W2" (1, 16), "b2" (1,)
print("X", tuple(X.shape), X.dtype, "  y", tuple(y.shape), y.dtype)

third = 1 / 3
print("a third in float32 and in float64:")
print(f"  {torch.tensor(third).item():.17f}")
print(f"  {torch.tensor(third, dtype=torch.float64).item():.17f}")

# %% [markdown] tags=["predict"]
# 🔮 **Predict, before you go on.** `w = torch.tensor([1.0], requires_grad=True)`, then `v = w.to(torch.float64)`.
# After a backward pass, which of the two has a `.grad`? And if the dtype was float64 already?
#
# *Your prediction (double-click to write):*

# %%
for dtype in (torch.float32, torch.float64):
    w = torch.tensor([1.0], dtype=dtype, requires_grad=True)
    v = w.to(torch.float64)
    print(f"w {str(dtype):14s} is v a leaf? {v.is_leaf}")

# %% [markdown]
# <details><summary>Reveal</summary>
#
# A conversion is a computation: `v` is a *result*, `w` stays the leaf, and gradients arrive in `w.grad`, in float32.
# Only if nothing has to be converted does `.to` return the very same tensor. So: convert first, ask for gradients last.
# </details>

# %% [markdown] exercise={"id": "to_tensors", "difficulty": 1, "minutes": 8}
# ### Parameters that autograd watches
#
# Write `to_tensors(params, dtype)`: from a dict of arrays to a dict of tensors that are **leaves**, have the dtype
# asked for, `requires_grad=True`, and memory of their own.
#
# <details><summary>Hint 1: a nudge</summary>
#
# One call of one function of the table above does all four, if you give it two keyword arguments.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `torch.tensor` takes `dtype=…` and `requires_grad=…`, and always copies. A dict comprehension does it for every name.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return {name: torch.tensor(value, dtype=..., requires_grad=...) for name, value in ...}`
# </details>

# %% nbgrader={"grade": false, "grade_id": "to_tensors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_tensors(params, dtype=torch.float64):
    """Arrays as leaf tensors that require gradients.

    params: dict of float64 arrays

    Returns a dict with the same keys: tensors of the given dtype, each a leaf with requires_grad=True
    and memory of its own.
    """
    ### BEGIN SOLUTION
    return {k: torch.tensor(v, dtype=dtype, requires_grad=True) for k, v in params.items()}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "to_tensors-leaves", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check

score = check.Score("Parameters that autograd watches", 3)
params_ = {"W1": np.array([[2.0, 0.1], [-1.0, 1 / 3]]), "b1": np.array([1.0, 0.0])}
with score.part("values in float64, to the last digit", 1):
    tensors_ = to_tensors(params_)
    check.keys("The tensors", tensors_, ["W1", "b1"])
    for name_ in params_:
        check.instance(f"tensors['{name_}']", tensors_[name_], torch.Tensor)
        check.dtype(f"tensors['{name_}']", tensors_[name_], torch.float64)
        rounded_ = params_[name_].astype(np.float32).astype(float)
        exact_ = np.array_equal(check.array(name_, tensors_[name_]), rounded_)
        lossy_ = exact_ and not np.array_equal(params_[name_], rounded_)
        check.true(not lossy_, f"{name_} went through float32 on its way: digits are lost.", "wrong-dtype")
        check.close(f"tensors['{name_}']", tensors_[name_], params_[name_], rtol=1e-15, atol=0)
with score.part("they ask for gradients, and are leaves", 1):
    tensors_ = to_tensors(params_)
    for name_ in params_:
        watched_ = tensors_[name_].requires_grad
        check.true(watched_, f"tensors['{name_}'] is not watched.", "grad-not-asked")
        check.true(tensors_[name_].is_leaf, f"tensors['{name_}'] is no leaf.", "not-a-leaf")
### BEGIN HIDDEN TESTS
with score.part("float32 on demand, leaves again, and memory of their own", 1):
    rng_ = np.random.default_rng(301)
    params_ = {"W1": rng_.normal(size=(5, 3)), "W2": rng_.normal(size=(2, 5)), "b2": np.zeros(2)}
    before_ = params_["W1"].copy()
    tensors_ = to_tensors(params_, torch.float32)
    check.keys("The tensors", tensors_, ["W1", "W2", "b2"])
    for name_ in params_:
        check.dtype(f"tensors['{name_}'] with dtype=torch.float32", tensors_[name_], torch.float32)
        check.true(tensors_[name_].is_leaf, f"tensors['{name_}'] is no leaf.", "not-a-leaf")
        check.true(tensors_[name_].requires_grad, f"tensors['{name_}'] is not watched.", "grad-not-asked")
    tensors_ = to_tensors(params_, torch.float64)
    params_["W1"][:] = 9.0
    to_tensors({"W1": params_["W1"]}, torch.float64)
    shared_ = np.array_equal(check.array("W1", tensors_["W1"]), params_["W1"])
    check.true(not shared_, "The tensor changed when its array did.", "shared-memory")
    check.close("W1 after its array has changed", tensors_["W1"], before_, rtol=1e-15, atol=0)
### END HIDDEN TESTS
score.total()

# %% [markdown] exercise={"id": "loss_of", "difficulty": 1, "minutes": 10}
# ### Forward only
#
# Before any gradient: do both sides compute the same *loss*? Write the whole forward pass of unit 02 with tensors,
# from parameters to loss:
#
# $$a_1 = X W_1^\top + b_1, \quad h = \max(a_1, 0), \quad f = h W_2^\top + b_2, \quad
# \text{loss} = \frac1N \sum_n \tfrac12 \lVert f_n - y_n \rVert^2 .$$
#
# No cache this time: autograd keeps one of its own. For that, the loss must stay a tensor, with its graph.
#
# <details><summary>Hint 1: a nudge</summary>
#
# NumPy's lines nearly work as they stand. Which names differ?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `np.maximum(a, 0)` becomes `torch.relu(a)`, `axis=1` becomes `dim=1`. A `float(…)` or `.item()` around the result
# would cut the graph.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# h = torch.relu(X @ params["W1"].T + ...)
# f = ...
# return 0.5 * ((f - y) ** 2).sum(dim=...)...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "loss_of", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_of(params, X, y):
    """The mean over the samples of ½ |f − y|².

    params: dict of tensors "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)
    X:      tensor (N, d);  y: tensor (N, out)

    Returns a tensor of shape (), with its graph.
    """
    ### BEGIN SOLUTION
    h = torch.relu(X @ params["W1"].T + params["b1"])
    f = h @ params["W2"].T + params["b2"]
    return 0.5 * ((f - y) ** 2).sum(dim=1).mean()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "loss_of-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("Forward only", 4)
numbers_ = {"W1": [[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]], "b1": [1.0, 0.0, 0.0], "W2": [[1.0, 4.0, -1.0]], "b2": [0.5]}
params_ = {k_: torch.tensor(v_, dtype=torch.float64, requires_grad=True) for k_, v_ in numbers_.items()}
X_ = torch.tensor([[1.0, -2.0], [1.0, 3.0]], dtype=torch.float64)
y_ = torch.tensor([[1.0], [10.0]], dtype=torch.float64)
with score.part("the small network of unit 02: f = 1.5 and 11.5, y = 1 and 10", 1):
    wrong_ = {"relu-missing": (11.5**2 + 4.5**2) / 4}
    check.close("the loss", loss_of(params_, X_, y_), 0.625, batch=2, candidates=wrong_)
with score.part("a tensor that remembers how it was computed", 1):
    loss_ = loss_of(params_, X_, y_)
    check.true(getattr(loss_, "requires_grad", False), "The loss has no graph.", "graph-cut")
    check.shape("the loss", loss_, ())
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle

with score.part("other sizes, two outputs", 1, other_sizes=True):
    net_ = oracle.network(seed=311, N=7, d=3, h=5, out=2)
    params_ = {k_: torch.tensor(v_, requires_grad=True) for k_, v_ in net_.params.items()}
    X_, y_ = torch.tensor(net_.X), torch.tensor(net_.y)
    bent_ = (net_.X @ net_.params["W1"].T + net_.params["b1"]) @ net_.params["W2"].T + net_.params["b2"]
    wrong_ = {"wrong-axis": net_.loss / 2, "relu-missing": oracle.half_mse(bent_, net_.y)}
    check.close("the loss", loss_of(params_, X_, y_), net_.loss, batch=7, candidates=wrong_)
with score.part("all sixteen digits of float64", 1):
    net_ = oracle.network(seed=312, N=6, d=2, h=4, out=1)
    params_ = {k_: torch.tensor(v_, requires_grad=True) for k_, v_ in net_.params.items()}
    loss_ = loss_of(params_, torch.tensor(net_.X), torch.tensor(net_.y))
    check.close("the loss", loss_, net_.loss, rtol=1e-4, batch=6)
    error_ = abs(float(check.array("the loss", loss_)) / net_.loss - 1)
    check.true(error_ < 1e-12, f"The loss is off by {error_:.0e} of its size; float64 is good to 1e-15.", "wrong-dtype")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Do NumPy and PyTorch agree? The hand-made numbers come from `data.by_hand(N)`: what the NumPy functions of unit 02
# give over the first $N$ samples, as recorded numbers. Even better are **your own** functions: paste your `forward`,
# `half_mse` and `backward` of unit 02 into the next cell. Without them, the record steps in.

# %%
# Optional: your forward, half_mse and backward of unit 02. (No later cell uses these names for anything else.)

# %%
def by_hand(N):
    """Loss and gradients over the first N samples, by hand: by your functions, or as recorded."""
    if "backward" in globals():
        f, cache = forward(start, X_np[:N])
        loss = half_mse(f, y_np[:N, None])
        return loss, backward(start, X_np[:N], y_np[:N, None], cache)
    return data.by_hand(N)


params = to_tensors(start)
print("   N   loss     same to 1e-8?")
for N in (1, 32, 500):
    ours, theirs = by_hand(N)[0], loss_of(params, X[:N], y[:N]).item()
    print(f"{N:4d}   {theirs:.4f}   {abs(ours - theirs) < 1e-8}")

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `torch.max(a1, 0)` is not `np.maximum`: it takes the maximum *along* dimension 0. `torch.relu` or `a1.clamp(min=0)`
#   is meant.
# - `.mean()` over everything: with one output it is the same, with two it is half.
# - `y` of shape `(N,)` against `f` of shape `(N, 1)`: the difference is `(N, N)`, with PyTorch as with NumPy.
# - Expected `Double` but got `Float`: a float32 tensor has crept in, usually from `torch.tensor([…])` of a list.
# </details>

# %% [markdown]
# ## 2 · Backward by the machine
#
# While the forward pass runs, autograd notes each operation, together with what its derivative will need: the cache
# of unit 02, written by itself. Every noted operation is a box of this graph; `backward` walks it from right to left.

# %%
places = {"X": (0, 0), "W1, b1": (0, 1), "a1": (1.2, 0), "h": (2.4, 0), "W2, b2": (2.4, 1), "f": (3.6, 0)}
places |= {"y": (3.6, 1), "loss": (4.8, 0)}
plot.graph(
    places,
    [("X", "a1"), ("W1, b1", "a1"), ("a1", "h"), ("h", "f"), ("W2, b2", "f"), ("f", "loss"), ("y", "loss")],
    leaves=("W1, b1", "W2, b2"),
    notes={"loss": "1", "f": "df = (f − y)/N", "h": "dh = df W2", "a1": "da1 = dh ⊙ [a1 > 0]"},
    title="forward: arrows; backward: the orange notes, right to left",
    alt="Graph from X and the parameters to the loss; below each box the gradient that arrives there.",
)

# %% [markdown]
# **A small example**: one entry of $W_2$, by hand and by machine. For the small network, sample $(1, 3)$ with target
# 10 gives $f = 11.5$, $h = (3, 2, 0)$, so $\mathrm{d}W_2 = (f - y)\, h^\top = 1.5 \cdot (3, 2, 0) = (4.5, 3, 0)$.
#
# There are two ways to ask autograd:
#
# | | what it does | the trap |
# |---|---|---|
# | `loss.backward()` | **adds** the gradient to `.grad` of every leaf | the next call adds again |
# | `torch.autograd.grad(loss, leaves)` | returns the gradients, touches no `.grad` | returns a tuple, in the order asked |

# %%
w2 = torch.tensor([[1.0, 4.0, -1.0]], requires_grad=True)
h_small, y_small = torch.tensor([[3.0, 2.0, 0.0]]), torch.tensor([[10.0]])
for attempt in (1, 2):
    loss = 0.5 * ((h_small @ w2.T + 0.5 - y_small) ** 2).sum()
    loss.backward()
    print(f"w2.grad after backward number {attempt}:", w2.grad.tolist())

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** `g = w2.grad` is kept, and then `w2.grad.zero_()` is called. What is in `g`? What if `w2.grad = None`
# is written instead?
#
# *Your prediction:*

# %% [markdown]
# <details><summary>Reveal</summary>
#
# `zero_()` works in place, and `g` is the same tensor: it is full of zeros now. After `w2.grad = None`, `g` keeps what
# it had: only the name `w2.grad` was let go, and the next backward makes a new tensor. Whoever collects gradients has
# to collect copies.
# </details>

# %% [markdown] exercise={"id": "gradients", "difficulty": 2, "minutes": 12}
# ### Gradients as a result
#
# A function that leaves its results in some `.grad` and behaves differently the second time is hard to trust. Write
# `gradients(loss, params)` that **returns** them: for any function `loss` which takes the tensors by name,
# `loss(**params)`, a dict of gradients with the same names. A second call must give the same, and must not change
# what the first one returned.
#
# <details><summary>Hint 1: a nudge</summary>
#
# One of the two ways in the table has no memory at all.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Evaluate the loss, ask `torch.autograd.grad` for the gradients by all tensors of the dict (it wants a list), then
# put names and gradients together again with `zip`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# found = torch.autograd.grad(loss(**...), list(params....))
# return dict(zip(..., found))
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradients(loss, params):
    """The gradients of loss(**params) by each of the params.

    loss:   function of tensors, given by name, that returns a tensor of shape ()
    params: dict of leaf tensors with requires_grad=True

    Returns a dict of tensors with the keys and shapes of params.
    """
    ### BEGIN SOLUTION
    found = torch.autograd.grad(loss(**params), list(params.values()))
    return dict(zip(params, found))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gradients-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("Gradients as a result", 4)


def leaf(numbers):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


mse_ = torch.nn.functional.mse_loss
pair_ = {"input": leaf([1.0, 2.0, 4.0]), "target": leaf([1.0, 5.0, 1.0])}
right_ = {"input": [0.0, -2.0, 2.0], "target": [0.0, 2.0, -2.0]}
with score.part("mean squared distance of two vectors: 2 (input − target) / 3", 1):
    grads_ = gradients(mse_, pair_)
    check.keys("The gradients", grads_, ["input", "target"])
    for name_ in pair_:
        check.close(f"grads['{name_}']", grads_[name_], right_[name_])
with score.part("a second and a third call give the same", 1):
    for call_ in (2, 3):
        gradients(mse_, pair_)
    grads_ = gradients(mse_, pair_)
    for name_ in pair_:
        many_ = grads_[name_].abs().max() > 2.5
        check.true(not many_, f"grads['{name_}'] grows from call to call.", "accumulated")
        check.close(f"grads['{name_}'] of a later call", grads_[name_], right_[name_])
### BEGIN HIDDEN TESTS
with score.part("three matrices, and a loss with margins", 1, other_sizes=True):
    gen_ = torch.Generator().manual_seed(321)
    three_ = {k_: torch.randn(6, 4, generator=gen_, dtype=torch.float64) for k_ in ("negative", "anchor", "positive")}
    leaves_ = {k_: v_.clone().requires_grad_() for k_, v_ in three_.items()}
    margin_ = torch.nn.functional.triplet_margin_loss
    grads_ = gradients(margin_, leaves_)
    for name_ in three_:
        at_ = lambda v, n=name_: float(margin_(**{**three_, n: torch.as_tensor(v)}))
        check.gradient(f"grads['{name_}']", at_, three_[name_], grads_[name_])
with score.part("what the first call returned stays as it was; so do the tensors", 1):
    pair_ = {"input": leaf([1.0, 2.0, 4.0]), "target": leaf([1.0, 5.0, 1.0])}
    with check.unchanged(params=pair_):
        first_ = gradients(mse_, pair_)
        second_ = gradients(torch.nn.functional.l1_loss, pair_)
    check.close("grads['input'] of the second loss", second_["input"], [0.0, -1 / 3, 1 / 3])
    kept_ = torch.allclose(first_["input"], torch.tensor([0.0, -2.0, 2.0], dtype=torch.float64))
    check.true(kept_, "The first call's result changed during the second call.", "aliased")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Now the comparison that this unit is about: all 65 gradients, by hand and by machine, on one sample, on a
# mini-batch of 32, and on all 500. The largest differences are listed: if something were wrong, their *names* would
# tell where to look.

# %%
def differences(N):
    """All 65 entries as (difference, name, index, by hand, autograd), the largest difference first."""
    hand = by_hand(N)[1]
    auto = gradients(lambda **p: loss_of(p, X[:N], y[:N]), params)
    rows = []
    for name in auto:
        for index in np.ndindex(*auto[name].shape):
            a, b = float(hand[name][index]), auto[name][index].item()
            rows.append((abs(a - b), name, list(index), a, b))
    return sorted(rows, key=lambda row: -row[0])


for N in (1, 32, 500):
    rows = differences(N)
    print(f"N = {N:3d}: {len(rows)} gradients, all differences below 1e-8: {rows[0][0] < 1e-8}")

# %% tags=["nbval-ignore-output"]
print("the five largest differences, N = 32\nname  index      by hand     autograd   difference")
for difference, name, index, a, b in differences(32)[:5]:
    print(f"{name:4s}  {index!s:8s} {a:9.6f}    {b:9.6f}   {difference:.0e}")

# %% [markdown]
# <details><summary>If they differ: a debug checklist</summary>
#
# 1. Everything off by about 1e-7 *relative* to its size: one side is float32.
# 2. A factor of 2, N or 1/N: the two losses are not the same loss. Compare the losses first.
# 3. A factor of 2 that becomes 3 when you run the cell again: gradients accumulate.
# 4. Only `W1` and `b1` differ: the way through the ReLU.
# 5. `.grad` is `None`: the tensor is no leaf, or the graph is cut between it and the loss.
# </details>

# %% [markdown]
# ## 3 · The judge: finite differences
#
# Autograd and your own chain rule agree. But they could share a mistake, so we ask somebody who knows no chain rule:
#
# $$\frac{\partial\,\text{loss}}{\partial \theta_i} \approx
# \frac{\text{loss}(\theta + \varepsilon e_i) - \text{loss}(\theta - \varepsilon e_i)}{2\varepsilon} .$$
#
# For that, all parameters go into one vector $\theta$, and back.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** `theta = flatten(params)` is made from leaves that require gradients, by `torch.cat`. Does `theta`
# require gradients? Is it a leaf? And with `torch.tensor([…])` around the pieces instead?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "flatten", "difficulty": 1, "minutes": 8}
# ### One long tensor
#
# `flatten(params)` puts `W1`, `b1`, `W2`, `b2`, in this order, row by row, into one vector; `unflatten(theta, like)`
# is the way back, with the shapes of the tensors in `like`. Unlike in unit 02, derivatives should be able to pass
# through both: use operations that autograd knows.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The two functions that you need are `torch.cat` and `torch.split`.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `torch.split(theta, sizes)` takes a list of sizes and returns the pieces; `.numel()` counts the entries of a tensor.
# Then each piece gets the shape of its model.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# return torch.cat([params[name].reshape(...) for name in NAMES])
# ...
# pieces = torch.split(theta, [like[name]... for name in NAMES])
# return {name: piece.reshape(...) for name, piece in zip(..., ...)}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "flatten", "locked": false, "schema_version": 3, "solution": true, "task": false}
NAMES = ("W1", "b1", "W2", "b2")


def flatten(params):
    """All parameters in one vector: W1, b1, W2, b2, each row by row.

    Returns theta, a tensor of shape (P,) for P parameters in all; derivatives pass through.
    """
    ### BEGIN SOLUTION
    return torch.cat([params[name].reshape(-1) for name in NAMES])
    ### END SOLUTION


def unflatten(theta, like):
    """The parameters in a vector that `flatten` made, with the shapes of those in `like`.

    theta: tensor (P,);  like: dict of tensors "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)

    Returns a dict with the keys and shapes of like; derivatives pass through.
    """
    ### BEGIN SOLUTION
    pieces = torch.split(theta, [like[name].numel() for name in NAMES])
    return {name: piece.reshape(like[name].shape) for name, piece in zip(NAMES, pieces)}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "flatten-roundtrip", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("One long tensor", 3)
numbers_ = {"W1": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "b1": [7.0, 8.0, 9.0], "W2": [[10.0, 11.0, 12.0]], "b2": [13.0]}
params_ = {k_: torch.tensor(v_, dtype=torch.float64, requires_grad=True) for k_, v_ in numbers_.items()}
with score.part("1 to 13 in order, and back", 1):
    wrong_ = {"column-order": [1, 3, 5, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13]}
    check.close("flatten(params)", flatten(params_), list(range(1, 14)), candidates=wrong_)
    back_ = unflatten(torch.arange(1.0, 14.0, dtype=torch.float64), params_)
    check.keys("The parameters", back_, ["W1", "b1", "W2", "b2"])
    for name_ in params_:
        check.close(f"the {name_} that comes back", back_[name_], numbers_[name_])
with score.part("derivatives pass through both", 1):
    check.true(flatten(params_).requires_grad, "flatten cuts the graph.", "graph-cut")
    theta_ = torch.arange(1.0, 14.0, dtype=torch.float64, requires_grad=True)
    back_ = unflatten(theta_, params_)
    check.true(all(v_.requires_grad for v_ in back_.values()), "unflatten cuts the graph.", "graph-cut")
### BEGIN HIDDEN TESTS
with score.part("other sizes, and a dict in another order", 1, other_sizes=True):
    gen_ = torch.Generator().manual_seed(331)
    shapes_ = {"b2": (4,), "W2": (4, 5), "b1": (5,), "W1": (5, 3)}
    params_ = {k_: torch.randn(*s_, generator=gen_, dtype=torch.float64) for k_, s_ in shapes_.items()}
    theta_ = torch.cat([params_[k_].reshape(-1) for k_ in ("W1", "b1", "W2", "b2")])
    wrong_ = {"wrong-order": torch.cat([v_.reshape(-1) for v_ in params_.values()])}
    check.close("flatten(params)", flatten(params_), theta_, candidates=wrong_)
    back_ = unflatten(theta_, {k_: torch.zeros(*s_) for k_, s_ in shapes_.items()})
    for name_ in shapes_:
        check.close(f"the {name_} that comes back", back_[name_], params_[name_])
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# `torch.cat` is an operation: `theta` requires gradients, and is no leaf. `torch.tensor([…])` reads the *numbers* and
# starts anew: no graph, and no derivative ever finds its way back.
# </details>
#
# ### Two errors pull in opposite directions
#
# How small should ε be? For a smooth function, the formula itself is off by about $\varepsilon^2$: small ε is good. But
# the two losses are *rounded*, each by about $u \cdot |\text{loss}|$ with $u \approx 10^{-16}$ in float64 and
# $u \approx 10^{-7}$ in float32, and that error is divided by $2\varepsilon$: small ε is bad.
#
# $$\text{error}(\varepsilon) \approx c\,\varepsilon^2 + \frac{u}{\varepsilon}
# \qquad\text{is smallest near}\qquad \varepsilon \approx u^{1/3}.$$
#
# On two log axes that is a V: slope 2 on the right, slope −1 on the left.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Where is the tip of the V in float32, where in float64? And how large is the smallest error in each?
# (Cube roots: $10^{-7/3} \approx 5\cdot10^{-3}$, $10^{-16/3} \approx 5 \cdot 10^{-6}$.)
#
# *Your prediction:*

# %% [markdown] exercise={"id": "difference_errors", "difficulty": 2, "minutes": 15}
# ### The error for many ε
#
# Write the inner part of `difference_errors`: for one `eps`, the central difference for each entry of `theta`, **in the
# dtype of** `theta`, and the largest distance from `exact`, as a float.
#
# <details><summary>Hint 1: a nudge</summary>
#
# This is `numeric_gradient` of unit 02 with another ending. Let `theta` itself stay as it is.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `torch.zeros_like(theta)` has theta's dtype; a step made from it keeps the sum in that dtype too. At the end: subtract
# `exact`, take absolute values, the largest of them, and make it a float.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for i in range(len(theta)):
#     step = torch.zeros_like(...)
#     step[i] = ...
#     numeric[i] = (loss(...) - loss(...)) / ...
# errors.append(float((numeric - ...).abs()...))
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "difference_errors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def difference_errors(loss, theta, exact, epsilons):
    """How far central differences are from the exact gradient, for each eps.

    loss:     function from a tensor (P,) to a tensor of shape () of the same dtype
    theta:    tensor (P,), float32 or float64, left as it is
    exact:    tensor (P,), the gradient
    epsilons: list of floats

    Returns a list of floats: for each eps, the largest |difference − exact| over the P entries. All
    losses are evaluated in theta's dtype.
    """
    errors = []
    for eps in epsilons:
        numeric = torch.zeros_like(theta)
        ### BEGIN SOLUTION
        for i in range(len(theta)):
            step = torch.zeros_like(theta)
            step[i] = eps
            numeric[i] = (loss(theta + step) - loss(theta - step)) / (2 * eps)
        errors.append(float((numeric - exact).abs().max()))
        ### END SOLUTION
    return errors

# %% nbgrader={"grade": true, "grade_id": "difference_errors-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("The error for many ε", 4)


def cubic(t):
    """A loss whose error is known: central differences of t³ are off by eps², whatever t is."""
    return (torch.tensor([-1.0, -2.0, -0.5], dtype=t.dtype) * t**3).sum()


theta_ = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
exact_ = torch.tensor([-3.0, -24.0, -0.375], dtype=torch.float64)
with score.part("a cubic, where the errors are ε², 2ε² and ½ε²", 2):
    wrong_ = {
        "abs-missing": [-0.005, -0.00005],
        "forward-difference": [1.18, 0.1198],
        "two-eps": [24.04, 24.0004],
    }
    errors_ = difference_errors(cubic, theta_, exact_, [0.1, 0.01])
    check.close("the errors for ε = 0.1 and 0.01", errors_, [0.02, 0.0002], rtol=1e-4, candidates=wrong_)
### BEGIN HIDDEN TESTS
with score.part("a wave in six dimensions, and theta left alone", 1, other_sizes=True):
    gen_ = torch.Generator().manual_seed(341)
    theta_ = torch.randn(6, generator=gen_, dtype=torch.float64)
    wave = lambda t: torch.sin(2 * t).sum()
    exact_ = 2 * torch.cos(2 * theta_)
    eps_ = [0.2, 0.1, 0.05]
    off_ = [exact_ * (torch.sinc(torch.tensor(2 * e_ / torch.pi)) - 1) for e_ in eps_]
    near_ = [(torch.sin(2 * (theta_ + e_)) - torch.sin(2 * theta_)) / e_ - exact_ for e_ in eps_]
    wrong_ = {
        "abs-missing": [float(o_.max()) for o_ in off_],
        "forward-difference": [float(o_.abs().max()) for o_ in near_],
    }
    with check.unchanged(theta=theta_):
        errors_ = difference_errors(wave, theta_, exact_, eps_)
    check.close("the errors", errors_, [float(o_.abs().max()) for o_ in off_], rtol=1e-3, candidates=wrong_)
with score.part("float32 stays float32, with all its rounding", 1):
    seen_ = []

    def watched(t):
        seen_.append(str(t.dtype))
        return (torch.exp(t) * 3).sum()

    theta_ = torch.tensor([0.3, -0.7, 1.1, 0.9, -1.3], dtype=torch.float32)
    exact_ = 3 * torch.exp(theta_.double())
    errors_ = difference_errors(watched, theta_, exact_, [1e-2, 1e-6])
    check.true(set(seen_) == {"torch.float32"}, "The loss was evaluated in another dtype than theta's.", "wrong-dtype")
    check.equal("the number of evaluations", len(seen_), 20)
    check.true(errors_[1] > 1e-2, "ε = 1e-6 should be drowned by rounding in float32.", "wrong-dtype")
    check.true(errors_[0] < 1e-2, "ε = 1e-2 should be good to two digits in float32.", "wrong-value")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Now the V, for the gradients of our network on one sample, and beside it the same network with a smooth fold in place
# of the ReLU (the hyperbolic tangent).

# %% tags=["study"]
def smooth_loss(p, X, y):
    """The same network with tanh instead of the ReLU."""
    a1 = torch.nn.functional.linear(X, p["W1"], p["b1"])
    f = torch.nn.functional.linear(torch.tanh(a1), p["W2"], p["b2"])
    return 0.5 * torch.nn.functional.mse_loss(f, y)


def error_curve(network_loss, dtype, epsilons):
    exact = flatten(gradients(lambda **p: network_loss(p, X[:1], y[:1]), params))
    x1, y1, theta = X[:1].to(dtype), y[:1].to(dtype), flatten(params).detach().to(dtype)
    return difference_errors(lambda t: network_loss(unflatten(t, params), x1, y1), theta, exact, epsilons)


epsilons = [10.0**-k for k in range(0, 11)]
lines = {}
for name, network_loss in {"ReLU": loss_of, "tanh": smooth_loss}.items():
    for dtype in (torch.float32, torch.float64):
        lines[f"{name}, {str(dtype)[6:]}"] = error_curve(network_loss, dtype, epsilons)
plot.curves(
    lines,
    x=epsilons,
    xlabel="ε",
    ylabel="largest error of the difference",
    title="Too large, too small, just right",
    log_x=True,
    log_y=True,
    alt="Four curves over ε. Each falls from the right to a tip and rises again to the left. The tip of tanh is near "
    "1e-2 in float32, with an error of about 2e-5, and near 1e-5 in float64, with about 2e-11. With the ReLU the right "
    "arm drops steeply between 1e-2 and 1e-3.",
)

# %% [markdown]
# <details><summary>Reveal: what to see in it</summary>
#
# - **The left arms are rounding**, slope −1, nine decades apart: float32 above, float64 below. The network does not
#   matter there, only the dtype.
# - **The right arm of tanh** has slope 2, as promised.
# - **The right arm of the ReLU** looks different: it falls off a cliff between $10^{-2}$ and $10^{-3}$. Left of the
#   cliff there is *no* error of the formula at all: as long as no unit crosses its fold, the loss of one sample is a
#   quadratic function of each single parameter, and the central difference of a quadratic is exact. Right of the cliff
#   a step does cross a fold. That is the kink, and the next section looks at it closely.
# </details>

# %% [markdown]
# ## 4 · The kink, deliberately
#
# The ReLU has no derivative at 0. Autograd has to say *something* there, and says 0. The central difference sees both
# sides, and says ½. Neither is wrong: the question has no answer. (Every slope from 0 to 1 is a *subgradient*.)

# %%
eps = 1e-5
print("   a1/ε   autograd   difference")
for steps in (-2, -1, -0.5, 0, 0.5, 1, 2):
    a = torch.tensor(steps * eps, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.grad(torch.relu(a), a)[0].item()
    difference = (torch.relu(a + eps) - torch.relu(a - eps)).item() / (2 * eps)
    print(f"{steps:7.1f}   {slope:8.0f}   {difference:10.2f}")

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** A pre-activation lies at $a_1 = 0.009$, and ε is $10^{-5}$. Each parameter in turn is moved by ±ε. Can
# any of these moves carry the unit across its fold? What is the largest ε for which none can?
#
# *Your prediction:*

# %% tags=["study"]
distances = np.linspace(-3, 3, 241)
at = torch.tensor(distances * eps, requires_grad=True)
slopes = torch.autograd.grad(torch.relu(at).sum(), at)[0]
differences = (torch.relu(at + eps) - torch.relu(at - eps)).detach() / (2 * eps)
plot.curves(
    {"autograd": slopes.numpy(), "central difference": differences.numpy()},
    x=distances,
    xlabel="distance from the fold, in steps of ε",
    ylabel="slope of the ReLU",
    title="They differ within one step of the fold, and nowhere else",
    alt="Autograd jumps from 0 to 1 at the fold; the difference is a ramp from -1 to 1, equal outside of it.",
)

# %% [markdown] exercise={"id": "fold_steps", "difficulty": 3, "minutes": 15}
# ### How far away is the kink?
#
# A difference check moves one parameter at a time by ε. Moving $b_{1j}$ by ε moves $a_{1j}$ by ε; moving $W_{1ji}$ by
# ε moves it by $\varepsilon\,|x_i|$. So for sample $n$ no single move reaches further than
#
# $$r_n = \varepsilon \cdot \max\bigl(1,\; \max_i |x_{ni}|\bigr).$$
#
# Write `fold_steps(params, X, eps)`: the smallest value of $|a_{1,nj}| / r_n$ over all samples and all units. Above 1,
# no unit can cross its fold during the check, and the kink is **innocent**.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `a1` has shape `(N, h)`. The reach belongs to the sample, so it should have shape `(N, 1)`.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `X.abs().amax(dim=1, keepdim=True)` is the largest |x| of each sample, and `.clamp(min=1.0)` replaces what is below
# 1 by 1. Divide the distances by the reach, take the smallest.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# a1 = X @ params["W1"].T + ...
# reach = eps * X.abs().amax(...).clamp(...)
# return (a1.abs() / ...).min().item()
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "fold_steps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fold_steps(params, X, eps):
    """How many of the largest possible moves lie between the nearest pre-activation and its fold.

    params: dict of tensors with "W1" (h, d), "b1" (h,)
    X:      tensor (N, d)
    eps:    by how much a single parameter is moved

    Returns a float: the smallest |a1| / reach over samples and units.
    """
    ### BEGIN SOLUTION
    a1 = X @ params["W1"].T + params["b1"]  # (N, h)
    reach = eps * X.abs().amax(dim=1, keepdim=True).clamp(min=1.0)  # (N, 1)
    return (a1.abs() / reach).min().item()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "fold_steps-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("How far away is the kink?", 3)
params_ = {
    "W1": torch.tensor([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]], dtype=torch.float64, requires_grad=True),
    "b1": torch.tensor([1.0, 0.5, 0.1], dtype=torch.float64, requires_grad=True),
}
with score.part("one sample: x = (0.5, 0.25), a1 = (2, 0.25, −0.15)", 1):
    X_ = torch.tensor([[0.5, 0.25]], dtype=torch.float64)
    wrong_ = {"abs-missing": -15.0, "bias-missing": 25.0, "scaled": 0.15}
    check.close("the steps for eps = 0.01", fold_steps(params_, X_, 0.01), 15.0, candidates=wrong_)
### BEGIN HIDDEN TESTS
with score.part("a sample with a large entry moves further: x = (0.5, 4)", 1):
    X_ = torch.tensor([[0.5, 4.0]], dtype=torch.float64)  # a1 = (2, 4, -3.9): 2 / 4ε
    wrong_ = {"inner-derivative": 200.0, "abs-missing": -97.5}
    check.close("the steps for eps = 0.01", fold_steps(params_, X_, 0.01), 50.0, candidates=wrong_)
with score.part("many samples, other sizes", 1, other_sizes=True):
    gen_ = torch.Generator().manual_seed(351)
    params_ = {
        "W1": torch.randn(5, 3, generator=gen_, dtype=torch.float64),
        "b1": torch.randn(5, generator=gen_, dtype=torch.float64),
    }
    X_ = 2 * torch.randn(8, 3, generator=gen_, dtype=torch.float64)
    a1_ = X_ @ params_["W1"].T + params_["b1"]
    reach_ = 1e-3 * X_.abs().max(dim=1).values.clamp(min=1.0)[:, None]
    wrong_ = {
        "inner-derivative": float(a1_.abs().min()) / 1e-3,
        "abs-missing": float((a1_ / reach_).min()),
        "bias-missing": float(((X_ @ params_["W1"].T).abs() / reach_).min()),
        "wrong-axis": float((a1_.abs() / (1e-3 * X_.abs().max())).min()),
    }
    steps_ = fold_steps(params_, X_, 1e-3)
    check.close("the steps", steps_, float((a1_.abs() / reach_).min()), candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ### Someone claims …
#
# *"I checked my autograd gradients with central differences, ε = 1e-5, on one sample, in PyTorch's default dtype. The
# differences are off by 1e-3 to 1e-2. That is normal: the ReLU is not smooth at 0."*
#
# It sounds plausible, and you can read it in notebooks that people learn from. You have all the instruments to check
# it. Here is the same experiment: the first sample, the shared parameters, ε = 1e-5.

# %%
def evidence(eps):
    """Steps to the nearest fold, and the largest error of the check in float32 and in float64."""
    exact = flatten(gradients(lambda **p: loss_of(p, X[:1], y[:1]), params))
    found = {"steps to the nearest fold": fold_steps(params, X[:1], eps)}
    for dtype in (torch.float32, torch.float64):
        x1, y1, theta = X[:1].to(dtype), y[:1].to(dtype), flatten(params).detach().to(dtype)
        loss = lambda t: loss_of(unflatten(t, params), x1, y1)
        found[str(dtype)[6:]] = difference_errors(loss, theta, exact, [eps])[0]
    return found


at_claim = evidence(1e-5)
print("nearest fold:", int(at_claim["steps to the nearest fold"]), "steps away")
print("error in float32 above 1e-4: ", at_claim["float32"] > 1e-4)
print("error in float64 below 1e-10:", at_claim["float64"] < 1e-10)

# %% [markdown] exercise={"id": "claim", "difficulty": 1, "minutes": 5}
# ### Check the claim
#
# Two questions, one letter each. Try other values in `evidence(…)` as you like.
#
# **cause**: What makes the error of 1e-3 at ε = 1e-5?
# (a) the kink of the ReLU; (b) the formula's own error, of the order ε²; (c) the rounding of float32, divided by 2ε;
# (d) a mistake in autograd.
#
# **kink**: The kink *can* spoil this check, in float64 too. From which of these ε on can it, for this sample?
# (a) 1e-8; (b) 1e-5; (c) 1e-3; (d) 1e-2.
#
# <details><summary>Hint 1: a nudge</summary>
#
# If the kink were to blame, would the error go away in float64?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# For the second question: call `evidence` with each ε, and look at the number of steps. When does it fall below 1?
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# Estimate it: $u\,|\text{loss}| / \varepsilon$ with $u \approx 10^{-7}$, a loss of about 0.3 and $\varepsilon = 10^{-5}$.
# And the nearest pre-activation is about 0.009 from its fold.
# </details>

# %% nbgrader={"grade": false, "grade_id": "claim", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# claim = {"cause": "?", "kink": "?"}
### BEGIN SOLUTION
claim = {"cause": "c", "kink": "d"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "claim-verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Check the claim", 2)
with score.part("each question has a letter", 0):
    quiz.form(claim, {"cause": "abcd", "kink": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("cause", 1):
    quiz.right(claim, "cause", "c", "section 3, the left arms of the V, and the evidence above")
with score.part("kink", 1):
    quiz.right(claim, "kink", "d", "section 4, evidence(eps) for other values of eps")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Reveal: how to tell the two apart</summary>
#
# Rounding hits *all* parameters a little, and goes away in float64. The kink hits *single* parameters, hard (by up to
# half of their gradient), only within one step of the fold, and in every dtype. A check that excuses every deviation
# with "the kink" finds no mistakes any more.
# </details>

# %% [markdown]
# ## 5 · A box of your own
#
# Autograd knows boxes; each has a forward rule and a backward rule. You can add one. Here is the pattern, for a
# cube: `ctx` is the box's own cache.
#
# ```python
# class Cube(torch.autograd.Function):
#     @staticmethod
#     def forward(ctx, x):
#         ctx.save_for_backward(x)          # what the derivative will need
#         return x**3
#
#     @staticmethod
#     def backward(ctx, upstream):          # the gradient that arrives at the output
#         (x,) = ctx.saved_tensors
#         return upstream * 3 * x**2        # one gradient for each input of forward
#
# y = Cube.apply(x)                         # .apply, not Cube()(x)
# ```
#
# Inside `forward` nothing is noted: what you write in `backward` *is* the derivative, right or wrong. So it has to be
# checked, and PyTorch brings the judge along: `torch.autograd.gradcheck` does what you did in section 3.
#
# **The box to build** is a fold without a kink, with a tunable sharpness β:
#
# $$s(x, \beta) = x\,\sigma(\beta x), \qquad \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma' = \sigma (1 - \sigma).$$
#
# For large β it is a ReLU, for β = 0 the straight line $x/2$. β is a single number (shape `()`) that *every* entry
# of `x` uses.

# %% tags=["study"]
grid = torch.linspace(-4, 4, 201, dtype=torch.float64)
plot.curves(
    {"ReLU": torch.relu(grid), **{f"β = {b}": grid * torch.sigmoid(b * grid) for b in (5, 1, 0)}},
    x=grid,
    xlabel="x",
    ylabel="s(x, β)",
    title="A fold without a kink",
    alt="The ReLU and three smooth curves; the larger β, the closer to the ReLU.",
)

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** `x` has shape `(4, 3)`, β has shape `()`. Which shape has the gradient of the loss by β, and what has
# to happen to the twelve contributions? (Which gradient of unit 02 was of that kind?)
#
# *Your prediction:*

# %% [markdown] exercise={"id": "swish", "difficulty": 3, "minutes": 20}
# ### Teach autograd a new box
#
# Write `forward` and `backward` of `Swish`, with $\sigma = \sigma(\beta x)$:
#
# $$\frac{\partial s}{\partial x} = \sigma + \beta x\, \sigma (1 - \sigma), \qquad
# \frac{\partial s}{\partial \beta} = x^2 \sigma (1 - \sigma).$$
#
# Both get multiplied by what arrives from above. The two functions below the class are given: they use your box, and
# have it checked.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `forward` has two inputs, so `backward` returns two gradients, in the same order.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Save `x` and `beta`. In `backward`, compute σ once, then both local derivatives; multiply each by `upstream`. The one
# for β is summed over all entries, as β was used by all of them.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# # forward
# ctx.save_for_backward(x, ...)
# return x * torch.sigmoid(...)
# # backward
# x, beta = ...
# s = torch.sigmoid(...)
# dx = upstream * (s + ...)
# dbeta = (upstream * ...).sum()
# return dx, ...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "swish", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Swish(torch.autograd.Function):
    """x · σ(βx), for x of any shape and β of shape ()."""

    @staticmethod
    def forward(ctx, x, beta):
        """Returns a tensor of x's shape."""
        ### BEGIN SOLUTION
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, upstream):
        """upstream: the gradient by the output, of x's shape. Returns the gradients by x and by β."""
        ### BEGIN SOLUTION
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(beta * x)
        dx = upstream * (s + beta * x * s * (1 - s))
        dbeta = (upstream * x**2 * s * (1 - s)).sum()
        return dx, dbeta
        ### END SOLUTION


def swish_gradients(x, beta, upstream):
    """What the box puts out, and what comes back: (s, dx, dbeta)."""
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    """Whether PyTorch's own gradient check is content with the box at this point (float64)."""
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% nbgrader={"grade": true, "grade_id": "swish-gradients", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("Teach autograd a new box", 5)
x_ = torch.tensor([-1.0, 0.0, 0.5, 2.0], dtype=torch.float64)
beta_ = torch.tensor(2.0, dtype=torch.float64)
ones_ = torch.ones(4, dtype=torch.float64)
with score.part("forward, β = 2", 1):
    s_ = swish_gradients(x_, beta_, ones_)[0]
    wrong_ = {"argument-ignored": torch.nn.functional.silu(x_)}
    check.close("s", s_, x_ * torch.sigmoid(2 * x_), candidates=wrong_)
with score.part("backward: the gradient by x", 1):
    dx_ = swish_gradients(x_, beta_, ones_)[1]
    sig_ = torch.sigmoid(2 * x_)
    wrong_ = {"product-rule": sig_, "inner-derivative": sig_ + x_ * sig_ * (1 - sig_)}
    slope_ = [-0.090784, 0.5, 0.927671, 1.052665]
    check.close("dx", dx_, slope_, rtol=1e-4, candidates=wrong_)
### BEGIN HIDDEN TESTS
with score.part("the gradient by x for any shape and any upstream", 1):
    gen_ = torch.Generator().manual_seed(361)
    x_ = torch.randn(4, 3, generator=gen_, dtype=torch.float64)
    up_ = torch.randn(4, 3, generator=gen_, dtype=torch.float64)
    beta_ = torch.tensor(1.4, dtype=torch.float64)
    sig_ = torch.sigmoid(beta_ * x_)
    local_ = sig_ + beta_ * x_ * sig_ * (1 - sig_)
    s_, dx_, dbeta_ = swish_gradients(x_, beta_, up_)
    wrong_ = {
        "upstream-ignored": local_,
        "product-rule": up_ * sig_,
        "inner-derivative": up_ * (sig_ + x_ * sig_ * (1 - sig_)),
        "argument-ignored": up_ * torch.sigmoid(x_) * (1 + x_ - x_ * torch.sigmoid(x_)),
    }
    check.close("dx", dx_, up_ * local_, candidates=wrong_)
    at_ = lambda v: float((swish_gradients(torch.as_tensor(v), beta_, up_)[0] * up_).sum())
    check.gradient("dx, against differences of your own forward,", at_, x_, dx_)
with score.part("the gradient by β: a single number", 1):
    s_, dx_, dbeta_ = swish_gradients(x_, beta_, up_)
    each_ = x_**2 * sig_ * (1 - sig_)
    wrong_ = {
        "upstream-ignored": each_.sum(),
        "batch-mean-twice": (up_ * each_).mean(),
        "inner-derivative": (up_ * x_ * sig_ * (1 - sig_)).sum(),
    }
    check.close("dbeta", dbeta_, (up_ * each_).sum(), candidates=wrong_)
with score.part("it is a box of autograd's, and passes gradcheck", 1):
    check.true(issubclass(Swish, torch.autograd.Function), "Swish is no autograd Function.", "wrong-type")
    for beta_ in (0.5, -1.0, 3.0):
        passed_ = swish_passes(x_, torch.tensor(beta_, dtype=torch.float64))
        check.true(passed_ is True, f"gradcheck is not content at β = {beta_}.", "wrong-value")
### END HIDDEN TESTS
score.total()

# %%
point = torch.tensor([-1.0, 0.0, 0.5, 2.0], dtype=torch.float64)
print("gradcheck of your box:       ", swish_passes(point, torch.tensor(2.0, dtype=torch.float64)))
for value in (0.5, 0.0):
    a = torch.tensor([value], dtype=torch.float64, requires_grad=True)
    print(f"gradcheck of the ReLU at {value}:", torch.autograd.gradcheck(torch.relu, a, raise_exception=False))

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - No `upstream`: the box works alone, and fails as soon as something comes after it. The check with all ones does
#   not notice.
# - `ctx.x = x` instead of `ctx.save_for_backward(x)`: works here, but keeps memory alive, and misses in-place changes.
# - Only one gradient returned for two inputs: PyTorch says "returned an incorrect number of gradients".
# - `gradcheck` in float32: it fails, and you know why.
# </details>
# <details><summary>Reveal: the answer to the prediction</summary>
#
# A gradient has the shape of its parameter: `()`. The twelve contributions are summed, like those of a bias over the
# samples: whatever is *used* many times *receives* many gradients.
# </details>

# %% [markdown]
# ## 6 · Train with it
#
# Everything together: tensors as leaves, a forward pass, gradients from autograd, a step, and your own box inside.
# The step itself must not become part of the graph: it happens under `torch.no_grad()`.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** You train with the ReLU from the parameters of unit 02, with its learning rate, in float64. After
# 1,000 epochs, how many digits of the loss will agree with those of unit 02?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "train", "difficulty": 3, "minutes": 20}
# ### Gradient descent with autograd
#
# Write `train(params, X, y, lr, epochs, fold)`: full-batch gradient descent on the mean of $\tfrac12 |f - y|^2$, where
# `fold` is the function in the hidden layer (`torch.relu`, `torch.tanh`, or one with your box in it).
#
# <details><summary>Hint 1: a nudge</summary>
#
# Start with copies that are leaves. What happens to `.grad` between two epochs, or is there a way without it?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# In each epoch: forward with `fold`, loss, `torch.autograd.grad`, note the loss as a float, then step under
# `torch.no_grad()`. Either change the leaves in place there, or make new leaves.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# params = {name: value.detach().clone().requires_grad_() for ...}
# for _ in range(epochs):
#     f = fold(X @ ...) @ ...
#     loss = ...
#     grads = torch.autograd.grad(loss, ...)
#     losses.append(...)
#     with torch.no_grad():
#         for value, grad in zip(..., grads):
#             value -= ...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(params, X, y, lr, epochs, fold):
    """Full-batch gradient descent, gradients by autograd.

    params: dict of tensors "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,), left as it is
    X, y:   tensors (N, d), (N, out)
    fold:   function of a tensor, entry by entry: what the hidden layer does with a1

    Returns (params, losses): a dict of trained tensors, detached, and the list of the `epochs` losses as
    floats, each as it was before its step.
    """
    ### BEGIN SOLUTION
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    losses = []
    for _ in range(epochs):
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        grads = torch.autograd.grad(loss, list(params.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for value, grad in zip(params.values(), grads):
                value -= lr * grad
    return {name: value.detach() for name, value in params.items()}, losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "train-steps", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check, data

score = check.Score("Gradient descent with autograd", 5)
X_, y_ = (torch.tensor(v_) for v_ in data.xor())
y_ = y_[:, None]
start_ = {k_: torch.tensor(v_) for k_, v_ in data.init_params().items()}
with score.part("twenty-one epochs with the ReLU: the losses of unit 02, to 1e-8", 2):
    end_, losses_ = train(start_, X_, y_, 0.2, 21, torch.relu)
    check.keys("The parameters", end_, ["W1", "b1", "W2", "b2"])
    check.equal("the number of losses", len(losses_), 21)
    recorded_ = data.run_by_hand().losses[:3]
    ours_ = [float(loss_) for loss_ in losses_[::10]]
    check.close("the losses of epochs 0, 10 and 20", ours_, recorded_, rtol=0, atol=1e-8)
### BEGIN HIDDEN TESTS
from autograder.references.descent import descend

gen_ = torch.Generator().manual_seed(371)
shapes_ = {"W1": (5, 3), "b1": (5,), "W2": (2, 5), "b2": (2,)}
start_ = {k_: torch.randn(*s_, generator=gen_, dtype=torch.float64) for k_, s_ in shapes_.items()}
X_ = torch.randn(9, 3, generator=gen_, dtype=torch.float64)
y_ = torch.randn(9, 2, generator=gen_, dtype=torch.float64)
job_ = (start_, X_, y_, 0.05, 6)


def own_():
    """The start, on memory of its own: no part can spoil it for another one."""
    return {name: value.clone() for name, value in start_.items()}


with score.part("another fold, other sizes: the losses", 1, other_sizes=True):
    given_ = own_()
    with check.unchanged(params=given_):
        end_, losses_ = train(given_, X_, y_, 0.05, 6, torch.tanh)
    wrong_ = {
        "argument-ignored": descend(*job_, torch.relu)[1],
        "accumulated": descend(*job_, torch.tanh, add_up=True)[1],
        "off-by-one": descend(*job_, torch.tanh, late=True)[1],
        "sign": descend(*job_, torch.tanh, uphill=True)[1],
    }
    ours_ = [float(loss_) for loss_ in losses_]
    check.close("the losses", ours_, descend(*job_, torch.tanh)[1], candidates=wrong_)
with score.part("another fold, other sizes: the trained parameters", 1, other_sizes=True):
    end_, losses_ = train(own_(), X_, y_, 0.05, 6, torch.nn.functional.silu)
    right_, uphill_ = (descend(*job_, torch.nn.functional.silu, uphill=u_)[0] for u_ in (False, True))
    kept_ = descend(*job_, torch.nn.functional.silu, add_up=True)[0]
    relu_ = descend(*job_, torch.relu)[0]
    for name_ in shapes_:
        wrong_ = {"no-step": start_[name_], "sign": uphill_[name_], "accumulated": kept_[name_]}
        wrong_["argument-ignored"] = relu_[name_]
        check.close(f"{name_} after six steps", end_[name_], right_[name_], candidates=wrong_)
with score.part("plain floats, tensors without a graph, the given ones left alone", 1):
    leaves_ = {k_: v_.clone().requires_grad_() for k_, v_ in start_.items()}
    with check.unchanged(params=leaves_):
        end_, losses_ = train(leaves_, X_, y_, 0.05, 3, torch.relu)
    for loss_ in losses_:
        check.true(isinstance(loss_, float), "A loss is not a plain float.", "graph-kept")
    for name_ in shapes_:
        check.true(not end_[name_].requires_grad, f"{name_} still requires gradients.", "graph-kept")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# The thread from unit 02 to here: the same start, the same data, the same 1,000 steps; the gradients by hand there, by
# autograd here. And then the same network with your own smooth fold in it.

# %%
record = data.run_by_hand()
sharp = torch.tensor(5.0, dtype=torch.float64)
runs = {
    "ReLU": train(params, X, y, 0.2, 1000, torch.relu),
    "your box, β = 5": train(params, X, y, 0.2, 1000, lambda a: Swish.apply(a, sharp)),
}
gap = max(abs(a - b) for a, b in zip(runs["ReLU"][1][::10], record.losses))
print("autograd and unit 02 agree along all 1,000 epochs to 1e-8:", bool(gap < 1e-8))
for name, (_, losses) in runs.items():
    print(f"{name:16s} loss {losses[0]:.3f} -> {losses[-1]:.3f}")

# %% tags=["study"]
plot.curves(
    {
        "unit 02, by hand": record.losses,
        **{f"autograd, {name}": losses[::10] for name, (_, losses) in runs.items()},
    },
    x=record.epochs,
    ylabel="½ mean squared error",
    title="The same descent, three times",
    log_y=True,
    alt="The curves by hand and by autograd lie on each other; the one with the smooth fold runs close by.",
)

# %% tags=["study"]
def predictor(trained, fold):
    """From points (M, 2) to outputs (M,)."""

    def predict(P):
        a1 = torch.nn.functional.linear(torch.as_tensor(P), trained["W1"], trained["b1"])
        return torch.nn.functional.linear(fold(a1), trained["W2"], trained["b2"])[:, 0]

    return predict


plot.boundaries(
    {
        "unit 02, by hand": record.predict,
        "autograd, ReLU": predictor(runs["ReLU"][0], torch.relu),
        "autograd, your box": predictor(runs["your box, β = 5"][0], lambda a: Swish.apply(a, sharp)),
    },
    X,
    y[:, 0],
    alt="Three decision boundaries: the first two are the same, with corners; the third is similar and rounded.",
)

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `params = {k: v - lr * g …}` without `no_grad`: the new tensors are no leaves, the graph grows with every epoch.
# - `losses.append(loss)`: keeps the whole graph of every epoch in memory. A number is enough.
# - `.grad` and no zeroing: the steps get longer and longer; it looks like a learning rate that is too large.
# - Moving the leaves that the caller has handed in: the next run would start where this one ended.
# </details>

# %% [markdown]
# ## 7 · Quiz
#
# Four questions; write one letter for each.
#
# **q1.** In exact arithmetic, the central difference of a *quadratic* function with ε = 0.5 is off by
# (a) nothing; (b) ε; (c) ε²; (d) that depends on the point.
#
# **q2.** For a smooth function of size 1 in **float32**, the best ε is about
# (a) 1e-10; (b) 1e-7; (c) 5e-3; (d) 1.
#
# **q3.** What unit 02 kept in its cache, a `torch.autograd.Function` keeps
# (a) in `.grad`; (b) with `ctx.save_for_backward`; (c) in `upstream`; (d) nowhere, autograd computes it anew.
#
# **q4.** A unit sits exactly on its fold, $a_1 = 0$. Autograd lets through
# (a) an error; (b) the whole gradient; (c) half of it; (d) nothing.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** How many of the four will you get right?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "quiz", "difficulty": 1, "minutes": 5}
# ### Your answers
#
# <details><summary>Hint 1: a nudge</summary>
#
# All four can be tried out in a cell of three lines.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# q1, q2: section 3. q3: section 5. q4: section 4.
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# q1: $((x+\varepsilon)^2 - (x-\varepsilon)^2) / 2\varepsilon = \ldots$ q2: a cube root. q3: look at `Cube`. q4: the table
# with `a1/ε`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "quiz", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# answers = {"q1": "?", "q2": "?", "q3": "?", "q4": "?"}
### BEGIN SOLUTION
answers = {"q1": "a", "q2": "c", "q3": "b", "q4": "d"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quiz-answers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Quiz", 4)
with score.part("each question has a letter", 0):
    quiz.form(answers, {"q1": "abcd", "q2": "abcd", "q3": "abcd", "q4": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("q1", 1):
    quiz.right(answers, "q1", "a", "section 3, the reveal below the V")
with score.part("q2", 1):
    quiz.right(answers, "q2", "c", "section 3, two errors pull in opposite directions")
with score.part("q3", 1):
    quiz.right(answers, "q3", "b", "section 5, the pattern of a box")
with score.part("q4", 1):
    quiz.right(answers, "q4", "d", "section 4, the table at the top")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 8 · Explain it
#
# In your own words; it is read by a person. Four to six sentences are plenty.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **A colleague's difference check is off by 2e-3, and she lets ε go from 1e-5 to 1e-8 "to be more exact".** What will
# she see, and why? What should she do instead, and how would she recognise a real mistake in the gradient, or a kink?
#
# ### BEGIN SOLUTION
# The error will grow, about a thousandfold: at 1e-5 it is already rounding, u·|loss|/ε, and a smaller ε makes it larger.
# She should switch to float64 (and take ε near 1e-5): if the error falls to about 1e-11, it was rounding. A real mistake
# stays the same in every dtype and for every ε. A kink shows at single parameters only, and goes away when ε is smaller
# than the distance of the pre-activation from 0.
#
# *Marking (3 points): 1 for "the error grows, because rounding is divided by ε"; 1 for float64 (or a larger ε) as the
# remedy; 1 for telling a real mistake (stays whatever ε and dtype) from a kink (single parameters, near the fold).*
# ### END SOLUTION

# %% [markdown]
# ## What comes next
#
# You have written forward passes with loose tensors in a dict. Unit 04 packs them into an `nn.Module`, lets an optimizer
# take the step and a `DataLoader` deal out the batches, and the numbers will still be those of unit 02.
