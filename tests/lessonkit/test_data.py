"""The course's data: shapes, types, and the same numbers each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

from lessonkit import data

SHAPES = {
    "line": (lambda seed: data.line(seed=seed), [(50,), (50,)]),
    "xor": (lambda seed: data.xor(seed=seed), [(500, 2), (500,)]),
    "moons": (lambda seed: data.moons(seed=seed), [(960, 2), (960,), (240, 2), (240,)]),
    "spiral": (lambda seed: data.spiral(seed=seed), [(2, 450), (450,)]),
    "init_params": (
        lambda seed: tuple(data.init_params(seed=seed).values()),
        [(16, 2), (16,), (1, 16), (1,)],
    ),
}
Make = Callable[[int], tuple[np.ndarray, ...]]


@pytest.mark.parametrize(("make", "shapes"), SHAPES.values(), ids=SHAPES)
def test_shapes(make: Make, shapes: list[Any]) -> None:
    assert [part.shape for part in make(1)] == shapes


@pytest.mark.parametrize("make", [make for make, _ in SHAPES.values()], ids=SHAPES)
def test_the_same_seed_gives_the_same_and_another_gives_another(make: Make) -> None:
    first, again, other = make(1), make(1), make(2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("make", [make for make, _ in SHAPES.values()], ids=SHAPES)
def test_nobody_elses_randomness_matters_or_is_disturbed(make: Make) -> None:
    np.random.seed(3)
    first = make(1)
    drawn = np.random.rand()
    np.random.seed(3)
    assert np.random.rand() == drawn
    assert all(np.array_equal(a, b) for a, b in zip(first, make(1), strict=True))


def test_xor_is_one_where_the_signs_differ() -> None:
    X, y = data.xor(1000)
    assert np.abs(X).max() <= 1
    assert np.array_equal(y, (X[:, 0] * X[:, 1] < 0).astype(float))
    assert 0.4 < y.mean() < 0.6


def test_the_first_points_are_those_of_the_course() -> None:
    X, y = data.xor()
    np.testing.assert_allclose(X[0], [0.5479120971119267, -0.12224312049589536], rtol=1e-12)
    np.testing.assert_allclose(data.init_params()["W1"][0], [0.15235854, -0.51999205], rtol=1e-6)
    assert y[:4].tolist() == [1.0, 0.0, 1.0, 0.0]


def test_the_line_is_near_2x_plus_1() -> None:
    x, y = data.line(500)
    slope, intercept = np.polyfit(x, y, 1)
    assert slope == pytest.approx(2, abs=0.1)
    assert intercept == pytest.approx(1, abs=0.2)


def test_initial_biases_are_zero_and_weights_have_their_scale() -> None:
    params = data.init_params(d=50, h=80, out=3, scale=0.1)
    assert not params["b1"].any()
    assert not params["b2"].any()
    assert params["W1"].std() == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize(("n", "seed"), [(1200, 0), (1200, 69), (2500, 12345)])
def test_moons_are_those_of_scikit_learn(n: int, seed: int) -> None:
    X, y = make_moons(n_samples=n, noise=0.2, random_state=seed)
    split = train_test_split(X, y, test_size=0.2, random_state=seed, stratify=y)
    X_train, y_train, X_val, y_val = data.moons(n=n, seed=seed)
    for ours, theirs in zip((X_train, X_val, y_train, y_val), split, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("n", [5, 301, 1001])
def test_moons_of_an_odd_number_are_all_there(n: int) -> None:
    X_train, y_train, X_val, y_val = data.moons(n=n, validation=0.3)
    assert len(X_train) + len(X_val) == len(y_train) + len(y_val) == n
    assert abs(len(X_val) - 0.3 * n) <= 1


def test_moons_are_split_with_the_same_share_of_classes() -> None:
    X_train, y_train, X_val, y_val = data.moons()
    assert y_train.dtype == y_val.dtype == np.int64
    assert y_train.mean() == y_val.mean() == 0.5
    assert not {tuple(row) for row in X_train} & {tuple(row) for row in X_val}


def test_the_spiral_has_features_first_and_its_arms_mixed() -> None:
    X, y = data.spiral(per_class=20, arms=4)
    assert X.shape == (2, 80)
    assert np.bincount(y).tolist() == [20] * 4
    assert y.tolist() != sorted(y)
