"""What hidden tests compare with: a two-layer network, its gradients, and how they go wrong.

Only hidden tests import this; they run on the instructor's side and never reach a student.

    a1 = X W1ᵀ + b1,  h = relu(a1),  f = h W2ᵀ + b2,  loss = mean over samples of ½ |f − y|²

with X (N, d), y (N, out), W1 (h, d), b1 (h,), W2 (out, h), b2 (out,), all float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Params = dict[str, np.ndarray]
KINK = 0.05  # pre-activations stay this far from 0, where ReLU has no derivative


def forward(params: Params, X: np.ndarray) -> Params:
    """The cache of a forward pass: {"a1": (N, h), "h": (N, h), "f": (N, out)}."""
    a1 = X @ params["W1"].T + params["b1"]
    h = np.maximum(a1, 0.0)
    return {"a1": a1, "h": h, "f": h @ params["W2"].T + params["b2"]}


def half_mse(f: np.ndarray, y: np.ndarray) -> float:
    """The mean over samples of ½ |f − y|²."""
    return float(0.5 * ((f - y) ** 2).sum(axis=1).mean())


def loss_and_grads(params: Params, X: np.ndarray, y: np.ndarray) -> tuple[float, Params]:
    """The loss, and its gradient by each parameter."""
    cache = forward(params, X)
    delta = (cache["f"] - y) / len(X)
    da1 = (delta @ params["W2"]) * (cache["a1"] > 0)
    return half_mse(cache["f"], y), _assemble(X, cache, delta, da1)


def _assemble(X: np.ndarray, cache: Params, delta: np.ndarray, da1: np.ndarray) -> Params:
    return {
        "W1": da1.T @ X,
        "b1": da1.sum(axis=0),
        "W2": delta.T @ cache["h"],
        "b2": delta.sum(axis=0),
    }


@dataclass(frozen=True)
class Network:
    """A random network with data, clear of ReLU's kink."""

    params: Params
    X: np.ndarray
    y: np.ndarray

    @property
    def cache(self) -> Params:
        return forward(self.params, self.X)

    @property
    def loss(self) -> float:
        return half_mse(self.cache["f"], self.y)

    @property
    def grads(self) -> Params:
        return loss_and_grads(self.params, self.X, self.y)[1]

    def loss_at(self, **changed: np.ndarray) -> float:
        """The loss with some parameters replaced: `loss_at(W1=...)`."""
        return half_mse(forward({**self.params, **changed}, self.X)["f"], self.y)

    def mistakes(self, name: str) -> Params:
        """Diagnosis code -> the gradient by parameter `name` that this mistake gives."""
        cache, params, N = self.cache, self.params, len(self.X)
        delta = (cache["f"] - self.y) / N
        dh = delta @ params["W2"]
        mask = cache["a1"] > 0
        wrong = {
            "relu-mask-missing": _assemble(self.X, cache, delta, dh),
            "relu-mask-misplaced": _assemble(self.X, cache, delta, dh * (dh > 0)),
            "upstream-ignored": _assemble(
                self.X,
                cache,
                np.ones_like(delta) / N,
                (np.ones_like(delta) / N @ params["W2"]) * mask,
            ),
        }
        right = self.grads[name]
        return {code: g[name] for code, g in wrong.items() if not np.allclose(g[name], right)}


def network(seed: int, N: int, d: int, h: int, out: int) -> Network:
    """A random network of these sizes on N random samples, every |a1| above KINK.

    Raises ValueError if no such network is found in 1,000 tries (too many pre-activations).
    """
    rng = np.random.default_rng(seed)
    for _ in range(1000):
        params = {
            "W1": rng.normal(size=(h, d)),
            "b1": 0.3 * rng.normal(size=h),
            "W2": rng.normal(size=(out, h)),
            "b2": 0.3 * rng.normal(size=out),
        }
        X = rng.normal(size=(N, d))
        a1 = forward(params, X)["a1"]
        on = (a1 > 0).mean(axis=0)
        if np.abs(a1).min() > KINK and on.max() < 1.0 and on.min() > 0.0:
            return Network(params, X, rng.normal(size=(N, out)))
    raise ValueError(f"no network of N={N}, d={d}, h={h}, out={out} stays clear of the kink")
