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
# # 07 · Reading digits
#
# {{badge}}
#
# **Promise.** At the end of this notebook a network that you built reads handwriting: pictures of digits that it has
# never seen, more than nine in ten of them right. You will know *which* ones it gets wrong, you will have chosen its
# architecture without fooling yourself, and you will have it in a file that another program can load.
#
# | | |
# |---|---|
# | **You need** | units 04 to 06: `nn.Module`, `DataLoader`, the five steps, cross-entropy on logits, early stopping |
# | **Time** | about {{minutes}} minutes, exercises and reading |
# | **Points** | {{points}} |
#
# From ink to answer, and from answer to report:
#
# ```text
#   28×28       784              256                   128            10
#  ┌─────┐   ┌───────┐  W1,b1  ┌──────┐ W2,b2        ┌──────┐ W3,b3  ┌────────┐ argmax
#  │ ╱╲  │──►│ prep- │───────► │ relu │────────────► │ relu │───────►│ logits │───────► "8"
#  │ ╲╱  │   │ are   │         │ drop │              │ drop │        └───┬────┘
#  │ ╱╲  │   └───────┘         └──────┘              └──────┘            │ train: cross-entropy
#  │ ╲╱  │                                                               │ stop:  validation loss
#  └─────┘   5,000 to learn from · 1,000 to stop by · the rest to judge  ▼ judge: confusion matrix
# ```
#
# **How to work.** Each exercise has a cell with a TODO and a check below it. Run the check as often as you like: it
# says what is right, what is wrong, and often why. Part of the points is given on cases that you do not see.

# %% tags=["setup"]
# The build puts the setup cell that all units share here.

# %%
import copy
import io

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

setup.mend_torchvision()  # does nothing where torch and torchvision come from the same place
from torchvision import transforms

# %% [markdown]
# ## 1 · From ink to numbers
#
# MNIST is a collection of handwritten digits, each a picture of 28 × 28 grey pixels with a label from 0 to 9.
# `data.mnist` gives you `torchvision.datasets.MNIST`: 60,000 digits to learn from and 10,000 to test on if it can
# download them, else 6,000 and 4,000 that the course brings along.

# %% tags=["nbval-ignore-output"]
digits = data.mnist(train=True)
picture, label = digits[0]
print(len(digits), "digits; the first is a", type(picture).__name__, "image of size", picture.size, "with label", label)
print("all pictures:", tuple(digits.data.shape), digits.data.dtype, " all labels:", tuple(digits.targets.shape))
plot.digits(digits.data[:20], digits.targets[:20], title="Twenty digits to learn from")

# %% [markdown]
# A network wants floats of about size 1, in rows. **Transforms** make them out of a picture, one after the other:
#
# | transform | what comes out |
# |---|---|
# | `transforms.ToTensor()` | `(1, 28, 28)`, float32, each pixel divided by 255, so in $[0, 1]$ |
# | `transforms.Normalize((0.1307,), (0.3081,))` | $(x - \text{mean}) / \text{std}$: mean 0 and spread 1 over MNIST |
# | `transforms.Lambda(torch.flatten)` | `(784,)`: the rows of the picture, one behind the other |
#
# The data set calls them each time a picture is asked for, and a `DataLoader` makes batches of the results:

# %%
to_row = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,)), transforms.Lambda(torch.flatten)]
)
rows = data.mnist(train=True, transform=to_row)
batch, labels = next(iter(DataLoader(rows, batch_size=64)))
print("one batch:", tuple(batch.shape), batch.dtype, "from", round(float(batch.min()), 2), "to", round(float(batch.max()), 2))

# %% [markdown]
# That is the way to go for data that do not fit into memory, or that are turned and shifted at random on their way.
# But each picture is unpacked and transformed anew in *every* epoch. Ours fit, and never change. So we do it once, for
# all of them, with tensor operations.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Most of a picture is paper, with value 0. What is the value of paper after the three transforms? And
# of the darkest ink, 255?
#
# *Your prediction (double-click to write):*

# %% [markdown] exercise={"id": "prepare", "difficulty": 1, "minutes": 8}
# ### The transforms by hand
#
# Write `prepare(images, mean, std)`: what the three transforms do, for a whole stack of pictures of any size.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Three steps in the order of the table. Bytes cannot hold fractions: what must happen first?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `.float()` makes float32 of bytes. The mean and the spread in the table are those of pixels in [0, 1]. At the end,
# `reshape(N, -1)` lets torch find out how long the rows become.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# x = images.float() / ...
# x = (x - ...) / ...
# return x.reshape(len(images), ...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "prepare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prepare(images, mean=0.1307, std=0.3081):
    """Pictures as rows of floats: scaled to [0, 1], normalised, flattened row by row.

    images:    (N, H, W) uint8 tensor, left as it is
    mean, std: of the pixels in [0, 1]

    Returns (N, H·W) float32.
    """
    ### BEGIN SOLUTION
    scaled = images.float() / 255
    return ((scaled - mean) / std).reshape(len(images), -1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "prepare-values", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("The transforms by hand", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
images_ = torch.tensor([[[0, 51, 102], [153, 204, 255]], [[255, 0, 255], [0, 255, 0]]], dtype=torch.uint8)
with score.part("two pictures of 2 × 3 pixels, mean 0.2, std 0.5", 1):
    got_ = prepare(images_, 0.2, 0.5)
    check.shape("prepare(images)", got_, (2, 6))
    check.dtype("prepare(images)", got_, "float32")
    right_ = [[-0.4, 0.0, 0.4, 0.8, 1.2, 1.6], [1.6, -0.4, 1.6, -0.4, 1.6, -0.4]]
    flat_ = images_.float().reshape(2, -1)
    wrong_ = {
        "not-scaled": (flat_ - 0.2) / 0.5,
        "scaling-order": (flat_ - 0.2) / 0.5 / 255,
        "not-normalised": flat_ / 255,
        "column-order": torch.tensor(right_).reshape(2, 2, 3).transpose(1, 2).reshape(2, 6),
    }
    check.close("prepare(images)", got_, right_, candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        right_ = ((255 - images_).double() / 255 - 0.4) / 0.25
        check.close("prepare(images)", prepare(255 - images_, 0.4, 0.25), right_.reshape(2, 6), atol=1e-5)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("pictures of another size, left as they were", 1, other_sizes=True):
    images_ = torch.randint(0, 256, (5, 7, 4), generator=torch.Generator().manual_seed(1)).to(torch.uint8)
    with check.unchanged(images=images_):
        got_ = prepare(images_, 0.3, 0.25)
    right_ = ((images_.double() / 255 - 0.3) / 0.25).reshape(5, 28)
    turned_ = right_.reshape(5, 7, 4).transpose(1, 2).reshape(5, 28)
    check.close("prepare(images)", got_, right_, atol=1e-5, candidates={"column-order": turned_})
with score.part("MNIST's own mean and std if none are given", 1):
    got_ = prepare(images_.clone())
    right_ = ((images_.double() / 255 - 0.1307) / 0.3081).reshape(5, 28)
    other_ = images_.double().reshape(5, 28) / 255
    wrong_ = {
        "not-scaled": (images_.double().reshape(5, 28) - 0.1307) / 0.3081,
        "scaling-order": (images_.double().reshape(5, 28) - 0.1307) / 0.3081 / 255,
        "not-normalised": other_,
        "column-order": right_.reshape(5, 7, 4).transpose(1, 2).reshape(5, 28),
    }
    check.close("prepare(images)", got_, right_, atol=1e-5, candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Does it agree with the transforms?

# %%
print("same as the transforms:", bool(torch.allclose(prepare(digits.data[:64]), batch, atol=1e-5)))

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - Subtracting the mean from pixels that still run to 255: the darkest ink is above 800 then, and training crawls or bursts.
# - `reshape(-1, 784)`: right for MNIST, wrong for the next data set.
# </details>
# <details><summary>Reveal: the answer to the prediction</summary>
#
# Paper becomes $(0 - 0.1307)/0.3081 \approx -0.42$, the darkest ink $(1 - 0.1307)/0.3081 \approx 2.82$. After
# normalising, zero no longer means "nothing here".
# </details>

# %% [markdown]
# ## 2 · Three parts, three purposes
#
# - **Training** digits: the gradients come from these.
# - **Validation** digits: they decide when to stop, and which architecture to take. The network never learns from them,
#   but *you* do.
# - **Test** digits: looked at once, at the end. They stand for the world.
#
# We learn from 5,000 digits and validate with 1,000, drawn at random: files are often sorted by label, or by who wrote
# what. MNIST brings its test digits in a file of their own.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Suppose that by mistake all validation digits are training digits too. What will the validation loss
# look like, compared with the training loss, after many epochs? Will early stopping stop?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "split", "difficulty": 1, "minutes": 8}
# ### Draw the parts
#
# Write `split(n, n_train, n_val, seed)`: the positions of the training and of the validation samples among `n`, in a
# random order that depends on nothing but the seed.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two draws could meet. One draw of all positions, cut in two places, cannot.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `torch.randperm(n, generator=...)` is a random order of 0 … n − 1, and `torch.Generator().manual_seed(seed)` a source
# of randomness of its own: it neither disturbs the rest of the notebook nor is disturbed by it.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# order = torch.randperm(..., generator=torch.Generator().manual_seed(...))
# return order[:...], order[... : ...]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(n, n_train, n_val, seed):
    """Random positions for training and validation, drawn from all n, none of them twice.

    n:             number of samples; n_train + n_val is at most n
    n_train, n_val: how many to draw
    seed:          the same seed gives the same positions

    Returns (train, val): (n_train,) and (n_val,) positions from 0 to n − 1, as int64 tensors.
    """
    ### BEGIN SOLUTION
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    return order[:n_train], order[n_train : n_train + n_val]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "split-parts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check

score = check.Score("Draw the parts", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
with score.part("12 and 5 out of 20: sizes, range, no sample twice", 1):
    train_, val_ = split(20, 12, 5, seed=1)
    train_, val_ = check.array("train", train_), check.array("val", val_)
    check.shape("train", train_, (12,))
    check.shape("val", val_, (5,))
    both_ = [int(i_) for i_ in train_] + [int(i_) for i_ in val_]
    check.true(all(0 <= i_ < 20 for i_ in both_), "There is a position outside of 0 … 19.", "wrong-value")
    twice_ = sorted({i_ for i_ in both_ if both_.count(i_) > 1})
    check.true(not twice_, f"The positions {twice_} occur more than once.", "overlap")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        train_, val_ = (check.array("a part", part_) for part_ in split(19, 13, 4, seed=5))
        check.equal("the number of positions", (len(train_), len(val_)), (13, 4))
        check.true({int(i_) for i_ in [*train_, *val_]} <= set(range(19)), "There are others.", "wrong-value")
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("300 and 100 out of 1,000, from everywhere", 1):
    train_, val_ = split(1000, 300, 100, seed=2)
    train_, val_ = (
        [int(i_) for i_ in check.array("train", train_)],
        [int(i_) for i_ in check.array("val", val_)],
    )
    check.equal("the number of positions", (len(train_), len(val_)), (300, 100))
    check.equal("the number of different positions", len({*train_, *val_}), 400, "overlap")
    for name_, part_ in (("train", train_), ("val", val_)):
        check.true(part_ != sorted(part_), f"`{name_}` is in ascending order.", "not-shuffled")
        check.true(min(part_) < 200 and max(part_) >= 800, f"`{name_}` is from one place.", "not-shuffled")
with score.part("the seed decides, and nothing else", 1):
    lists_ = []
    for seed_ in (3, 3, 4):
        parts_ = split(200, 50, 20, seed=seed_)
        lists_.append([[int(i_) for i_ in check.array("a part", part_)] for part_ in parts_])
    check.true(lists_[0] == lists_[1], "The same seed gives another result each time.", "seed-ignored")
    check.true(lists_[0] != lists_[2], "Seed 3 and seed 4 give the same result.", "seed-ignored")
### END HIDDEN TESTS
score.total()

# %%
train_part, val_part = split(len(digits), 5000, 1000, seed=setup.SEED)
X_train, y_train = prepare(digits.data[train_part]), digits.targets[train_part]
X_val, y_val = prepare(digits.data[val_part]), digits.targets[val_part]
test_digits = data.mnist(train=False)
X_test, y_test = prepare(test_digits.data), test_digits.targets
print("X_train", tuple(X_train.shape), " X_val", tuple(X_val.shape))

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# The validation loss falls with the training loss, for ever, and early stopping never stops. Nothing looks wrong:
# that is what makes a leak dangerous. The disappointment comes with the first digits that are really new.
# </details>

# %% [markdown]
# ## 3 · A network of three layers
#
# $784 \to 256 \to 128 \to 10$. After each of the two hidden layers: ReLU, then **dropout**. In training, dropout sets
# each activation to 0 with probability $p$, anew for every sample, and multiplies the others by $1/(1-p)$, so that
# the average stays. No unit can rely on another one being there. In evaluation, nothing is dropped.
#
# **How large is it?** A layer from $m$ inputs to $k$ units has a weight for each pair and a bias for each unit:
# $m k + k$. For a tiny 3-4-2 network that makes $(3 \cdot 4 + 4) + (4 \cdot 2 + 2) = 16 + 10 = 26$.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Which of the three layers of 784-256-128-10 has the most parameters, and what share of all? And
# before training: what will be the loss of a network that finds all ten digits equally likely?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "count_parameters", "difficulty": 1, "minutes": 6}
# ### Someone claims… 234,506
#
# One can read that the 784-256-128-10 network has 234,506 parameters: the formula is right, and the sum below it has
# been copied many times. Check it. Write `count_parameters(sizes)` for a network with any number of layers.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Layers lie *between* the sizes: four sizes, three layers.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `zip(sizes[:-1], sizes[1:])` runs over the pairs (inputs, units) of the layers. Add up what each of them has.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# `return sum(... + ... for m, k in zip(sizes[:-1], sizes[1:]))`
# </details>

# %% nbgrader={"grade": false, "grade_id": "count_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_parameters(sizes):
    """The number of weights and biases of a fully connected network.

    sizes: the sizes of the layers, input first, e.g. (784, 256, 128, 10)

    Returns an int.
    """
    ### BEGIN SOLUTION
    return sum(m * k + k for m, k in zip(sizes[:-1], sizes[1:]))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "count_parameters-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check

score = check.Score("Someone claims", 2)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
with score.part("3-4-2 has 26", 1):
    wrong_ = {"bias-uncounted": 20, "layer-uncounted": 16}
    check.close("count_parameters((3, 4, 2))", count_parameters((3, 4, 2)), 26, candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        check.close("count_parameters((4, 3, 5))", count_parameters((4, 3, 5)), 35, rtol=0, atol=0.5)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("other networks: one layer, five layers, the one of this unit", 1, other_sizes=True):
    for sizes_ in ((784, 10), (2, 16, 1), (64, 32, 16, 8, 4, 2), (784, 256, 128, 10)):
        weights_ = [m_ * k_ for m_, k_ in zip(sizes_[:-1], sizes_[1:], strict=True)]
        right_ = sum(weights_) + sum(sizes_[1:])
        wrong_ = {
            "bias-uncounted": sum(weights_),
            "layer-uncounted": right_ - weights_[-1] - sizes_[-1],
            "memorised": 26,
        }
        got_ = count_parameters(sizes_)
        check.close(f"count_parameters({sizes_})", got_, right_, rtol=0, atol=0.5, candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %%
print("claimed: 234,506   counted:", f"{count_parameters((784, 256, 128, 10)):,}")

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# The first layer has 200,960 of 235,146, more than 85 %: it has to look at every pixel. The claim is 640 short; a sum
# that nobody redoes is right for ever. And a network that gives each digit the probability $1/10$ has the loss
# $-\ln 0.1 = \ln 10 \approx 2.30$. If yours starts at 5, something is wrong with its input or its initial weights.
# </details>

# %% [markdown] exercise={"id": "digit_net", "difficulty": 2, "minutes": 12}
# ### The network
#
# Write the class `DigitNet`: for any `sizes`, with ReLU and dropout after each **hidden** layer. It returns logits,
# one for each class: the loss has its own softmax.
#
# <details><summary>Hint 1: a nudge</summary>
#
# What is different about the last layer? And how does PyTorch get to know of layers that are made in a loop?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Collect the layers in a list: for each pair of sizes a `nn.Linear`, and `nn.ReLU()`, `nn.Dropout(dropout)` unless it
# was the last pair. Then one `nn.Sequential(*layers)`, kept in `self`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# layers = []
# for m, k in zip(sizes[:-1], sizes[1:]):
#     layers += [nn.Linear(...), nn.ReLU(), nn.Dropout(...)]
# self.layers = nn.Sequential(*layers[: ...])  # without what follows the last Linear
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "digit_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
class DigitNet(nn.Module):
    """A fully connected classifier: ReLU and dropout after each hidden layer.

    sizes:   the sizes of the layers, input first, number of classes last
    dropout: the probability with which a hidden activation is dropped in training
    """

    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        ### BEGIN SOLUTION
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(m, k), nn.ReLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers[:-2])
        ### END SOLUTION

    def forward(self, X):
        """The logits (N, classes) of X (N, d)."""
        ### BEGIN SOLUTION
        return self.layers(X)
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "digit_net-logits", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("The network: logits", 3)
### BEGIN HIDDEN TESTS
from autograder.references import models, unseen

### END HIDDEN TESTS
check.seed(1)
with score.part("6-5-4-3: shapes of output and parameters", 1):
    model_ = DigitNet((6, 5, 4, 3))
    check.shape("the output for 7 samples", model_(torch.randn(7, 6)), (7, 3))
    shapes_ = [tuple(p_.shape) for p_ in model_.parameters()]
    check.true(shapes_, "model.parameters() is empty.", "not-registered")
    expected_ = [(5, 6), (5,), (4, 5), (4,), (3, 4), (3,)]
    check.equal("the list of the parameters' shapes", shapes_, expected_, "wrong-shape")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        model_.eval()
        models.alive(model_, torch.randn(7, 6))
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("the values of other networks in evaluation mode", 2, other_sizes=True):
    for sizes_ in ((5, 4), (6, 9, 4), (7, 10, 8, 6, 5)):
        model_ = DigitNet(sizes_, dropout=0.4)
        model_.eval()
        X_ = 3 * torch.randn(11, sizes_[0])
        with torch.no_grad():
            got_, again_ = model_(X_), model_(X_)
        check.true((got_ == again_).all(), "In evaluation mode, two outputs differ.", "dropout-always")
        p_ = list(models.shown(model_).values())
        check.equal("the number of parameter tensors", len(p_), 2 * len(sizes_) - 2, "wrong-shape")
        wrong_ = {
            "relu-on-output": lambda values, X: torch.relu(models.mlp(values.values(), X)),
            "relu-missing": lambda values, X: models.lines(values.values(), X),
            "softmax-in-model": lambda values, X: torch.softmax(models.mlp(values.values(), X), dim=1),
        }
        models.computes(model_, lambda values, X: models.mlp(values.values(), X), X_, wrong_)
### END HIDDEN TESTS
score.total()

# %% nbgrader={"grade": true, "grade_id": "digit_net-dropout", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check

score = check.Score("The network: dropout", 2)
### BEGIN HIDDEN TESTS
from autograder.references import models, unseen

### END HIDDEN TESTS
check.seed(2)
with score.part("outputs vary in training, and only there", 1):
    model_ = DigitNet((6, 32, 16, 3), dropout=0.5)
    X_ = torch.randn(7, 6)
    model_.train()
    with torch.no_grad():
        once_, again_ = check.array("the output", model_(X_)), check.array("the output", model_(X_))
    check.true((once_ != again_).any(), "In training mode, two outputs are the same.", "dropout-missing")
    model_.eval()
    with torch.no_grad():
        once_, again_ = check.array("the output", model_(X_)), check.array("the output", model_(X_))
    same_ = "In evaluation mode, two outputs differ."
    check.true((once_ == again_).all(), same_, "dropout-always")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        models.alive(model_, X_)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("as much as dropout with the given probability makes them vary, in every hidden layer", 1):
    model_ = DigitNet((4, 40, 30, 1), dropout=0.5)
    p_ = list(models.redraw(models.shown(model_), seed=11).values())

    def spread_(share, layers):
        """The standard deviation of the output for one sample, if so many layers have dropout."""
        h_ = torch.ones(4000, 4)
        for i_ in range(2):
            h_ = torch.relu(h_ @ p_[2 * i_].T + p_[2 * i_ + 1])
            if i_ < layers:
                h_ = h_ * (torch.rand(h_.shape) >= share) / (1 - share)
        return float((h_ @ p_[4].T + p_[5]).std())

    model_.train()
    with torch.no_grad():
        f_ = check.array("the output", model_(torch.ones(4000, 4)))
    got_ = float(f_.std())
    check.true(got_ > 1e-6, "In training mode, all outputs for one sample are the same.", "dropout-missing")
    zeros_ = float((f_ == 0).mean())
    check.true(zeros_ < 0.1, f"{zeros_:.0%} of the outputs are exactly 0.", "dropout-misplaced")
    what_ = f"the spread is {got_ / spread_(0.5, 2):.2f} times what it should be."
    for share_ in (0.2, 0.1):
        ignored_ = abs(got_ / spread_(share_, 2) - 1) < 0.1
        check.true(not ignored_, f"With dropout=0.5, {what_}", "argument-ignored")
    less_ = abs(got_ / spread_(0.5, 1) - 1) < 0.1
    check.true(not less_, f"One hidden layer is without dropout: {what_}", "dropout-missing")
    check.true(abs(got_ / spread_(0.5, 2) - 1) < 0.15, f"With dropout=0.5, {what_}", "dropout-misplaced")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# <details><summary>Common mistakes</summary>
#
# - A ReLU, a dropout or a softmax after the last layer, because the loop made it so for all of them.
# - `self.layers = [...]`, a plain list: PyTorch looks for parameters in modules, and finds none.
# - `nn.Dropout(0.2)` where `nn.Dropout(dropout)` was meant: nobody notices until somebody sweeps over it.
# </details>

# %% [markdown]
# ## 4 · Train in mini-batches
#
# One epoch goes through all training digits in batches of 128, and takes a step after each. After the epoch come the
# validation digits, in evaluation mode and without a graph.
#
# **A mean of means.** `nn.functional.cross_entropy` gives the mean over a batch. Five samples in batches of 4, with
# the losses 1, 1, 1, 1 and then 6: the mean of the two batch means is $(1 + 6)/2 = 3.5$; the mean over the samples is
# $10/5 = 2$. The last, small batch must not count like a full one.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** In the first epochs, which loss will be smaller: the one on the training digits, collected during the
# epoch with dropout on, or the one on the validation digits, measured after it?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "evaluate", "difficulty": 2, "minutes": 10}
# ### Measure
#
# Write `evaluate(model, loader)`: mean loss and accuracy over all samples that the loader gives.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two things to switch off before you start: dropout and the graph.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# `model.eval()`, then a loop under `torch.no_grad()`. Add up three numbers: the sum of the losses
# (`reduction="sum"`), how many were right (`f.argmax(dim=1) == y`), how many there were. Divide at the end.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# model...
# with torch.no_grad():
#     for X, y in loader:
#         f = model(X)
#         total += ...
#         right += int((f.argmax(dim=...) == ...).sum())
#         count += ...
# return ..., ...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, loader):
    """Mean cross-entropy and accuracy of a model, in evaluation mode, over all samples.

    model:  from X (N, d) to logits (N, classes); its parameters stay as they are
    loader: gives batches (X, y), the last of them perhaps smaller

    Returns (loss, accuracy): two floats, the accuracy as a share between 0 and 1.
    """
    ### BEGIN SOLUTION
    model.eval()
    total, right, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            f = model(X)
            total += nn.functional.cross_entropy(f, y, reduction="sum").item()
            right += int((f.argmax(dim=1) == y).sum())
            count += len(y)
    return total / count, right / count
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "evaluate-means", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

score = check.Score("Measure", 4)
### BEGIN HIDDEN TESTS
from autograder.references import unseen


def loader_of_(X, y, size):
    """A loader of copies."""
    return DataLoader(TensorDataset(X.clone(), y.clone()), batch_size=size)


### END HIDDEN TESTS
same_ = nn.Identity()  # logits in, logits out
with score.part("four samples in two batches", 1):
    f_ = torch.tensor([[2.0, 0.0], [0.0, 2.0], [0.0, 2.0], [2.0, 0.0]])
    y_ = torch.tensor([0, 1, 0, 0])
    result_ = evaluate(same_, DataLoader(TensorDataset(f_, y_), batch_size=2))
    check.true(isinstance(result_, tuple | list) and len(result_) == 2, "Return loss and accuracy.", "wrong-type")
    wrong_ = {"mean-of-means": 2 * 0.626928, "batch-mean": 4 * 0.626928}
    check.close("the loss", result_[0], 0.626928, candidates=wrong_)
    check.close("the accuracy", result_[1], 0.75, candidates={"percent": 75.0})
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        model_, X_, y_ = nn.Linear(2, 2), torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
        with torch.no_grad():
            f_ = model_(X_)
        right_ = nn.functional.cross_entropy(f_, y_)
        wrong_ = {"argument-ignored": nn.functional.cross_entropy(X_, y_)}
        result_ = evaluate(model_, loader_of_(X_, y_, 2))
        check.close("the loss", result_[0], right_, rtol=1e-4, candidates=wrong_)
        check.close("the accuracy", result_[1], (f_.argmax(dim=1) == y_).float().mean())
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
check.seed(3)
layer_, X_, y_ = nn.Linear(6, 5), 2 * torch.randn(11, 6), torch.randint(0, 5, (11,))
nn.init.normal_(layer_.weight)
with torch.no_grad():
    f_ = layer_(X_)
y_[-3:] = f_[-3:].argmin(dim=1)  # the small last batch is the worst
losses_ = nn.functional.cross_entropy(f_, y_, reduction="none")
hits_ = (f_.argmax(dim=1) == y_).float()
halves_ = [slice(0, 4), slice(4, 8), slice(8, 11)]
with score.part("the loss, with a last batch that is smaller", 1):
    loss_, _ = evaluate(layer_, loader_of_(X_, y_, 4))
    wrong_ = {
        "mean-of-means": torch.stack([losses_[part_].mean() for part_ in halves_]).mean(),
        "batch-mean": losses_.sum(),
        "piece-lost": losses_[8:].mean(),
        "argument-ignored": nn.functional.cross_entropy(X_, y_),
    }
    check.close("the loss", loss_, losses_.mean(), rtol=1e-4, candidates=wrong_)
with score.part("the accuracy, with a last batch that is smaller", 1):
    _, accuracy_ = evaluate(layer_, loader_of_(X_, y_, 4))
    wrong_ = {
        "mean-of-means": torch.stack([hits_[part_].mean() for part_ in halves_]).mean(),
        "percent": 100 * hits_.mean(),
        "piece-lost": hits_[8:].mean(),
    }
    check.close("the accuracy", accuracy_, hits_.mean(), candidates=wrong_)
with score.part("a model with dropout, handed over in training mode", 1):
    model_ = nn.Sequential(nn.Linear(6, 40), nn.ReLU(), nn.Dropout(0.5), nn.Linear(40, 5)).eval()
    before_ = [p_.detach().clone() for p_ in model_.parameters()]
    with torch.no_grad():
        right_ = nn.functional.cross_entropy(model_(X_), y_)
    results_ = []
    for _ in range(2):
        model_.train()
        results_.append(float(evaluate(model_, loader_of_(X_, y_, 11))[0]))
    moved_ = any((p_ != b_).any() for p_, b_ in zip(model_.parameters(), before_, strict=True))
    check.true(not moved_, "The parameters have changed.", "changed-argument")
    check.true(results_[0] == results_[1], "Measuring twice gives two losses.", "eval-missing")
    check.close("the loss", results_[0], right_, rtol=1e-4)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# **Early stopping.** After each epoch, look at the validation loss. Is it the smallest so far? Then keep a copy of the
# parameters. Have `patience` epochs passed since the best one? Then stop. At the end the model gets the parameters of
# its best epoch back. With the validation losses 0.9, 0.5, 0.6, 0.4, 0.7, 0.8, … and a patience of 2, training stops
# after the sixth epoch, and goes back to the fourth (position 3 in the list).

# %% [markdown] exercise={"id": "train", "difficulty": 3, "minutes": 25}
# ### The training loop
#
# Write the loop of `train`. The frame is given. The function `evaluate` is handed in (yours is above): it returns
# validation loss and accuracy; call it once after each epoch.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two loops: epochs, and batches in them. What has the last measurement done to the model's mode? And what will have
# happened by the end of training to a `state_dict` that was merely noted down?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# In an epoch: `model.train()`; for each batch the five steps, adding up `loss.item() * len(y)` and `len(y)`; then
# measure and write down. If this epoch is the best so far, keep its position and a `copy.deepcopy` of the
# state; else, if it lies `patience` behind the best, leave the loop. After the loop, load the copy.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for epoch in progress.bar(range(epochs), "epochs"):
#     ...  # training mode; then, for each batch: logits, loss, zero_grad, backward, step
#     val_loss, val_accuracy = evaluate(...)
#     ...  # write down
#     if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
#         history["best"], kept = ..., copy.deepcopy(...)
#     elif epoch - ... >= patience:
#         break
# model.load_state_dict(...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    """Mini-batch training with Adam and early stopping. The model ends with its best parameters.

    model:      from X (N, d) to logits (N, classes); it is changed
    loader:     gives training batches (X, y)
    val_loader: what `evaluate` measures
    evaluate:   function (model, val_loader) -> (loss, accuracy), called once after each epoch
    lr:         learning rate of Adam
    epochs:     at most so many
    patience:   stop when so many epochs have passed since the best validation loss

    Returns a dict: "train_loss" (mean over the samples of each epoch), "val_loss", "val_accuracy":
    a list with a number for each epoch; "best": the position of the smallest validation loss.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    ### BEGIN SOLUTION
    for epoch in progress.bar(range(epochs), "epochs"):
        model.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - history["best"] >= patience:
            break
    model.load_state_dict(best_state)
    ### END SOLUTION
    return history

# %% nbgrader={"grade": true, "grade_id": "train-stopping", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

score = check.Score("The training loop: steps and stopping", 4)
### BEGIN HIDDEN TESTS
from autograder.references import descent, models, unseen

cross_entropy_, adam_ = nn.functional.cross_entropy, torch.optim.Adam
### END HIDDEN TESTS
check.seed(4)
X_, y_ = torch.randn(10, 3), torch.randint(0, 2, (10,))


def batches_(size):
    """A loader over copies of the ten samples."""
    return DataLoader(TensorDataset(X_.clone(), y_.clone()), batch_size=size)


def stop_early_():
    """Training with scripted validation losses: history, model, its weights after each epoch."""
    model_, weights_ = nn.Linear(3, 2), []
    script_ = iter([0.9, 0.5, 0.6, 0.4, 0.7, 0.8, 0.3, 0.2])

    def scripted_(model, val_loader):
        weights_.append(model_.weight.detach().clone())
        return next(script_), 0.5

    return train(model_, batches_(4), batches_(10), scripted_, 0.01, 8, 2), model_, weights_

### BEGIN HIDDEN TESTS

def other_stop_():
    """The same with other losses, one batch and other samples: history, the parameters after each
    epoch and at the end, and a reference of the first epoch."""
    X, y, model, states = torch.randn(9, 3), torch.arange(9) % 2, nn.Linear(3, 2), []
    right = descent.fit(model, cross_entropy_, [(X, y)], 0.02, 1, kind=adam_)
    script = iter([0.7, 0.8, 0.5, 0.55, 0.6, 0.65, 0.3])

    def scripted(_, val_loader):
        states.append(models.values_of(model))
        return next(script), 0.25

    loader = DataLoader(TensorDataset(X.clone(), y.clone()), batch_size=9)
    history = train(model, loader, loader, scripted, 0.02, 7, 3)
    check.true(len(states) == 6, "Training does not stop after the sixth epoch.", "wrong-patience")
    models.arrived(states[0], right["start"], right["state"])
    return history, states, models.values_of(model)

### END HIDDEN TESTS

with score.part("validation losses 0.9, 0.5, 0.6, 0.4, 0.7, 0.8, … with patience 2", 1):
    history_, model_, weights_ = stop_early_()
    check.keys("The history", history_, ["train_loss", "val_loss", "val_accuracy", "best"])
    check.equal("the number of epochs", len(weights_), 6, "wrong-patience")
    check.close("history['val_loss']", history_["val_loss"], [0.9, 0.5, 0.6, 0.4, 0.7, 0.8])
    check.equal("history['best']", history_["best"], 3)
    moved_ = all((a_ != b_).any() for a_, b_ in zip(weights_[:-1], weights_[1:]))
    check.true(moved_, "The weights are the same after two epochs.", "no-step")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        history_, _, _ = other_stop_()
        check.close("history['val_loss']", history_["val_loss"], [0.7, 0.8, 0.5, 0.55, 0.6, 0.65])
        check.close("history['val_accuracy']", history_["val_accuracy"], [0.25] * 6)
        check.equal("history['best']", history_["best"], 2)
    ### END HIDDEN TESTS
with score.part("the model ends with the parameters of its best epoch", 1):
    history_, model_, weights_ = stop_early_()
    check.true(len(weights_) > 3, "Training has stopped before the fourth epoch.", "wrong-patience")
    check.true((weights_[3] != weights_[-1]).any(), "The weights do not move.", "no-step")
    wrong_ = {"best-not-kept": weights_[-1], "off-by-one": weights_[2]}
    check.close("the weight matrix", model_.weight, weights_[3], rtol=1e-6, candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        _, states_, end_ = other_stop_()
        for name_, value_ in end_.items():
            check.close(f"{name_} at the end", value_, states_[2][name_], rtol=1e-6)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("three epochs, step by step, and the training loss", 1):
    start_ = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    parts_ = [(X_[i_ : i_ + 4], y_[i_ : i_ + 4]) for i_ in (0, 4, 8)]
    right_ = descent.fit(start_, cross_entropy_, parts_, 0.05, 3, kind=adam_)
    wrong_ = {
        "accumulated": descent.fit(start_, cross_entropy_, parts_, 0.05, 3, "accumulated", adam_)["state"],
        "off-by-one": descent.fit(start_, cross_entropy_, [(X_, y_)], 0.05, 3, kind=adam_)["state"],
    }
    means_ = descent.fit(start_, cross_entropy_, parts_, 0.05, 3, "piece-weights", adam_)["loss"]
    falling_, states_ = iter([0.9, 0.8, 0.7, 0.6]), []

    def falls_(_, val_loader):
        states_.append(models.values_of(start_))
        return next(falling_), 0.5

    history_ = train(start_, batches_(4), batches_(10), falls_, 0.05, 3, 2)
    check.equal("the number of epochs", len(states_), 3, "wrong-patience")
    models.arrived(models.values_of(start_), right_["start"], right_["state"], wrong_, share=0.01)
    for now_, then_ in zip(states_, right_["states"], strict=True):
        models.arrived(now_, right_["start"], then_, share=0.01)
    check.equal("history['best']", history_["best"], 2)
    wrong_ = {"mean-of-means": means_, "batch-mean": [10 * loss_ for loss_ in right_["loss"]]}
    check.close("history['train_loss']", history_["train_loss"], right_["loss"], rtol=1e-3, candidates=wrong_)
with score.part("training mode in every epoch", 1):
    # Dropout that drops everything: in training mode, no gradient reaches the weights behind it.
    model_ = nn.Sequential(nn.Dropout(1.0), nn.Linear(3, 2))
    before_ = model_[1].weight.detach().clone()
    step_ = descent.fit(model_, cross_entropy_, [(X_, y_)], 0.05, 1, kind=adam_)
    falling_, states_ = iter([0.9, 0.8, 0.7, 0.6]), []

    def measured_(model, val_loader):
        model_.eval()
        states_.append(models.values_of(model_))
        return next(falling_), 0.5

    train(model_, batches_(10), batches_(10), measured_, 0.05, 3, 2)
    models.arrived(states_[0], step_["start"], step_["state"], share=0.01)
    moved_ = float((model_[1].weight.detach() - before_).abs().max())
    check.true(moved_ < 1e-6, "Dropout was off in some epoch.", "train-mode-missing")
### END HIDDEN TESTS
score.total()

# %% nbgrader={"grade": true, "grade_id": "train-digits", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import torch
from lessonkit import check, data
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

score = check.Score("The training loop: digits", 3)
### BEGIN HIDDEN TESTS
from autograder.references import descent, models

### END HIDDEN TESTS


def measure_(model, loader):
    """Mean loss and accuracy of a model on the one batch of a loader."""
    model.eval()
    with torch.no_grad():
        X, y = next(iter(loader))
        f = model(X)
    return float(nn.functional.cross_entropy(f, y)), float((f.argmax(dim=1) == y).float().mean())


def loaders_(X, y, X_val, y_val, seed):
    """Training batches of 32 in a random order, and one validation batch."""
    order_ = torch.Generator().manual_seed(seed)
    pairs_ = TensorDataset(X.clone(), y.clone()), TensorDataset(X_val.clone(), y_val.clone())
    return DataLoader(pairs_[0], 32, shuffle=True, generator=order_), DataLoader(pairs_[1], len(y_val))


with score.part("four easy patterns of 20 pixels are learnt", 1):
    check.seed(5)
    patterns_, y_ = torch.randn(4, 20), torch.arange(240) % 4
    X_ = patterns_[y_] + 0.3 * torch.randn(240, 20)
    model_ = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 4))
    history_ = train(model_, *loaders_(X_[:200], y_[:200], X_[200:], y_[200:], 5), measure_, 0.02, 5, 5)
    check.at_most("the last training loss", history_["train_loss"][-1], 0.2)
    check.at_most("the loss of the trained model", measure_(model_, [(X_[:200], y_[:200])])[0], 0.2)
### BEGIN HIDDEN TESTS
with score.part("1,500 digits, 6 epochs: 85 % of digits never seen before", 2):
    # Twenty seeds of a correct solution reach 0.879 or more; the margin is 0.029 (`autograder seeds 07`).
    known_, new_ = data.mnist(train=True), data.mnist(train=False)
    X_ = ((known_.data[:1800].float() / 255 - 0.1307) / 0.3081).reshape(1800, -1)
    X_new_ = ((new_.data[:1000].float() / 255 - 0.1307) / 0.3081).reshape(1000, -1)
    y_ = known_.targets[:1800]
    check.seed(6)
    model_, order_, states_ = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)), torch.randperm(1500), []
    parts_ = [(X_[rows_], y_[rows_]) for rows_ in order_.split(32)]
    way_ = descent.fit(model_, nn.functional.cross_entropy, parts_, 0.002, 6, kind=torch.optim.Adam)

    def measured_(_, loader):
        states_.append(models.values_of(model_))
        return measure_(model_, [(X_[1500:], y_[1500:])])

    loader_ = DataLoader(TensorDataset(X_[order_], y_[order_]), 32)
    train(model_, loader_, [(X_[1500:].clone(), y_[1500:].clone())], measured_, 0.002, 6, 6)
    check.true(states_, "The validation digits are never looked at.", "wrong-patience")
    for now_, then_ in zip(states_, way_["states"]):
        models.arrived(now_, way_["start"], then_, share=0.01)
    end_ = models.values_of(model_)
    best_ = min(float((models.flat(end_) - models.flat(now_)).norm()) for now_ in states_)
    check.true(best_ < 1e-6, "The model ends with parameters that it had after no epoch.", "best-not-kept")
    right_ = float((models.mlp(end_.values(), X_new_).argmax(dim=1) == new_.targets[:1000]).float().mean())
    check.at_least("the accuracy on new digits", right_, 0.85)
### END HIDDEN TESTS
score.total()

# %% tags=["seeds"]
THRESHOLDS = {"train-digits: accuracy on new digits": 0.85}


def measure(seed):
    X, y = prepare(digits.data[:1800]), digits.targets[:1800]
    torch.manual_seed(seed)
    net, order = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)), torch.randperm(1500)
    batches = DataLoader(TensorDataset(X[order], y[order]), 32)
    validation = DataLoader(TensorDataset(X[1500:], y[1500:]), 300)
    train(net, batches, validation, evaluate, 0.002, 6, 6)
    new = DataLoader(TensorDataset(X_test[:1000], y_test[:1000]), 1000)
    return {"train-digits: accuracy on new digits": evaluate(net, new)[1]}

# %% [markdown]
# Now the real thing: 5,000 digits, 784-256-128-10.

# %% tags=["study", "nbval-ignore-output"]
val_loader = DataLoader(TensorDataset(X_val, y_val), batch_size=500)
test_loader = DataLoader(TensorDataset(X_test, y_test), batch_size=500)


def shuffled(seed=setup.SEED):
    """Training batches of 128, in an order that depends on the seed."""
    order = torch.Generator().manual_seed(seed)
    return DataLoader(TensorDataset(X_train, y_train), batch_size=128, shuffle=True, generator=order)


torch.manual_seed(setup.SEED)
net = DigitNet()
history = train(net, shuffled(), val_loader, evaluate, lr=1e-3, epochs=20, patience=3)
best = history["best"]
print(f"{len(history['val_loss'])} epochs, the best is number {best + 1}")
print(f"validation accuracy of the best: {history['val_accuracy'][best]:.3f}")
plot.curves(
    {"training (dropout on)": history["train_loss"], "validation": history["val_loss"]},
    ylabel="cross-entropy",
    title="784-256-128-10 on 5,000 digits",
    mark=best + 1,
    alt="The training loss keeps falling; the validation loss falls at first and then stays where it is.",
)

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# In the first epoch the validation loss is smaller. The training loss is an average over the epoch, and the network
# was worse at its beginning; and it is measured with a fifth of the activations missing. Later the curves cross: the
# training loss goes on towards 0, the validation loss does not follow. The gap that opens there is overfitting, and
# early stopping gets off in time.
# </details>
# <details><summary>If it does not learn: a debug checklist</summary>
#
# 1. Loss of the first batch: about $\ln 10 \approx 2.3$? Much more: look at `prepare`. Exactly the same for ever: no step.
# 2. Can it learn ten digits by heart, in 100 steps? If not, the loop is wrong; if so, look at the data.
# 3. Print a few pictures together with the labels, *after* shuffling. Do they still belong together?
# 4. Validation perfect, test poor: do the parts overlap?
# </details>

# %% [markdown]
# ## 5 · Judge it
#
# Now, once, the test digits. Accuracy is one number; the **confusion matrix** $C$ tells the story: $C_{ij}$ counts the
# digits that **are** $i$ and were **read as** $j$. The diagonal is right, everything else has a name: row 4, column 9
# are fours taken for nines.
#
# **A small example.** Three classes, $y = (0, 0, 1, 2, 2, 2)$, read as $(0, 1, 1, 2, 2, 0)$:
#
# $$C = \begin{pmatrix} 1 & 1 & 0 \\ 0 & 1 & 0 \\ 1 & 0 & 2 \end{pmatrix}$$
#
# Of the two zeros one was right, the only one was right, two of three twos were: $(\tfrac12, 1, \tfrac23)$.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** Which digit will be the easiest to read, which the hardest? Which two are confused most often?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "confusion", "difficulty": 2, "minutes": 10}
# ### The confusion matrix
#
# Write `confusion(y, predicted, classes)`, and `per_digit(C)`: the share of each digit that was read right.
#
# <details><summary>Hint 1: a nudge</summary>
#
# What do the numbers in row $i$ add up to?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# A loop over the pairs of truth and reading is fine for some thousand digits: each adds 1 to one entry. The diagonal of
# an array is `C.diagonal()`, and the sum over each row `C.sum(axis=1)`.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for i, j in zip(y.tolist(), predicted.tolist()):
#     C[..., ...] += 1
#
# return C.diagonal() / C.sum(axis=...)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "confusion", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion(y, predicted, classes=10):
    """How often class i was read as class j.

    y, predicted: (N,) int64 tensors, numbers of classes from 0 to classes − 1

    Returns C (classes, classes), integers: row = what it is, column = what it was read as.
    """
    ### BEGIN SOLUTION
    C = np.zeros((classes, classes), dtype=int)
    for i, j in zip(y.tolist(), predicted.tolist()):
        C[i, j] += 1
    return C
    ### END SOLUTION


def per_digit(C):
    """The share of each class that was read right, from a confusion matrix.

    C: (classes, classes) NumPy array, no row of it all zero

    Returns (classes,) shares between 0 and 1.
    """
    ### BEGIN SOLUTION
    return C.diagonal() / C.sum(axis=1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "confusion-counts", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch
from lessonkit import check

score = check.Score("The confusion matrix", 4)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
C_ = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 2]])
with score.part("the small example", 1):
    y_, read_ = torch.tensor([0, 0, 1, 2, 2, 2]), torch.tensor([0, 1, 1, 2, 2, 0])
    got_ = confusion(y_, read_, 3)
    wrong_ = {"transposed": C_.T, "counted-once": np.minimum(C_, 1), "percent": C_ / C_.sum(axis=1, keepdims=True)}
    check.close("confusion(y, predicted, 3)", got_, C_, candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        got_ = confusion(torch.tensor([1, 1, 0, 2, 0]), torch.tensor([2, 2, 0, 1, 0]), 3)
        check.close("confusion(y, predicted, 3)", got_, [[2, 0, 0], [0, 0, 2], [0, 1, 0]])
    ### END HIDDEN TESTS
with score.part("its shares", 1):
    wrong_ = {"wrong-axis": [0.5, 0.5, 1.0], "percent": [50, 100, 200 / 3], "batch-mean-twice": np.array([1, 1, 2]) / 6}
    check.close("per_digit(C)", per_digit(C_.copy()), [0.5, 1.0, 2 / 3], candidates=wrong_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        other_ = np.array([[3, 1, 0], [2, 1, 2], [0, 0, 4]])
        check.close("per_digit(C)", per_digit(other_), [0.75, 0.2, 1.0])
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("2,000 samples of ten classes, one of which is never guessed", 1, other_sizes=True):
    rng_ = np.random.default_rng(8)
    y_ = rng_.integers(0, 10, 2000)
    read_ = np.where(rng_.uniform(size=2000) < 0.7, y_, rng_.integers(0, 10, 2000))
    read_[read_ == 9] = 4
    C_ = np.zeros((10, 10))
    np.add.at(C_, (y_, read_), 1)
    got_ = confusion(torch.tensor(y_), torch.tensor(read_))
    wrong_ = {"transposed": C_.T, "counted-once": np.minimum(C_, 1)}
    check.close("confusion(y, predicted)", got_, C_, candidates=wrong_)
with score.part("shares of other matrices", 1, other_sizes=True):
    C_ = rng_.integers(1, 30, (5, 5))
    right_ = C_.diagonal() / C_.sum(axis=1)
    wrong_ = {
        "wrong-axis": C_.diagonal() / C_.sum(axis=0),
        "batch-mean-twice": C_.diagonal() / C_.sum(),
        "percent": 100 * right_,
    }
    with check.unchanged(C=C_):
        got_ = per_digit(C_)
    check.close("per_digit(C)", got_, right_, candidates=wrong_)
### END HIDDEN TESTS
score.total()

# %% tags=["study", "nbval-ignore-output"]
loss, accuracy = evaluate(net, test_loader)
with torch.no_grad():
    predicted = net(X_test).argmax(dim=1)  # evaluate has left the model in evaluation mode
C = confusion(y_test, predicted)
print(f"test: loss {loss:.2f}, accuracy {accuracy:.3f}; guessing would get about 0.1")
plot.confusion_matrix(C, title="Test digits")

# %% tags=["study", "nbval-ignore-output"]
plot.bars(per_digit(C), title="Share of each digit that is read right", low=0.8)
mistakes = C - np.diag(C.diagonal())
print("most frequent confusions:")
for place in np.argsort(-mistakes, axis=None)[:5]:
    i, j = divmod(int(place), 10)
    print(f"  {i} read as {j}: {mistakes[i, j]} times")

# %% [markdown]
# And the digits themselves. The wrong ones have a cross, a dashed frame, and the truth in brackets:

# %% tags=["study", "nbval-ignore-output"]
wrong = torch.nonzero(predicted != y_test)[:, 0]
good = torch.nonzero(predicted == y_test)[:, 0]
shown = torch.cat([good[:10], wrong[:20]])
plot.digits(test_digits.data[shown], y_test[shown], predicted[shown], title="Ten right, twenty wrong")

# %% [markdown]
# <details><summary>Reveal: what to see in it</summary>
#
# Zeros and ones are the easiest, hardly any other digit looks like them. The confusions are those that people have
# too: 4 and 9 differ in a gap at the top, 3 and 5 in a stroke, 7 and 9 in a loop. Some of the misread digits nobody could
# read; others are clear to you and not to the network. It sees 784 numbers and does not know which pixels are
# neighbours: shift a digit by three pixels, and to this network it is another picture.
# </details>

# %% [markdown]
# ## 6 · Keep it
#
# A trained model is its parameters: the `state_dict`, a dict from names to tensors. `torch.save` writes it into a file, or
# into anything that behaves like one, such as `io.BytesIO`, a file in memory. The *code* of the model is not in it: whoever
# loads it makes the network first, and then fills it.
#
# One could save the whole model instead. It would be tied to this very class in this very place, and loading it would run
# whatever code the file names: never do that with a file from somebody else. `weights_only=True` refuses to.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** How large will the file of 784-256-128-10 be? A float32 takes 4 bytes.
#
# *Your prediction:*

# %% [markdown] exercise={"id": "pack", "difficulty": 2, "minutes": 10}
# ### Save and load
#
# Write `pack(model)`, which gives the model's parameters as bytes, and `unpack(blob, model)`, which fills a freshly made
# model with them and gives it back, **ready to be used**.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A loaded model is there to read digits, not to learn. What mode should it be in?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# To bytes: `torch.save` the state into an `io.BytesIO()`, and take its `getvalue()`. Back: `torch.load` from
# `io.BytesIO(blob)`, then `load_state_dict`, then evaluation mode.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# file = io.BytesIO()
# torch.save(model..., file)
# return file...
#
# state = torch.load(io.BytesIO(...), weights_only=True)
# model...(state)
# return model...
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "pack", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pack(model):
    """The parameters of a model, as torch.save writes them.

    Returns bytes.
    """
    ### BEGIN SOLUTION
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.getvalue()
    ### END SOLUTION


def unpack(blob, model):
    """A model with packed parameters, ready to be used.

    blob:  bytes that pack made of a model with the same layers
    model: a freshly made model; it is changed

    Returns the model, with the parameters from blob, in evaluation mode.
    """
    ### BEGIN SOLUTION
    model.load_state_dict(torch.load(io.BytesIO(blob), weights_only=True))
    return model.eval()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "pack-roundtrip", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
import io
import torch
from lessonkit import check
from torch import nn

score = check.Score("Save and load", 3)
### BEGIN HIDDEN TESTS
import zipfile

from autograder.references import unseen


def in_it_(blob, values):
    """The bytes that torch.save wrote hold all these tensors."""
    with zipfile.ZipFile(io.BytesIO(blob)) as file:
        parts = [file.read(name) for name in file.namelist() if "/data/" in name]
    lost = [tuple(v_.shape) for v_ in values if v_.numpy().tobytes() not in parts]
    check.true(not lost, f"The bytes do not hold the parameters of shapes {lost}.", "wrong-value")


### END HIDDEN TESTS


def fresh_():
    """A small model with dropout, in training mode."""
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


check.seed(9)
with score.part("there and back: bytes, and the same parameters", 1):
    first_, second_ = fresh_(), fresh_()
    before_ = [p_.detach().clone() for p_ in first_.parameters()]
    blob_ = pack(first_)
    check.instance("pack(model)", blob_, bytes)
    loaded_ = unpack(blob_, second_)
    for mine_, yours_ in zip(before_, loaded_.parameters(), strict=True):
        check.close("a parameter that comes back", yours_, mine_)
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        in_it_(blob_, before_)
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("another program's bytes, ready to be used", 1):
    trained_, file_ = fresh_().eval(), io.BytesIO()
    torch.save(trained_.state_dict(), file_)
    X_, own_ = torch.randn(5, 6), fresh_()
    right_ = trained_(X_).detach()
    loaded_ = unpack(file_.getvalue(), own_)
    check.true(not loaded_.training, "The loaded model is in training mode.", "eval-missing")
    check.close("the output", loaded_(X_.clone()).detach(), right_)
    check.close("the output of the model that was handed in", own_(X_).detach(), right_)
with score.part("parameters, and no code", 1):
    import pickletools

    plain_ = fresh_()
    values_ = [p_.detach().clone() for p_ in plain_.parameters()]
    blob_ = pack(plain_)
    check.true(zipfile.is_zipfile(io.BytesIO(blob_)), "torch.save writes something else.", "wrong-type")
    with zipfile.ZipFile(io.BytesIO(blob_)) as zip_:
        name_ = next(name_ for name_ in zip_.namelist() if name_.endswith("data.pkl"))
        used_ = [str(item_[1]) for item_ in pickletools.genops(zip_.read(name_)) if item_[0].name == "GLOBAL"]
    code_ = sorted(name_.replace(" ", ".") for name_ in used_ if name_.startswith(("torch.nn", "__main__")))
    check.true(not code_, f"The bytes name the classes {code_}.", "whole-model")
    in_it_(blob_, values_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# With a real file, in a folder that is gone afterwards:

# %% tags=["study"]
import pathlib
import tempfile

with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "digits.pt"
    file.write_bytes(pack(net))
    print(f"{file.stat().st_size / 1e6:.2f} MB for {count_parameters((784, 256, 128, 10)):,} parameters")
    reader = unpack(file.read_bytes(), DigitNet())
print("reads the same:", bool((reader(X_test).argmax(dim=1) == predicted).all()))

# %% [markdown]
# <details><summary>Reveal: the answer to the prediction</summary>
#
# $235{,}146 \cdot 4 \approx 940{,}000$ bytes, and a little for names and shapes. Most of it is the first layer.
# </details>

# %% [markdown]
# ## 7 · Choose, honestly
#
# Which architecture is best? Train each, compare them by **validation** accuracy, choose. Only then look at the test
# accuracy, and only at that of the chosen one. If you choose by test accuracy, you report the luck of the winner as
# well: the more you try, the more of it.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** 784-32-10, 784-128-10 and 784-256-128-10 have about 25,000, 102,000 and 235,000 parameters. Put them
# in order of validation accuracy, and guess how far apart they are.
#
# *Your prediction:*

# %% [markdown] exercise={"id": "compare", "difficulty": 3, "minutes": 15}
# ### Compare architectures
#
# Write `compare(candidates, fit, validate, test)`, which puts everything together. The three functions are handed in, so
# that it works with every kind of model: `fit` trains one, `validate` and `test` measure it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Count the calls: how often may each of the three functions be called, if there are five candidates?
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# Keep two dicts with the same keys: the trained models and their validation accuracies. `max(d, key=d.get)` is the key with
# the largest value.
# </details>
# <details><summary>Hint 3: almost the code</summary>
#
# ```python
# for name, sizes in candidates.items():
#     models[name] = ...
#     accuracies[name] = ...
# best = max(accuracies, key=...)
# return {"accuracies": ..., "best": ..., "test": test(...)}
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "compare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compare(candidates, fit, validate, test):
    """Train each candidate once, choose by validation, test the chosen one.

    candidates: dict from a name to the sizes of a network
    fit:        function sizes -> trained model
    validate:   function model -> accuracy on the validation data
    test:       function model -> accuracy on the test data

    Returns {"accuracies": dict from name to validation accuracy, "best": name, "test": accuracy}.
    """
    ### BEGIN SOLUTION
    models, accuracies = {}, {}
    for name, sizes in candidates.items():
        models[name] = fit(sizes)
        accuracies[name] = validate(models[name])
    best = max(accuracies, key=accuracies.get)
    return {"accuracies": accuracies, "best": best, "test": test(models[best])}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "compare-choice", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check

score = check.Score("Compare architectures", 3)
### BEGIN HIDDEN TESTS
from autograder.references import unseen

### END HIDDEN TESTS
# Models need not be networks here: each is a word, and its accuracies stand in a table.
table_ = {"narrow": (0.91, 0.95), "middle": (0.94, 0.93), "wide": (0.92, 0.96)}
fitted_, tested_ = [], []


def fit_(sizes):
    fitted_.append(sizes)
    return {3: "narrow", 5: "middle", 7: "wide"}[sizes[1]]


def test_(model):
    tested_.append(model)
    return table_[model][1]


sizes_ = {"A": (2, 3, 1), "B": (2, 5, 1), "C": (2, 7, 1)}
with score.part("three candidates: accuracies and the best", 1):
    got_ = compare(sizes_, fit_, lambda model: table_[model][0], test_)
    check.keys("The result", got_, ["accuracies", "best", "test"])
    seen_ = {"A": 0.95, "B": 0.93, "C": 0.96}
    check.true(got_["accuracies"] != seen_, "These are the test accuracies.", "test-set-used")
    check.equal("accuracies", got_["accuracies"], {"A": 0.91, "B": 0.94, "C": 0.92})
    check.true(got_["best"] != "C", "C is best on the test data; on the validation data it is B.", "test-set-used")
    check.equal("best", got_["best"], "B")
    ### BEGIN HIDDEN TESTS
    with unseen.other_numbers():
        others_ = {"narrow": 0.71, "middle": 0.64, "wide": 0.82}
        got_ = compare(dict(sizes_), fit_, lambda model: others_[model], test_)
        check.equal("accuracies", got_["accuracies"], {"A": 0.71, "B": 0.64, "C": 0.82})
        check.equal("best", got_["best"], "C")
    ### END HIDDEN TESTS
### BEGIN HIDDEN TESTS
with score.part("each trained once, the test data looked at once", 1):
    del fitted_[:], tested_[:]
    got_ = compare(sizes_, fit_, lambda model: table_[model][0], test_)
    check.equal("the number of trainings", len(fitted_), 3)
    check.true(len(tested_) == 1, f"`test` was called {len(tested_)} times.", "test-set-used")
    check.equal("the model that is tested", tested_, ["middle"])
    validation_ = got_["test"] == 0.94
    check.true(not validation_, "`test` in the result is the validation accuracy.", "wrong-value")
    check.close("test", got_["test"], 0.93)
with score.part("other candidates, in another order", 1, other_sizes=True):
    values_ = {11: 0.3, 12: 0.9, 13: 0.2, 14: 0.8, 15: 0.1}
    names_ = {f"net {k_}": (4, k_, 2) for k_ in (14, 11, 13, 12, 15)}
    with check.unchanged(candidates=names_):
        got_ = compare(names_, lambda sizes: sizes[1], lambda model: values_[model], lambda model: model / 100)
    check.equal("best", got_["best"], "net 12")
    check.close("test", got_["test"], 0.12)
    right_ = {name_: values_[s_[1]] for name_, s_ in names_.items()}
    check.equal("accuracies", got_["accuracies"], right_)
### END HIDDEN TESTS
score.total()

# %% [markdown]
# Three architectures, with everything that you have written in this notebook, on one pair of axes:

# %% tags=["study", "nbval-ignore-output"]
candidates = {"784-32-10": (784, 32, 10), "784-128-10": (784, 128, 10), "784-256-128-10": (784, 256, 128, 10)}
histories = {}


def fit(sizes):
    torch.manual_seed(setup.SEED)
    model = DigitNet(sizes)
    name = "-".join(map(str, sizes))
    histories[name] = train(model, shuffled(), val_loader, evaluate, lr=1e-3, epochs=8, patience=8)
    return model


result = compare(
    candidates, fit, lambda model: evaluate(model, val_loader)[1], lambda model: evaluate(model, test_loader)[1]
)
print("architecture       parameters   validation accuracy")
for name, value in result["accuracies"].items():
    print(f"{name:16s} {count_parameters(candidates[name]):12,}   {value:.3f}")
print(f"chosen: {result['best']}, test accuracy {result['test']:.3f}")
plot.curves(
    {name: history["val_accuracy"] for name, history in histories.items()},
    ylabel="validation accuracy",
    title="Three architectures on 5,000 digits",
    alt="Three rising curves; the network with 32 hidden units stays below the two larger ones.",
)

# %% [markdown]
# <details><summary>Reveal: what to see in it</summary>
#
# The narrow network is a little worse, the two others are close together: one seed does not tell which of them is better
# (units 04 and 05 showed how much a seed can do). 47 times as many parameters as training digits, and it still reads new
# digits: the number of parameters alone does not say whether a network overfits. The gap between the curves does.
# </details>

# %% [markdown]
# ## 8 · Quiz
#
# Four questions; write one letter for each.
#
# **q1.** Ten classes, equally frequent. A network before training has, roughly, the accuracy and the loss
# (a) 0.1 and 2.3; (b) 0.1 and 0.1; (c) 0.5 and 0.69; (d) 0 and 10.
#
# **q2.** In the first epochs the validation loss is smaller than the training loss. The most likely reason:
# (a) the parts overlap; (b) dropout, and an average over an epoch in which the network was still getting better;
# (c) the validation digits are neater; (d) the network overfits.
#
# **q3.** Row 4, column 9 of the confusion matrix holds 12. So
# (a) 12 nines were read as fours; (b) 12 % of the fours are wrong; (c) 12 fours were read as nines; (d) the network
# read 12 digits as 4 or 9.
#
# **q4.** You train fifty networks and report the best test accuracy among them. For new digits, this number is
# (a) too low, since the test digits are harder; (b) just right: the network has not learnt from them; (c) right if
# the test set is as large as the training set; (d) too high: the choice has learnt from them.

# %% [markdown] tags=["predict"]
# 🔮 **Predict.** How many of the four will you get right?
#
# *Your prediction:*

# %% [markdown] exercise={"id": "quiz", "difficulty": 1, "minutes": 5}
# ### Your answers
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two of the four were predictions in this notebook.
# </details>
# <details><summary>Hint 2: an approach</summary>
#
# q1: section 3. q2: section 4. q3: section 5. q4: section 7.
# </details>
# <details><summary>Hint 3: almost the answer</summary>
#
# q1 and q3 can be tried in one line each. For q2 look at the first points of the two curves, for q4 at what was used
# for the choice.
# </details>

# %% nbgrader={"grade": false, "grade_id": "quiz", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Write your letters into this line, and remove its first two characters and the TODO:
# answers = {"q1": "?", "q2": "?", "q3": "?", "q4": "?"}
### BEGIN SOLUTION
answers = {"q1": "a", "q2": "b", "q3": "c", "q4": "d"}
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quiz-answers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from lessonkit import check, quiz

score = check.Score("Quiz", 4)
with score.part("each question has a letter", 0):
    quiz.form(answers, {"q1": "abcd", "q2": "abcd", "q3": "abcd", "q4": "abcd"})
### BEGIN HIDDEN TESTS
with score.part("q1", 1):
    quiz.right(answers, "q1", "a", "section 3, the prediction")
with score.part("q2", 1):
    quiz.right(answers, "q2", "b", "section 4, the prediction")
with score.part("q3", 1):
    quiz.right(answers, "q3", "c", "section 5, rows and columns")
with score.part("q4", 1):
    quiz.right(answers, "q4", "d", "section 7, choosing")
### END HIDDEN TESTS
score.total()

# %% [markdown]
# ## 9 · Explain it
#
# In your own words; it is read by a person. Six to eight sentences are plenty.

# %% [markdown] nbgrader={"grade": true, "grade_id": "reflect", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# **Look back.** Which digits does your network confuse most often, and what in the pictures explains it? Does it
# overfit, and where do you see that? How much better is it than guessing?
#
# ### BEGIN SOLUTION
# The largest entries off the diagonal are mostly pairs that share most of their strokes: 4 and 9, 3 and 5, 7 and 9, 2 and
# 7. As the network gets 784 separate pixels and no neighbourhoods, a small gap or a slant is enough to change the answer.
# It does overfit if it is trained on: the training loss goes on falling towards 0 while the validation loss stays
# where it is, and rises in the end. The accuracy on the training digits gets close to 1, that on new ones stays near 0.95. Early stopping
# takes the parameters from before the gap costs anything. Guessing gets one digit in ten right and nine wrong; the
# network misses about one in twenty, so it makes some 17 times fewer mistakes than guessing does.
#
# *Marking (2 points): 1 for pairs named from the matrix with a reason in the shapes, and the baseline of 10 % (half a
# point each); 1 for overfitting read from the gap between the two curves, not from the number of parameters.*
# ### END SOLUTION

# %% [markdown]
# ## What comes next
#
# This was the last unit: from one neuron's gradient by hand to a network that reads. What it lacks is an eye. It does not
# know that neighbouring pixels belong together, so it has to learn each stroke anew at every place. A **convolution**
# looks at small patches with the same few weights everywhere: that is the next idea to meet, and everything you have here,
# the loop, the splits, the early stopping, the confusion matrix, stays as it is.
