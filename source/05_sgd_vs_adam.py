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
# # 05 · SGD against Adam
#
# {{badge}}
#
# **Promise.** Backpropagation gives you gradients. This notebook is about what to *do* with them. You will write SGD,
# momentum and Adam yourself, in a few lines each, and see that they take exactly the steps of `torch.optim`. Then you
# will build the training loop that everybody uses, and learn to tell from two curves what is wrong with a run.
#
# | | |
# |---|---|
# | **You need** | units 01 to 04: tensors, autograd, `nn.Module`, `DataLoader` |
# | **Time** | about {{minutes}} minutes, exercises and reading |
# | **Points** | {{points}} |
#
# The whole idea in one picture. Everything but the last box is the same for every optimizer:
#
# ```text
#              ┌────────────────────────── next batch ──────────────────────────┐
#              ▼                                                                │
#   X,y ──► [ model ] ──f──► [ cross-entropy ] ──► loss ──► backward ──► grads  │
#   (B,d)       ▲    (B,C)                                                 │    │
#               │                                                          ▼    │
#               └───────── new params ◄──────── [ optimizer: grads, state ] ────┘
#                                               SGD       nothing to remember
#                                               momentum  a velocity
#                                               Adam      a velocity and a scale
# ```
#
# **How to work.** Each exercise has a cell with a TODO and a check below it. Run the check as often as you like: it
# says what is right, what is wrong, and often why. Part of the points is given on cases that you do not see, so
# write code that works for every size, not for the example.

# %% tags=["setup"]
# The build puts the setup cell that all units share here.

# %%
import copy
import math

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# %% [markdown]
# ## 1 · Two moons, and what a logit is worth
#
# The data are two half-circles that reach into each other. Some of the points are kept back for **validation**: the
# network never trains on them, so they tell how it does on points it has not seen.

# %%
X_train, y_train, X_val, y_val = data.moons()
X_train, X_val = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_val, dtype=torch.float32)
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)  # int64: class numbers
print("training  ", tuple(X_train.shape), X_train.dtype, tuple(y_train.shape), y_train.dtype)
print("validation", tuple(X_val.shape), X_val.dtype, tuple(y_val.shape), y_val.dtype)
plot.points(X_train, y_train, "Two moons, training part", alt="Two half-circles that reach into each other.")

# %% [markdown]
# Until now one output was enough. From here on the network has **one output for each class**, `f (N, C)`. These
# numbers are called **logits**: any real number, larger means more likely. Softmax turns them into probabilities, and
# **cross-entropy** is the negative logarithm of the probability of the true class, averaged over the samples:
#
# $$p_{nc} = \frac{e^{f_{nc}}}{\sum_k e^{f_{nk}}}, \qquad
# \text{loss} = \frac1N \sum_n -\log p_{n, y_n}
# = \frac1N \sum_n \Big(\log \sum_k e^{f_{nk}} - f_{n, y_n}\Big).$$
#
# Look at the last form: the probabilities have gone, only logits are left. That matters, because $e^{1000}$ is not a
# number that a computer has. And one may subtract the same number from all logits of a row without changing anything.
#
# **A small example.** Two samples, two classes, both of class 0:
#
# | `f` | $p$ | $-\log p_0$ |
# |---|---|---|
# | (2, 0) | (0.88, 0.12) | 0.127: fairly sure, and right |
# | (0, 1) | (0.27, 0.73) | 1.313: leaning to the wrong side |
#
# The loss is their mean, 0.720.

# %% [markdown] tags=["predict"]
# 🔮 **Predict, before you go on.** A network that knows nothing gives the logits (0, 0) to every point. What is its
# loss with two classes, and with ten? (You will need this number more than once: it is the first thing to look at
# when a training starts.)
#
# *Your prediction (double-click to write):*

# %% [markdown] exercise={"id": "cross_entropy", "difficulty": 2, "minutes": 10}
# ### Cross-entropy on logits
#
# Write `cross_entropy(f, y)` so that it gives the right number for *all* logits, 1000 and −1000 included.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Use the last form of the formula, and first subtract from each row its own largest logit. Then the largest
# exponent is 0, and nothing can overflow.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `f.max(dim=1, keepdim=True).values` has shape `(N, 1)` and can be subtracted from `f`. To pick one entry from each
# row, index with two vectors: the row numbers, and `y`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# shifted = f - ...
# log_total = shifted.exp().sum(dim=...).log()
# picked = shifted[torch.arange(...), ...]
# return (log_total - ...).mean()
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(f, y):
    """The mean over the samples of −log(softmax probability of the true class).

    f: (N, C) logits;  y: (N,) int64, class numbers from 0 to C − 1

    Returns a tensor with a single number, or a float.
    """
    ### BEGIN SOLUTION
    shifted = f - f.max(dim=1, keepdim=True).values
    log_total = shifted.exp().sum(dim=1).log()
    picked = shifted[torch.arange(len(y)), y]
    return (log_total - picked).mean()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "cross_entropy-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check

score = check.Score("Cross-entropy on logits", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
with score.part("the small example", 1):
    f_ = torch.tensor([[2.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    wrong_ = {"softmax-twice": 0.643604, "wrong-axis": 1.126928}
    got_ = cross_entropy(f_, torch.tensor([0, 0]))
    check.close("the loss", got_, 0.720095, rtol=1e-4, batch=2, candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        f_, y_ = torch.randn(2, 2, dtype=torch.float64), torch.tensor([1, 0])
        right_ = torch.nn.functional.cross_entropy(f_, y_)
        check.close("the loss", cross_entropy(f_.clone(), y_.clone()), right_)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("six samples, four classes", 1, other_sizes=True):
    f_ = 2 * torch.randn(6, 4, generator=torch.Generator().manual_seed(51), dtype=torch.float64)
    y_ = torch.tensor([3, 0, 2, 2, 1, 3])
    library_ = torch.nn.functional.cross_entropy
    wrong_ = {
        "softmax-twice": library_(f_.softmax(dim=1), y_),
        "wrong-axis": -(f_.log_softmax(dim=0)[torch.arange(6), y_]).mean(),
    }
    check.close("the loss", cross_entropy(f_, y_), library_(f_, y_), batch=6, candidates=wrong_)
with score.part("logits of 1000 and −1000", 1):
    f_ = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, 0.0, 1.0], [0.0, 1000.0, 0.0]])
    got_ = check.array("the loss", cross_entropy(f_, torch.tensor([0, 2, 0])))
    text_ = f"With logits of 1000 the loss is {float(got_):g}; it should be about 333.438."
    check.true(np.isfinite(got_).all(), text_, "unstable-softmax")
    check.close("the loss", got_, (0.313262 + 1000.0) / 3, rtol=1e-5, batch=3)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - Taking `.exp()` first and the logarithm later: right on paper, `nan` in a computer as soon as a logit reaches 89
#   in float32.
# - `softmax(...).log()`: does not overflow, but a probability that is rounded to 0 has the logarithm −∞.
# - `f[:, y]` instead of `f[torch.arange(N), y]`: the first picks `N` whole columns and gives an `(N, N)` matrix.
# </details>
# <details><summary>Reveal: the loss of knowing nothing</summary>
#
# Each class has the probability 1/C, so the loss is $-\log(1/C) = \log C$: 0.693 with two classes, 2.303 with ten.
# A training that starts far above has wild initial weights. One that *stays* there has learned nothing.
# </details>
#
# **Someone claims: "a softmax as last layer does no harm, it only makes probabilities of the logits."** Check it. A
# network that ends with a softmax can at best put out exactly (1, 0) or (0, 1). What does the loss make of that?

# %%
perfect = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
print("the best possible loss, with a softmax in the model:", round(float(cross_entropy(perfect, torch.tensor([0, 1]))), 3))
print("the best possible loss, without:                    ", round(float(cross_entropy(100 * perfect, torch.tensor([0, 1]))), 3))

# %% [markdown]
# The loss takes the probabilities for logits and applies softmax a second time. The network can be perfectly sure and
# right, and still pays 0.313; its gradients fade long before. So: **the model puts out logits, the loss does the rest.**
# `nn.CrossEntropyLoss` is your function, with gradients. Take a softmax only to *show* probabilities.

# %% [markdown]
# ## 2 · A model of any depth, and how often it is right
#
# `MLP(hidden_sizes)` has one hidden layer for each entry of `hidden_sizes`, each a `Linear` and a ReLU, and a last
# `Linear` that puts out the logits. For `hidden_sizes=(32, 32)`:
#
# ```text
#   X ──► Linear 2→32 ──► ReLU ──► Linear 32→32 ──► ReLU ──► Linear 32→2 ──► f
#   (N,2)       96 parameters          1,056 parameters         66 parameters  (N,2)
# ```
#
# A `Linear` from `d` to `h` has `h·d + h` parameters.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** How many parameters has `MLP(hidden_sizes=(5, 3))` with two inputs and two outputs? And what is
# `MLP(hidden_sizes=())`, with no hidden layer at all: what boundaries can it draw?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "mlp", "difficulty": 1, "minutes": 10}
# ### The model
#
# Fill in both methods. `hidden_sizes` may have any length.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Go along `hidden_sizes`, and remember how wide the layer before was. It starts with `in_dim`.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Collect the layers in a Python list, then put them into one `nn.Sequential` with `nn.Sequential(*layers)`: a plain
# list as attribute would hide their parameters from PyTorch.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# layers, width = [], ...
# for size in hidden_sizes:
#     layers += [nn.Linear(..., ...), nn.ReLU()]
#     width = ...
# self.net = nn.Sequential(*layers, nn.Linear(..., ...))
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "mlp", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MLP(nn.Module):
    """Linear and ReLU for each of hidden_sizes, then a Linear to the logits.

    MLP(hidden_sizes, in_dim, out_dim)(X) maps X (N, in_dim) to logits (N, out_dim).
    """

    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        ### BEGIN SOLUTION
        layers, width = [], in_dim
        for size in hidden_sizes:
            layers += [nn.Linear(width, size), nn.ReLU()]
            width = size
        self.net = nn.Sequential(*layers, nn.Linear(width, out_dim))
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        return self.net(X)
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "mlp-layers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check


def counted_(model):
    """The number of parameters that PyTorch knows of; with few, layers are hidden from it."""
    count = sum(p.numel() for p in model.parameters())
    text = "PyTorch knows of {} parameters here: are all layers registered?"
    check.true(count > 66, text.format(count), "not-registered")
    return count


score = check.Score("The model", 3)
### BEGIN HIDDEN TESTS
from autograder.references import models, unseen

### END HIDDEN TESTS
with score.part("MLP((32, 32)): 1,218 parameters, two logits for each point", 1):
    check.seed(52)
    model_ = MLP((32, 32))
    check.equal("the number of parameters", counted_(model_), 1218)
    with torch.no_grad():
        check.shape("the logits", model_(torch.zeros(5, 2)), (5, 2))
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        models.alive(model_, torch.randn(5, 2))
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
layers_ = lambda values, X: models.mlp(values.values(), X)
wrong_ = {
    "relu-missing": lambda values, X: models.lines(values.values(), X),
    "relu-on-output": lambda values, X: layers_(values, X).clamp(min=0),
    "softmax-in-model": lambda values, X: layers_(values, X).softmax(dim=1),
}
with score.part("three hidden layers, 4 inputs, 5 classes", 1, other_sizes=True):
    check.seed(53)
    model_ = MLP((7, 9, 6), in_dim=4, out_dim=5)
    X_ = 3 * torch.randn(11, 4, generator=torch.Generator().manual_seed(54))
    check.equal("the number of parameters", counted_(model_), 35 + 72 + 60 + 35)
    shapes_ = [tuple(p.shape) for p in model_.parameters()]
    right_ = [(7, 4), (7,), (9, 7), (9,), (6, 9), (6,), (5, 6), (5,)]
    check.equal("the shapes of the parameters", shapes_, right_)
    models.computes(model_, layers_, X_, wrong_)
with score.part("no hidden layer: a linear model", 1, other_sizes=True):
    check.seed(55)
    model_ = MLP((), in_dim=3, out_dim=2)
    shapes_ = [tuple(p.shape) for p in model_.parameters()]
    check.equal("the shapes of the parameters", shapes_, [(2, 3), (2,)])
    X_ = torch.randn(6, 3, generator=torch.Generator().manual_seed(56))
    models.computes(model_, layers_, X_, wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `self.layers = [nn.Linear(...), ...]`: a plain list. The forward pass works, but `parameters()` does not find the
#   layers, and the optimizer never moves them. Use `nn.Sequential` or `nn.ModuleList`.
# - A ReLU after the last `Linear`: then no logit is ever negative.
# - One `nn.Linear` object used twice: both layers share their weights.
# </details>
# <details><summary>Reveal: the answer to the prediction</summary>
#
# 2→5 has 15, 5→3 has 18, 3→2 has 8: together 41. Without a hidden layer the model is linear, and its boundary a straight
# line.
# </details>

# %% [markdown] exercise={"id": "accuracy", "difficulty": 1, "minutes": 10}
# ### How often is it right?
#
# The predicted class is the one with the largest logit. Write `accuracy(model, loader)`: the share of **all** samples in
# the loader that are predicted right. It switches the model to evaluation mode while it measures, computes without
# a graph, and leaves the model in the mode in which it came.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Count the right ones and all of them, over all batches; divide once, at the end. The last batch may be smaller.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Note `model.training` first, call `model.eval()`, count inside `with torch.no_grad():`, and put the mode back with
# `model.train(mode)`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# mode = model...
# model.eval()
# with torch.no_grad():
#     for X, y in loader:
#         right += int((model(X).argmax(dim=...) == ...).sum())
#         total += ...
# model.train(...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "accuracy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accuracy(model, loader):
    """The share of samples whose largest logit is that of the true class.

    model:  nn.Module from X (B, d) to logits (B, C); left in the mode (train or eval) in which it came
    loader: gives batches X (B, d), y (B,)

    Returns a float in [0, 1].
    """
    ### BEGIN SOLUTION
    mode = model.training
    model.eval()
    right, total = 0, 0
    with torch.no_grad():
        for X, y in loader:
            right += int((model(X).argmax(dim=1) == y).sum())
            total += len(y)
    model.train(mode)
    return right / total
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accuracy-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

score = check.Score("How often is it right?", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen


def loader_of_(X, y, size):
    """A loader of copies."""
    return DataLoader(TensorDataset(X.clone(), y.clone()), batch_size=size)


### END HIDDEN TESTS
with score.part("six samples in batches of four: three are right", 1):
    # The model hands its input on, so the logits are the numbers in f_.
    f_ = torch.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [0.0, 1.0], [1.0, 2.0], [3.0, 1.0]])
    loader_ = DataLoader(TensorDataset(f_, torch.tensor([0, 1, 0, 0, 0, 1])), batch_size=4)
    wrong_ = {"piece-weights": 0.375}
    check.close("the accuracy", accuracy(nn.Identity(), loader_), 0.5, candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        model_, X_ = nn.Linear(2, 2), torch.randn(6, 2)
        with torch.no_grad():
            y_ = model_(X_).argmax(dim=1)
        y_[:2] = 1 - y_[:2]
        check.close("the accuracy", accuracy(model_, loader_of_(X_, y_, 4)), 4 / 6)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("45 samples of five classes, in batches of 8, with dropout in the model", 1):
    generator_ = torch.Generator().manual_seed(57)
    X_, layer_ = torch.randn(45, 3, generator=generator_), nn.Linear(3, 5)
    with torch.no_grad():
        layer_.weight.copy_(torch.randn(5, 3, generator=generator_))
        layer_.bias.copy_(torch.tensor([0.3, 0.1, 0.0, -0.1, -0.3]))
        f_ = layer_(X_)
    y_ = torch.where(torch.rand(45, generator=generator_) < 0.4, 0, f_.argmax(dim=1))
    right_ = (f_.argmax(dim=1) == y_).double()
    by_batch_ = sum(float(piece_.mean()) for piece_ in right_.split(8)) / 6
    model_ = nn.Sequential(nn.Dropout(1.0), layer_)  # in training mode it lets nothing through
    model_.train()
    wrong_ = {
        "piece-weights": by_batch_,
        "eval-missing": float((y_ == 0).double().mean()),
        "piece-lost": float(right_[:40].mean()),
    }
    check.close("the accuracy", accuracy(model_, loader_of_(X_, y_, 8)), float(right_.mean()), candidates=wrong_)
with score.part("the model comes back in its own mode", 1):
    check.seed(58)
    for training_ in (True, False):
        model_ = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.0))
        model_.train(training_)
        said_ = model_[0].bias.argmax()
        found_ = [accuracy(model_, loader_of_(torch.zeros(4, 2), y_.expand(4), 2)) for y_ in (said_, (said_ + 1) % 3)]
        check.true(float(found_[0]) != float(found_[1]), "The labels make no difference.", "argument-ignored")
        now_ = "training" if model_.training else "evaluation"
        text_ = f"The model came in {'training' if training_ else 'evaluation'} mode and went in {now_} mode."
        check.true(model_.training == training_, text_, "mode-changed")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - The mean of the batches' accuracies: wrong as soon as the last batch is smaller, since its samples count more.
# - No `model.eval()`: with dropout in the model, a random part of it is missing while you measure.
# - No `torch.no_grad()`: nothing is wrong with the number, but PyTorch keeps a graph for each batch.
# </details>

# %% [markdown]
# ## 3 · Three ways to take a step
#
# **A reminder of where gradients come from.** Backpropagation is the chain rule from right to left: each box gets the
# derivative by its output, multiplies by its own slope, hands the result on. Layers near the output hear from the loss
# first, and earlier ones get what the later ones pass back. Autograd does it for any formula:

# %%
x = torch.tensor(2.0, requires_grad=True)
loss = (3 * x + 2) ** 2 / 2
loss.backward()
print("d loss / d x =", x.grad.item(), " by hand: (3·2 + 2) · 3 =", (3 * 2 + 2) * 3)

# %% [markdown]
# (Three classic ways to lose a gradient: no `requires_grad=True`; `backward()` twice through one graph; `.item()` in the
# middle of a formula.)
#
# **What now?** An **optimizer** is a function: parameters, gradients and what it remembers go in, new parameters and
# new memory come out. Written like that, nothing is hidden:
#
# `new_params, new_state = step(params, grads, state, …)`
#
# All of them are dicts of tensors with the same keys. The simplest optimizer, **gradient descent**, remembers nothing:
# $\theta \leftarrow \theta - \eta\, g$. With gradients from mini-batches it is called *stochastic*: SGD.
#
# **Momentum** keeps a velocity $u$, like a ball that rolls:
#
# $$u \leftarrow \mu\, u + g, \qquad \theta \leftarrow \theta - \eta\, u .$$
#
# Where gradients keep their direction, the velocity grows, up to $1/(1-\mu)$ times the gradient. Where they swing to and
# fro, they cancel.
#
# **A small example.** One parameter, $\theta = 1$, with $\eta = 0.1$, $\mu = 0.5$, and the gradient 2 twice in a row:
#
# | step | $g$ | $u$ | $\theta$ |
# |---|---|---|---|
# | 0 | | 0 | 1 |
# | 1 | 2 | 0.5 · 0 + 2 = 2 | 1 − 0.1 · 2 = 0.8 |
# | 2 | 2 | 0.5 · 2 + 2 = 3 | 0.8 − 0.1 · 3 = 0.5 |

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** The gradient stays 2 for ever. What is $u$ after very many steps with $\mu = 0.5$? And with
# $\mu = 0.9$: how much longer is the step then than that of plain SGD with the same $\eta$?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "sgd_step", "difficulty": 2, "minutes": 15}
# ### SGD with momentum
#
# The new velocity is given. Add the new parameters, and hand back both. With `momentum=0.0` this is plain SGD. Leave
# the arguments as they are: build **new** dicts.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Which velocity moves the parameters: the old or the new one? The table above says it.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# A second dict comprehension over the same names, then return the new parameters, and a new state dict with the new
# velocity under `"u"`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# new_params = {name: params[name] - lr * ... for name in params}
# return new_params, {"u": ...}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "sgd_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_step(params, grads, state, lr, momentum=0.0):
    """One step of SGD with momentum.

    params, grads: dicts of tensors with the same keys and shapes, left as they are
    state:         {"u": dict of velocities, keys and shapes of params}, left as it is
    lr, momentum:  floats

    Returns (new_params, new_state).
    """
    u = {name: momentum * state["u"][name] + grads[name] for name in params}
    ### BEGIN SOLUTION
    new_params = {name: params[name] - lr * u[name] for name in params}
    return new_params, {"u": u}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "sgd_step-steps", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("SGD with momentum", 4)
### BEGIN HIDDEN TESTS
from autograder.references import optimizers, unseen

### END HIDDEN TESTS
with score.part("the small example: 1, then 0.8, then 0.5", 1):
    params_, state_ = {"w": torch.tensor([1.0])}, {"u": {"w": torch.tensor([0.0])}}
    params_, state_ = sgd_step(params_, {"w": torch.tensor([2.0])}, state_, 0.1, 0.5)
    wrong_ = {"velocity-late": [1.0], "sign": [1.2], "velocity-damped": [0.9]}
    check.close("w after one step", params_["w"], [0.8], candidates=wrong_)
    check.keys("The new state", state_, ["u"])
    params_, state_ = sgd_step(params_, {"w": torch.tensor([2.0])}, state_, 0.1, 0.5)
    check.close("w after two steps", params_["w"], [0.5], candidates={"state-lost": [0.6]})
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        params_, state_ = {"w": torch.tensor([3.0])}, {"u": {"w": torch.tensor([0.0])}}
        for right_ in (3.2, 3.35):
            params_, state_ = sgd_step(params_, {"w": torch.tensor([-1.0 if right_ == 3.2 else -0.5])}, state_, 0.2, 0.25)
            check.close("w", params_["w"], [right_])
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
start_ = optimizers.start(seed=61)


def walk_(lr, momentum, steps):
    params, state = optimizers.start(seed=61), {"u": optimizers.zeros(start_)}
    for _ in range(steps):
        params, state = sgd_step(params, optimizers.gradient(params), state, lr, momentum)
    return params, state


with score.part("plain SGD: five steps equal to torch.optim.SGD", 1):
    params_, _ = walk_(0.04, 0.0, 5)
    expected_ = optimizers.by_torch(torch.optim.SGD, start_, 5, lr=0.04)
    mistakes_ = optimizers.descend_mistakes(start_, 5, 0.04, 0.0)
    for name_ in start_:
        wrong_ = {code_: end_[name_] for code_, end_ in mistakes_.items()}
        check.close(f"{name_} after five steps", params_[name_], expected_[name_], candidates=wrong_)
with score.part("momentum 0.9: six steps equal to torch.optim.SGD, and the velocity", 1):
    params_, state_ = walk_(0.02, 0.9, 6)
    expected_ = optimizers.by_torch(torch.optim.SGD, start_, 6, lr=0.02, momentum=0.9)
    mistakes_ = optimizers.descend_mistakes(start_, 6, 0.02, 0.9)
    for name_ in start_:
        wrong_ = {code_: end_[name_] for code_, end_ in mistakes_.items()}
        check.close(f"{name_} after six steps", params_[name_], expected_[name_], candidates=wrong_)
    velocity_ = optimizers.descend(start_, 6, 0.02, 0.9)[1]
    for name_ in start_:
        check.close(f"the velocity of {name_}", state_["u"][name_], velocity_[name_])
with score.part("the arguments left alone", 1):
    grads_, state_ = optimizers.gradient(start_), {"u": optimizers.start(seed=62)}
    with check.unchanged(params=start_, grads=grads_, state=state_):
        new_, _ = sgd_step(start_, grads_, state_, 0.1, 0.9)
    text_ = "W1 does not move."
    check.true(float((new_["W1"] - start_["W1"]).abs().max()) > 0, text_, "no-step")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `params[name] -= lr * …`: works in place, so the caller's parameters change too. Here that spoils a comparison; in
#   PyTorch proper, in-place is what `optimizer.step()` does, and then every *saved* reference changes with it (unit 06
#   has a trap made of that).
# - $(1-\mu)\,g$ in the velocity: a common other convention. The steps are shorter then, and the best learning rate is
#   larger. `torch.optim.SGD` uses the whole gradient.
# - Returning the old state: the ball forgets its speed after every step.
# </details>
# <details><summary>Reveal: the answer to the prediction</summary>
#
# The velocity settles where $u = \mu u + g$, at $u = g/(1-\mu)$: 4 for $\mu = 0.5$, and ten times the gradient for
# $\mu = 0.9$. Whoever switches momentum on should try a smaller learning rate.
# </details>

# %% [markdown]
# **Adam** asks a further question: how large are the gradients of *this* parameter usually? It keeps two running means,
# $m$ of the gradient and $v$ of its square, and divides one by the root of the other:
#
# $$m \leftarrow \beta_1 m + (1-\beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1-\beta_2)\, g^2,$$
# $$\hat m = \frac{m}{1-\beta_1^t}, \qquad \hat v = \frac{v}{1-\beta_2^t}, \qquad
# \theta \leftarrow \theta - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon},$$
#
# with $t = 1$ in the first step. Both means start at 0 and are too small at first; the division by $1 - \beta^t$, the
# **bias correction**, makes up for it. All of this happens entry by entry: each number in `W1` has its own $v$.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** The first step, $t = 1$, with $m = v = 0$ before. Put the formulas into each other: what is
# $\hat m/\sqrt{\hat v}$ for the gradient $g = 1000$? For $g = -0.001$? How far does each parameter move?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "adam_step", "difficulty": 3, "minutes": 20}
# ### Adam
#
# Write `adam_step(params, grads, state, lr, betas, eps)`. The state has three entries: `"t"`, the number of steps taken
# so far, and the dicts `"m"` and `"v"`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Five formulas, five lines, in the order of the text. First of all, `t` grows by one.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Make the new `m` and the new `v` with dict comprehensions over the names, like the velocity above. Then a loop over
# the names: correct both, and step. `eps` comes after the root.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# t = state["t"] + ...
# m = {name: beta1 * ... + (1 - beta1) * ... for name in params}
# v = {name: beta2 * ... + (1 - beta2) * ... for name in params}
# new_params = {}
# for name in params:
#     m_hat = m[name] / (1 - ...)
#     v_hat = ...
#     new_params[name] = params[name] - lr * ... / (... + eps)
# return new_params, {"t": ..., "m": ..., "v": ...}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "adam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    """One step of Adam.

    params, grads: dicts of tensors with the same keys and shapes, left as they are
    state:         {"t": steps so far (int), "m": dict, "v": dict}, left as it is; at first 0 and zeros
    lr, eps:       floats;  betas: (β₁, β₂)

    Returns (new_params, new_state).
    """
    beta1, beta2 = betas
    ### BEGIN SOLUTION
    t = state["t"] + 1
    m = {name: beta1 * state["m"][name] + (1 - beta1) * grads[name] for name in params}
    v = {name: beta2 * state["v"][name] + (1 - beta2) * grads[name] ** 2 for name in params}
    new_params = {}
    for name in params:
        m_hat = m[name] / (1 - beta1**t)
        v_hat = v[name] / (1 - beta2**t)
        new_params[name] = params[name] - lr * m_hat / (v_hat.sqrt() + eps)
    return new_params, {"t": t, "m": m, "v": v}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "adam_step-steps", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("Adam", 5)
### BEGIN HIDDEN TESTS
from autograder.references import optimizers, unseen

### END HIDDEN TESTS
with score.part("the first step: each entry moves by lr, whatever its gradient", 1):
    params_ = {"w": torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64)}
    m_, v_ = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    grads_ = {"w": torch.tensor([1000.0, 0.5, -0.001], dtype=torch.float64)}
    new_, state_ = adam_step(params_, grads_, {"t": 0, "m": {"w": m_}, "v": {"w": v_}}, 0.01)
    wrong_ = {
        "bias-correction": [0.968377, 0.968377, 1.031613],
        "betas-swapped": [0.99, 0.99, 1.009999],
        "sign": [1.01, 1.01, 0.99],
        "eps-inside-root": [0.99, 0.99, 1.0099504],
    }
    check.close("w after one step", new_["w"], [0.99, 0.99, 1.0099999], candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        params_ = {"w": torch.tensor([0.5, -2.0, 5.0], dtype=torch.float64)}
        grads_ = {"w": torch.tensor([-7.0, 0.2, 40.0], dtype=torch.float64)}
        state_ = {"t": 0, "m": {"w": torch.zeros(3).double()}, "v": {"w": torch.zeros(3).double()}}
        new_, _ = adam_step(params_, grads_, state_, 0.1)
        check.close("w after one step", new_["w"], [0.6, -2.1, 4.9])
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
start_ = optimizers.start(seed=63)


def walk_(lr, steps, **options):
    params = optimizers.start(seed=63)
    state = {"t": 0, "m": optimizers.zeros(start_), "v": optimizers.zeros(start_)}
    for _ in range(steps):
        params, state = adam_step(params, optimizers.gradient(params), state, lr, **options)
    return params, state


with score.part("six steps equal to torch.optim.Adam", 1):
    params_, _ = walk_(0.05, 6)
    expected_ = optimizers.by_torch(torch.optim.Adam, start_, 6, lr=0.05)
    mistakes_ = optimizers.adam_mistakes(start_, 6, 0.05)
    for name_ in start_:
        wrong_ = {code_: end_[name_] for code_, end_ in mistakes_.items()}
        check.close(f"{name_} after six steps", params_[name_], expected_[name_], candidates=wrong_)
with score.part("other betas and a large eps: four steps equal to torch.optim.Adam", 1):
    options_ = {"betas": (0.6, 0.8), "eps": 0.5}
    params_, _ = walk_(0.05, 4, **options_)
    expected_ = optimizers.by_torch(torch.optim.Adam, start_, 4, lr=0.05, **options_)
    mistakes_ = optimizers.adam_mistakes(start_, 4, 0.05, **options_)
    for name_ in start_:
        wrong_ = {code_: end_[name_] for code_, end_ in mistakes_.items()}
        check.close(f"{name_} after four steps", params_[name_], expected_[name_], candidates=wrong_)
with score.part("the state after two steps", 1):
    first_, state_ = walk_(0.05, 1)
    _, state_ = walk_(0.05, 2)
    check.keys("The new state", state_, ["t", "m", "v"])
    check.equal("t", int(state_["t"]), 2, "state-lost")
    before_, after_ = optimizers.gradient(start_)["W1"], optimizers.gradient(first_)["W1"]
    m_, v_ = 0.09 * before_ + 0.1 * after_, 0.999e-3 * before_**2 + 1e-3 * after_**2
    last_ = {"state-lost": 0.1 * after_, "corrected-state": 0.9 * before_ / 0.19 + 0.1 * after_ / 0.19}
    check.close("m of W1", state_["m"]["W1"], m_, candidates=last_)
    last_ = {"state-lost": 1e-3 * after_**2, "square-missing": 0.999e-3 * before_ + 1e-3 * after_}
    check.close("v of W1", state_["v"]["W1"], v_, candidates=last_)
with score.part("the arguments left alone", 1):
    grads_ = optimizers.gradient(start_)
    state_ = {"t": 3, "m": optimizers.start(64), "v": {k_: v_**2 for k_, v_ in grads_.items()}}
    with check.unchanged(params=start_, grads=grads_, state=state_):
        new_, _ = adam_step(start_, grads_, state_, 0.1)
    check.shape("W1 after the step", new_["W1"], (4, 3))
    check.true(float((new_["W1"] - start_["W1"]).abs().max()) > 0, "W1 does not move.", "no-step")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - No bias correction: the first steps are about three times too long, since $v$ is further from its true size than $m$.
# - `t` that is never increased: then every step is corrected like the first one (or divided by zero).
# - $\sqrt{\hat v + \epsilon}$: with $\epsilon = 10^{-8}$ you notice it only for tiny gradients. It is another method.
# </details>
# <details><summary>Reveal: the answer to the prediction</summary>
#
# In the first step $\hat m = g$ and $\hat v = g^2$, so the quotient is the *sign* of $g$: every parameter moves by
# exactly $\eta$, whether its gradient is 1000 or −0.001. That is why Adam hardly cares how the loss is scaled, and why
# its learning rate has a meaning of its own: about how far a parameter may move in one step.
# </details>
#
# **Step by step against the library.** Ten steps on $\sum \tfrac14 \theta^4$, yours beside those of `torch.optim`:

# %%
def beside(step, state, kind, **options):
    """The largest difference between ten steps of `step` and ten of an optimizer of torch.optim."""
    params = {"w": torch.linspace(-2, 2, 6, dtype=torch.float64)}
    leaf = params["w"].clone().requires_grad_()
    optimizer, largest = kind([leaf], **options), 0.0
    for _ in range(10):
        params, state = step(params, {"w": params["w"] ** 3}, state, **options)
        leaf.grad = leaf.detach() ** 3
        optimizer.step()
        largest = max(largest, float((params["w"] - leaf.detach()).abs().max()))
    return largest


def zero():
    return {"w": torch.zeros(6, dtype=torch.float64)}


differences = {
    "SGD": beside(sgd_step, {"u": zero()}, torch.optim.SGD, lr=0.1),
    "momentum": beside(sgd_step, {"u": zero()}, torch.optim.SGD, lr=0.05, momentum=0.9),
    "Adam": beside(adam_step, {"t": 0, "m": zero(), "v": zero()}, torch.optim.Adam, lr=0.1),
}
for name, difference in differences.items():
    print(f"{name:9s} equal to torch.optim in every step: {difference < 1e-12}")

# %% [markdown]
# And now on a long, narrow bowl, $\tfrac12 (x_1^2 + 20\, x_2^2)$, 25 steps each from the black dot:

# %% tags=["study"]
def walk(step, state, steps=25, **options):
    """The points that an optimizer visits in the bowl."""
    params, way = {"x": torch.tensor([-4.0, 1.2])}, []
    for _ in range(steps):
        way.append(params["x"])
        grads = {"x": params["x"] * torch.tensor([1.0, 20.0])}
        params, state = step(params, grads, state, **options)
    return torch.stack(way)


still = {"x": torch.zeros(2)}
plot.paths(
    lambda x1, x2: 0.5 * (x1**2 + 20 * x2**2),
    {
        "SGD, lr 0.09": walk(sgd_step, {"u": still}, lr=0.09),
        "momentum 0.8, lr 0.03": walk(sgd_step, {"u": still}, lr=0.03, momentum=0.8),
        "Adam, lr 0.4": walk(adam_step, {"t": 0, "m": still, "v": still}, lr=0.4),
    },
    alt="SGD zigzags across the narrow bowl, momentum swings through it in curves, Adam starts diagonally.",
)

# %% [markdown]
# <details><summary>Reveal: what to see in it</summary>
#
# The steep direction sets the limit: above $\eta = 2/20$ SGD would fly out of the bowl, so along the flat direction it
# has to crawl. Momentum gathers speed along the floor, and overshoots. Adam's first steps are diagonal: both
# directions move by $\eta$, however different their slopes.
# </details>

# %% [markdown]
# ## 4 · The training loop
#
# Now the loop that you will write in every project from here on. For each batch five steps, **zero, forward, loss,
# backward, step**; after each epoch a measurement on the validation set, without training. What happened is returned as
# curves.
#
# The loss of an epoch is the mean over its *samples* of the loss that each batch had when it was its turn: sum up
# `loss.item() * len(y)`, and divide by the number of samples at the end.
#
# | `optimizer_name` | what it makes |
# |---|---|
# | `"sgd"` | `torch.optim.SGD(model.parameters(), lr=lr)` |
# | `"momentum"` | the same with `momentum=0.9` |
# | `"adam"` | `torch.optim.Adam(model.parameters(), lr=lr)` |
# | anything else | raises a `ValueError` |
#
# **Which device?** `model.to(device)` moves the parameters, `X.to(device)` a batch; both must be in the same place. The
# setup cell has put a GPU into `device` if there is one. For networks as small as these the CPU is as fast: a GPU pays
# off once the matrices are large.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Which of the five steps could one forget *without any error message*? What would the loss do then?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "train_model", "difficulty": 3, "minutes": 25}
# ### `train_model`
#
# Write the whole loop. The model is trained in place. Careful: measuring switches the model to evaluation mode, so each
# epoch must begin with `model.train()`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# First the optimizer (outside of all loops: it has a memory). Then a loop over epochs, with two loops inside: over the
# training batches, and over the validation batches.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Keep three numbers while you go through a loader: the summed loss, the number of right ones, the number of samples.
# The validation loop is like `accuracy`, plus the loss. `nn.CrossEntropyLoss()` takes the logits and the class numbers.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for _ in range(epochs):
#     model.train()
#     total, count = ...
#     for X, y in train_loader:
#         X, y = X.to(...), y.to(...)
#         optimizer...
#         loss = loss_of(model(X), ...)
#         ...
#         total += loss.item() * ...
#         count += ...
#     curves["train_losses"].append(...)
#     model.eval()
#     with torch.no_grad():
#         for X, y in val_loader:
#             ...
#     curves["val_losses"].append(...)
#     curves["val_accs"].append(...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "train_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    """Train `model` in place with mini-batches, and measure it after each epoch.

    model:                    nn.Module from (B, d) to logits (B, C)
    train_loader, val_loader: give batches X (B, d), y (B,) int64
    epochs, lr:               number of epochs, learning rate
    optimizer_name:           "sgd", "momentum" (0.9) or "adam"; a ValueError for anything else

    Returns {"train_losses", "val_losses", "val_accs"}: lists of floats, one for each epoch.
    """
    ### BEGIN SOLUTION
    if optimizer_name == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    elif optimizer_name == "momentum":
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    elif optimizer_name == "adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    else:
        raise ValueError(f"no optimizer of this name: {optimizer_name!r}")
    model.to(device)
    loss_of = nn.CrossEntropyLoss()
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for _ in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in train_loader:
            X, y = X.to(device), y.to(device)
            optimizer.zero_grad()
            loss = loss_of(model(X), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        curves["train_losses"].append(total / count)
        model.eval()
        total, right, count = 0.0, 0, 0
        with torch.no_grad():
            for X, y in val_loader:
                X, y = X.to(device), y.to(device)
                f = model(X)
                total += loss_of(f, y).item() * len(y)
                right += int((f.argmax(dim=1) == y).sum())
                count += len(y)
        curves["val_losses"].append(total / count)
        curves["val_accs"].append(right / count)
    return curves
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "train_model-curves", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

score = check.Score("train_model: curves", 4)
### BEGIN HIDDEN TESTS
import numpy as np
from autograder.references import models, training, unseen


def loader_of_(X, y, size):
    """A loader of copies."""
    return DataLoader(TensorDataset(X.clone(), y.clone()), batch_size=size)


### END HIDDEN TESTS
with score.part("three curves; the first loss of a model that knows nothing is ln 2", 1):
    X_ = torch.tensor([[-1.0, 0.0], [-2.0, 1.0], [1.0, 0.0], [2.0, -1.0]])
    y_ = torch.tensor([0, 0, 1, 1])
    loader_ = DataLoader(TensorDataset(X_.clone(), y_.clone()), batch_size=4)
    model_ = nn.Linear(2, 2)
    nn.init.zeros_(model_.weight)
    nn.init.zeros_(model_.bias)
    curves_ = train_model(model_, loader_, loader_, epochs=30, lr=0.5, optimizer_name="sgd")
    check.keys("The curves", curves_, ["train_losses", "val_losses", "val_accs"])
    for name_ in ("train_losses", "val_losses", "val_accs"):
        check.equal(f"the length of {name_}", len(curves_[name_]), 30)
    wrong_ = {"off-by-one": 0.373}
    check.close("the first training loss", curves_["train_losses"][0], 0.693147, rtol=1e-3, candidates=wrong_)
    check.at_most("the last training loss", curves_["train_losses"][-1], 0.1)
    check.close("the last validation accuracy", curves_["val_accs"][-1], 1.0)
    own_ = nn.functional.cross_entropy(model_(X_).detach(), y_)
    check.at_most("the loss of the model itself after training", own_, 0.1, "no-step")
    refused_ = False
    try:
        train_model(model_, loader_, loader_, epochs=1, lr=0.5, optimizer_name="sdg")
    except ValueError:
        refused_ = True
    check.true(refused_, "The name 'sdg' should raise a ValueError.")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        model_, X_, y_ = nn.Linear(2, 2), torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
        right_ = training.train(model_, [(X_, y_)], [(X_, y_)], 1, 0.3)
        curves_ = train_model(model_, loader_of_(X_, y_, 4), loader_of_(X_, y_, 4), 1, 0.3, "sgd")
        models.arrived(models.values_of(model_), right_["start"], right_["state"])
        check.close("train_losses", curves_["train_losses"], right_["train_losses"], rtol=1e-3)
        check.close("val_losses", curves_["val_losses"], right_["val_losses"], rtol=1e-3)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
generator_ = torch.Generator().manual_seed(65)
X_ = torch.randn(22, 3, generator=generator_)
y_ = (X_[:, 0] * X_[:, 1] > 0).long() + (X_[:, 2] > 0.5).long()
loaders_ = lambda: (loader_of_(X_[:15], y_[:15], 6), loader_of_(X_[15:], y_[15:], 5))
RUNS = (("sgd", 0.3), ("momentum", 0.1), ("adam", 0.02))


def fresh_():
    torch.manual_seed(66)
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 3))


def compare_(kind):
    for name, lr in RUNS:
        model, right = fresh_(), training.train(fresh_(), *loaders_(), 4, lr, name)
        got = train_model(model, *loaders_(), epochs=4, lr=lr, optimizer_name=name)[kind]
        wrong = {}
        if not np.allclose(right[kind], check.array(kind, got), rtol=1e-3, atol=1e-4):
            runs = training.mistakes(fresh_(), *loaders_(), 4, lr, name)
            wrong = {code: curves[kind] for code, curves in runs.items()}
        check.close(f"{kind} with {name!r}", got, right[kind], rtol=1e-3, atol=1e-4, candidates=wrong)
        models.arrived(models.values_of(model), right["start"], right["state"], share=0.01)


with score.part("training losses with each optimizer, the last batch smaller", 1):
    compare_("train_losses")
with score.part("validation losses and accuracies with each optimizer", 1):
    compare_("val_losses")
    compare_("val_accs")
with score.part("dropout is on while it trains, and off while it is measured", 1):
    # This dropout lets nothing through: in training mode the weight gets no gradient at all.
    torch.manual_seed(67)
    model_ = nn.Sequential(nn.Dropout(1.0), nn.Linear(3, 3))
    before_, bias_ = (p_.detach().clone() for p_ in model_.parameters())
    curves_ = train_model(model_, *loaders_(), epochs=3, lr=0.5, optimizer_name="sgd")
    after_ = model_[1].weight.detach()
    check.true((model_[1].bias.detach() != bias_).any(), "The bias does not move.", "no-step")
    text_ = "A dropout that lets nothing through has not stopped the training."
    check.true(torch.equal(before_, after_), text_, "train-mode-missing")
    with torch.no_grad():
        loss_off_ = training.measure(model_, loaders_()[1])[0]
        on_ = model_[1].bias.detach().expand(7, 3)
        loss_on_ = nn.functional.cross_entropy(on_, y_[15:])
    wrong_ = {"eval-missing": loss_on_}
    last_ = curves_["val_losses"][-1]
    check.close("the last validation loss", last_, loss_off_, rtol=1e-3, candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% nbgrader={"grade": true, "grade_id": "train_model-moons", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check, data
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

score = check.Score("train_model: learning", 2)
### BEGIN HIDDEN TESTS
from autograder.references import models, training

### END HIDDEN TESTS
with score.part("two clouds of points: momentum learns them", 1):
    check.seed(68)
    X_ = torch.cat([torch.randn(30, 2) - 2, torch.randn(30, 2) + 2])
    model_, y_ = nn.Linear(2, 2), torch.arange(60) // 30
    loader_ = DataLoader(TensorDataset(X_.clone(), y_.clone()), batch_size=20)
    curves_ = train_model(model_, loader_, loader_, 20, 0.1, "momentum")
    check.at_most("the last training loss", curves_["train_losses"][-1], 0.2)
    own_ = nn.functional.cross_entropy(model_(X_).detach(), y_)
    check.at_most("the loss of the model itself after training", own_, 0.2, "no-step")
### BEGIN HIDDEN TESTS
with score.part("two moons: 94 % of points never seen before, Adam, 10 epochs", 1):
    # Twenty seeds of a correct solution reach 0.954 or more; the margin is 0.014 (`autograder seeds 05`).
    check.seed(69)
    X_, y_, more_, labels_ = (torch.as_tensor(part_) for part_ in data.moons(seed=69))
    loaders_ = lambda: (
        DataLoader(TensorDataset(X_.float(), y_.clone()), batch_size=64),
        DataLoader(TensorDataset(more_.float(), labels_.clone()), batch_size=256),
    )
    model_ = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
    way_ = training.train(model_, *loaders_(), 10, 0.01, "adam")
    train_model(model_, *loaders_(), epochs=10, lr=0.01, optimizer_name="adam")
    now_ = models.values_of(model_)
    models.arrived(now_, way_["start"], way_["state"], share=0.01)
    X_, y_, _, _ = (torch.as_tensor(part_) for part_ in data.moons(n=2500, seed=12345))
    right_ = models.mlp(now_.values(), X_.float()).argmax(dim=1) == y_
    check.at_least("the accuracy on new points", float(right_.float().mean()), 0.94)
### END HIDDEN TESTS
score.total()

# %% tags=["seeds"]
THRESHOLDS = {"train_model-moons: accuracy on new points": 0.94}


def measure(seed):
    check.seed(seed)
    X, y, more, labels = (torch.as_tensor(part) for part in data.moons(seed=seed))
    loader = DataLoader(TensorDataset(X.float(), y), batch_size=64)
    val_loader = DataLoader(TensorDataset(more.float(), labels), batch_size=256)
    model = MLP((32, 32))
    train_model(model, loader, val_loader, epochs=10, lr=0.01, optimizer_name="adam")
    X, y, _, _ = (torch.as_tensor(part) for part in data.moons(n=2500, seed=12345))
    with torch.no_grad():
        right = model(X.float()).argmax(dim=1) == y
    return {"train_model-moons: accuracy on new points": float(right.float().mean())}

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - No `zero_grad()`: gradients of all batches so far add up. No error; the loss wobbles or explodes.
# - The optimizer made anew in each epoch: momentum and Adam lose their memory.
# - `model.train()` only once, before all epochs: after the first measurement dropout stays off.
# - `total += loss` without `.item()`: keeps the graph of every batch alive.
# </details>
#
# **The baseline: plain SGD.** Two hidden layers of 32, 40 epochs.

# %%
def make_loaders(seed=0, batch_size=64):
    """Loaders over the moons; the order of the training batches hangs on `seed` alone."""
    generator = torch.Generator().manual_seed(seed)
    train_set, val_set = TensorDataset(X_train, y_train), TensorDataset(X_val, y_val)
    return (
        DataLoader(train_set, batch_size=batch_size, shuffle=True, generator=generator),
        DataLoader(val_set, batch_size=256),
    )


def make_model(seed, hidden_sizes=(32, 32)):
    """A fresh model; the same seed gives the same initial weights."""
    torch.manual_seed(seed)
    return MLP(hidden_sizes)


baseline = make_model(seed=0)
curves = train_model(baseline, *make_loaders(), epochs=40, lr=0.05, optimizer_name="sgd", device=device)
baseline.to("cpu")
print(f"validation loss {curves['val_losses'][-1]:.2f}, validation accuracy {accuracy(baseline, make_loaders()[1]):.2f}")
plot.curves(
    {"training": curves["train_losses"], "validation": curves["val_losses"]},
    ylabel="cross-entropy",
    title="SGD, lr 0.05",
    alt="Both losses fall from about 0.65, quickly at first, to about 0.2, close to each other.",
)

# %% [markdown]
# The decision boundary, as a probability: here, and only here, the softmax comes in.

# %% tags=["study"]
def probability(model):
    """A function from points (M, 2) to the probability of class 1, for the plots."""

    def predict(points):
        with torch.no_grad():
            return model(torch.tensor(points, dtype=torch.float32)).softmax(dim=1)[:, 1]

    return predict


plot.boundaries(
    {"before training": probability(make_model(seed=0)), "after 40 epochs of SGD": probability(baseline)},
    X_val,
    y_val,
    alt="Before training the probability is near one half everywhere; afterwards a bent boundary separates the moons.",
)

# %% [markdown]
# **Reflect.** Look at the two curves and the boundary before you open the answers.
#
# - Does the validation loss follow the training loss down?
# - Is this run finished, or does it want more epochs?
# - Where is the network unsure, and should it be?
#
# <details><summary>Reveal</summary>
#
# They fall together: no overfitting. They still fall at the end: the run is not finished, or the learning rate is too
# small. The network is unsure (pale) along the boundary, and it should be: the moons overlap there, and some points are
# on the wrong side for good. About 3 % of the points cannot be told apart by anybody.
# </details>

# %% [markdown]
# ## 5 · When it does not learn
#
# Most of the work on a network is finding out why it does not learn. Two tools find most causes in a minute.
#
# **Tool 1: overfit a tiny subset.** A healthy network with a healthy loop can learn eight points by heart. If it cannot,
# the mistake is in the model, the loss or the loop, and no amount of data or tuning will help.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Eight points evenly on a circle, labelled 0, 1, 0, 1, … Can a network with 32 hidden units get the
# loss below 0.05? Can the same network with a softmax as last layer? (Section 1 has a number for that.)
#
# *Your prediction:*

# %% [markdown] exercise={"id": "can_overfit", "difficulty": 2, "minutes": 15}
# ### Can it learn eight points by heart?
#
# Write `can_overfit(model, X, y, steps, lr)`. It trains a **copy** of the model (a sanity check must not change its
# patient) on the whole of `X, y` with Adam, and says what the loss is in the end, and whether that is below 0.05.
#
# <details><summary>Hint 1: a nudge</summary>
#
# No loader is needed: the few samples are one batch. `copy.deepcopy` copies a model with all its parameters.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# The five steps, `steps` times, on the copy (whose parameters must go to the optimizer). Measure the loss once more
# *after* the last step.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# patient = copy.deepcopy(...)
# optimizer = torch.optim.Adam(..., lr=lr)
# for _ in range(steps):
#     ...
# loss = loss_of(...).item()
# return {"loss": ..., "passes": ...}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "can_overfit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def can_overfit(model, X, y, steps=200, lr=0.03):
    """Whether a copy of `model` can learn these few samples by heart.

    model: nn.Module from (N, d) to logits (N, C), left as it is
    X, y:  (N, d), (N,) int64: a handful of samples, taken as one batch

    Returns {"loss": the cross-entropy after `steps` steps of Adam (float), "passes": loss < 0.05 (bool)}.
    """
    ### BEGIN SOLUTION
    patient = copy.deepcopy(model)
    optimizer = torch.optim.Adam(patient.parameters(), lr=lr)
    loss_of = nn.CrossEntropyLoss()
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(patient(X), y).backward()
        optimizer.step()
    loss = loss_of(patient(X), y).item()
    return {"loss": loss, "passes": loss < 0.05}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "can_overfit-runs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import math

import torch
from lessonkit import check
from torch import nn


def circle_(count):
    """Points evenly on a circle, with labels 0, 1, 0, 1, …"""
    angles = torch.arange(count) * 2 * math.pi / count
    return torch.stack([angles.cos(), angles.sin()], dim=1), torch.arange(count) % 2


score = check.Score("Can it learn eight points by heart?", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
with score.part("a healthy network passes", 1):
    # Twenty seeds of a correct solution end between 0.001 and 0.004; 0.05 is asked for.
    check.seed(71)
    result_ = can_overfit(nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2)), *circle_(8), 200, 0.03)
    check.keys("The result", result_, ["loss", "passes"])
    text_ = f"The loss of a healthy network ends at {result_['loss']:.2f}: it should fall below 0.05."
    twice_ = 0.25 < result_["loss"] < 0.4
    check.true(result_["loss"] < 0.05, text_, "softmax-twice" if twice_ else "not-learning")
    check.equal("passes", bool(result_["passes"]), True)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        X_ = circle_(4)[0].repeat(2, 1)  # each point twice, with both labels
        net_ = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
        result_ = can_overfit(net_, X_, torch.arange(8) // 4, 100, 0.03)
        check.equal("passes", bool(result_["passes"]), False)
        check.at_least("the loss", result_["loss"], 0.69)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
import copy

with score.part("a linear model, and a model that ends with a softmax, do not", 1):
    check.seed(72)
    result_ = can_overfit(nn.Linear(2, 2), *circle_(8), 100, 0.03)
    check.equal("passes, for a linear model", bool(result_["passes"]), False)
    model_ = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2), nn.Softmax(dim=1))
    result_ = can_overfit(model_, *circle_(6), 200, 0.03)
    check.equal("passes, for a softmax at the end", bool(result_["passes"]), False)
    check.true(0.31 < result_["loss"] < 0.5, f"The loss should be near 0.313, not {result_['loss']:.3f}.")
with score.part("the model is left alone; the loss is that after the last step", 1):
    check.seed(73)
    model_ = nn.Linear(2, 2)
    X_, y_ = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), torch.tensor([0, 1, 1])
    own_, losses_ = copy.deepcopy(model_), []
    optimizer_ = torch.optim.Adam(own_.parameters(), lr=0.2)
    for _ in range(3):
        optimizer_.zero_grad()
        loss_ = nn.functional.cross_entropy(own_(X_), y_)
        losses_.append(loss_.item())
        loss_.backward()
        optimizer_.step()
    with check.unchanged(model=dict(model_.state_dict())):
        result_ = can_overfit(model_, X_, y_, 2, 0.2)
    wrong_ = {"off-by-one": losses_[1], "no-step": losses_[0]}
    check.close("the loss after two steps", result_["loss"], losses_[2], rtol=1e-3, candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Three patients. All three are `MLP`s for the eight points on the circle:

# %%
angles = torch.arange(8) * 2 * math.pi / 8
X_tiny, y_tiny = torch.stack([angles.cos(), angles.sin()], dim=1), torch.arange(8) % 2
patients = {
    "healthy": make_model(seed=1),
    "softmax at the end": nn.Sequential(make_model(seed=1), nn.Softmax(dim=1)),
    "all weights zero": make_model(seed=1),
}
for p in patients["all weights zero"].parameters():
    nn.init.zeros_(p)
for name, patient in patients.items():
    result = can_overfit(patient, X_tiny, y_tiny, steps=150)
    print(f"{name:20s} loss {result['loss']:.2f}   {'passes' if result['passes'] else 'FAILS'}")

# %% [markdown]
# **Tool 2: read the curves.** Four words describe most runs:
#
# | word | what one sees | first thing to do |
# |---|---|---|
# | **nan** | a loss is no longer finite | smaller learning rate; look at one batch (labels, NaN in the data, a logarithm of 0) |
# | **flat** | the training loss never gets below the loss of knowing nothing, $\log C$, by more than 5 % | overfit a tiny subset; larger learning rate; is `step()` called, does the optimizer have these parameters? |
# | **overfitting** | the validation loss has risen by more than a fifth above its lowest point | stop earlier, smaller network, dropout, more data |
# | **learning** | none of these | more epochs, or be happy |

# %% [markdown] exercise={"id": "diagnose_run", "difficulty": 1, "minutes": 10}
# ### Read the curves
#
# Write `diagnose_run(train_losses, val_losses, classes)`: it returns one of the four words. Ask in the order of the
# table; the first that fits is the answer.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `float("nan") == float("nan")` is false! `math.isfinite` knows NaN and both infinities.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Three `if`s with a `return` each. "Never below by more than 5 %" is a statement about the *lowest* training loss,
# compared with 0.95 · log C.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# if not all(math.isfinite(v) for v in ...):
#     return "nan"
# if min(train_losses) > 0.95 * ...:
#     return ...
# if val_losses[-1] > ... * min(...):
#     return ...
# return "learning"
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "diagnose_run", "locked": false, "schema_version": 3, "solution": true, "task": false}
def diagnose_run(train_losses, val_losses, classes=2):
    """What the curves of a run say.

    train_losses, val_losses: lists of floats, one for each epoch
    classes:                  C, the number of classes

    Returns "nan"          if any loss is not finite,
            "flat"         if the lowest training loss is above 0.95 · log(C),
            "overfitting"  if the last validation loss is above 1.2 times the lowest one,
            "learning"     otherwise; the first that fits counts.
    """
    ### BEGIN SOLUTION
    if not all(math.isfinite(loss) for loss in [*train_losses, *val_losses]):
        return "nan"
    if min(train_losses) > 0.95 * math.log(classes):
        return "flat"
    if val_losses[-1] > 1.2 * min(val_losses):
        return "overfitting"
    return "learning"
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "diagnose_run-words", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check

score = check.Score("Read the curves", 3)
with score.part("one run of each kind", 1):
    nan_ = float("nan")
    check.equal("the first run", diagnose_run([0.7, 0.9, nan_], [0.8, 2.0, nan_]), "nan", "nan-comparison")
    check.equal("the second run", diagnose_run([0.70, 0.69, 0.69], [0.69, 0.70, 0.69]), "flat")
    check.equal("the third run", diagnose_run([0.5, 0.2, 0.05], [0.5, 0.4, 0.6]), "overfitting")
    check.equal("the fourth run", diagnose_run([0.5, 0.3, 0.2], [0.5, 0.35, 0.3]), "learning")
### BEGIN HIDDEN TESTS
with score.part("NaN in the validation loss only, infinities", 1):
    check.equal("a NaN for validation only", diagnose_run([0.5, 0.3], [0.5, nan_]), "nan", "nan-comparison")
    check.equal("a NaN in the middle", diagnose_run([0.5, nan_, 0.3], [0.5, 0.4, 0.4]), "nan", "nan-comparison")
    infinite_ = diagnose_run([0.5, float("inf")], [0.5, 0.4])
    check.equal("an infinite loss", infinite_, "nan", "nan-comparison")
with score.part("ten classes, and what only looks like it", 1):
    ten_ = diagnose_run([2.31, 2.29, 2.30], [2.3, 2.3, 2.3], classes=10)
    check.equal("2.30 with ten classes", ten_, "flat", "memorised")
    ten_ = diagnose_run([2.3, 1.6, 1.1], [2.2, 1.7, 1.4], classes=10)
    check.equal("from 2.30 to 1.1 with ten classes", ten_, "learning", "memorised")
    bump_ = diagnose_run([0.6, 0.4, 0.3], [0.6, 0.3, 0.33])
    check.equal("a rise of a tenth", bump_, "learning")
    peak_ = diagnose_run([0.6, 0.4, 0.3], [0.5, 0.9, 0.4])
    check.equal("a peak that is over", peak_, "learning")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Debug checklist: the loss is NaN</summary>
#
# 1. Divide the learning rate by 10. Is it gone? Then that was it.
# 2. Print one batch: any NaN or huge number in `X`? Are all labels in `0 … C−1`?
# 3. Search your code for a logarithm, a square root, a division: what if their argument is 0?
# 4. `torch.autograd.set_detect_anomaly(True)` names the operation whose backward pass gave the first NaN.
# </details>
# <details><summary>Debug checklist: the loss is flat</summary>
#
# 1. Is it flat at $\log C$? Then the outputs do not depend on the inputs. Overfit a tiny subset.
# 2. Compare a parameter before and after one step. Unchanged: is `step()` called? Does the optimizer hold the parameters
#    of *this* model?
# 3. Print the norm of the gradients. Zero: dead ReLUs, zero weights, a graph that is cut (`.item()`, `.detach()`).
# 4. Are the labels shuffled against the points?
# 5. Try learning rates from 10⁻⁴ to 1, a factor of 10 apart.
# </details>

# %% [markdown]
# ## 6 · A fair comparison
#
# "Adam is better than SGD" means nothing unless both start at the same weights, see the same batches, and each has
# *its own* good learning rate. The last exercise puts everything together.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** We will try SGD, momentum and Adam with learning rates from 0.0001 to 10, ten epochs each. For each of
# the three: what will be its best learning rate, roughly? Which will forgive a bad choice most easily?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "sweep", "difficulty": 2, "minutes": 15}
# ### The sweep
#
# Write `sweep(settings, make_model, train, seed)`. It trains one **fresh** model for each setting, all from the same
# seed, and names the setting whose *last* validation loss is lowest. A run that ended in NaN cannot win.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Where must `make_model(seed)` stand: before the loop, or inside? And what does `min` do with a NaN?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Fill the dict of results first. Then collect the labels whose last validation loss is finite, and take the one with the
# smallest: `min(labels, key=…)`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for label, setting in settings.items():
#     results[label] = train(make_model(...), **setting)
# last = {label: curves["val_losses"][...] for label, curves in ...}
# finite = [label for label in last if math.isfinite(...)]
# best = min(finite, key=...) if finite else None
# return results, best
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "sweep", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sweep(settings, make_model, train, seed=0):
    """Train a fresh model for each setting, and name the best.

    settings:   label -> dict of arguments for `train`, e.g. {"lr": 0.1, "optimizer_name": "sgd"}
    make_model: make_model(seed) gives a fresh model
    train:      train(model, **setting) trains it, and returns its curves with a list "val_losses"

    Returns (results, best): label -> curves, and the label with the lowest last validation loss
    (None if no run ended with a finite loss).
    """
    ### BEGIN SOLUTION
    results = {}
    for label, setting in settings.items():
        results[label] = train(make_model(seed), **setting)
    last = {label: curves["val_losses"][-1] for label, curves in results.items()}
    finite = [label for label in last if math.isfinite(last[label])]
    return results, min(finite, key=last.get) if finite else None
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "sweep-runs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from lessonkit import check


def stand_in_(seed):
    """Takes the place of a model: its seed, and how often it has been trained."""
    return np.array([float(seed), 0.0])


def pretend_(model, lr, ends):
    """Takes the place of a training: notes that the model was trained, and gives made-up curves."""
    seed, trained = float(model[0]), float(model[1])
    model[1] += 1
    return {"val_losses": list(ends), "seed": seed, "trained": trained, "lr": lr}


def fair_(results, labels, seed):
    check.equal("the labels of the results", list(results), labels)
    for label in labels:
        text = f"The model for {label!r} had been trained before." if results[label]["trained"] else (
            f"The model for {label!r} was made with seed {results[label]['seed']:g}, not {seed}."
        )
        alike = not results[label]["trained"] and results[label]["seed"] == seed
        check.true(alike, text, "unfair-start")


score = check.Score("The sweep", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
with score.part("three settings: each from a fresh model, the best named", 1):
    settings_ = {
        "slow": {"lr": 0.01, "ends": [0.7, 0.6]},
        "good": {"lr": 0.1, "ends": [0.6, 0.2]},
        "fast": {"lr": 1.0, "ends": [0.1, 0.5]},
    }
    results_, best_ = sweep(settings_, stand_in_, pretend_, seed=5)
    fair_(results_, ["slow", "good", "fast"], 5)
    check.true(best_ != "fast", "The best is 'good': 'fast' was lower before, and ended higher.", "not-the-last")
    check.equal("the best", best_, "good")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        turned_ = {"slow": {"lr": 0.02, "ends": [0.7, 0.1]}, "good": {"lr": 0.3, "ends": [0.6, 0.4]}}
        results_, best_ = sweep(turned_, stand_in_, pretend_, seed=6)
        fair_(results_, ["slow", "good"], 6)
        check.equal("the best", best_, "slow")
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("other settings, another seed", 1):
    settings_ = {f"run {i_}": {"lr": 0.1 * i_, "ends": [1.0 / i_, (i_ - 4) ** 2 + 0.5]} for i_ in range(1, 7)}
    results_, best_ = sweep(settings_, stand_in_, pretend_, seed=11)
    fair_(results_, list(settings_), 11)
    check.close("the learning rate of run 5", results_["run 5"]["lr"], 0.5)
    check.true(best_ != "run 6", "The best is 'run 4': others were lower before, and ended higher.", "not-the-last")
    check.equal("the best", best_, "run 4")
with score.part("runs that end in NaN", 1):
    nan_ = float("nan")
    ends_ = {"a": [0.1, nan_], "b": [0.7, 0.6], "c": [0.5, 0.3], "d": [0.4, nan_]}
    settings_ = {label_: {"lr": 1.0, "ends": end_} for label_, end_ in ends_.items()}
    results_, best_ = sweep(settings_, stand_in_, pretend_, seed=1)
    wins_ = "nan-wins" if best_ in ("a", "d") else "wrong-value"
    check.true(best_ == "c", f"The best should be 'c', not {best_!r}.", wins_)
    only_ = {"a": {"lr": 1.0, "ends": [nan_]}}
    check.true(sweep(only_, stand_in_, pretend_, 1)[1] is None, "With NaN alone, nobody wins.", "nan-wins")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - One model for all settings: the second run continues where the first one stopped, and seems wonderfully fast.
# - A fresh model without a seed: then you compare initial weights as much as learning rates.
# - `min` over losses with a NaN among them: what it returns depends on the order.
# </details>
#
# Now the real sweep, with your own functions.

# %% tags=["study"]
def train_on_moons(model, lr, optimizer_name, epochs=10):
    """The same batches in the same order for every run."""
    return train_model(model, *make_loaders(seed=0), epochs, lr, optimizer_name)


rates = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0]
final = {}
for optimizer_name in progress.bar(("sgd", "momentum", "adam"), "optimizers"):
    settings = {lr: {"lr": lr, "optimizer_name": optimizer_name} for lr in rates}
    results, best = sweep(settings, make_model, train_on_moons)
    final[optimizer_name] = [min(results[lr]["val_losses"][-1], 3.0) for lr in rates]
    print(f"{optimizer_name:9s} best learning rate of these: {best:g}")
plot.curves(
    final,
    x=rates,
    log_x=True,
    log_y=True,
    xlabel="learning rate",
    ylabel="validation loss after 10 epochs",
    title="Each optimizer has its own valley",
    alt="Three valleys: Adam is lowest near 0.01, momentum near 0.1, SGD near 1; at 10 all of them fail.",
)

# %% tags=["study"]
settings = {
    "SGD, lr 0.01": {"lr": 0.01, "optimizer_name": "sgd"},
    "SGD, lr 0.05": {"lr": 0.05, "optimizer_name": "sgd"},
    "SGD, lr 0.5": {"lr": 0.5, "optimizer_name": "sgd"},
    "momentum, lr 0.05": {"lr": 0.05, "optimizer_name": "momentum"},
    "Adam, lr 0.001": {"lr": 0.001, "optimizer_name": "adam"},
    "Adam, lr 0.01": {"lr": 0.01, "optimizer_name": "adam"},
}
settings = {label: {**setting, "epochs": 25} for label, setting in settings.items()}
results, best = sweep(settings, make_model, train_on_moons)
plot.curves(
    {label: curves["val_losses"] for label, curves in results.items()},
    ylabel="validation loss",
    log_y=True,
    title="SGD against Adam",
    alt="SGD with small learning rates falls slowly; SGD at 0.5, momentum and Adam at 0.01 reach the same low level.",
)

# %% [markdown]
# <details><summary>Reveal: how to read it</summary>
#
# - With a learning rate of its own, each optimizer gets to the same low loss on this easy problem. Adam is not *better*
#   here: it is less work to get right, and quick from the start.
# - SGD's best rate is surprisingly large (near 1), and one factor of ten above everything breaks. Adam at 1 still limps
#   along.
# - Momentum at 0.05 behaves like SGD at 0.5: the factor $1/(1-\mu) = 10$ that you computed.
# - A jumpy curve says: learning rate near its limit. A slowly falling one: too small, or too few epochs.
# </details>
#
# **Depth and width.** Accuracy on validation, Adam at 0.01, 10 epochs, the mean of two seeds:

# %% tags=["study", "nbval-ignore-output"]
print("hidden layers:   " + "".join(f"{depth:>10d}" for depth in (1, 2, 3)))
for width in progress.bar((2, 8, 32), "widths"):
    row = []
    for depth in (1, 2, 3):
        accs = []
        for seed in range(2):
            model = make_model(seed, (width,) * depth)
            accs.append(train_on_moons(model, lr=0.01, optimizer_name="adam")["val_accs"][-1])
        row.append(sum(accs) / len(accs))
    print(f"{width:3d} units each    " + "".join(f"{acc:10.2f}" for acc in row))

# %% [markdown]
# <details><summary>Reveal: what to see in it</summary>
#
# Two units in a layer are a gamble, and depth does not help them: what one narrow layer loses, no later one brings back,
# and a unit that dies takes half of the layer along. With eight the network gets there, with 32 it gets there sooner.
# Beyond that, more units buy nothing but time. Start small, and grow the network only while that lowers the validation
# loss.
# </details>
# <details><summary>Practical tips</summary>
#
# - **Learning rate first.** It matters more than everything else. Adam: start at 0.001. SGD with momentum: 0.01 to 0.1.
#   Then a factor of 3 to 10 up and down.
# - **Batch size** 32 to 128. Smaller batches are noisier; the noise often helps on new data.
# - **Initial weights**: PyTorch's own are good for ReLU networks.
# - **Always both curves**, training and validation. One of them alone cannot tell learning from overfitting.
# - **Before a long run, a short one**: eight points, then one epoch, then the weekend.
# - **Device**: a GPU for large models and images; for tables and toys the CPU.
# </details>

# %% [markdown]
# ## 7 · Quiz
#
# Four questions; write one letter for each.
#
# **q1.** A network with ten classes starts with the loss 2.30 and still has 2.30 after five epochs. Most likely
# (a) it has converged; (b) it puts out nearly the same logits for every input; (c) it overfits; (d) the learning rate is
# so large that it diverges.
#
# **q2.** Adam's first step, lr 0.01. One parameter has the gradient 1000, another one 0.001. They move by
# (a) 10 and 0.00001; (b) 0.01 and 0.00001; (c) 1000 and 0.001; (d) 0.01 and 0.01.
#
# **q3.** You scale the loss by 100 and change nothing else. Which optimizer takes (nearly) the same steps as before?
# (a) Adam; (b) SGD; (c) SGD with momentum; (d) none.
#
# **q4.** Momentum 0.9, and the gradient is $g$ in every step. The velocity tends towards
# (a) $0.9\,g$; (b) $g$; (c) $10\,g$; (d) infinity.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Which of the four are you least sure of? Think of an experiment of three lines that would decide it.
#
# *Your prediction:*

# %% [markdown] exercise={"id": "quiz", "difficulty": 1, "minutes": 5}
# ### Your answers
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each of the four was a prediction in this notebook, or follows from one.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# q1: sections 1 and 5. q2, q3: Adam in section 3. q4: momentum in section 3.
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# For q3, put $100\,g$ in the place of $g$ in the formulas for $m$ and $v$, and look at what becomes of the quotient.
# </details>

# %% nbgrader={"grade": false, "grade_id": "quiz", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# answers = {"q1": "?", "q2": "?", "q3": "?", "q4": "?"}
### BEGIN SOLUTION
answers = {"q1": "b", "q2": "d", "q3": "a", "q4": "c"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quiz-answers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Quiz", 4)
with score.part("each question has a letter", 0):
    quiz.form(answers, {"q1": "abcd", "q2": "abcd", "q3": "abcd", "q4": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("q1", 1):
    quiz.right(answers, "q1", "b", "section 1, the loss of knowing nothing")
with score.part("q2", 1):
    quiz.right(answers, "q2", "d", "section 3, Adam's first step")
with score.part("q3", 1):
    quiz.right(answers, "q3", "a", "section 3, Adam divides by the size of the gradient")
with score.part("q4", 1):
    quiz.right(answers, "q4", "c", "section 3, the prediction about momentum")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 8 · Explain it
#
# In your own words; it is read by a person. Four to six sentences are plenty.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **The training loss of a run falls steadily to 0.02. The validation loss falls to 0.25 in epoch 12 and rises to 0.60
# until epoch 50. A friend says: "SGD is too weak, take Adam."** What do the two curves say? Would Adam mend it? Name two
# things that would, and say how you would see that they did.
#
# ### BEGIN SOLUTION
# The network fits the training points ever better and the new ones ever worse: it overfits, from about epoch 12 on.
# Adam would not mend that: it is a way to make the *training* loss fall faster, and that loss is already 0.02; the
# overfitting might only begin earlier. What helps is less of a chance to learn by heart: stopping at epoch 12 and keeping
# those weights, dropout or weight decay, a smaller network, or more data. One would see it in the validation curve: its
# lowest value is lower, or it no longer rises, while the gap to the training loss becomes smaller.
#
# *Marking (3 points): 1 for overfitting, read from both curves; 1 for "an optimizer changes how the training loss is
# lowered, and that is not the problem"; 1 for two sound remedies with what the validation curve would show.*
# ### END SOLUTION

# %% [markdown]
# ## What comes next
#
# Unit 06 builds the whole pipeline: a spiral with three arms, a test set that is touched once, dropout, weight decay, and
# **early stopping** that keeps the best weights (and a trap that makes it keep the wrong ones).
