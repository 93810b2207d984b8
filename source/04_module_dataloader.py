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
# # 04 · Modules, batches, and the five steps
#
# {{badge}}
#
# **Promise.** The network of units 02 and 03 becomes a PyTorch model the way everybody writes them: an `nn.Module`, an
# optimizer, a `DataLoader`. At each change of clothes you prove that the numbers underneath are still the same. And at
# the end you will know what a single training run is worth as evidence, because you will have run twenty at once.
#
# | | |
# |---|---|
# | **You need** | unit 03 (autograd), and the network of unit 02 |
# | **Time** | about {{minutes}} minutes, exercises and reading |
# | **Points** | {{points}} |
#
# Every training loop that you will ever meet goes round in these five steps:
#
# ```text
#         ┌───────────────────────────── next batch ─────────────────────────────┐
#         ▼                                                                      │
#   ① zero_grad ──► ② forward ──► ③ loss ──► ④ backward ──► ⑤ step ──────────────┘
#   forget the old    f = model(X)    how wrong?    .grad of each     parameters move
#   gradients                                       parameter
# ```
#
# **How to work.** Each exercise has a cell with a TODO and a check below it. Run the check as often as you like: it
# says what is right, what is wrong, and often why. Part of the points is given on cases that you do not see.

# %% tags=["setup"]
# The build puts the setup cell that all units share here.

# %%
import time

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# %% [markdown]
# ## 1 · The same parameters, in a module
#
# A module is an object that **knows its parameters**. You write two methods: `__init__` makes the parameters, `forward`
# computes the output. In return you get, for any number of layers:
#
# | you call | you get |
# |---|---|
# | `model(X)` | `forward(X)`, and what else is attached to it. Never call `forward` yourself |
# | `model.parameters()` | all parameters, for the optimizer |
# | `model.named_parameters()` | the same with their names |
# | `model.state_dict()`, `model.load_state_dict(…)` | a dict of all values, and the way back |
# | `model.train()`, `model.eval()` | a switch that some layers look at |
#
# How does it know? An attribute that is an `nn.Parameter`, or itself a module, is noted the moment you assign it. A plain
# tensor is not: it is just an attribute, like any other.

# %%
class Scale(nn.Module):
    """A small example: one parameter, and one tensor that is none."""

    def __init__(self):
        super().__init__()  # always first: it makes the lists in which parameters are noted
        self.factor = nn.Parameter(torch.tensor(2.0))
        self.offset = torch.tensor(1.0)

    def forward(self, X):
        return self.factor * X + self.offset


print("output:    ", Scale()(torch.tensor([1.0, 10.0])).tolist())
print("parameters:", {name: value.item() for name, value in Scale().named_parameters()})

# %% [markdown] tags=["predict"]
# 🔮 **Predict, before you go on.** An optimizer is made with `Scale().parameters()`, and trains. Which of the two numbers
# will have changed? Will there be an error?
#
# *Your prediction (double-click to write):*

# %% [markdown]
# <details><summary>Reveal</summary>
#
# Only `factor`. There is no error, and no warning: `offset` takes part in every forward pass, and never moves. It is
# also missing in `state_dict()`, so that a saved model comes back without it.
# </details>

# %% [markdown] exercise={"id": "two_layer", "difficulty": 2, "minutes": 12}
# ### Your network as a module
#
# Write `TwoLayer(params)`: a module with four parameters `W1`, `b1`, `W2`, `b2`, that start as copies of the arrays in
# `params` (in their dtype), and with the forward pass of unit 03:
#
# $$f = \max(X W_1^\top + b_1,\, 0)\; W_2^\top + b_2, \qquad X: (N, d), \quad f: (N, \text{out}).$$
#
# <details><summary>Hint 1: a nudge</summary>
#
# Four attributes, each an `nn.Parameter` around a tensor. What must come before the first of them?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `nn.Parameter(torch.tensor(array))` copies, keeps float64, and asks for gradients. `forward` has three lines that you
# have written before, with `self.W1` in place of `params["W1"]`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# super().__init__()
# self.W1 = nn.Parameter(...)
# ...
# # forward
# h = torch.relu(X @ self.W1.T + ...)
# return ...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "two_layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class TwoLayer(nn.Module):
    """A d-h-out network with ReLU, from given parameters.

    params: dict of arrays "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)
    """

    def __init__(self, params):
        ### BEGIN SOLUTION
        super().__init__()
        self.W1 = nn.Parameter(torch.tensor(params["W1"]))
        self.b1 = nn.Parameter(torch.tensor(params["b1"]))
        self.W2 = nn.Parameter(torch.tensor(params["W2"]))
        self.b2 = nn.Parameter(torch.tensor(params["b2"]))
        ### END SOLUTION

    def forward(self, X):
        """X: tensor (N, d). Returns a tensor (N, out)."""
        ### BEGIN SOLUTION
        h = torch.relu(X @ self.W1.T + self.b1)
        return h @ self.W2.T + self.b2
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "two_layer-module", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check

score = check.Score("Your network as a module", 4)
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle
from autograder.references import models, unseen

other_ = oracle.network(410, N=2, d=2, h=3, out=1)
fresh_ = lambda params: TwoLayer({k_: v_.copy() for k_, v_ in params.items()})
### END HIDDEN TESTS
params_ = {
    "W1": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "b1": np.array([1.0, 0.0, 0.0]),
    "W2": np.array([[1.0, 4.0, -1.0]]),
    "b2": np.array([0.5]),
}
X_ = torch.tensor([[1.0, -2.0], [1.0, 3.0]], dtype=torch.float64)
with score.part("output of the small network: 1.5 and 11.5", 1):
    wrong_ = {"relu-missing": [[-10.5], [14.5]], "bias-missing": [[0.0], [9.0]]}
    check.close("model(X)", TwoLayer(params_)(X_), [[1.5], [11.5]], candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        check.close("model(X)", fresh_(other_.params)(torch.tensor(other_.X)), other_.cache["f"])
    ### END HIDDEN TESTS
with score.part("it knows its four parameters", 1):
    named_ = dict(TwoLayer(params_).named_parameters())
    for name_ in ("W1", "b1", "W2", "b2"):
        check.true(name_ in named_, f"named_parameters() has no {name_!r}.", "not-a-parameter")
        check.close(f"the parameter {name_}", named_[name_], params_[name_])
        check.dtype(f"the parameter {name_}", named_[name_], torch.float64)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        models.alive(fresh_(params_), X_)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
by_name_ = lambda values, X: models.mlp([values[k_] for k_ in ("W1", "b1", "W2", "b2")], X)
with score.part("other sizes, two outputs", 1, other_sizes=True):
    net_ = oracle.network(seed=411, N=7, d=3, h=5, out=2)
    model_ = fresh_(net_.params)
    f_ = model_(torch.tensor(net_.X))
    bent_ = (net_.X @ net_.params["W1"].T + net_.params["b1"]) @ net_.params["W2"].T + net_.params["b2"]
    check.close("model(X)", f_, net_.cache["f"], candidates={"relu-missing": bent_})
    check.equal("the number of parameters", sum(p_.numel() for p_ in model_.parameters()), 32)
    models.computes(model_, by_name_, torch.tensor(net_.X))
with score.part("other values can be loaded, and the arrays are left alone", 1):
    net_, other_ = oracle.network(412, 4, 2, 3, 1), oracle.network(413, 4, 2, 3, 1)
    given_ = {k_: v_.copy() for k_, v_ in net_.params.items()}
    model_ = TwoLayer(given_)
    lacking_ = [k_ for k_ in given_ if k_ not in model_.state_dict()]
    check.true(not lacking_, f"state_dict() lacks {lacking_}.", "not-a-parameter")
    with check.unchanged(params=given_):
        model_.load_state_dict({k_: torch.tensor(v_) for k_, v_ in other_.params.items()})
        f_ = model_(torch.tensor(other_.X))
    check.close("model(X) with the loaded values", f_, other_.cache["f"])
    loaded_ = {k_: p_.detach() for k_, p_ in models.shown(model_).items()}
    for name_, value_ in other_.params.items():
        check.close(f"the parameter {name_} after loading", loaded_[name_], value_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# The thread from unit 02: same data, same initial parameters, and so the same loss as by hand.

# %%
X_np, y_np = data.xor()
X, y = torch.tensor(X_np), torch.tensor(y_np)[:, None]  # (N, 2) and (N, 1), float64
module = TwoLayer(data.init_params())
by_hand, grads_by_hand = data.by_hand(500)

loss = 0.5 * nn.MSELoss()(module(X), y)
loss.backward()
gap = max(float((p.grad - torch.tensor(grads_by_hand[name])).abs().max()) for name, p in module.named_parameters())
for name, p in module.named_parameters():
    print(f"{name}  shape {tuple(p.shape)!s:8s} {p.numel():3d} numbers")
print(f"loss {loss.item():.4f}; equal to unit 02 within 1e-8: {abs(loss.item() - by_hand) < 1e-8}")
print(f"gradients equal to unit 02 within 1e-8: {gap < 1e-8}")

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - No `super().__init__()`: "cannot assign parameters before Module.__init__() call".
# - `self.W1 = torch.tensor(…, requires_grad=True)`: gets gradients, but no optimizer ever hears of it.
# - `return f.squeeze(-1)`: the output becomes `(N,)`, and `f - y` with a `(N, 1)` target an `(N, N)` matrix. Targets and
#   outputs keep their column in this course.
# </details>

# %% [markdown]
# ## 2 · Ready-made layers
#
# `nn.Linear(d, h)` is the affine layer that you know: `weight` of shape `(h, d)`, `bias` of shape `(h,)`, and
# $X W^\top + b$. It takes `(N, d)` to `(N, h)`; more precisely, the *last* dimension from `d` to `h`, and leaves all others
# as they are.
#
# | by hand, NumPy | PyTorch layer | parameters | note |
# |---|---|---|---|
# | `X @ W.T + b` | `nn.Linear(d, h)` | `h·d + h` | random start, float32 |
# | `np.maximum(a, 0)` | `nn.ReLU()` | none | |
# | `1 / (1 + np.exp(-a))` | `nn.Sigmoid()` | none | for a probability |
# | a random mask, rescaled | `nn.Dropout(p)` | none | acts in `train()` only |
# | running mean and variance | `nn.BatchNorm1d(h)` | `2h` | acts differently in `train()` and `eval()` |
# | `exp(a) / exp(a).sum()` | `nn.Softmax(dim=1)` | none | not before `nn.CrossEntropyLoss`: it has one inside |
#
# `nn.Sequential` chains layers. When to use which:
#
# | `nn.Sequential(…)` | a module of your own |
# |---|---|
# | layers one after the other | two inputs, two outputs, a layer used twice, a skip |
# | parts have numbers: `model[0].weight` | parts have names: `model.W1` |
# | nothing to explain | a place for the explanation |

# %%
layer = nn.Linear(3, 2)
print("weight", tuple(layer.weight.shape), " bias", tuple(layer.bias.shape), layer.weight.dtype)
for shape in ((5, 3), (7, 5, 3)):
    print(f"in {shape!s:10s} out {tuple(layer(torch.zeros(shape)).shape)}")

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** In `nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))`, what are the keys of the
# `state_dict()`? (There are four. Why is there none that begins with `1.`?)
#
# *Your prediction:*

# %% [markdown] exercise={"id": "sequential", "difficulty": 2, "minutes": 12}
# ### The same network from ready-made layers
#
# Write `sequential(params)`: an `nn.Sequential` of Linear, ReLU, Linear in float64, whose weights and biases are copies
# of the given ones. All sizes come from the shapes in `params`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The layers start with random numbers in float32. Two things have to be put right.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `nn.Linear(d, h, dtype=torch.float64)` has the dtype. For the numbers, `load_state_dict` takes a dict with keys such as
# `"0.weight"`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# h, d = params["W1"].shape
# model = nn.Sequential(nn.Linear(d, h, dtype=...), ..., ...)
# model.load_state_dict({"0.weight": torch.tensor(...), ...})
# return model
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "sequential", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequential(params):
    """The d-h-out network as nn.Sequential(Linear, ReLU, Linear), in float64.

    params: dict of arrays "W1" (h, d), "b1" (h,), "W2" (out, h), "b2" (out,)

    Returns the model; its values are copies of the given ones.
    """
    ### BEGIN SOLUTION
    (h, d), out = params["W1"].shape, len(params["b2"])
    kind = {"dtype": torch.float64}
    model = nn.Sequential(nn.Linear(d, h, **kind), nn.ReLU(), nn.Linear(h, out, **kind))
    keys = ("0.weight", "0.bias", "2.weight", "2.bias")
    model.load_state_dict({key: torch.tensor(params[k]) for key, k in zip(keys, ("W1", "b1", "W2", "b2"))})
    return model
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "sequential-same", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check

score = check.Score("The same network from ready-made layers", 3)
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle
from autograder.references import models, unseen

### END HIDDEN TESTS
places_ = {"W1": "0.weight", "b1": "0.bias", "W2": "2.weight", "b2": "2.bias"}
params_ = {
    "W1": np.array([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]),
    "b1": np.array([1.0, 0.0, 0.0]),
    "W2": np.array([[1.0, 4.0, -1.0]]),
    "b2": np.array([0.5]),
}
with score.part("three layers, with the given numbers in them", 1):
    model_ = sequential(params_)
    check.instance("The model", model_, torch.nn.Sequential)
    check.equal("the number of layers", len(model_), 3)
    state_ = model_.state_dict()
    check.keys("The state_dict", state_, list(places_.values()))
    for name_, place_ in places_.items():
        check.shape(place_, state_[place_], params_[name_].shape)
        same_ = np.allclose(check.array(place_, state_[place_]), params_[name_], atol=1e-6)
        check.true(same_, f"{place_} has not the numbers of {name_}.", "random-weights")
        check.dtype(place_, state_[place_], torch.float64)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        models.alive(model_, torch.tensor([[1.0, -2.0], [1.0, 3.0]], dtype=torch.float64))
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
layered_ = lambda values, X: models.mlp([values[k_] for k_ in places_.values()], X)
with score.part("other sizes: the output", 1, other_sizes=True):
    net_ = oracle.network(seed=421, N=7, d=3, h=5, out=2)
    bent_ = (net_.X @ net_.params["W1"].T + net_.params["b1"]) @ net_.params["W2"].T + net_.params["b2"]
    model_ = sequential(net_.params)
    f_ = model_(torch.tensor(net_.X))
    cut_ = {"relu-missing": bent_, "relu-mask-misplaced": np.maximum(net_.cache["f"], 0)}
    check.close("model(X)", f_, net_.cache["f"], candidates=cut_)
    models.computes(model_, layered_, torch.tensor(net_.X))
    check.close("the three layers, one by one", model_[2](model_[1](model_[0](torch.tensor(net_.X)))), model_(torch.tensor(net_.X)))
with score.part("to the last digit of float64, on memory of its own", 1):
    net_ = oracle.network(seed=422, N=7, d=2, h=4, out=1)
    given_ = {k_: v_.copy() for k_, v_ in net_.params.items()}
    model_ = sequential(given_)
    f_ = check.array("model(X)", model_(torch.tensor(net_.X)))
    error_ = float(np.abs(f_ - net_.cache["f"]).max())
    what_ = f"model(X) is off by {error_:.0e}; float64 is good to 1e-15."
    check.true(error_ > 1e-4 or error_ < 1e-12, what_, "wrong-dtype")
    check.close("model(X)", f_, net_.cache["f"])
    with check.unchanged(params=given_):
        model_.load_state_dict({p_: torch.zeros(given_[n_].shape) for n_, p_ in places_.items()})
        zeros_ = model_(torch.tensor(net_.X))
    check.close("model(X) with zeros loaded", zeros_, torch.zeros(7, 1), candidates={"other-parameters": f_})
### END HIDDEN TESTS
score.total()

# %%
with torch.no_grad():
    outputs = {"TwoLayer": TwoLayer(data.init_params())(X), "Sequential": sequential(data.init_params())(X)}
print("largest difference of the two outputs below 1e-12:", bool((outputs["TwoLayer"] - outputs["Sequential"]).abs().max() < 1e-12))
print("keys:", ", ".join(sequential(data.init_params()).state_dict()))

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `nn.Linear(16, 2)` for a weight of shape `(16, 2)`: the *arguments* are (in, out), the *weight* is `(out, in)`.
# - `model[0].weight = torch.tensor(…)`: "cannot assign as parameter"; copy into it, or wrap it in `nn.Parameter`.
# - Expected `Float` but got `Double`: the data are float64, the layers float32. One of the two has to give in.
# </details>

# %% [markdown]
# ## 3 · The five steps
#
# One call of a loss function, one optimizer, and the loop of the picture at the top. The optimizer holds the parameters
# (the very same tensors, not copies) and does to each of them what you did by hand: $p \leftarrow p - \eta\,
# p\texttt{.grad}$.
#
# | step | by hand, units 02 and 03 | with an optimizer |
# |---|---|---|
# | ① forget | a new dict of gradients in each epoch | `optimizer.zero_grad()` |
# | ② forward | `f, cache = forward(params, X)` | `f = model(X)` |
# | ③ loss | `half_mse(f, y)` | `loss = loss_fn(f, y)` |
# | ④ backward | `backward(params, X, y, cache)` | `loss.backward()` |
# | ⑤ step | `params[name] - lr * grads[name]` | `optimizer.step()` |
#
# **A small example.** $f = wx + b$, both 0 at first, on the samples (1, 2) and (−1, −2). The loss is the mean of
# $(f-y)^2$: it is 4, and its gradient by $w$ is $-4$. With a learning rate of ⅛, $w$ becomes ½, and the loss 2.25.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** What would the three losses 4, 2.25, 1.27 become if step ① were forgotten? And if ④ and ⑤ changed
# places, with ① at the top?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "fit", "difficulty": 2, "minutes": 15}
# ### The loop
#
# Write `fit(model, loss_fn, X, y, lr, epochs)`: full-batch training with `torch.optim.SGD`. It puts the model into
# training mode, goes through the five steps in each epoch, and returns the losses as plain floats.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Four lines before and after the loop, five in it, in the order of the picture.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `torch.optim.SGD(model.parameters(), lr=lr)` before the loop. `loss.item()` is the number; appending `loss` itself would
# keep each epoch's graph alive.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# optimizer = torch.optim.SGD(..., lr=lr)
# model....
# for _ in range(epochs):
#     optimizer....
#     loss = loss_fn(..., y)
#     loss....
#     optimizer....
#     losses.append(...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit(model, loss_fn, X, y, lr, epochs):
    """Full-batch training by SGD: the model is changed.

    loss_fn: function of (output, target), e.g. nn.MSELoss()
    X, y:    tensors (N, d), (N, out)

    Returns the list of the `epochs` losses as floats, each as it was before its step.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "fit-steps", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import torch
from torch import nn
from lessonkit import check


def line_():
    """The model f = 0·x + 0."""
    model = nn.Linear(1, 1)
    model.load_state_dict({"weight": torch.zeros(1, 1), "bias": torch.zeros(1)})
    return model


score = check.Score("The loop", 5)
### BEGIN HIDDEN TESTS
from autograder.references import descent, models, unseen


def other_line_(lr, epochs):
    """Another line, other data: what the loop should give, what it gives, and the model after it."""
    X, y = torch.randn(2, 1), 2 + torch.randn(2, 1)
    model = nn.Linear(1, 1)
    right = descent.fit(model, nn.MSELoss(), [(X, y)], lr, epochs)
    return right, fit(model, nn.MSELoss(), X.clone(), y.clone(), lr, epochs), model


### END HIDDEN TESTS
X_, y_ = torch.tensor([[1.0], [-1.0]]), torch.tensor([[2.0], [-2.0]])
with score.part("the small example: 4, 2.25, 1.265625", 2):
    losses_ = fit(line_(), nn.MSELoss(), X_, y_, 0.125, 3)
    check.equal("the number of losses", len(losses_), 3)
    wrong_ = {
        "accumulated": [4.0, 2.25, 0.390625],
        "no-step": [4.0, 4.0, 4.0],
        "step-order": [4.0, 4.0, 2.25],
        "off-by-one": [2.25, 1.265625, 0.711914],
        "sign": [4.0, 6.25, 9.765625],
    }
    ours_ = [float(loss_) for loss_ in losses_]
    check.close("the losses", ours_, [4.0, 2.25, 1.265625], candidates=wrong_)
    kept_ = [loss_ for loss_ in losses_ if not isinstance(loss_, float)]
    check.true(not kept_, "The losses should be plain floats.", "graph-kept")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        right_, losses_, model_ = other_line_(0.05, 4)
        models.arrived(models.values_of(model_), right_["start"], right_["state"])
        check.close("the losses", [float(loss_) for loss_ in losses_], right_["loss"], rtol=1e-4)
    ### END HIDDEN TESTS
with score.part("the model has moved: w = 1.15625 after three steps", 1):
    model_ = line_()
    fit(model_, nn.MSELoss(), X_, y_, 0.125, 3)
    weight_ = model_.state_dict()["weight"]
    wrong_ = {"no-step": [[0.0]], "accumulated": [[2.40625]], "step-order": [[1.0]]}
    check.close("the weight", weight_, [[1.15625]], candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        right_, _, model_ = other_line_(0.1, 3)
        models.arrived(models.values_of(model_), right_["start"], right_["state"])
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("two layers and another loss, against a reference", 1, other_sizes=True):
    torch.manual_seed(431)
    X_, y_ = torch.randn(9, 3), (torch.rand(9, 2) < 0.5).float()
    model_ = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 2))
    bce_ = nn.BCEWithLogitsLoss()
    wrong_ = {}
    for code_ in ("accumulated", "no-step"):
        wrong_[code_] = descent.fit(model_, bce_, [(X_, y_)], 0.5, 6, code_)["loss"]
    right_ = descent.fit(model_, bce_, [(X_, y_)], 0.5, 6)
    wrong_["argument-ignored"] = descent.fit(model_, nn.MSELoss(), [(X_, y_)], 0.5, 6)["loss"]
    losses_ = [float(loss_) for loss_ in fit(model_, bce_, X_.clone(), y_.clone(), 0.5, 6)]
    check.close("the losses", losses_, right_["loss"], rtol=1e-4, candidates=wrong_)
    models.arrived(models.values_of(model_), right_["start"], right_["state"])
with score.part("in training mode, whatever the mode was before", 1):
    # Dropout that drops everything: one step moves the biases alone, and in evaluation mode the weights too.
    model_ = nn.Sequential(nn.Dropout(1.0), nn.Linear(3, 2))
    right_, still_ = (
        descent.fit(model_, nn.MSELoss(), [(X_, y_)], 0.1, 1, mistake_) for mistake_ in ("", "train-mode-missing")
    )
    model_.eval()
    fit(model_, nn.MSELoss(), X_.clone(), y_.clone(), 0.1, 1)
    wrong_ = {"train-mode-missing": still_["state"]}
    models.arrived(models.values_of(model_), right_["start"], right_["state"], wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Now unit 02 once more, word for word the same descent. One translation is needed: `nn.MSELoss` is the mean of
# $(f-y)^2$ *without* the ½, so its gradients are twice as large, and half the learning rate makes the same step:
# 0.1 here is 0.2 there.

# %% tags=["study"]
record = data.run_by_hand()
module = TwoLayer(data.init_params())
seconds = {"module": -time.perf_counter()}
module_losses = fit(module, nn.MSELoss(), X, y, lr=0.1, epochs=1000)
seconds["module"] += time.perf_counter()
gap = max(abs(a / 2 - b) for a, b in zip(module_losses[::10], record.losses))
print("½ MSE along 1,000 epochs equal to unit 02 within 1e-8:", bool(gap < 1e-8))

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** A perceptron is one linear layer and a sigmoid: $p = \sigma(w^\top x + b)$. Which of these can it learn:
# AND, OR, XOR? What will it answer on the one that it cannot?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "perceptron", "difficulty": 1, "minutes": 8}
# ### A perceptron for AND
#
# Write the module `Perceptron(d)`: a layer `self.linear`, from `d` inputs to one output, and a sigmoid after it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# One layer is made in `__init__`, and used in `forward`.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `nn.Linear(d, 1)` under the name `linear`; `torch.sigmoid` around its output.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# super()....
# self.linear = nn.Linear(...)
# # forward
# return torch.sigmoid(...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "perceptron", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Perceptron(nn.Module):
    """σ(w·x + b) for d inputs, with its layer under the name `linear`."""

    def __init__(self, d):
        ### BEGIN SOLUTION
        super().__init__()
        self.linear = nn.Linear(d, 1)
        ### END SOLUTION

    def forward(self, X):
        """X: tensor (N, d). Returns probabilities (N, 1)."""
        ### BEGIN SOLUTION
        return torch.sigmoid(self.linear(X))
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "perceptron-and", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("A perceptron for AND", 3)
### BEGIN HIDDEN TESTS
from autograder.references import models, unseen

### END HIDDEN TESTS
X_ = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
with score.part("weights (2, 2) and bias −3 make an AND", 1):
    model_ = Perceptron(2)
    named_ = dict(model_.named_parameters())
    known_ = {"linear.weight", "linear.bias"} <= set(named_)
    check.true(known_, f"named_parameters() has {sorted(named_)}.", "not-registered")
    model_.load_state_dict({"linear.weight": torch.tensor([[2.0, 2.0]]), "linear.bias": torch.tensor([-3.0])})
    logits_ = torch.tensor([[-3.0], [-1.0], [-1.0], [1.0]])
    check.close("model(X)", model_(X_), torch.sigmoid(logits_), candidates={"sigmoid-missing": logits_})
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        model_.load_state_dict({"linear.weight": torch.tensor([[3.0, -1.0]]), "linear.bias": torch.tensor([0.5])})
        check.close("model(X)", model_(X_), torch.sigmoid(torch.tensor([[0.5], [-0.5], [3.5], [2.5]])))
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("five inputs", 1, other_sizes=True):
    gen_ = torch.Generator().manual_seed(441)
    X_, w_ = torch.randn(6, 5, generator=gen_), torch.randn(1, 5, generator=gen_)
    model_ = Perceptron(5)
    model_.load_state_dict({"linear.weight": w_, "linear.bias": torch.tensor([0.3])})
    logits_ = X_ @ w_.T + 0.3
    wrong_ = {"sigmoid-missing": logits_, "relu-mask-misplaced": torch.sigmoid(torch.relu(logits_))}
    check.close("model(X)", model_(X_), torch.sigmoid(logits_), candidates=wrong_)
    models.computes(model_, lambda values, X: torch.sigmoid(models.mlp(values.values(), X)), X_)
with score.part("each perceptron has a layer of its own, the same in each call", 1):
    check.seed(1)
    first_, second_ = Perceptron(5), Perceptron(5)
    one_, again_ = check.array("model(X)", first_(X_)), check.array("model(X)", first_(X_))
    check.true((one_ == again_).all(), "Two calls give two answers: the layer is made anew each time.", "not-registered")
    other_ = check.array("model(X)", second_(X_))
    check.true((one_ != other_).any(), "Two perceptrons share one layer.", "aliased")
    models.alive(first_, X_)
    after_ = check.array("model(X)", second_(X_))
    check.true((after_ == other_).all(), "Two perceptrons share one layer.", "aliased")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Your perceptron in your loop, with the loss for probabilities, on three truth tables:

# %% tags=["study"]
corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
tables = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}
print("      (0,0) (0,1) (1,0) (1,1)")
for name, truth in tables.items():
    torch.manual_seed(setup.SEED)
    perceptron = Perceptron(2)
    fit(perceptron, nn.BCELoss(), corners, torch.tensor(truth, dtype=torch.float32)[:, None], lr=1.0, epochs=1000)
    with torch.no_grad():
        print(f"{name:4s}", " ".join(f"{p:5.1f}" for p in perceptron(corners)[:, 0].tolist()))

# %% [markdown]
# <details><summary>Reveal</summary>
#
# AND and OR can be cut off by a straight line, XOR cannot. There the best that a straight line can do is to say ½ to
# everything: no error message, no divergence, only a loss that stays at $\ln 2 \approx 0.69$. Remember that number: a
# binary classifier whose loss sits at 0.69 has learned nothing.
# </details>
#
# <details><summary>Training does not work: a debug checklist</summary>
#
# 1. The loss does not move at all: is `step()` called, and after `backward()`? Were the parameters handed to the
#    optimizer (print `len(list(model.parameters()))`)?
# 2. It falls and then jumps: is `zero_grad()` there? Is the learning rate too large?
# 3. It sits at 0.69 (cross-entropy) or 0.25 (MSE, balanced): the network says ½ to everything. Too few units, dead
#    units, or a straight line where none fits.
# 4. It falls, but the accuracy stays at ½: look at the shapes of output and target.
# 5. Overfit four samples on purpose. If even that fails, it is the code, not the data.
# </details>

# %% [markdown]
# ## 4 · Twenty at once
#
# Two claims that one meets in notebooks:
#
# > *"A 2-4-1 network learns the four XOR points reliably."*
#
# > *"2-4-1 on the XOR square, initial weights from N(0, 0.1²), 200 epochs with batches of 32: the final accuracy
# > approaches 1.0."*
#
# Each was seen with **one** seed. How would you check it? Train with twenty. But not one after the other: put all
# twenty networks into one tensor, with the network as its first dimension $S$, and train them at once.
#
# | | one network | a crowd of S networks |
# |---|---|---|
# | `X` | `(N, d)` | `(S, N, d)`: each network has its own batch |
# | `W1`, `b1` | `(h, d)`, `(h,)` | `(S, h, d)`, `(S, h)` |
# | `W2`, `b2` | `(out, h)`, `(out,)` | `(S, out, h)`, `(S, out)` |
# | `f` | `(N, out)` | `(S, N, out)` |
#
# `A @ B` multiplies the last two dimensions and keeps the first ones: `(S, N, d) @ (S, d, h)` is `(S, N, h)`.
# `W.transpose(1, 2)` turns `(S, h, d)` into `(S, d, h)`.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** `a1` has shape `(S, N, h)` and `b1` has `(S, h)`. What does `a1 + b1` do if S = N? If S ≠ N? And what
# shape should `b1` have instead?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "crowd_forward", "difficulty": 3, "minutes": 15}
# ### Forward for a crowd
#
# Write `crowd_forward(params, X)`: the forward pass of all S networks, without a loop over them.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Write the shape beside each quantity. Every bias needs one more dimension, in the place of N.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `b1[:, None, :]` has shape `(S, 1, h)`, and is broadcast over the samples. Apart from that and from `transpose(1, 2)`,
# it is the forward pass that you know.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# a1 = X @ params["W1"].transpose(...) + params["b1"][...]
# h = ...
# return h @ ... + ...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "crowd_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def crowd_forward(params, X):
    """The outputs of S networks, each on its own batch.

    params: dict of tensors "W1" (S, h, d), "b1" (S, h), "W2" (S, out, h), "b2" (S, out)
    X:      tensor (S, N, d)

    Returns a tensor (S, N, out).
    """
    ### BEGIN SOLUTION
    a1 = X @ params["W1"].transpose(1, 2) + params["b1"][:, None, :]  # (S, N, h)
    h = torch.relu(a1)
    return h @ params["W2"].transpose(1, 2) + params["b2"][:, None, :]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "crowd_forward-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("Forward for a crowd", 4)
### BEGIN HIDDEN TESTS
from autograder.references import two_layer as oracle
from autograder.references import unseen


def crowd_(nets):
    """Parameters, inputs and outputs of networks, stacked."""
    stack = lambda arrays: torch.stack([torch.tensor(a_) for a_ in arrays])
    params = {k_: stack([n_.params[k_] for n_ in nets]) for k_ in ("W1", "b1", "W2", "b2")}
    return params, stack([n_.X for n_ in nets]), stack([n_.cache["f"] for n_ in nets])


### END HIDDEN TESTS
params_ = {
    "W1": torch.tensor([[[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]], [[1.0, 1.0], [0.0, 2.0], [-1.0, 0.0]]]),
    "b1": torch.tensor([[1.0, 0.0, 0.0], [0.0, -1.0, 2.0]]),
    "W2": torch.tensor([[[1.0, 4.0, -1.0]], [[1.0, 1.0, 1.0]]]),
    "b2": torch.tensor([[0.5], [-2.0]]),
}
X_ = torch.tensor([[[1.0, -2.0], [1.0, 3.0]], [[1.0, -2.0], [1.0, 3.0]]])
with score.part("two networks, two samples", 2):
    f_ = crowd_forward(params_, X_)
    check.shape("f", f_, (2, 2, 1))
    mixed_ = torch.relu(X_ @ params_["W1"].mT + params_["b1"]) @ params_["W2"].mT + params_["b2"]
    wrong_ = {"broadcast": mixed_}
    check.close("f", f_, [[[1.5], [11.5]], [[-1.0], [8.0]]], candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        others_, X_other_, right_ = crowd_([oracle.network(seed=s_, N=2, d=2, h=3, out=1) for s_ in (448, 449)])
        check.close("f", crowd_forward(others_, X_other_), right_)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("five networks of other sizes, each on its own batch", 2, other_sizes=True):
    params_, X_, right_ = crowd_([oracle.network(seed=s_, N=7, d=3, h=4, out=2) for s_ in range(450, 455)])
    flat_ = (X_ @ params_["W1"].mT + params_["b1"][:, None]) @ params_["W2"].mT + params_["b2"][:, None]
    first_ = {k_: v_[:1].expand_as(v_) for k_, v_ in params_.items()}
    same_ = torch.relu(X_ @ first_["W1"].mT + first_["b1"][:, None]) @ first_["W2"].mT + first_["b2"][:, None]
    with check.unchanged(params=params_):
        f_ = crowd_forward(params_, X_)
    wrong_ = {"relu-missing": flat_, "argument-ignored": same_}
    check.close("f", f_, right_, candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# The training of a crowd is given. Its loss is the **sum over the networks** of each one's mean: no network's loss depends
# on another one's parameters, so each gets exactly the gradient that it would get alone. SGD and Adam both work entry by
# entry, so they do not mix the networks either.

# %%
def crowd(starts):
    """Parameters of S networks in one dict: each tensor gets the network as its first dimension."""
    return {name: torch.stack([torch.as_tensor(start[name]) for start in starts]).double() for name in starts[0]}


def train_crowd(params, X, y, loss_fn, optimizer_class, lr, epochs, batch_size):
    """Trained copies of S networks; each deals out X (N, d), y (N, out) to itself in its own order."""
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    optimizer = optimizer_class(params.values(), lr=lr)
    generator = torch.Generator().manual_seed(setup.SEED)
    S = len(params["W1"])
    for _ in progress.bar(range(epochs), "epochs"):
        orders = torch.rand(S, len(X), generator=generator).argsort(dim=1)  # (S, N)
        for rows in orders.split(batch_size, dim=1):  # (S, B)
            optimizer.zero_grad()
            errors = loss_fn(crowd_forward(params, X[rows]), y[rows], reduction="none")  # (S, B, out)
            errors.mean(dim=(1, 2)).sum().backward()
            optimizer.step()
    return {name: value.detach() for name, value in params.items()}


def linear_starts(h, seeds):
    """How nn.Linear starts: uniform in ±1/√(inputs), for the weights and the biases."""
    for seed in seeds:
        torch.manual_seed(seed)
        first, second = nn.Linear(2, h), nn.Linear(h, 1)
        layers = {"W1": first.weight, "b1": first.bias, "W2": second.weight, "b2": second.bias}
        yield {name: value.detach() for name, value in layers.items()}

# %% [markdown]
# **The first claim.** The four corners, cross-entropy, Adam. A network has *learned* them if all four probabilities are
# within ¼ of their targets.

# %% tags=["study", "nbval-ignore-output"]
truth = torch.tensor([[0.0], [1.0], [1.0], [0.0]]).double()
cross_entropy = nn.functional.binary_cross_entropy_with_logits
print("hidden units   learned XOR, of 20")
for h in (2, 4, 8, 16):
    start = crowd(list(linear_starts(h, range(20))))
    end = train_crowd(start, corners.double(), truth, cross_entropy, torch.optim.Adam, 0.05, 500, 4)
    p = torch.sigmoid(crowd_forward(end, corners.double().expand(20, -1, -1)))
    learned = (p - truth).abs().amax(dim=(1, 2)) < 0.25
    print(f"{h:12d}   {int(learned.sum())}")

# %% [markdown]
# **The second claim.** 2-4-1, N(0, 0.1²), batches of 32, 200 epochs, learning rate 0.1, twenty seeds; and beside it
# a wider network, and larger initial weights. Accuracy on points that no network has seen.

# %% tags=["study"]
X_new, y_new = (torch.tensor(values) for values in data.xor(2000, seed=999))


def accuracies(h, scale, epochs):
    """The accuracy on new points of 20 networks that differ in their seed, sorted."""
    start = crowd([data.init_params(h=h, scale=scale, seed=seed) for seed in range(20)])
    end = train_crowd(start, X, y, nn.functional.mse_loss, torch.optim.SGD, 0.1, epochs, 32)
    f = crowd_forward(end, X_new.expand(20, -1, -1))[:, :, 0]
    return sorted(((f >= 0.5) == (y_new >= 0.5)).double().mean(dim=1).tolist())


claimed = accuracies(4, 0.1, 200)
print("2-4-1, N(0, 0.1²): worst below 0.75:", claimed[0] < 0.75, "  best above 0.97:", claimed[-1] > 0.97)
print("seeds that reach 0.95:", "fewer than half" if claimed[10] < 0.95 else "half or more")

# %% tags=["study"]
groups = {"4 units\nN(0, 0.1²)\n200 epochs": claimed}
for h, scale in ((4, 0.5), (8, 0.5), (16, 0.1), (16, 0.5)):
    groups[f"{h} units\nN(0, {scale}²)\n80 epochs"] = accuracies(h, scale, 80)
plot.spread(
    groups,
    title="One dot for each seed",
    level=0.95,
    alt="Columns of dots: four units scatter widely, from about 0.7 to 0.98; with sixteen units nearly all are "
    "above 0.95, whatever the scale of the initial weights.",
)

# %% [markdown] exercise={"id": "claim", "difficulty": 1, "minutes": 5}
# ### Check the claims
#
# One letter for each.
#
# **corners**: Of 20 seeds, a 2-4-1 network learns the four XOR points with
# (a) all; (b) about two in three; (c) about one in five; (d) none.
#
# **square**: "The accuracy of 2-4-1 with N(0, 0.1²) approaches 1.0." Over 20 seeds, the accuracies
# (a) are all above 0.98; (b) are all close to 0.75; (c) lie between about 0.7 and 0.98, and most stay below 0.95;
# (d) lie between 0.9 and 1, and 200 epochs more would bring all of them to 1.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The two study cells above have the answer, once `crowd_forward` is right.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# For the second: print `claimed`. It is sorted; where does it pass 0.95?
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# Read the row for 4 hidden units in the table, and the first column of dots in the figure.
# </details>

# %% nbgrader={"grade": false, "grade_id": "claim", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# claims = {"corners": "?", "square": "?"}
### BEGIN SOLUTION
claims = {"corners": "b", "square": "c"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "claim-verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Check the claims", 2)
with score.part("each question has a letter", 0):
    quiz.form(claims, {"corners": "abcd", "square": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("corners", 1):
    quiz.right(claims, "corners", "b", "section 4, the table of the first claim")
with score.part("square", 1):
    quiz.right(claims, "square", "c", "section 4, the dots of the second claim")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Reveal: why do some never learn it?</summary>
#
# XOR *can* be solved with two units. Whether gradient descent finds how depends on where the folds happen to start. Four
# units give few chances: if two are dead, or fold the same corner, the rest cannot make up for it. The seeds that fail do
# not need more epochs; they are stuck. Sixteen units give so many chances that nearly every seed is a good one. So:
# report the spread over seeds, and distrust a single curve, your own included.
# </details>

# %% [markdown]
# ## 5 · Batches
#
# Full-batch training computes one exact gradient from all samples. With batches of 32 one gets sixteen steps for the same
# work, each from a slightly noisy gradient; for anything larger than a toy that is a good bargain.
#
# | | |
# |---|---|
# | `TensorDataset(X, y)` | pairs up rows: `dataset[i]` is `(X[i], y[i])` |
# | `DataLoader(dataset, batch_size, shuffle, generator)` | deals out batches; each `for` over it is one epoch, in a new order |
#
# The order is random, so it is part of the experiment. With a **generator of its own**, it depends on its seed and on
# nothing else: not on how many layers were initialised before, not on what another cell has drawn.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** 500 samples in batches of 32: how many batches has an epoch, and how large is the last? If you took
# the mean of the batch losses as the loss of the epoch, which samples would count more than the others?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "make_loader", "difficulty": 1, "minutes": 8}
# ### A loader
#
# Write `make_loader(X, y, batch_size, seed)`: from arrays to a `DataLoader` that shuffles with its own generator, and deals
# out float64 tensors: `(B, d)`, and targets as a column, `(B, 1)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `y` comes as `(N,)`. What turns it into `(N, 1)`?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Two tensors, a `TensorDataset` of them, a `torch.Generator` with a seed, a `DataLoader` with four arguments.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# dataset = TensorDataset(torch.tensor(X), torch.tensor(y)[...])
# generator = torch.Generator().manual_seed(...)
# return DataLoader(dataset, batch_size=..., shuffle=..., generator=...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "make_loader", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_loader(X, y, batch_size, seed):
    """Batches in a random order of their own.

    X: array (N, d), y: array (N,), both float64

    Returns a DataLoader of batches (B, d), (B, 1), float64, shuffled by a generator with this seed.
    """
    ### BEGIN SOLUTION
    dataset = TensorDataset(torch.tensor(X), torch.tensor(y)[:, None])
    order = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=order)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "make_loader-order", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check

score = check.Score("A loader", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen


def order_(X, loader):
    """The order in which one epoch deals out the rows of X, whose targets are its second column."""
    place, order = {float(row[0]): i for i, row in enumerate(X)}, []
    for some, targets in loader:
        rows, truth = check.array("a batch", some), check.array("a batch of targets", targets)
        found = [place.get(float(x), -1) for x in rows[:, 0]]
        paired = -1 not in found and np.array_equal(rows, X[found]) and np.array_equal(truth.reshape(-1), X[found, 1])
        check.true(paired, "A sample has lost its other coordinates or its target.", "pairs-broken")
        order += found
    return order


### END HIDDEN TESTS
X_ = np.arange(10.0).reshape(5, 2)
with score.part("five samples in batches of two: each once, with its own target", 1):
    batches_ = list(make_loader(X_, X_[:, 0] / 2, 2, 0))
    sizes_ = sorted(len(xb_) for xb_, _ in batches_)
    check.true(sizes_ != [2, 2], "The last, smaller batch is missing.", "piece-lost")
    check.equal("the sizes of the batches, sorted", sizes_, [1, 2, 2])
    for xb_, yb_ in batches_:
        check.shape("a batch of targets", yb_, (len(xb_), 1))
        check.dtype("a batch", xb_, torch.float64)
        check.close("the targets", yb_[:, 0], xb_[:, 0] / 2)
    seen_ = sorted(float(x_) for xb_, _ in batches_ for x_ in xb_[:, 0])
    check.close("the first coordinates, sorted", seen_, [0, 2, 4, 6, 8])
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        X_ = np.random.default_rng(460).normal(size=(5, 2))
        batches_ = list(make_loader(X_.copy(), X_[:, 0].copy(), 2, 0))
        seen_ = sorted((float(x_), float(y_)) for xb_, yb_ in batches_ for x_, y_ in zip(xb_[:, 0], yb_[:, 0]))
        check.equal("the samples", seen_, sorted((float(x_), float(x_)) for x_ in X_[:, 0]))
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
X_ = np.random.default_rng(461).normal(size=(40, 3))
with score.part("a new order in each epoch", 1):
    loader_ = make_loader(X_.copy(), X_[:, 1].copy(), 16, 3)
    first_, second_ = order_(X_, loader_), order_(X_, loader_)
    check.true(first_ != list(range(40)), "The samples come in their own order.", "same-order")
    check.true(first_ != second_, "The second epoch has the order of the first.", "same-order")
    check.true(sorted(second_) == list(range(40)), "The second epoch lacks samples.", "piece-lost")
with score.part("the order follows the seed, and nothing else", 1):
    check.seed(1)
    one_ = order_(X_, make_loader(X_.copy(), X_[:, 1].copy(), 16, 3))
    check.seed(2)
    same_, other_ = (order_(X_, make_loader(X_.copy(), X_[:, 1].copy(), 16, seed_)) for seed_ in (3, 4))
    check.true(one_ == same_, "The same seed gives another order when torch is seeded otherwise.", "seed-ignored")
    check.true(one_ != other_, "Another seed gives the same order.", "seed-ignored")
### END HIDDEN TESTS
score.total()

# %%
loader = make_loader(X_np, y_np, batch_size=32, seed=setup.SEED)
sizes = [len(xb) for xb, yb in loader]
print(f"{len(loader)} batches; the first has {sizes[0]} samples, the last {sizes[-1]}")

# %% [markdown]
# ## 6 · Watch while you train
#
# A loss that falls is good news, and not much news. Three more instruments:
#
# - **accuracy** at the threshold ½: what you are after;
# - **gradient norm** $\sqrt{\sum_p \lVert p\texttt{.grad} \rVert^2}$ over all parameters: is there still a slope? Does it
#   explode?
# - **active fraction**: the share of ReLU outputs above 0. Near 0 the units are dead, near 1 the network is straight.
#
# Measuring is not training, so two switches are set:
#
# | | what it does | what happens without it |
# |---|---|---|
# | `model.eval()` | Dropout and BatchNorm behave as in use | you measure a randomly crippled network |
# | `torch.no_grad()` | no graph is recorded | slower, and memory for nothing |
#
# And afterwards the model must be put **back into the mode it was in**, or the next epoch trains in evaluation mode.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Our 2-16-1 network has neither Dropout nor BatchNorm. What changes in its output between `train()` and
# `eval()`? Why bother, then?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "evaluate", "difficulty": 2, "minutes": 12}
# ### Measure without a trace
#
# Write `evaluate(model, X, y)` for an `nn.Sequential` that begins with Linear and ReLU (whatever follows). It returns
# `"accuracy"`, the share of samples for which `f ≥ 0.5` agrees with the target, and `"active"`, the share of outputs of the
# ReLU that are above 0: both in evaluation mode, without a graph. Afterwards the model is in the mode in which it came.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A Sequential can be sliced like a list: `model[:2]` is a model too.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Note `model.training`, call `model.eval()`, compute under `torch.no_grad()`, and at the end `model.train(noted)`.
# Compare `(N, 1)` with `(N, 1)`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# before = ...
# model....
# with torch.no_grad():
#     right = (model(X) >= ...) == (y >= ...)
#     active = model[:2](X) > ...
# model.train(...)
# return {"accuracy": ..., "active": ...}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, X, y):
    """Accuracy at ½, and the share of ReLU outputs above 0, in evaluation mode.

    model: nn.Sequential that begins with Linear, ReLU
    X, y:  tensors (N, d), (N, 1) of 0 and 1

    Returns {"accuracy": float, "active": float}; the model's mode is as before.
    """
    ### BEGIN SOLUTION
    before = model.training
    model.eval()
    with torch.no_grad():
        right = (model(X) >= 0.5) == (y >= 0.5)
        active = model[:2](X) > 0
    model.train(before)
    return {"accuracy": right.double().mean().item(), "active": active.double().mean().item()}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "evaluate-values", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from torch import nn
from lessonkit import check


def small_(*between):
    """A 2-3-1 network with given numbers, and other layers before the last."""
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), *between, nn.Linear(3, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[2.0, 0.0], [-1.0, 1.0], [0.0, -1.0]]))
        model[0].bias.copy_(torch.tensor([1.0, 0.0, 0.0]))
        model[-1].weight.copy_(torch.tensor([[1.0, 4.0, -1.0]]))
        model[-1].bias.copy_(torch.tensor([-2.0]))
    return model


score = check.Score("Measure without a trace", 4)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

five_ = torch.tensor([[1.0, -2.0], [1.0, 3.0], [-1.0, 2.0], [0.0, 0.0], [-2.0, 1.0]])  # f = -1, 9, 10, -1, 10
truth_ = torch.tensor([[1.0], [1.0], [1.0], [0.0], [1.0]])
### END HIDDEN TESTS
X_ = torch.tensor([[1.0, -2.0], [1.0, 3.0], [-1.0, 2.0], [0.0, 0.0]])  # f = -1, 9, 10, -1
y_ = torch.tensor([[0.0], [1.0], [0.0], [0.0]])
with score.part("four samples in a small network: 3 of 4 right, 6 of 12 active", 1):
    found_ = evaluate(small_(), X_, y_)
    check.keys("The result", found_, ["accuracy", "active"])
    check.close("accuracy", found_["accuracy"], 0.75, candidates={"broadcast": 0.5})
    check.close("active", found_["active"], 0.5)
    plain_ = all(isinstance(found_[k_], float) for k_ in ("accuracy", "active"))
    check.true(plain_, "The values should be plain floats.", "graph-kept")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        found_ = evaluate(small_(), five_[[0, 0, 4, 1]], truth_[[0, 0, 4, 1]])
        check.close("accuracy", found_["accuracy"], 0.5)
        check.close("active", found_["active"], 7 / 12)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("in evaluation mode: a network that drops everything in training", 1):
    model_ = small_(nn.Dropout(1.0))
    found_ = evaluate(model_, five_.clone(), truth_.clone())
    check.close("accuracy", found_["accuracy"], 0.8, candidates={"eval-missing": 0.2, "broadcast": 0.56})
with score.part("the mode is as before, in both cases", 1):
    for mode_ in (True, False):
        model_ = small_().train(mode_)
        measured_ = [float(evaluate(model_, five_.clone(), y_five_)["accuracy"]) for y_five_ in (truth_.clone(), 1 - truth_)]
        check.true(measured_[0] != measured_[1], "The targets make no difference.", "argument-ignored")
        what_ = f"The model came in with training = {mode_}, and leaves with {model_.training}."
        check.true(model_.training is mode_, what_, "mode-changed")
with score.part("other sizes", 1, other_sizes=True):
    torch.manual_seed(471)
    model_ = nn.Sequential(nn.Linear(3, 7), nn.ReLU(), nn.Linear(7, 4), nn.Tanh(), nn.Linear(4, 1))
    nn.init.constant_(model_[-1].bias, 0.5)  # outputs on both sides of ½
    X_, y_ = torch.randn(30, 3), (torch.rand(30, 1) < 0.7).float()
    with torch.no_grad():
        f_, h_ = model_(X_), model_[:2](X_)
    right_ = float(((f_ >= 0.5) == (y_ >= 0.5)).float().mean())
    crossed_ = float(((f_[:, 0] >= 0.5) == (y_ >= 0.5)).float().mean())
    found_ = evaluate(model_, X_.clone(), y_.clone())
    check.close("accuracy", found_["accuracy"], right_, candidates={"broadcast": crossed_})
    share_, samples_ = float((h_ > 0).float().mean()), float((h_ > 0).any(dim=0).float().mean())
    check.close("active", found_["active"], share_, candidates={"wrong-axis": samples_})
### END HIDDEN TESTS
score.total()

# %% [markdown] exercise={"id": "train", "difficulty": 3, "minutes": 20}
# ### Everything together
#
# Write `train(model, loader, lr, epochs, watch)`: the five steps over all batches of all epochs, with `nn.MSELoss` and
# `torch.optim.SGD`, and a log. For each epoch it notes
#
# - `"loss"`: the mean loss **over the samples** of the epoch (a small last batch counts less),
# - `"grad_norm"`: the norm of all gradients together in the last batch of the epoch,
# - and everything that `watch(model)` returns after the epoch: a dict of numbers, such as those of `evaluate`.
#
# `watch` may leave the model in evaluation mode. Your training must not suffer from it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `fit`, with one more loop inside. Where does `model.train()` belong now?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Add up `loss.item() * len(xb)` and `len(xb)`, divide at the end of the epoch. The norm is the root of the sum of all
# squared entries of all `.grad`; take it after `backward()`. For the log, the method `setdefault` of a dict gives the
# list that belongs to a name, and puts an empty one there the first time.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for _ in range(epochs):
#     model....
#     total, count = ...
#     for xb, yb in loader:
#         ...  # the five steps
#         total += loss.item() * ...
#         count += ...
#     squares = sum((p.grad**2).sum() for p in ...)
#     entries = {"loss": ..., "grad_norm": ..., **watch(model)}
#     for name, value in entries.items():
#         history.setdefault(...)....
# return history
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, loader, lr, epochs, watch):
    """Mini-batch training by SGD on the mean squared error: the model is changed.

    loader: yields batches (xb, yb)
    watch:  function of the model, called after each epoch, that returns a dict of numbers

    Returns a dict of lists with one float for each epoch: "loss", "grad_norm", and what watch returns.
    """
    ### BEGIN SOLUTION
    loss_fn, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr)
    history = {}
    for _ in range(epochs):
        model.train()
        total, count = 0.0, 0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
            count += len(xb)
        norm = sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5
        for name, value in {"loss": total / count, "grad_norm": norm, **watch(model)}.items():
            history.setdefault(name, []).append(value)
    return history
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "train-log", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from lessonkit import check, data

score = check.Score("Everything together", 5)
### BEGIN HIDDEN TESTS
from autograder.references import descent, models, unseen


def loader_of_(batches):
    """A loader of copies of these batches, in this order."""
    X, y = (torch.cat(part) for part in zip(*batches))
    return DataLoader(TensorDataset(X, y), batch_size=len(batches[0][0]))


### END HIDDEN TESTS
still_ = nn.Linear(1, 1)
still_.load_state_dict({"weight": torch.zeros(1, 1), "bias": torch.zeros(1)})
loader_ = DataLoader(TensorDataset(torch.tensor([[1.0], [1.0], [3.0]]), torch.tensor([[1.0], [2.0], [4.0]])), batch_size=2)
with score.part("lr = 0, three samples in batches of 2 and 1: loss 7, norm 25.3", 1):
    # the squared errors are 1, 4, 16; the last batch has the gradients −24 by w and −8 by b
    history_ = train(still_, loader_, 0.0, 2, lambda model: {"seven": 7.0})
    check.keys("The history", history_, ["loss", "grad_norm", "seven"])
    wrong_ = {"piece-weights": [9.25, 9.25], "last-batch-only": [16.0, 16.0], "batch-mean": [21.0, 21.0]}
    check.close("the losses", history_["loss"], [7.0, 7.0], candidates=wrong_)
    norm_ = 640**0.5
    wrong_ = {"root-missing": [640.0, 640.0], "accumulated": [(27**2 + 11**2) ** 0.5, (54**2 + 22**2) ** 0.5]}
    check.close("the gradient norms", history_["grad_norm"], [norm_, norm_], rtol=1e-4, candidates=wrong_)
    check.equal("what watch returned", [float(v_) for v_ in history_["seven"]], [7.0, 7.0])
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        line_, batches_ = nn.Linear(1, 1), [(torch.randn(2, 1), torch.randn(2, 1)), (torch.randn(1, 1), torch.randn(1, 1))]
        right_ = descent.fit(line_, nn.MSELoss(), batches_, 0.05, 2)
        history_ = train(line_, loader_of_(batches_), 0.05, 2, lambda model: {"six": 6.0})
        models.arrived(models.values_of(line_), right_["start"], right_["state"])
        check.close("the losses", history_["loss"], right_["loss"], rtol=1e-4)
        check.close("the gradient norms", history_["grad_norm"], right_["grad_norm"], rtol=1e-3)
        check.equal("what watch returned", [float(v_) for v_ in history_["six"]], [6.0, 6.0])
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
torch.manual_seed(481)
X_, y_ = torch.randn(7, 3), torch.randn(7, 2)
batches_ = [(X_[i_ : i_ + 3], y_[i_ : i_ + 3]) for i_ in (0, 3, 6)]
with score.part("losses and norms of three epochs, against a reference", 2, other_sizes=True):
    model_ = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    codes_ = ("accumulated", "no-step", "piece-weights", "last-batch-only", "root-missing")
    wrong_ = {c_: descent.fit(model_, nn.MSELoss(), batches_, 0.1, 3, c_) for c_ in codes_}
    right_ = descent.fit(model_, nn.MSELoss(), batches_, 0.1, 3)
    passed_ = []

    def watch_(model):
        passed_.append(models.values_of(model_))
        return {}

    history_ = train(model_, loader_of_(batches_), 0.1, 3, watch_)
    wrong_loss_ = {c_: w_["loss"] for c_, w_ in wrong_.items()}
    check.close("the losses", history_["loss"], right_["loss"], rtol=1e-4, candidates=wrong_loss_)
    wrong_norm_ = {c_: w_["grad_norm"] for c_, w_ in wrong_.items() if c_ != "last-batch-only"}
    check.close("the norms", history_["grad_norm"], right_["grad_norm"], rtol=1e-3, candidates=wrong_norm_)
    check.equal("the number of epochs", len(passed_), 3)
    for now_, then_ in zip([*passed_, models.values_of(model_)], [*right_["states"], right_["state"]], strict=True):
        models.arrived(now_, right_["start"], then_)
with score.part("in training mode in every epoch, even if watch leaves evaluation mode on", 1):
    # one batch, no step: the losses of a network that drops everything tell the mode, and nothing else
    model_ = nn.Sequential(nn.Linear(3, 5), nn.Dropout(1.0), nn.Linear(5, 2))
    right_ = descent.fit(model_, nn.MSELoss(), [(X_, y_)], 0.0, 3)["loss"]
    model_.eval()
    history_ = train(model_, loader_of_([(X_, y_)]), 0.0, 3, lambda model: {"mode": float(model.eval().training)})
    close_ = all(abs(a_ - b_) < 1e-4 for a_, b_ in zip(history_["loss"], right_))
    check.true(close_, "Dropout was off in some epoch.", "train-mode-missing")
    model_ = nn.Sequential(nn.Dropout(1.0), nn.Linear(3, 2))
    step_ = descent.fit(model_, nn.MSELoss(), [(X_, y_)], 0.1, 1)
    train(model_, loader_of_([(X_, y_)]), 0.1, 1, lambda model: {})
    models.arrived(models.values_of(model_), step_["start"], step_["state"])
with score.part("2-16-1 learns XOR in 60 epochs: 92 % of new points", 1):
    # Twenty seeds of a correct solution reach 0.935 or more, half of them 0.969; the margin is 0.015
    # (`autograder seeds 04`). The data are in a random order as they come, so each epoch may keep it.
    X_, y_ = (torch.tensor(v_) for v_ in data.xor(500, seed=5))
    model_ = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1)).double()
    start_ = data.init_params(2, 16, 1, seed=5)
    places_ = {"W1": "0.weight", "b1": "0.bias", "W2": "2.weight", "b2": "2.bias"}
    model_.load_state_dict({places_[k_]: torch.tensor(v_) for k_, v_ in start_.items()})
    batches_ = list(zip(X_.split(32), y_[:, None].split(32), strict=True))
    there_ = descent.fit(model_, nn.MSELoss(), batches_, 0.1, 60)
    train(model_, loader_of_(batches_), 0.1, 60, lambda model: {})
    now_ = models.values_of(model_)
    models.arrived(now_, there_["start"], there_["state"])
    X_, y_ = (torch.tensor(v_) for v_ in data.xor(2000, seed=12345))
    right_ = (models.mlp(now_.values(), X_)[:, 0] >= 0.5) == (y_ >= 0.5)
    check.at_least("the accuracy on new points", float(right_.float().mean()), 0.92)
### END HIDDEN TESTS
score.total()

# %% tags=["seeds"]
THRESHOLDS = {"train-log: accuracy on new points": 0.92}


def measure(seed):
    X, y = data.xor(500, seed=seed)
    model = sequential(data.init_params(2, 16, 1, seed=seed))
    X, y = torch.tensor(X), torch.tensor(y)[:, None]
    train(model, DataLoader(TensorDataset(X, y), 32), 0.1, 60, lambda model: {})
    X, y = (torch.tensor(values) for values in data.xor(2000, seed=12345))
    return {"train-log: accuracy on new points": evaluate(model, X, y[:, None])["accuracy"]}

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - `model.train()` once before the loop: `watch` switches it off after the first epoch, and nobody switches it on.
# - The mean of the batch means: with 500 samples in batches of 32, the last 20 count 1.6 times as much as the others.
# - The norm after `zero_grad()`: it is 0, or the gradients are `None`.
# - `torch.nn.utils.clip_grad_norm_` also returns the norm, and may scale the gradients as well. Read before you borrow.
# </details>

# %% [markdown]
# ## 7 · Three models, one network
#
# The main run: the Sequential, from the parameters of unit 02, 200 epochs in batches of 32.

# %% tags=["study"]
model = sequential(data.init_params())
seconds["sequential"] = -time.perf_counter()
history = train(
    model,
    make_loader(X_np, y_np, batch_size=32, seed=setup.SEED),
    lr=0.1,
    epochs=200,
    watch=lambda model: evaluate(model, X, y),
)
seconds["sequential"] += time.perf_counter()
print(f"MSE {history['loss'][0]:.2f} -> {history['loss'][-1]:.2f}; accuracy {history['accuracy'][-1]:.2f}")

# %% tags=["study"]
plot.panels(
    {
        "MSE": {"loss": history["loss"]},
        "gradient norm": {"last batch": history["grad_norm"]},
        "active fraction": {"ReLU > 0": history["active"]},
        "accuracy": {"at ½": history["accuracy"]},
    },
    log_y=("MSE", "gradient norm"),
    alt="Four curves over 200 epochs: the loss falls, the gradient norm of single batches jumps between 0.1 and 1 to "
    "the end, about half of the units stay active, the accuracy rises steeply and levels off near 0.97.",
)

# %% [markdown]
# <details><summary>Reveal: why does the gradient norm not go to zero?</summary>
#
# It is the norm of *one batch's* gradient. At a minimum of the whole loss the gradients of the batches cancel each
# other; each of them alone does not vanish. With a fixed learning rate SGD therefore never comes to rest: that is the
# flicker in the loss. (Watch the norm of the full gradient instead, and it falls.)
# </details>

# %% [markdown]
# By hand, by module, by batches, on one logarithmic axis. (½ MSE, so that all three mean the same.)

# %% tags=["study"]
mini_batches = np.interp(range(0, 1000, 10), np.arange(200), np.array(history["loss"]) / 2, right=np.nan)
plot.curves(
    {
        "unit 02: NumPy, full batch": record.losses,
        "TwoLayer, full batch": np.array(module_losses[::10]) / 2,
        "Sequential, batches of 32": mini_batches,
    },
    x=record.epochs,
    ylabel="½ mean squared error",
    title="The same start, the same data",
    log_y=True,
    alt="The curves of unit 02 and of the module lie on each other; the one with batches falls faster per epoch.",
)

# %% tags=["study"]
def predictor(model):
    """From points (M, 2) to outputs (M,)."""

    def predict(P):
        with torch.no_grad():
            return model(torch.as_tensor(P))[:, 0]

    return predict


plot.boundaries(
    {
        "NumPy, by hand": record.predict,
        "nn.Module": predictor(module),
        "nn.Sequential, mini-batches": predictor(model),
    },
    X,
    y[:, 0],
    alt="Three decision boundaries near the axes: the first two are the same, the third is a little different.",
)

# %% [markdown]
# And the table of results, with a fourth row: the same network as `nn.Linear` would start it.

# %% tags=["study", "nbval-ignore-output"]
def accuracy_on(predict, X, y):
    """The share of the samples X (M, 2), y (M,) that a predictor gets right."""
    return float(((np.asarray(predict(np.asarray(X))) >= 0.5) == (np.asarray(y) >= 0.5)).mean())


born = sequential({name: value.double().numpy() for name, value in next(linear_starts(16, [setup.SEED])).items()})
seconds["born"] = -time.perf_counter()
train(born, make_loader(X_np, y_np, 32, setup.SEED), lr=0.1, epochs=200, watch=lambda model: {})
seconds["born"] += time.perf_counter()
rows = {
    "NumPy, full batch, 1,000 epochs": (record.predict, None),
    "nn.Module, full batch, 1,000 epochs": (predictor(module), seconds["module"]),
    "nn.Sequential, batches, 200 epochs": (predictor(model), seconds["sequential"]),
    "the same, started by nn.Linear": (predictor(born), seconds["born"]),
}
print(f"{'on the CPU':38s} training    new  seconds")
for name, (predict, took) in rows.items():
    seen, new = accuracy_on(predict, X_np, y_np), accuracy_on(predict, X_new, y_new)
    print(f"{name:38s}    {seen:.3f}  {new:.3f}  {'unit 02' if took is None else f'{took:7.1f}'}")

# %% [markdown]
# <details><summary>Reveal: is the third model better?</summary>
#
# Its loss is lower after 200 epochs than that of the full batch after 1,000, and no wonder: 200 epochs of 16 steps are
# 3,200 steps. But which of two models with 0.97 and 0.98 is *better*, one seed cannot say. You have seen the spread.
# </details>

# %% [markdown]
# ## 8 · Quiz
#
# Four questions; write one letter for each.
#
# **q1.** In `__init__`: `self.layers = [nn.Linear(2, 4), nn.Linear(4, 1)]`, a plain list. `forward` uses both. Training
# (a) stops with an error; (b) moves only the first layer; (c) works as usual; (d) has no parameters to move.
#
# **q2.** `nn.Linear(3, 2)` applied to a tensor of shape `(7, 5, 3)` gives
# (a) `(7, 5, 2)`; (b) `(7, 2)`; (c) an error; (d) `(2, 5, 3)`.
#
# **q3.** `zero_grad()` stands between `backward()` and `step()`. The parameters
# (a) move twice as far; (b) move with the gradients of the batch before; (c) do not move; (d) move as usual.
#
# **q4.** Two runs differ only in the seed of the `DataLoader`'s generator. What is the same?
# (a) the first batch; (b) the initial parameters; (c) the loss after the first epoch; (d) everything.

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
# q1: section 1. q2: section 2. q3: section 3. q4: section 5.
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# q1: is a list an `nn.Parameter` or a module? q2: the last dimension. q3: what does SGD do with a gradient that is gone?
# q4: who draws the weights, and who draws the order?
# </details>

# %% nbgrader={"grade": false, "grade_id": "quiz", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# answers = {"q1": "?", "q2": "?", "q3": "?", "q4": "?"}
### BEGIN SOLUTION
answers = {"q1": "d", "q2": "a", "q3": "c", "q4": "b"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quiz-answers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Quiz", 4)
with score.part("each question has a letter", 0):
    quiz.form(answers, {"q1": "abcd", "q2": "abcd", "q3": "abcd", "q4": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("q1", 1):
    quiz.right(answers, "q1", "d", "section 1, how a module knows its parameters")
with score.part("q2", 1):
    quiz.right(answers, "q2", "a", "section 2, the shapes of nn.Linear")
with score.part("q3", 1):
    quiz.right(answers, "q3", "c", "section 3, the order of the five steps")
with score.part("q4", 1):
    quiz.right(answers, "q4", "b", "section 5, a generator of its own")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 9 · Explain it
#
# In your own words; it is read by a person. Four to six sentences are plenty.

# %% [markdown] nbgrader={"grade": true, "grade_id": "explain", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **A friend trains 2-4-1 once, gets 0.98, and writes "four hidden units are enough".** What have you seen that speaks
# against this sentence? Which experiment would support or refute it, and what would you report? Name one thing that
# your friend must hold fixed, and one that must vary.
#
# ### BEGIN SOLUTION
# With four units the accuracy depends on the seed: over twenty seeds it lay between about 0.7 and 0.98, and most seeds
# stayed below 0.95, so 0.98 is the luck of one start. Train with many seeds (which change the initial weights, and the
# order of the batches), for four and for more units; hold data, learning rate, epochs and test points fixed; report the
# spread (worst, median, best) on new points, not the best run.
#
# *Marking (3 points): 1 for the spread over seeds as the evidence; 1 for an experiment with many seeds and another width;
# 1 for what is fixed and what varies, and for reporting more than the best value.*
# ### END SOLUTION

# %% [markdown]
# ## What comes next
#
# SGD is the simplest of the optimizers. Unit 05 lets momentum and Adam compete with it, on the two moons, with a validation
# set that tells when a model only remembers; and you will write all three by hand first.
