"""Points in the plane that one can look at, and the parameters that units 02 to 04 share."""

from __future__ import annotations

import numpy as np

from lessonkit.setup import SEED


def line(n: int = 50, noise: float = 0.5, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Points near y = 2x + 1, with Gaussian noise.

    Returns x (n,) evenly spaced in [0, 5], and y (n,), both float64.
    """
    x = np.linspace(0.0, 5.0, n)
    return x, 2.0 * x + 1.0 + noise * np.random.default_rng(seed).normal(size=n)


def xor(n: int = 500, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """XOR in the plane: x uniform in [-1, 1]², y = 1 where the signs of x1 and x2 differ.

    Returns X (n, 2) and y (n,) of 0.0 and 1.0, both float64.
    """
    X = np.random.default_rng(seed).uniform(-1.0, 1.0, size=(n, 2))
    return X, (X[:, 0] * X[:, 1] < 0).astype(np.float64)


def init_params(
    d: int = 2, h: int = 16, out: int = 1, scale: float = 0.5, seed: int = SEED
) -> dict[str, np.ndarray]:
    """Initial parameters of a d-h-out network: weights from N(0, scale²), biases zero.

    Returns {"W1": (h, d), "b1": (h,), "W2": (out, h), "b2": (out,)}, float64.
    """
    rng = np.random.default_rng(seed)
    return {
        "W1": scale * rng.normal(size=(h, d)),
        "b1": np.zeros(h),
        "W2": scale * rng.normal(size=(out, h)),
        "b2": np.zeros(out),
    }


def moons(
    n: int = 1200, noise: float = 0.2, validation: float = 0.2, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two interleaved half-circles, split into training and validation.

    Returns X_train (n_train, 2), y_train (n_train,), X_val, y_val: float64 and int64 (0 or 1). For
    an even split, the numbers of scikit-learn's make_moons and train_test_split, without the second
    that it takes to import them.
    """
    rng = np.random.RandomState(seed)
    angle = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    upper = np.stack([np.cos(angle[0]), np.sin(angle[0])], axis=1)
    lower = np.stack([1 - np.cos(angle[1]), 1 - np.sin(angle[1]) - 0.5], axis=1)
    order = np.arange(n)
    rng.shuffle(order)
    X = np.concatenate([upper, lower])[order]
    y = (order >= n // 2).astype(np.int64)
    X += rng.normal(scale=noise, size=X.shape)
    rng = np.random.RandomState(seed)
    training, held_back = [], []
    for label in (0, 1):  # the same share of both, as far as it goes
        members = rng.permutation(np.flatnonzero(y == label))
        most = len(members) - round(validation * len(members))
        training.append(members[:most])
        held_back.append(members[most:])
    first, rest = (rng.permutation(np.concatenate(part)) for part in (training, held_back))
    return X[first], y[first], X[rest], y[rest]


def spiral(
    per_class: int = 150, arms: int = 3, noise: float = 0.25, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Points on `arms` spiral arms, shuffled, in the layout (features, N) of many older programs.

    Returns X (2, N) float64 and y (N,) int64 with N = per_class · arms.
    """
    rng = np.random.default_rng(seed)
    columns, labels = [], []
    for arm in range(arms):
        r = np.linspace(0.2, 1.0, per_class)
        angle = np.linspace(4.0 * arm, 4.0 * (arm + 1), per_class)
        angle = angle + noise * rng.normal(size=per_class)
        columns.append(np.stack([r * np.cos(angle), r * np.sin(angle)]))
        labels.append(np.full(per_class, arm))
    order = rng.permutation(per_class * arms)
    return np.concatenate(columns, axis=1)[:, order], np.concatenate(labels)[order].astype(np.int64)
