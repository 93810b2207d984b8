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
# # 06 · The whole pipeline: three spiral arms
#
# {{badge}}
#
# **Promise.** At the end of this notebook you will have built everything between a file of numbers and an honest test
# score: getting the data into shape, splitting them in three, a network with dropout, training with weight decay, early
# stopping that keeps the best weights, and an evaluation that you can stand by. On the way you will find out why a
# line of code that stands in many tutorials keeps the *wrong* weights.
#
# | | |
# |---|---|
# | **You need** | units 04 and 05: `nn.Module`, the training loop, cross-entropy on logits |
# | **Time** | about {{minutes}} minutes, exercises and reading |
# | **Points** | {{points}} |
#
# The whole idea in one picture:
#
# ```text
#   X (2,N), y ──► prepare ──► X (N,2) float32, y (N,) int64 ──► split
#                                                                  │
#             ┌───────────── 70 % training ◄───────────────────────┤
#             ▼                                                    │
#        [ train one epoch ] ──► weights ──► [ measure ] ◄─────────┤ 15 % validation
#             ▲   dropout on                  dropout off          │
#             │                                   │                │
#             └──── go on ◄── better? keep a copy ┘                │
#                             no better for long? stop             │
#                                      │                           │
#                              the best weights ──► [ test ] ◄─────┘ 15 % test, once
# ```
#
# **How to work.** Each exercise has a cell with a TODO and a check below it. Run the check as often as you like: it
# says what is right, what is wrong, and often why. Part of the points is given on cases that you do not see, so
# write code that works for every size, not for the example.

# %% tags=["setup"]
# The build puts the setup cell that all units share here.

# %%
import copy
import inspect

import numpy as np
import torch
from torch import nn

# %% [markdown]
# ## 1 · Data in an old layout
#
# The spiral comes from a program that keeps one **column** for each sample: `X` has the shape `(features, N)`. PyTorch
# wants one **row** for each sample, `(N, features)`. That is more than taste: `nn.Linear` multiplies along the last axis,
# a `DataLoader` cuts along the first one.
#
# The types matter as well. Parameters are float32, so the inputs should be too. Class numbers must be int64 (PyTorch says
# `LongTensor`), because `nn.CrossEntropyLoss` uses them as *indices*.

# %%
X_columns, labels = data.spiral()
print("X", X_columns.shape, X_columns.dtype, "  y", labels.shape, labels.dtype)
print("the first sample is the first column:", X_columns[:, 0].round(2), "of class", labels[0])
plot.points(X_columns.T, labels, "Three spiral arms", alt="Three spiral arms, one for each class, wound around each other.")

# %% [markdown]
# A way to the right shape that is wrong, on four samples whose features are (1, 10), (2, 20), (3, 30), (4, 40):

# %%
four = np.array([[1, 2, 3, 4], [10, 20, 30, 40]])
print("four.T:\n", four.T)

# %% [markdown] tags=["predict"]
# 🔮 **Predict, before you go on.** `four.reshape(4, 2)` has the shape (4, 2) too. Write down its first row. Would PyTorch
# complain if you trained on it? What would happen to the accuracy?
#
# *Your prediction (double-click to write):*

# %% [markdown] exercise={"id": "prepare", "difficulty": 1, "minutes": 10}
# ### Batch first
#
# Write `prepare(X, y)`: from arrays in the old layout to tensors in ours.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Rows must become columns. That is not the same as giving the numbers another shape.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `X.T` turns an array over; `torch.tensor(array, dtype=…)` makes a tensor of the dtype that you name.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return torch.tensor(X..., dtype=...), torch.tensor(y, dtype=...)`
# </details>

# %% nbgrader={"grade": false, "grade_id": "prepare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prepare(X, y):
    """Arrays with a column for each sample, as tensors with a row for each sample.

    X: array (features, N);  y: array (N,) of class numbers

    Returns (X, y): tensors (N, features) float32 and (N,) int64.
    """
    ### BEGIN SOLUTION
    return torch.tensor(X.T, dtype=torch.float32), torch.tensor(y, dtype=torch.int64)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "prepare-tensors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check

score = check.Score("Batch first", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
X_ = np.array([[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]])
with score.part("four samples, one row for each", 1):
    got_, labels_ = prepare(X_, np.array([0, 1, 2, 0]))
    wrong_ = {"reshaped": X_.reshape(4, 2)}
    check.close("X", got_, [[1, 10], [2, 20], [3, 30], [4, 40]], candidates=wrong_)
    check.close("y", labels_, [0, 1, 2, 0])
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        got_, labels_ = prepare(X_ / 8, np.array([2, 1, 0, 1]))
        check.close("X", got_, X_.T / 8)
        check.close("y", labels_, [2, 1, 0, 1])
    ### END HIDDEN TESTS
with score.part("float32 and int64", 1):
    got_, labels_ = prepare(X_, np.array([0, 1, 2, 0]))
    check.instance("X", got_, torch.Tensor)
    check.instance("y", labels_, torch.Tensor)
    check.dtype("X", got_, torch.float32)
    check.dtype("y", labels_, torch.int64)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        changed_ = not torch.equal(prepare(X_ + 1, np.array([0, 1, 2, 0]))[0], got_)
        check.true(changed_, "Other points make no difference.", "argument-ignored")
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("five features, other types", 1, other_sizes=True):
    X_ = np.random.default_rng(60).normal(size=(5, 8)).astype(np.float32)
    y_ = np.arange(8, dtype=np.uint8) % 3
    got_, labels_ = prepare(X_, y_)
    check.close("X", got_, X_.T, candidates={"reshaped": X_.reshape(8, 5)})
    check.dtype("X", got_, torch.float32)
    check.dtype("y, which came as uint8,", labels_, torch.int64)
    check.close("y", labels_, y_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# The first row of `four.reshape(4, 2)` is (1, 2): the first feature of *two different* samples. Nothing complains. The
# network trains on points that do not exist, and the accuracy stays near that of guessing. A shape that fits proves
# nothing; look at one sample.
# </details>
# <details><summary>Common mistakes</summary>
#
# - `reshape` or `view` where a transpose is meant.
# - Labels as float32: `CrossEntropyLoss` then takes them for probabilities, and complains about their shape.
# - One-hot labels out of habit: the loss wants class *numbers*.
# </details>

# %% [markdown]
# ## 2 · Three parts, three duties
#
# | part | share | what it may decide |
# |---|---|---|
# | training | 70 % | the weights |
# | validation | 15 % | everything else: when to stop, how wide, how much dropout |
# | test | 15 % | nothing. It is looked at once, at the end |
#
# Whatever has helped to decide something is no longer a fair judge of it. That is the whole reason for three parts.
#
# The sizes, for `N` samples: `int(0.15 * N)` for test, the same for validation, and all the rest for training.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** How many samples of the 450 go into each part? Suppose somebody forgets to shuffle, and the file is sorted
# by class: which classes would the test part have?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "split", "difficulty": 2, "minutes": 15}
# ### The split
#
# Write `split(X, y, seed)`. **One** random order, made by a generator of its own, decides for `X` and `y` together.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Shuffle the *numbers* of the samples, not the samples. Then cut the list of numbers in three.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `torch.randperm(N, generator=…)` gives a random order of 0 … N−1; `torch.Generator().manual_seed(seed)` a generator.
# `X[numbers]` picks rows.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# order = torch.randperm(len(y), generator=...)
# n = int(0.15 * ...)
# pieces = {"test": order[:n], "val": order[n : ...], "train": order[...]}
# return {name: (X[...], y[...]) for name, numbers in pieces.items()}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(X, y, seed):
    """Cut the samples into three parts, at random: test and validation int(0.15 N) each, the rest training.

    X: tensor (N, d);  y: tensor (N,);  seed: the same seed gives the same parts

    Returns {"train": (X, y), "val": (X, y), "test": (X, y)}.
    """
    ### BEGIN SOLUTION
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    n = int(0.15 * len(y))
    pieces = {"test": order[:n], "val": order[n : 2 * n], "train": order[2 * n :]}
    return {name: (X[numbers], y[numbers]) for name, numbers in pieces.items()}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "split-parts", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check


def numbered_(count):
    """Samples that carry their own number, sorted by class."""
    numbers = torch.arange(count)
    return torch.stack([numbers.float(), -numbers.float()], dim=1), numbers * 3 // count


def numbers_(parts, name):
    return [int(v) for v in check.array(f"X of {name!r}", parts[name][0])[:, 0]]


score = check.Score("The split", 4)
with score.part("450 samples: 316, 67 and 67, each in one part", 1):
    X_, y_ = numbered_(450)
    parts_ = split(X_, y_, 0)
    check.keys("The parts", parts_, ["train", "val", "test"])
    sizes_ = {name_: len(parts_[name_][1]) for name_ in ("train", "val", "test")}
    check.equal("the sizes", sizes_, {"train": 316, "val": 67, "test": 67}, "wrong-sizes")
    every_ = [number_ for name_ in sizes_ for number_ in numbers_(parts_, name_)]
    double_ = len(every_) - len(set(every_))
    check.true(not double_, f"{double_} samples occur twice.", "overlap")
with score.part("each X still has its own y", 1):
    parts_ = split(X_, y_, 1)
    for name_ in ("train", "val", "test"):
        own_ = [number_ * 3 // 450 for number_ in numbers_(parts_, name_)]
        same_ = [int(v_) for v_ in parts_[name_][1]] == own_
        check.true(same_, f"In {name_!r}, samples have the labels of others.", "pairs-broken")
### BEGIN HIDDEN TESTS
with score.part("47 samples, shuffled", 1, other_sizes=True):
    X_, y_ = numbered_(47)
    parts_ = split(X_, y_, 2)
    sizes_ = {name_: len(parts_[name_][1]) for name_ in ("train", "val", "test")}
    check.equal("the sizes", sizes_, {"train": 33, "val": 7, "test": 7}, "wrong-sizes")
    for name_ in ("train", "val", "test"):
        found_ = numbers_(parts_, name_)
        mixed_ = max(found_) - min(found_) > len(found_) + 2
        check.true(mixed_, f"The samples of {name_!r} stood side by side before.", "not-shuffled")
with score.part("the seed decides", 1):
    check.seed(3)
    first_ = numbers_(split(X_, y_, 5), "test")
    again_ = numbers_(split(X_, y_, 5), "test")
    other_ = numbers_(split(X_, y_, 6), "test")
    check.true(first_ == again_, "The same seed gave two different splits.", "seed-ignored")
    check.true(first_ != other_, "Two seeds gave the same split.", "seed-ignored")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - Two random orders, one for `X` and one for `y`: every label belongs to somebody else.
# - A fresh random choice for each part: some samples land in two of them, and the test knows the answers.
# - No shuffle: fine with this file (it is shuffled), a disaster with one that is sorted by class.
# </details>

# %%
X_all, y_all = prepare(X_columns, labels)
parts = split(X_all, y_all, seed=0)
for name, (X_part, y_part) in parts.items():
    print(f"{name:6s} X {tuple(X_part.shape)}  y {tuple(y_part.shape)}  per class {torch.bincount(y_part).tolist()}")

# %% [markdown]
# ## 3 · A network with dropout
#
# ```text
#   X ──► Linear 2→100 ──► ReLU ──► Dropout(0.2) ──► Linear 100→3 ──► f
#   (N,2)        (N,100)                 (N,100)                (N,3) logits
# ```
#
# **Dropout** switches off each hidden unit with probability $p$, anew in every forward pass, and multiplies the others by
# $1/(1-p)$, so that the sum stays the same on average. No unit can rely on another one being there. It is for training
# only: `model.train()` switches it on, `model.eval()` off. And there is **no softmax** at the end, the loss has it inside.

# %%
torch.manual_seed(0)
dropout = nn.Dropout(0.5)
ones = torch.ones(10)
print("training:  ", dropout.train()(ones).tolist())
print("evaluation:", dropout.eval()(ones).tolist())

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** How many parameters does this network have? (`Dropout` has none.) And what would it put out in training
# mode with $p = 1$, when *every* hidden unit is dropped?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "spiral_net", "difficulty": 1, "minutes": 10}
# ### `SpiralNet`
#
# Fill in both methods.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The picture above names the layers in their order. One `nn.Sequential` holds them all.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Make the sequence in `__init__`, call it in `forward`. Use the arguments `n_hidden` and `dropout`, not their numbers.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# self.net = ...(
#     nn.Linear(2, ...),
#     ...,
#     nn.Dropout(...),
#     ...,
# )
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "spiral_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SpiralNet(nn.Module):
    """Linear, ReLU, dropout, Linear: from X (N, 2) to the logits (N, 3) of three classes."""

    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        ### BEGIN SOLUTION
        self.net = nn.Sequential(
            nn.Linear(2, n_hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(n_hidden, 3),
        )
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        return self.net(X)
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "spiral_net-layers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("SpiralNet", 3)
### BEGIN HIDDEN TESTS
from autograder.references import models, unseen

### END HIDDEN TESTS
with score.part("603 parameters, three logits for each point", 1):
    check.seed(61)
    model_ = SpiralNet()
    count_ = sum(p_.numel() for p_ in model_.parameters())
    check.equal("the number of parameters", count_, 603, "not-registered" if count_ < 300 else "wrong-value")
    with torch.no_grad():
        check.shape("the logits", model_(torch.zeros(7, 2)), (7, 3))
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        model_.eval()
        models.alive(model_, torch.randn(7, 2))
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
X_ = 2 * torch.randn(9, 2, generator=torch.Generator().manual_seed(62))
layers_ = lambda values, X: models.mlp(values.values(), X)
with score.part("evaluation mode, 12 hidden units", 1, other_sizes=True):
    check.seed(63)
    model_ = SpiralNet(n_hidden=12, dropout=0.7)
    shapes_ = [tuple(p_.shape) for p_ in model_.parameters()]
    check.equal("the shapes of the parameters", shapes_, [(12, 2), (12,), (3, 12), (3,)])
    model_.eval()
    with torch.no_grad():
        f_, again_ = model_(X_), model_(X_)
    text_ = "In evaluation mode the model gives different logits for the same points."
    check.true(torch.equal(f_, again_), text_, "dropout-always")
    wrong_ = {
        "relu-missing": lambda values, X: models.lines(values.values(), X),
        "softmax-in-model": lambda values, X: layers_(values, X).softmax(dim=1),
        "relu-on-output": lambda values, X: layers_(values, X).clamp(min=0),
    }
    models.computes(model_, layers_, X_, wrong_)
with score.part("training mode, with every hidden unit dropped, and with none", 1):
    model_ = SpiralNet(n_hidden=12, dropout=1.0)
    W1_, b1_, W2_, b2_ = models.redraw(models.shown(model_), seed=12).values()
    model_.train()
    with torch.no_grad():
        f_ = model_(X_)
    full_ = (X_ @ W1_.T + b1_).clamp(min=0) @ W2_.T + b2_
    from_zero_ = b1_.clamp(min=0) @ W2_.T + b2_
    wrong_ = {
        "dropout-missing": full_,
        "dropout-misplaced": from_zero_.expand(9, 3) if float(f_.abs().sum()) else torch.zeros(9, 3),
    }
    right_ = b2_.expand(9, 3)
    close_ = f_.shape == right_.shape and torch.allclose(f_, right_, atol=1e-5)
    named_ = any(torch.allclose(f_, w_, atol=1e-5) for w_ in wrong_.values())
    check.true(close_ or named_, "Other units are dropped than dropout=1.0 asks for.", "argument-ignored")
    check.close("the logits", f_, right_, rtol=1e-4, atol=1e-5, candidates=wrong_)
    model_ = SpiralNet(n_hidden=12, dropout=0.0)
    model_.train()
    W1_, b1_, W2_, b2_ = models.redraw(models.shown(model_), seed=12).values()
    with torch.no_grad():
        f_ = model_(X_)
    full_ = (X_ @ W1_.T + b1_).clamp(min=0) @ W2_.T + b2_
    check.close("the logits without dropout", f_, full_, rtol=1e-4, atol=1e-5)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# 2·100 + 100 + 100·3 + 3 = 603. With every unit dropped only the last bias is left: the same logits for every point.
# </details>

# %% [markdown]
# ## 4 · Keeping the best weights, and a trap
#
# Validation loss falls, and later rises again. We want the weights of its lowest point. So whenever a new best comes,
# we keep a copy of `model.state_dict()`, a dict from names to tensors, and put it back in the end with
# `model.load_state_dict(saved)`.
#
# **Someone claims: "`saved = model.state_dict().copy()` keeps the weights."** Check it. First, what a copy of a dict
# is, with lists in the place of tensors:

# %%
live = {"w": [1, 2, 3]}
saved = live.copy()
live["w"][0] = 999  # changes the list itself, in place, like optimizer.step() changes a tensor
live["b"] = [7]  # changes the dict: a new entry
print("live: ", live)
print("saved:", saved)

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** A model is trained for 200 epochs; the best was epoch 60. At epoch 60 the weights were "kept" with
# `model.state_dict().copy()`, and in the end they are put back. Which weights has the model then: those of the beginning, of
# epoch 60, or of epoch 200?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "snapshot", "difficulty": 2, "minutes": 20}
# ### Check the claim, and do it right
#
# Two functions. `survives(save, model)` is an experiment: it takes *some* way of saving, and finds out whether what was
# saved stays the same when the weights change **in place**. Experiment on a copy (`copy.deepcopy(model)`), so that the
# model itself stays as it is. `snapshot(model)` is your own way of saving, which survives.
#
# <details><summary>Hint 1: a nudge</summary>
#
# To see whether something has changed you need to know how it was before, and *that* must not change along. How does one
# copy a single tensor?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# In `survives`: save; clone everything saved; change all parameters under `torch.no_grad()` with `p.add_(1.0)`; compare
# entry by entry with `torch.equal`. In `snapshot`: `.clone()` for each entry of the state dict.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# patient = copy.deepcopy(...)
# saved = save(...)
# before = {name: ... for name, value in saved.items()}
# with torch.no_grad():
#     for p in patient.parameters():
#         p.add_(...)
# return all(torch.equal(..., ...) for name in before)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "snapshot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def claimed(model):
    """What someone claims to be a copy of the weights. Leave this function as it is."""
    return model.state_dict().copy()


def survives(save, model):
    """Whether what `save(model)` returns stays the same when the weights change in place.

    save:  function from a model to a dict of tensors
    model: nn.Module, left as it is (work on a copy)

    Returns a bool.
    """
    ### BEGIN SOLUTION
    patient = copy.deepcopy(model)
    saved = save(patient)
    before = {name: value.clone() for name, value in saved.items()}
    with torch.no_grad():
        for p in patient.parameters():
            p.add_(1.0)
    return all(torch.equal(saved[name], before[name]) for name in before)
    ### END SOLUTION


def snapshot(model):
    """The entries of the model's state dict, as they are now, whatever happens to the model.

    Returns a dict of tensors that model.load_state_dict accepts.
    """
    ### BEGIN SOLUTION
    return {name: value.clone() for name, value in model.state_dict().items()}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "snapshot-survives", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check
from torch import nn

score = check.Score("Check the claim, and do it right", 4)
with score.part("survives: false for the state dict itself, true for numbers of their own", 1):
    check.seed(64)
    model_ = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
    itself_ = survives(nn.Module.state_dict, model_)
    check.true(itself_ is not True, "`survives` is true for the live state dict.", "never-notices")
    check.equal("survives, for the live state dict", bool(itself_), False)
    free_ = survives(lambda model: {"w": torch.arange(3.0)}, model_)
    check.equal("survives, for numbers that do not hang on the model", bool(free_), True)
with score.part("snapshot: still the same after the weights have changed", 1):
    model_ = nn.Linear(2, 3)
    before_ = {name_: value_.clone() for name_, value_ in model_.state_dict().items()}
    saved_ = snapshot(model_)
    with torch.no_grad():
        for p_ in model_.parameters():
            p_.add_(1.0)
    second_ = snapshot(model_)
    check.keys("The snapshot", saved_, ["weight", "bias"])
    for name_ in ("weight", "bias"):
        wrong_ = {"aliased": before_[name_] + 1}
        check.close(f"{name_} of the first snapshot", saved_[name_], before_[name_], candidates=wrong_)
        check.close(f"{name_} of the second snapshot", second_[name_], before_[name_] + 1)
### BEGIN HIDDEN TESTS
with score.part("survives: what it says of the claim; the model left alone", 1):
    check.seed(65)
    model_ = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1))
    before_ = {name_: value_.clone() for name_, value_ in model_.state_dict().items()}
    verdict_ = survives(claimed, model_)
    check.true(verdict_ is not True, "`survives` believes the claim.", "never-notices")
    check.equal("survives, for the claim", bool(verdict_), False)
    survives(nn.Module.state_dict, model_)
    for name_, value_ in model_.state_dict().items():
        text_ = f"{name_} of the model has other values after the experiment than before."
        check.true(torch.equal(value_, before_[name_]), text_, "changed-argument")
with score.part("snapshot: all entries, buffers included, fit to be loaded again", 1):
    model_ = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    before_ = {name_: value_.clone() for name_, value_ in model_.state_dict().items()}
    saved_ = snapshot(model_)
    lacking_ = sorted(set(before_) - set(saved_))
    check.true(not lacking_, f"The snapshot lacks {', '.join(lacking_)}.", "buffers-lost")
    with torch.no_grad():
        model_[0].weight.mul_(3.0)
        model_[1].running_mean.add_(2.0)
    snapshot(nn.Linear(1, 1))
    model_.load_state_dict(saved_)
    for name_, value_ in model_.state_dict().items():
        check.close(f"{name_} after loading", value_, before_[name_], candidates={"aliased": before_[name_] + 2})
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Now the verdict on the claim, by your own experiment:

# %%
torch.manual_seed(0)
for what, save in {"state_dict()": nn.Module.state_dict, "state_dict().copy()": claimed, "snapshot": snapshot}.items():
    print(f"{what:22s} survives: {survives(save, SpiralNet())}")

# %% [markdown]
# <details><summary>Reveal: what is wrong with the claim</summary>
#
# `.copy()` makes a new *dict* with the **same tensors** in it: a shallow copy. `optimizer.step()` changes these tensors in
# place, so the "kept" weights move along, and in the end the model gets its own *last* weights put back: those of
# epoch 200. Nothing fails, no error appears; early stopping just does not do what it says. Clone each entry, or use
# `copy.deepcopy(model.state_dict())`.
# </details>

# %% [markdown]
# ## 5 · When to stop
#
# Early stopping with a **patience**: after each epoch, look at the validation loss. If it is strictly lower than all
# before, this is the new best epoch. If the best lies `patience` epochs back, stop.
#
# **A small example**, patience 3, epochs counted from 1:
#
# | epoch | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|
# | validation loss | 0.9 | **0.7** | 0.8 | 0.75 | 0.72 | 0.6 |
# | best until now | 1 | 2 | 2 | 2 | 2 | – |
# | best lies back | 0 | 0 | 1 | 2 | 3: stop | – |
#
# The training ends after epoch 5 and keeps epoch 2. It never gets to see that epoch 6 would have been better still.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** The same losses with patience 4: what is the best epoch, and after which does it stop (the list ends with
# epoch 6)? And what is the price of a very large patience?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "early_stop", "difficulty": 2, "minutes": 10}
# ### Early stopping on paper
#
# Write `early_stop(val_losses, patience)`: it walks along the losses as a training would, and says which epoch is best and
# after which it stops.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Walk with `enumerate(val_losses, start=1)`, and remember two things: the lowest loss until now, and its epoch.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# In each round two questions, in this order: is this loss strictly lower than the lowest? Does the best epoch lie
# `patience` or more epochs back? If the loop comes to its end, the last epoch is where it stopped.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# lowest, best = float("inf"), ...
# for epoch, loss in enumerate(...):
#     if loss < ...:
#         lowest, best = ...
#     if epoch - best >= ...:
#         break
# return best, epoch
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "early_stop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stop(val_losses, patience):
    """Which epoch early stopping keeps, and after which it stops.

    val_losses: list of floats, at least one;  patience: int, at least 1

    Returns (best, stopped): epochs, counted from 1.
    """
    ### BEGIN SOLUTION
    lowest, best = float("inf"), 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < lowest:
            lowest, best = loss, epoch
        if epoch - best >= patience:
            break
    return best, epoch
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "early_stop-epochs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check


def stops_(what, losses, patience, expected, wrong=None):
    """early_stop gives the expected pair; `wrong` maps what mistakes give to their codes."""
    got = tuple(int(epoch) for epoch in early_stop(list(losses), patience))
    code = (wrong or {}).get(got, "wrong-value")
    check.true(got == expected, f"{what}: (best, stopped) should be {expected}, not {got}.", code)


score = check.Score("Early stopping on paper", 3)
losses_ = [0.9, 0.7, 0.8, 0.75, 0.72, 0.6]
with score.part("the small example, with patience 3 and 4", 1):
    wrong_ = {
        (6, 6): "wrong-patience",
        (6, 5): "future-used",
        (1, 4): "off-by-one",
        (2, 4): "wrong-patience",
        (1, 5): "off-by-one",
    }
    stops_("patience 3", losses_, 3, (2, 5), wrong_)
    stops_("patience 4", losses_, 4, (6, 6))
### BEGIN HIDDEN TESTS
with score.part("losses that fall again without a new best, and equal ones", 1):
    zigzag_ = [0.5, 0.3, 0.45, 0.4, 0.44, 0.39, 0.2, 0.1]
    wrong_ = {(8, 8): "previous-not-best", (8, 6): "future-used", (2, 7): "wrong-patience"}
    stops_("up and down", zigzag_, 4, (2, 6), wrong_)
    equal_ = [0.5, 0.4, 0.4, 0.4, 0.4, 0.4]
    wrong_ = {(6, 6): "tie-counts", (2, 5): "wrong-patience", (5, 5): "tie-counts"}
    stops_("equal losses", equal_, 2, (2, 4), wrong_)
with score.part("patience that is never used up; a single epoch", 1):
    wrong_ = {(1, 4): "off-by-one", (3, 3): "off-by-one", (4, 3): "off-by-one", (3, 4): "off-by-one"}
    stops_("falling all the way", [0.9, 0.8, 0.7, 0.6], 2, (4, 4), wrong_)
    stops_("one epoch", [0.9], 5, (1, 1), {(0, 0): "off-by-one"})
    stops_("worse from the start", [0.4, 0.5, 0.6, 0.7], 2, (1, 3), {(1, 4): "wrong-patience"})
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 6 · Train
#
# All of it in one loop. The data are few, so each epoch is a single step on the whole training part. In each epoch:
#
# 1. `model.train()`, and the five steps on the training part; the loss goes into `train_losses`;
# 2. `model.eval()`, and the loss of the validation part under `torch.no_grad()` goes into `val_losses`;
# 3. a new best? Keep a snapshot. No new best for `patience` epochs? Stop.
#
# In the end the best weights are put back, and the model is left in evaluation mode.
#
# **Weight decay** pulls every weight a little towards 0 in each step: large weights must earn their keep. By hand it
# is another term in each gradient; here it is an argument, `torch.optim.Adam(…, weight_decay=weight_decay)`.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Training loss is measured with dropout on and before the step, validation loss with dropout off and after
# it. Which of the two curves will be the lower one in the very first epochs, and which in the end?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "train_early", "difficulty": 3, "minutes": 25}
# ### Training with early stopping
#
# Write `train_early(model, train, val, lr, weight_decay, patience, max_epochs)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The loop of unit 05 and the function above, woven together. The trap of section 4 lies in the middle.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Keep three things outside of the loop: the lowest validation loss, its epoch, and the weights of that epoch as a
# dict of *clones*. After the loop, `load_state_dict`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for epoch in range(1, max_epochs + 1):
#     model.train()
#     ...  # the five steps on train[0], train[1]
#     model.eval()
#     with torch.no_grad():
#         val_loss = loss_of(model(...), ...).item()
#     if val_loss < lowest:
#         lowest, best_epoch = ...
#         kept = {name: ... for name, value in model.state_dict().items()}
#     if epoch - ... >= patience:
#         break
# model.load_state_dict(...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "train_early", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    """Train `model` in place on full batches with Adam; stop early, and put the best weights back.

    model:            nn.Module from (N, d) to logits (N, C); ends with its best weights, in evaluation mode
    train, val:       pairs (X, y) of tensors
    lr, weight_decay: for torch.optim.Adam
    patience:         stop when the best epoch lies so many epochs back
    max_epochs:       stop after so many epochs anyway

    Returns {"train_losses": list, "val_losses": list, "best_epoch": int, counted from 1}.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch, kept = float("inf"), 0, None
    for epoch in range(1, max_epochs + 1):
        model.train()
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        if epoch - best_epoch >= patience:
            break
    model.load_state_dict(kept)
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "train_early-loop", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check
from torch import nn

score = check.Score("Training with early stopping: the loop", 5)
### BEGIN HIDDEN TESTS
from autograder.references import models, stopping, unseen

### END HIDDEN TESTS


def copies_(*parts):
    """The same pairs on memory of their own."""
    return [(X.clone(), y.clone()) for X, y in parts]


with score.part("an easy problem: the losses fall, one entry for each epoch", 1):
    X_ = torch.tensor([[-1.0, 0.0], [-2.0, 1.0], [1.0, 0.0], [2.0, -1.0]])
    y_ = torch.tensor([0, 0, 1, 1])
    check.seed(66)
    model_ = nn.Linear(2, 2)
    result_ = train_early(model_, *copies_((X_, y_), (X_, y_)), 0.1, 0.0, patience=10, max_epochs=50)
    check.keys("The result", result_, ["train_losses", "val_losses", "best_epoch"])
    for name_ in ("train_losses", "val_losses"):
        check.equal(f"the length of {name_}", len(result_[name_]), 50, "wrong-patience")
    check.at_most("the last training loss", result_["train_losses"][-1], 0.1)
    check.equal("best_epoch", int(result_["best_epoch"]), 50, "off-by-one")
    own_ = nn.functional.cross_entropy(model_(X_).detach(), y_)
    check.at_most("the loss of the model itself after training", own_, 0.1, "no-step")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        model_, part_ = nn.Linear(2, 2), (torch.randn(5, 2), torch.tensor([0, 1, 1, 0, 1]))
        right_ = stopping.train(model_, part_, part_, 0.03, 0.0, 3, 1)
        result_ = train_early(model_, *copies_(part_, part_), 0.03, 0.0, patience=3, max_epochs=1)
        models.arrived(models.values_of(model_), right_["start"], right_["state"], share=0.01)
        check.close("train_losses", result_["train_losses"], right_["train_losses"], rtol=1e-3)
        check.close("val_losses", result_["val_losses"], right_["val_losses"], rtol=1e-3)
    ### END HIDDEN TESTS
with score.part("labels that cannot be learned: it stops after `patience`, with the best weights", 1):
    generator_ = torch.Generator().manual_seed(67)
    X_, y_ = torch.randn(30, 2, generator=generator_), torch.randint(0, 3, (30,), generator=generator_)
    parts_ = (X_[:20], y_[:20]), (X_[20:], y_[20:])
    check.seed(68)
    model_ = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
    before_ = [p_.detach().clone() for p_ in model_.parameters()]
    result_ = train_early(model_, *copies_(*parts_), 0.05, 0.0, patience=6, max_epochs=200)
    losses_ = [float(loss_) for loss_ in result_["val_losses"]]
    lowest_ = int(np.argmin(losses_)) + 1
    check.equal("best_epoch", int(result_["best_epoch"]), lowest_, "off-by-one")
    text_ = f"{len(losses_)} epochs with the best in epoch {lowest_}; patience 6 ends it after {lowest_ + 6}."
    check.true(len(losses_) == lowest_ + 6, text_, "wrong-patience")
    with torch.no_grad():
        now_ = nn.functional.cross_entropy(model_(X_[20:]), y_[20:])
    wrong_ = {"best-not-kept": losses_[-1]}
    check.close("the validation loss of the returned model", now_, min(losses_), rtol=1e-3, candidates=wrong_)
    moved_ = any((p_ != b_).any() for p_, b_ in zip(model_.parameters(), before_, strict=True))
    check.true(moved_, "The model is as it was before training.", "no-step")
### BEGIN HIDDEN TESTS
generator_ = torch.Generator().manual_seed(70)
X_ = torch.randn(40, 3, generator=generator_)
y_ = (X_[:, 0] + 0.8 * torch.randn(40, generator=generator_) > 0).long()
parts_ = (X_[:25], y_[:25]), (X_[25:], y_[25:])


def fresh_():
    torch.manual_seed(71)
    return nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 2))


with score.part("losses equal to a reference, weight decay included", 1):
    run_ = (0.05, 0.02, 8, 60)
    right_ = stopping.train(fresh_(), *parts_, *run_)
    model_ = fresh_()
    result_ = train_early(model_, *copies_(*parts_), *run_)
    for name_ in ("train_losses", "val_losses"):
        got_ = check.array(name_, result_[name_])
        wrong_ = {}
        if got_.shape != (len(right_[name_]),) or not np.allclose(got_, right_[name_], rtol=1e-3, atol=1e-4):
            runs_ = stopping.mistakes(fresh_(), *parts_, *run_)
            wrong_ = {code_: curves_[name_] for code_, curves_ in runs_.items()}
        check.close(name_, got_, right_[name_], rtol=1e-3, atol=1e-4, candidates=wrong_)
    check.true((models.flat(models.values_of(model_)) != models.flat(right_["start"])).any(), "Nothing moves.", "no-step")
with score.part("patience 1, max_epochs, and the weights in the end", 1):
    for patience_, most_ in ((1, 60), (50, 12), (8, 60)):
        right_ = stopping.train(fresh_(), *parts_, 0.1, 0.0, patience_, most_)
        model_ = fresh_()
        result_ = train_early(model_, *copies_(*parts_), 0.1, 0.0, patience_, most_)
        check.equal("the number of epochs", len(result_["val_losses"]), len(right_["val_losses"]), "wrong-patience")
        check.equal("best_epoch", int(result_["best_epoch"]), right_["best_epoch"], "off-by-one")
        with torch.no_grad():
            now_ = nn.functional.cross_entropy(model_(parts_[1][0]), parts_[1][1])
        last_ = {"best-not-kept": right_["val_losses"][-1]}
        check.close("the validation loss of the returned model", now_, right_["restored"], rtol=1e-3, candidates=last_)
        models.arrived(models.values_of(model_), right_["start"], right_["state"], share=0.01)
with score.part("dropout is on while it trains, off while it is measured and in the end", 1):
    # This dropout lets nothing through: in training mode the weight gets no gradient at all.
    torch.manual_seed(72)
    model_ = nn.Sequential(nn.Dropout(1.0), nn.Linear(3, 2))
    before_, bias_ = (p_.detach().clone() for p_ in model_.parameters())
    run_ = (*parts_, 0.1, 0.0, 5, 4)
    wrong_ = {code_: stopping.train(model_, *run_, code_)["val_losses"] for code_ in ("eval-missing", "accumulated")}
    expected_ = stopping.train(model_, *run_)["val_losses"]
    result_ = train_early(model_, *copies_(*parts_), 0.1, 0.0, patience=5, max_epochs=4)
    text_ = "A dropout that lets nothing through has not stopped the training."
    check.true(torch.equal(before_, model_[1].weight.detach()), text_, "train-mode-missing")
    text_ = "The model comes back in training mode."
    check.true(not model_.training, text_, "eval-missing")
    check.true((model_[1].bias.detach() != bias_).any(), "The bias does not move.", "no-step")
    check.close("val_losses", result_["val_losses"], expected_, rtol=1e-3, candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `kept = model.state_dict()`, with or without `.copy()`: section 4.
# - Patience counted from the last *improvement over the epoch before* instead of from the best epoch.
# - `model.eval()` forgotten: dropout makes the validation loss too high, and so noisy that "best" means "lucky".
# - Training loss below validation loss is not what to look for; whether the *validation* loss rises is.
# </details>

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
model = SpiralNet()
result = train_early(model, parts["train"], parts["val"])
best, stopped = early_stop(result["val_losses"], patience=40)
print(f"best epoch {best}, stopped after epoch {stopped}; lowest validation loss {min(result['val_losses']):.3f}")
plot.curves(
    {"training (dropout on)": result["train_losses"], "validation (dropout off)": result["val_losses"]},
    ylabel="cross-entropy",
    title="SpiralNet with early stopping",
    log_y=True,
    mark=result["best_epoch"],
    alt="Both losses fall from about 1; the validation loss levels off near 0.18, above the training loss, and its best epoch is marked.",
)

# %% nbgrader={"grade": true, "grade_id": "train_early-spiral", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check, data
from torch import nn

score = check.Score("Training with early stopping: the spiral", 2)
### BEGIN HIDDEN TESTS
from autograder.references import models, stopping

### END HIDDEN TESTS


def network_():
    return nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Dropout(0.2), nn.Linear(100, 3))


def spiral_(per_class, seed):
    X, y = data.spiral(per_class, seed=seed)
    return torch.tensor(X.T, dtype=torch.float32), torch.tensor(y)


with score.part("a spiral with 40 points in each arm: the validation loss falls below 0.8", 1):
    X_, y_ = spiral_(40, 73)
    check.seed(73)
    model_ = network_()
    parts_ = (X_[:90].clone(), y_[:90].clone()), (X_[90:].clone(), y_[90:].clone())
    result_ = train_early(model_, *parts_, max_epochs=60)
    check.at_most("the lowest validation loss", min(result_["val_losses"]), 0.8)
    model_.eval()
    own_ = nn.functional.cross_entropy(model_(X_[90:]).detach(), y_[90:])
    check.at_most("the validation loss of the model itself", own_, 0.8, "no-step")
### BEGIN HIDDEN TESTS
with score.part("95 % of points never seen before", 1):
    # Twenty seeds of a correct solution reach 0.98 or more; the margin is 0.03 (`autograder seeds 06`).
    X_, y_ = spiral_(150, 74)
    check.seed(74)
    parts_ = lambda: ((X_[:315].clone(), y_[:315].clone()), (X_[315:].clone(), y_[315:].clone()))
    whole_ = nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Linear(100, 3))
    way_ = stopping.train(whole_, *parts_(), 0.05, 0.0, 30, 30)
    train_early(whole_, *parts_(), 0.05, 0.0, patience=30, max_epochs=30)
    models.arrived(models.values_of(whole_), way_["start"], way_["state"], share=0.01)
    model_ = network_()
    start_ = models.values_of(model_)
    train_early(model_, *parts_())
    now_ = models.values_of(model_)
    moved_ = float((models.flat(now_) - models.flat(start_)).norm())
    check.true(moved_ > 0, "The parameters have not moved.", "no-step")
    X_, y_ = spiral_(700, 12345)
    right_ = models.mlp(now_.values(), X_).argmax(dim=1) == y_
    check.at_least("the accuracy on new points", float(right_.float().mean()), 0.95)
### END HIDDEN TESTS
score.total()

# %% tags=["seeds"]
THRESHOLDS = {"train_early-spiral: accuracy on new points": 0.95}


def measure(seed):
    X, y = prepare(*data.spiral(seed=seed))
    torch.manual_seed(seed)
    model = SpiralNet()
    train_early(model, (X[:315], y[:315]), (X[315:], y[315:]))
    X, y = prepare(*data.spiral(700, seed=12345))
    model.eval()
    with torch.no_grad():
        right = model(X).argmax(dim=1) == y
    return {"train_early-spiral: accuracy on new points": float(right.float().mean())}

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# In the very first epochs the validation loss is the lower one, and that is no sign of a mistake: it is measured with
# the whole network, the training loss with a random part of it missing; and it is measured *after* the step, the
# training loss before it. Later the training loss wins, because the network knows these points by then.
# </details>
#
# **What the trap costs.** The same training on a problem that overfits (few points, no dropout, no weight decay), with the
# weights kept in both ways:

# %% tags=["study"]
def train_and_keep(save, epochs=400):
    """A training that keeps its best weights with `save`; the validation losses, and that of the kept weights."""
    torch.manual_seed(1)
    net, loss_of = SpiralNet(dropout=0.0), nn.CrossEntropyLoss()
    few, val = [part[:60] for part in parts["train"]], parts["val"]
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss_of(net(few[0]), few[1]).backward()
        optimizer.step()
        with torch.no_grad():
            losses.append(loss_of(net(val[0]), val[1]).item())
        if losses[-1] == min(losses):
            kept = save(net)
    net.load_state_dict(kept)
    with torch.no_grad():
        return losses, loss_of(net(val[0]), val[1]).item()


for what, save in {"state_dict().copy()": claimed, "snapshot": snapshot}.items():
    losses, in_the_end = train_and_keep(save)
    is_best, is_last = abs(in_the_end - min(losses)) < 1e-6, abs(in_the_end - losses[-1]) < 1e-6
    print(f"{what:20s} puts back the best weights: {is_best}, the last ones: {is_last}")
plot.curves(
    {"validation loss": losses},
    mark=losses.index(min(losses)) + 1,
    title="60 points, no dropout, no weight decay",
    ylabel="cross-entropy",
    alt="The validation loss falls steeply to its lowest point at the marked epoch, jumps up, and creeps upwards from there.",
)

# %% [markdown]
# ## 7 · The test
#
# One number for all classes can hide that one class is never found. So evaluate with both: the **accuracy** over all
# samples, and for each class the share of **its own** samples that were predicted right.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** A test set has 90 samples of class 0, 5 of class 1 and 5 of class 2. A model always says 0. What is its
# accuracy, and what are the three shares?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "evaluate", "difficulty": 1, "minutes": 10}
# ### Evaluate
#
# Write `evaluate(model, X, y)`. Each class 0 … C−1 has at least one sample in `y`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Evaluation mode, no graph, `argmax`. Then a mean of booleans, once over all samples and once for each class.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `right = f.argmax(dim=1) == y` says for each sample whether it was right. `right[y == k]` are the samples of class k.
# The number of classes is the width of `f`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# model.eval()
# with torch.no_grad():
#     f = model(X)
# right = (f.argmax(dim=...) == ...).double()
# per_class = [right[...].mean().item() for k in range(...)]
# return {"accuracy": ..., "per_class": per_class}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, X, y):
    """How a model does on a part of the data, measured in evaluation mode.

    model: nn.Module from (N, d) to logits (N, C);  X: (N, d);  y: (N,)

    Returns {"accuracy": share of all samples that are predicted right (float in [0, 1]),
             "per_class": list of C floats: the same among the samples of each class}.
    """
    ### BEGIN SOLUTION
    model.eval()
    with torch.no_grad():
        f = model(X)
    right = (f.argmax(dim=1) == y).double()
    per_class = [right[y == k].mean().item() for k in range(f.shape[1])]
    return {"accuracy": right.mean().item(), "per_class": per_class}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "evaluate-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check
from torch import nn

score = check.Score("Evaluate", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
with score.part("eight samples, three classes", 1):
    # The model hands its input on, so the logits are the numbers in f_.
    f_ = torch.eye(3)[torch.tensor([0, 0, 0, 1, 1, 1, 2, 2])]
    got_ = evaluate(nn.Identity(), f_, torch.tensor([0, 0, 1, 1, 1, 1, 2, 0]))
    check.keys("The result", got_, ["accuracy", "per_class"])
    check.close("accuracy", got_["accuracy"], 0.75, candidates={"percent": 75.0, "mean-of-means": 29 / 36})
    wrong_ = {
        "predicted-not-true": [2 / 3, 1.0, 0.5],
        "divided-by-all": [0.25, 0.375, 0.125],
        "percent": [200 / 3, 75.0, 100.0],
    }
    check.close("per_class", got_["per_class"], [2 / 3, 0.75, 1.0], candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        layer_, X_ = nn.Linear(3, 3), torch.eye(3)[torch.tensor([0, 0, 1, 1, 1, 2, 2, 2])]
        layer_.load_state_dict({"weight": torch.eye(3)[[1, 2, 0]], "bias": torch.zeros(3)})  # reads 2 2 0 0 0 1 1 1
        got_ = evaluate(layer_, X_, torch.tensor([2, 2, 0, 1, 0, 1, 0, 1]))
        check.close("accuracy", got_["accuracy"], 0.75)
        check.close("per_class", got_["per_class"], [2 / 3, 2 / 3, 1.0])
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
generator_ = torch.Generator().manual_seed(75)
X_, layer_ = torch.randn(60, 5, generator=generator_), nn.Linear(5, 4)
with torch.no_grad():
    layer_.weight.copy_(torch.randn(4, 5, generator=generator_))
    layer_.bias.copy_(torch.tensor([0.2, 0.1, 0.0, -0.1]))
    f_ = layer_(X_)
y_ = torch.cat([torch.arange(4), torch.where(torch.rand(56, generator=generator_) < 0.5, 0, f_[4:].argmax(dim=1))])
right_ = (f_.argmax(dim=1) == y_).double()
with score.part("sixty samples, four classes of different sizes", 1, other_sizes=True):
    got_ = evaluate(layer_, X_.clone(), y_.clone())
    own_ = [float(right_[y_ == k_].mean()) for k_ in range(4)]
    said_ = [float(right_[f_.argmax(dim=1) == k_].mean()) for k_ in range(4)]
    wrong_ = {"mean-of-means": sum(own_) / 4, "percent": 100 * right_.mean()}
    check.close("accuracy", got_["accuracy"], right_.mean(), candidates=wrong_)
    wrong_ = {
        "predicted-not-true": said_,
        "percent": [100 * v_ for v_ in own_],
        "divided-by-all": [float(right_[y_ == k_].sum()) / 60 for k_ in range(4)],
    }
    check.close("per_class", got_["per_class"], own_, candidates=wrong_)
with score.part("a model that came in training mode, with dropout", 1):
    model_ = nn.Sequential(nn.Dropout(1.0), layer_)  # in training mode it lets nothing through
    model_.train()
    got_ = evaluate(model_, X_.clone(), y_.clone())
    off_ = {"eval-missing": float((y_ == 0).double().mean()), "percent": 100 * right_.mean()}
    check.close("accuracy", got_["accuracy"], right_.mean(), candidates=off_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# Accuracy 0.90, and the shares 1, 0, 0. The single number looks good; the three tell that two classes are never found.
# </details>
#
# And now, once, the test part:

# %% tags=["nbval-ignore-output"]
outcome = evaluate(model, *parts["test"])
print(f"test accuracy {outcome['accuracy']:.3f}; of each class:", [round(share, 2) for share in outcome["per_class"]])

# %% tags=["study"]
def probabilities(model):
    """A function from points (M, 2) to the probabilities (M, 3), for the plots."""

    def predict(points):
        model.eval()
        with torch.no_grad():
            return model(torch.tensor(points, dtype=torch.float32)).softmax(dim=1)

    return predict


pictures = {"as above": probabilities(model)}
for title, options in {
    "weight decay 0.03": {"weight_decay": 0.03},
    "5 hidden units": {"n_hidden": 5},
}.items():
    torch.manual_seed(0)
    other = SpiralNet(n_hidden=options.pop("n_hidden", 100))
    train_early(other, parts["train"], parts["val"], **options)
    pictures[title] = probabilities(other)
plot.boundaries(
    pictures,
    *parts["test"],
    alt="The first boundary follows the three arms. With strong weight decay it is too stiff, with five units too coarse.",
)

# %% [markdown]
# Paler means less sure. **How much weight decay?** A question for the validation part, not for the test part. The mean
# of three seeds:

# %% tags=["study", "nbval-ignore-output"]
print("weight decay   lowest validation loss   best epoch")
for weight_decay in progress.bar((0.0, 0.0001, 0.001, 0.005, 0.03), "weight decay"):
    lows, epochs = [], []
    for seed in range(3):
        torch.manual_seed(seed)
        net = SpiralNet()
        run = train_early(net, parts["train"], parts["val"], weight_decay=weight_decay)
        lows.append(min(run["val_losses"]))
        epochs.append(run["best_epoch"])
    print(f"{weight_decay:12g}   {np.mean(lows):22.2f}   {np.mean(epochs):10.0f}")

# %% [markdown]
# <details><summary>Reveal: what to see in it</summary>
#
# With 0.005, a value that one finds in tutorials for this very network, the weights are held too small to bend the
# boundary around the arms. A little decay costs nothing, a lot of it is a straitjacket. And early stopping is a
# regulariser of its own: with it, little else is needed here.
# </details>

# %% [markdown]
# ## 8 · What the library saves you
#
# The same network, the same dropout, weight decay, Adam and early stopping, in NumPy alone. You have written every one
# of these pieces in units 02 and 05; here they are in one place.

# %%
class ManualNet:
    """2-h-3 with ReLU and dropout: forward, backward and Adam by hand."""

    def __init__(self, n_hidden=100, dropout=0.2, seed=0):
        self.rng, self.dropout = np.random.default_rng(seed), dropout
        bound1, bound2 = 1 / np.sqrt(2), 1 / np.sqrt(n_hidden)
        self.params = {
            "W1": self.rng.uniform(-bound1, bound1, (n_hidden, 2)),
            "b1": self.rng.uniform(-bound1, bound1, n_hidden),
            "W2": self.rng.uniform(-bound2, bound2, (3, n_hidden)),
            "b2": self.rng.uniform(-bound2, bound2, 3),
        }
        self.m = {name: np.zeros_like(value) for name, value in self.params.items()}
        self.v = {name: np.zeros_like(value) for name, value in self.params.items()}
        self.t = 0

    def forward(self, X, training=False):
        a1 = X @ self.params["W1"].T + self.params["b1"]
        mask = (a1 > 0).astype(float)
        if training:
            mask *= (self.rng.uniform(size=a1.shape) >= self.dropout) / (1 - self.dropout)
        h = a1 * mask
        f = h @ self.params["W2"].T + self.params["b2"]
        return f, {"X": X, "mask": mask, "h": h}

    def loss(self, f, y):
        shifted = f - f.max(axis=1, keepdims=True)
        p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(len(y)), y]).mean(), p

    def backward(self, p, y, cache):
        df = p.copy()
        df[np.arange(len(y)), y] -= 1
        df /= len(y)
        da1 = (df @ self.params["W2"]) * cache["mask"]
        return {"W1": da1.T @ cache["X"], "b1": da1.sum(axis=0), "W2": df.T @ cache["h"], "b2": df.sum(axis=0)}

    def step(self, grads, lr, weight_decay):
        self.t += 1
        for name, g in grads.items():
            g = g + weight_decay * self.params[name]
            self.m[name] = 0.9 * self.m[name] + 0.1 * g
            self.v[name] = 0.999 * self.v[name] + 0.001 * g**2
            m_hat, v_hat = self.m[name] / (1 - 0.9**self.t), self.v[name] / (1 - 0.999**self.t)
            self.params[name] = self.params[name] - lr * m_hat / (np.sqrt(v_hat) + 1e-8)


def train_manually(net, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    lowest, best_epoch, kept = np.inf, 0, None
    for epoch in range(1, max_epochs + 1):
        f, cache = net.forward(train[0], training=True)
        _, p = net.loss(f, train[1])
        net.step(net.backward(p, train[1], cache), lr, weight_decay)
        val_loss, _ = net.loss(net.forward(val[0])[0], val[1])
        if val_loss < lowest:
            lowest, best_epoch = val_loss, epoch
            kept = {name: value.copy() for name, value in net.params.items()}
        if epoch - best_epoch >= patience:
            break
    net.params = kept
    return best_epoch

# %% tags=["study", "nbval-ignore-output"]
def code_lines(function):
    """Lines that are neither empty nor a comment nor part of the docstring."""
    source = inspect.getsource(function).replace(f'"""{function.__doc__}"""', "")
    lines = [line.strip() for line in source.splitlines()]
    return sum(1 for line in lines if line and not line.startswith("#"))


def class_lines(kind):
    """The same for all methods of a class, and its own first line."""
    return 1 + sum(code_lines(part) for part in vars(kind).values() if inspect.isfunction(part))


as_arrays = {name: (X.double().numpy(), y.numpy()) for name, (X, y) in parts.items()}
by_hand = ManualNet()
train_manually(by_hand, as_arrays["train"], as_arrays["val"])
right = by_hand.forward(as_arrays["test"][0])[0].argmax(axis=1) == as_arrays["test"][1]
print(f"by hand, test accuracy {right.mean():.3f}")
print(f"{'lines of code':16s}{'by hand':>9s}{'PyTorch':>9s}")
print(f"{'model':16s}{class_lines(ManualNet):9d}{class_lines(SpiralNet):9d}")
print(f"{'training loop':16s}{code_lines(train_manually):9d}{code_lines(train_early):9d}")

# %% [markdown]
# <details><summary>Reveal: what the numbers say</summary>
#
# The loop is even longer: *what* to do in each epoch is yours to say in either case, and PyTorch spells out the five
# steps. The model shrinks to a quarter, because the backward pass, Adam, dropout's mask and the weight decay are gone
# from it. More important than the count: in the PyTorch version a third layer is one more line. By hand it is a line in
# each method, and each is a chance to get a gradient wrong.
# </details>

# %% [markdown]
# ## 9 · The pipeline, more than once
#
# One test score is one draw: other seeds give another split, other initial weights, another score. Whoever reports one
# number should know how much it wobbles. So the last exercise runs the whole pipeline for several seeds.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** The test part has 67 samples. By how much does one more mistake change the accuracy? How far apart will the
# best and the worst of five seeds be?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "pipeline", "difficulty": 3, "minutes": 15}
# ### The whole pipeline
#
# Write `pipeline(seeds, get_data, prepare, split, make_model, train, evaluate)`. The steps are handed in (yours are
# above); you put them together. For each seed: get the data, prepare, split, make a model, train it on the training
# part with the validation part as its guide, and evaluate **on the test part, once**.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Draw the picture at the top of this notebook as calls, one line for each box. What goes into `train`, and what must not?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `*parts["test"]` hands over a pair as two arguments. Collect the accuracies in a list; mean and minimum come after the
# loop.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for seed in seeds:
#     X, y = prepare(*get_data(...))
#     parts = split(..., ..., seed)
#     model = make_model(...)
#     train(model, parts[...], parts[...])
#     accuracies.append(evaluate(model, *parts[...])[...])
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "pipeline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    """The whole way from data to test accuracy, once for each seed.

    seeds:              list of ints
    get_data(seed)      gives (X, y) in the old layout;  prepare(X, y) gives (X, y), batch first
    split(X, y, seed)   gives {"train": (X, y), "val": (X, y), "test": (X, y)}
    make_model(seed)    gives a fresh model;  train(model, train_part, val_part) trains it in place
    evaluate(model, X, y) gives a dict with "accuracy"

    Returns {"accuracies": list of the test accuracies, "mean": float, "worst": float}.
    """
    ### BEGIN SOLUTION
    accuracies = []
    for seed in seeds:
        X, y = prepare(*get_data(seed))
        parts = split(X, y, seed)
        model = make_model(seed)
        train(model, parts["train"], parts["val"])
        accuracies.append(evaluate(model, *parts["test"])["accuracy"])
    return {
        "accuracies": accuracies,
        "mean": sum(accuracies) / len(accuracies),
        "worst": min(accuracies),
    }
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "pipeline-runs", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check


class Stage:
    """Stand-ins for the steps, which note what they are given. Parts are marked 1, 2 and 3."""

    def __init__(self):
        self.trained, self.evaluated = [], []

    def get_data(self, seed):
        return np.full((2, 10), float(seed)), np.zeros(10)

    def prepare(self, X, y):
        return X.T, y

    def split(self, X, y, seed):
        X = np.asarray(X)
        text = f"split gets X of shape {X.shape}; prepared, it has shape (10, 2)."
        check.true(X.shape == (10, 2), text, "wrong-shape")
        check.true(seed == X[0, 0], "Data and split of one round have different seeds.", "seed-ignored")
        return {name: (X[:4] * 0 + mark, y[:4]) for mark, name in enumerate(("train", "val", "test"), 1)}

    def make_model(self, seed):
        return np.array([float(seed), 0.0])

    def train(self, model, train_part, val_part):
        self.trained.append((float(model[0]), float(model[1]), int(train_part[0][0, 0]), int(val_part[0][0, 0])))
        model[1] += 1

    def evaluate(self, model, X, y):
        self.evaluated.append((float(model[0]), float(model[1]), int(X[0, 0])))
        return {"accuracy": 1 - (7 * float(model[0]) % 11) / 20, "per_class": []}

    def run(self, seeds):
        return pipeline(
            seeds, self.get_data, self.prepare, self.split, self.make_model, self.train, self.evaluate
        )


def lawful_(stage, seeds):
    """Each part has been used for what it is there for, and each model is fresh."""
    check.equal("the number of trainings", len(stage.trained), len(seeds))
    for seed, before, train_mark, val_mark in stage.trained:
        text = "The test part takes part in the training."
        check.true(3 not in (train_mark, val_mark), text, "test-set-used")
        text = "Training and validation part have changed places, or one of them is missing."
        check.true((train_mark, val_mark) == (1, 2), text, "wrong-order")
        check.true(before == 0, "A model is trained that has been trained before.", "unfair-start")
    made = [seed for seed, *_ in stage.trained]
    check.true(made == [float(s) for s in seeds], f"The models were made with the seeds {made}.", "unfair-start")
    marks = [mark for *_, mark in stage.evaluated]
    check.true(marks.count(3) == len(seeds), "The test part is evaluated once for each seed.", "test-set-used")
    for seed, trained, mark in stage.evaluated:
        check.true(mark != 3 or trained == 1, "A model is tested before it is trained.", "off-by-one")


score = check.Score("The whole pipeline", 4)
with score.part("one seed: each part does its own duty", 1):
    stage_ = Stage()
    result_ = stage_.run([4])
    check.keys("The result", result_, ["accuracies", "mean", "worst"])
    lawful_(stage_, [4])
    check.close("the accuracies", result_["accuracies"], [0.7])
### BEGIN HIDDEN TESTS
with score.part("five seeds: a fresh model for each", 1):
    stage_, seeds_ = Stage(), [3, 1, 4, 15, 9]
    result_ = stage_.run(seeds_)
    lawful_(stage_, seeds_)
with score.part("five seeds: accuracies, mean and worst", 1):
    expected_ = [1 - (7 * s_ % 11) / 20 for s_ in seeds_]
    result_ = Stage().run(seeds_)
    check.close("the accuracies", result_["accuracies"], expected_, candidates={"wrong-order": sorted(expected_)})
    check.close("the mean", result_["mean"], sum(expected_) / 5)
    wrong_ = {"not-the-worst": max(expected_), "off-by-one": expected_[-1]}
    check.close("the worst", result_["worst"], min(expected_), candidates=wrong_)
with score.part("real steps: clouds of points are told apart", 1):
    import torch
    from torch import nn

    check.seed(76)

    def clouds_(seed):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 3, size=60)
        return rng.normal(size=(2, 60)) + 6 * np.stack([np.cos(2 * y), np.sin(2 * y)]), y

    def parts_(X, y, seed):
        return {"train": (X[:40], y[:40]), "val": (X[40:50], y[40:50]), "test": (X[50:], y[50:])}

    def fit_(model, train, val):
        X, y = np.asarray(train[0]), np.asarray(train[1])
        for k in range(3):
            model[k] = X[y == k].mean(axis=0)

    def nearest_(model, X, y):
        X, y = np.asarray(X), np.asarray(y)
        said = ((X[:, None, :] - np.asarray(model)[None]) ** 2).sum(axis=2).argmin(axis=1)
        return {"accuracy": float((said == y).mean()), "per_class": []}

    result_ = pipeline(
        [1, 2, 3], clouds_, lambda X, y: (X.T, y), parts_, lambda seed: np.zeros((3, 2)), fit_, nearest_
    )
    check.at_least("the worst accuracy", result_["worst"], 0.9)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Five runs of your own pipeline, from data to test:

# %% tags=["study", "nbval-ignore-output"]
def make_net(seed):
    torch.manual_seed(seed)
    return SpiralNet()


def get_spiral(seed):
    return data.spiral(seed=seed)


summary = pipeline(
    list(progress.bar(range(5), "seeds")), get_spiral, prepare, split, make_net, train_early, evaluate
)
print("test accuracies:", [round(value, 3) for value in summary["accuracies"]])
print(f"mean {summary['mean']:.3f}, worst {summary['worst']:.3f}")

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# One sample in 67 is 1.5 percentage points. Five seeds easily lie 4 points apart: two or three samples. A difference
# of one point between two models, on a test part of this size, means nothing.
# </details>

# %% [markdown]
# ## 10 · Quiz
#
# Four questions; write one letter for each.
#
# **q1.** `X` has the shape (2, 450), a column for each sample. `X.reshape(450, 2)`
# (a) is the same as `X.T`; (b) has the right shape, and rows made of different samples; (c) raises an error; (d) is `X.T` in
# another order of rows.
#
# **q2.** Patience is 10, the best epoch was 25, and none after it was better. The training stops after epoch
# (a) 25; (b) 34; (c) 35; (d) 36.
#
# **q3.** At the best epoch someone writes `saved = model.state_dict().copy()`, and after the last epoch
# `model.load_state_dict(saved)`. The model now has
# (a) the weights of the best epoch; (b) its initial weights; (c) no weights: an error is raised; (d) the weights of the last
# epoch.
#
# **q4.** `model.eval()` was forgotten before validation, in a network with dropout. The validation loss is
# (a) too high on average, and noisy; (b) too low; (c) the same; (d) NaN.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Two of the four produce no error message at all, and a wrong result. Which?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "quiz", "difficulty": 1, "minutes": 5}
# ### Your answers
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each of the four was an example or a prediction in this notebook.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# q1: section 1. q2: section 5. q3: section 4. q4: sections 3 and 6.
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# q1: print `np.arange(6).reshape(2, 3)` both ways. q2: walk along the table of section 5. q3: `survives` has told you.
# </details>

# %% nbgrader={"grade": false, "grade_id": "quiz", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# answers = {"q1": "?", "q2": "?", "q3": "?", "q4": "?"}
### BEGIN SOLUTION
answers = {"q1": "b", "q2": "c", "q3": "d", "q4": "a"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quiz-answers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Quiz", 4)
with score.part("each question has a letter", 0):
    quiz.form(answers, {"q1": "abcd", "q2": "abcd", "q3": "abcd", "q4": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("q1", 1):
    quiz.right(answers, "q1", "b", "section 1, reshape and transpose")
with score.part("q2", 1):
    quiz.right(answers, "q2", "c", "section 5, the small example")
with score.part("q3", 1):
    quiz.right(answers, "q3", "d", "section 4, the trap")
with score.part("q4", 1):
    quiz.right(answers, "q4", "a", "sections 3 and 6, dropout and the two modes")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 11 · Explain it
#
# In your own words; it is read by a person. Four to six sentences are plenty.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **A friend has only two parts, training and test. He stops the training at the epoch with the lowest *test* loss, and
# reports the test accuracy of that epoch.** What is wrong with his number? In which direction is it off, and why? What
# should he do with the same data?
#
# ### BEGIN SOLUTION
# The test part has helped to decide something, the epoch, so it is no longer a fair judge. Among many epochs he has
# picked the one that happens to suit these very test samples, and part of that is luck that new samples will not
# share: his number is too good (on average). The more he tries on the test part, the more so. He should split off a
# validation part from the training data, choose the epoch (and everything else) by it, and look at the test part once,
# at the very end.
#
# *Marking (3 points): 1 for "the test part was used for a choice, so it is not independent any more"; 1 for too good,
# with the reason that the best of many noisy values is picked; 1 for a validation part, and the test part once.*
# ### END SOLUTION

# %% [markdown]
# ## What comes next
#
# Unit 07 takes the same pipeline to its first real data set: handwritten digits. The network grows to 235,146 parameters, the
# batches come from a `DataLoader`, and a confusion matrix shows which digits it takes for each other.
