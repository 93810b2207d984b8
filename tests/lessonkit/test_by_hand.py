"""The numbers that units 03 and 04 compare with are those that unit 02's code gives."""

import numpy as np
import pytest

from autograder.references import two_layer as oracle
from lessonkit import data


@pytest.mark.parametrize("N", [1, 32, 500])
def test_recorded_gradients_are_those_of_the_oracle(N):
    X, y = data.xor()
    loss, grads = oracle.loss_and_grads(data.init_params(), X[:N], y[:N, None])
    recorded_loss, recorded = data.by_hand(N)
    assert recorded_loss == pytest.approx(loss, abs=1e-12)
    assert recorded.keys() == grads.keys()
    for name, grad in grads.items():
        np.testing.assert_allclose(recorded[name], grad, rtol=0, atol=1e-12)


def test_the_recorded_run_is_that_of_the_oracle():
    X, y = data.xor()
    params, losses = data.init_params(), []
    for _ in range(1000):
        loss, grads = oracle.loss_and_grads(params, X, y[:, None])
        losses.append(loss)
        params = {name: params[name] - 0.2 * grads[name] for name in params}
    run = data.run_by_hand()
    np.testing.assert_allclose(run.losses, np.array(losses)[list(run.epochs)], atol=1e-10)
    for name, value in params.items():
        np.testing.assert_allclose(run.params[name], value, rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.predict(X), oracle.forward(params, X)["f"][:, 0], atol=1e-8)
    assert run.accuracy(X, y) > 0.95
