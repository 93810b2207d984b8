# %% [markdown]
# Unit 02: answers that its tests must catch, with the points that each must lose and the diagnosis it must get, and
# other right answers that must keep all of theirs.

# %% [markdown]
# ## forward

# %% answer="no_relu" exercise="forward" kind="wrong" loses={"forward-values": 4} diagnosis="relu-missing"
def forward(params, X):
    a1 = X @ params["W1"].T + params["b1"]
    f = a1 @ params["W2"].T + params["b2"]
    return f, {"a1": a1, "h": a1, "f": f}

# %% answer="relu_on_the_output" exercise="forward" kind="wrong" loses={"forward-values": 2} diagnosis="relu-mask-misplaced"
def forward(params, X):
    a1 = X @ params["W1"].T + params["b1"]
    h = np.maximum(a1, 0)
    f = np.maximum(h @ params["W2"].T + params["b2"], 0)
    return f, {"a1": a1, "h": h, "f": f}

# %% answer="no_bias" exercise="forward" kind="wrong" loses={"forward-values": 4} diagnosis="bias-missing"
def forward(params, X):
    a1 = X @ params["W1"].T
    h = np.maximum(a1, 0)
    f = h @ params["W2"].T
    return f, {"a1": a1, "h": h, "f": f}

# %% answer="returns_the_cache_of_the_call_before" exercise="forward" kind="wrong" loses={"forward-values": 2} diagnosis="stale-cache"
last = {}


def forward(params, X):
    before = dict(last)
    last["a1"] = X @ params["W1"].T + params["b1"]
    last["h"] = np.maximum(last["a1"], 0)
    last["f"] = last["h"] @ params["W2"].T + params["b2"]
    return last["f"], before or dict(last)

# %% answer="memorised_the_example" exercise="forward" kind="wrong" loses={"forward-values": 2} diagnosis="memorised"
def forward(params, X):
    a1 = np.array([[3.0, -3.0, 2.0], [3.0, 2.0, -3.0]])
    f = np.array([[1.5], [11.5]])
    return f, {"a1": a1, "h": np.maximum(a1, 0), "f": f}

# %% answer="three_units_written_in" exercise="forward" kind="wrong" loses={"forward-values": 2} diagnosis="hard-coded-shape"
def forward(params, X):
    a1 = np.zeros((len(X), 3))
    for j in range(3):
        a1[:, j] = X @ params["W1"][j] + params["b1"][j]
    h = np.maximum(a1, 0)
    f = h @ params["W2"].T + params["b2"]
    return f, {"a1": a1, "h": h, "f": f}

# %% answer="loops" exercise="forward" kind="right"
def forward(params, X):
    W1, b1, W2, b2 = (params[k] for k in ("W1", "b1", "W2", "b2"))
    a1 = np.array([[sum(w * x for w, x in zip(W1[j], row)) + b1[j] for j in range(len(b1))] for row in X])
    h = np.where(a1 > 0, a1, 0.0)
    f = np.array([[sum(w * v for w, v in zip(W2[k], row)) + b2[k] for k in range(len(b2))] for row in h])
    return f, {"a1": a1, "h": h, "f": f}

# %% answer="einsum_and_a_larger_cache" exercise="forward" kind="right"
def forward(params, X):
    a1 = np.einsum("nd,hd->nh", X, params["W1"]) + params["b1"]
    mask = a1 > 0
    h = a1 * mask
    f = np.einsum("nh,oh->no", h, params["W2"]) + params["b2"]
    return f, {"X": X, "a1": a1, "mask": mask, "h": h, "f": f}

# %% answer="float32" exercise="forward" kind="right"
def forward(params, X):
    p = {k: v.astype(np.float32) for k, v in params.items()}
    a1 = X.astype(np.float32) @ p["W1"].T + p["b1"]
    h = np.maximum(a1, np.float32(0))
    f = h @ p["W2"].T + p["b2"]
    return f, {"a1": a1, "h": h, "f": f}

# %% [markdown]
# ## half_mse

# %% answer="no_half" exercise="half_mse" kind="wrong" loses={"half_mse-values": 3} diagnosis="missing-half"
def half_mse(f, y):
    return float(((f - y) ** 2).sum(axis=1).mean())

# %% answer="sum_over_samples" exercise="half_mse" kind="wrong" loses={"half_mse-values": 2} diagnosis="batch-mean"
def half_mse(f, y):
    return float(0.5 * ((f - y) ** 2).sum())

# %% answer="mean_over_everything" exercise="half_mse" kind="wrong" loses={"half_mse-values": 1} diagnosis="wrong-axis"
def half_mse(f, y):
    return float(0.5 * ((f - y) ** 2).mean())

# %% answer="loop" exercise="half_mse" kind="right"
def half_mse(f, y):
    total = 0.0
    for i in range(len(f)):
        total += 0.5 * np.dot(f[i] - y[i], f[i] - y[i])
    return total / len(f)

# %% answer="numpy_scalar" exercise="half_mse" kind="right"
def half_mse(f, y):
    return np.linalg.norm(f - y) ** 2 / (2 * f.shape[0])

# %% [markdown]
# ## backward_one

# %% answer="no_mask" exercise="backward_one" kind="wrong" loses={"backward_one-values": 4} diagnosis="relu-mask-missing"
def backward_one(params, x, y, cache):
    df = cache["f"] - y
    dh = params["W2"].T @ df
    return {"W2": np.outer(df, cache["h"]), "b2": df, "W1": np.outer(dh, x), "b1": dh}

# %% answer="mask_of_the_wrong_quantity" exercise="backward_one" kind="wrong" loses={"backward_one-values": 2} diagnosis="relu-mask-misplaced"
def backward_one(params, x, y, cache):
    df = cache["f"] - y
    dh = params["W2"].T @ df
    da1 = np.maximum(dh, 0)
    return {"W2": np.outer(df, cache["h"]), "b2": df, "W1": np.outer(da1, x), "b1": da1}

# %% answer="transposed" exercise="backward_one" kind="wrong" loses={"backward_one-values": 4} diagnosis="transposed"
def backward_one(params, x, y, cache):
    df = cache["f"] - y
    da1 = (params["W2"].T @ df) * (cache["a1"] > 0)
    return {"W2": np.outer(df, cache["h"]), "b2": df, "W1": np.outer(x, da1), "b1": da1}

# %% answer="upstream_ignored" exercise="backward_one" kind="wrong" loses={"backward_one-values": 4} diagnosis="upstream-ignored"
def backward_one(params, x, y, cache):
    df = cache["f"] - y
    da1 = params["W2"].sum(axis=0) * (cache["a1"] > 0)
    return {"W2": np.outer(df, cache["h"]), "b2": df, "W1": np.outer(da1, x), "b1": da1}

# %% answer="broadcasting" exercise="backward_one" kind="right"
def backward_one(params, x, y, cache):
    df = cache["f"] - y
    da1 = np.where(cache["h"] > 0, df @ params["W2"], 0.0)
    return {"W1": da1[:, None] * x[None, :], "b1": da1, "W2": df[:, None] * cache["h"], "b2": df}

# %% answer="loops_one_sample" exercise="backward_one" kind="right"
def backward_one(params, x, y, cache):
    grads = {k: np.zeros(v.shape) for k, v in params.items()}
    out, h = params["W2"].shape
    for k in range(out):
        d = cache["f"][k] - y[k]
        grads["b2"][k] += d
        for j in range(h):
            grads["W2"][k, j] += d * cache["h"][j]
            if cache["a1"][j] > 0:
                grads["b1"][j] += d * params["W2"][k, j]
                for i in range(len(x)):
                    grads["W1"][j, i] += d * params["W2"][k, j] * x[i]
    return grads

# %% [markdown]
# ## backward

# %% answer="no_batch_mean" exercise="backward" kind="wrong" loses={"backward-output": 3, "backward-hidden": 3} diagnosis="batch-mean"
def backward(params, X, y, cache):
    df = cache["f"] - y
    da1 = (df @ params["W2"]) * (cache["a1"] > 0)
    return {"W1": da1.T @ X, "b1": da1.sum(axis=0), "W2": df.T @ cache["h"], "b2": df.sum(axis=0)}

# %% answer="mean_twice_in_the_biases" exercise="backward" kind="wrong" loses={"backward-output": 3, "backward-hidden": 3} diagnosis="batch-mean-twice"
def backward(params, X, y, cache):
    df = (cache["f"] - y) / len(X)
    da1 = (df @ params["W2"]) * (cache["a1"] > 0)
    return {"W1": da1.T @ X, "b1": da1.mean(axis=0), "W2": df.T @ cache["h"], "b2": df.mean(axis=0)}

# %% answer="no_mask_batch" exercise="backward" kind="wrong" loses={"backward-hidden": 3} diagnosis="relu-mask-missing"
def backward(params, X, y, cache):
    df = (cache["f"] - y) / len(X)
    da1 = df @ params["W2"]
    return {"W1": da1.T @ X, "b1": da1.sum(axis=0), "W2": df.T @ cache["h"], "b2": df.sum(axis=0)}

# %% answer="flipped_sign" exercise="backward" kind="wrong" loses={"backward-output": 3, "backward-hidden": 3} diagnosis="sign"
def backward(params, X, y, cache):
    df = (y - cache["f"]) / len(X)
    da1 = (df @ params["W2"]) * (cache["a1"] > 0)
    return {"W1": da1.T @ X, "b1": da1.sum(axis=0), "W2": df.T @ cache["h"], "b2": df.sum(axis=0)}

# %% answer="biases_not_summed" exercise="backward" kind="wrong" loses={"backward-output": 3, "backward-hidden": 3} diagnosis="bias-not-summed"
def backward(params, X, y, cache):
    df = (cache["f"] - y) / len(X)
    da1 = (df @ params["W2"]) * (cache["a1"] > 0)
    return {"W1": da1.T @ X, "b1": da1, "W2": df.T @ cache["h"], "b2": df}

# %% answer="loss_without_its_half" exercise="backward" kind="wrong" loses={"backward-output": 3, "backward-hidden": 3} diagnosis="missing-half"
def backward(params, X, y, cache):
    df = 2 * (cache["f"] - y) / len(X)
    da1 = (df @ params["W2"]) * (cache["a1"] > 0)
    return {"W1": da1.T @ X, "b1": da1.sum(axis=0), "W2": df.T @ cache["h"], "b2": df.sum(axis=0)}

# %% answer="upstream_ignored_batch" exercise="backward" kind="wrong" loses={"backward-output": 3, "backward-hidden": 3} diagnosis="upstream-ignored"
def backward(params, X, y, cache):
    df = np.ones_like(cache["f"]) / len(X)
    da1 = (df @ params["W2"]) * (cache["a1"] > 0)
    return {"W1": da1.T @ X, "b1": da1.sum(axis=0), "W2": df.T @ cache["h"], "b2": df.sum(axis=0)}

# %% answer="transposed_batch" exercise="backward" kind="wrong" loses={"backward-output": 3, "backward-hidden": 3} diagnosis="transposed"
def backward(params, X, y, cache):
    df = (cache["f"] - y) / len(X)
    da1 = (df @ params["W2"]) * (cache["a1"] > 0)
    return {"W1": X.T @ da1, "b1": da1.sum(axis=0), "W2": cache["h"].T @ df, "b2": df.sum(axis=0)}

# %% answer="one_sample_at_a_time" exercise="backward" kind="right"
def backward(params, X, y, cache):
    grads = {k: np.zeros_like(v) for k, v in params.items()}
    for n in range(len(X)):
        df = cache["f"][n] - y[n]
        da1 = (params["W2"].T @ df) * (cache["a1"][n] > 0)
        one = {"W1": np.outer(da1, X[n]), "b1": da1, "W2": np.outer(df, cache["h"][n]), "b2": df}
        for k in grads:
            grads[k] += one[k] / len(X)
    return grads

# %% answer="einsum" exercise="backward" kind="right"
def backward(params, X, y, cache):
    df = cache["f"] - y
    da1 = np.einsum("no,oh,nh->nh", df, params["W2"], (cache["h"] > 0).astype(float))
    return {
        "W1": np.einsum("nh,nd->hd", da1, X) / len(X),
        "b1": da1.mean(axis=0),
        "W2": np.einsum("no,nh->oh", df, cache["h"]) / len(X),
        "b2": df.mean(axis=0),
    }

# %% answer="float32_batch" exercise="backward" kind="right"
def backward(params, X, y, cache):
    small = lambda v: v.astype(np.float32)
    df = small(cache["f"] - y) / np.float32(len(X))
    da1 = (df @ small(params["W2"])) * (cache["a1"] > 0)
    return {"W1": da1.T @ small(X), "b1": da1.sum(0), "W2": df.T @ small(cache["h"]), "b2": df.sum(0)}

# %% [markdown]
# ## flatten

# %% answer="column_by_column" exercise="flatten" kind="wrong" loses={"flatten-roundtrip": 3} diagnosis="column-order"
def flatten(params):
    return np.concatenate([params[k].flatten(order="F") for k in ("W1", "b1", "W2", "b2")])


def unflatten(theta, like):
    params, i = {}, 0
    for k in ("W1", "b1", "W2", "b2"):
        params[k] = theta[i : i + like[k].size].reshape(like[k].shape, order="F")
        i += like[k].size
    return params

# %% answer="order_of_the_dict" exercise="flatten" kind="wrong" loses={"flatten-roundtrip": 1} diagnosis="wrong-order"
def flatten(params):
    return np.concatenate([v.ravel() for v in params.values()])


def unflatten(theta, like):
    params, i = {}, 0
    for k, v in like.items():
        params[k] = theta[i : i + v.size].reshape(v.shape)
        i += v.size
    return params

# %% answer="sizes_written_in" exercise="flatten" kind="wrong" loses={"flatten-roundtrip": 1} diagnosis="hard-coded-shape"
def flatten(params):
    return np.concatenate([params[k].ravel() for k in ("W1", "b1", "W2", "b2")])


def unflatten(theta, like):
    return {
        "W1": theta[:6].reshape(3, 2),
        "b1": theta[6:9],
        "W2": theta[9:12].reshape(1, 3),
        "b2": theta[12:],
    }

# %% answer="split" exercise="flatten" kind="right"
NAMES = ("W1", "b1", "W2", "b2")


def flatten(params):
    return np.hstack([params[k].ravel() for k in NAMES])


def unflatten(theta, like):
    pieces = np.split(theta, np.cumsum([like[k].size for k in NAMES])[:-1])
    return {k: piece.reshape(like[k].shape) for k, piece in zip(NAMES, pieces)}

# %% [markdown]
# ## numeric_gradient

# %% answer="one_sided" exercise="numeric_gradient" kind="wrong" loses={"numeric_gradient-values": 2} diagnosis="forward-difference"
def numeric_gradient(loss, theta, eps=1e-5):
    here = loss(theta)
    grad = np.zeros_like(theta)
    for i in range(len(theta)):
        step = np.zeros_like(theta)
        step[i] = eps
        grad[i] = (loss(theta + step) - here) / eps
    return grad

# %% answer="divided_by_eps" exercise="numeric_gradient" kind="wrong" loses={"numeric_gradient-values": 4} diagnosis="two-eps"
def numeric_gradient(loss, theta, eps=1e-5):
    grad = np.zeros_like(theta)
    for i in range(len(theta)):
        step = np.zeros_like(theta)
        step[i] = eps
        grad[i] = (loss(theta + step) - loss(theta - step)) / eps
    return grad

# %% answer="float32_drowns_in_rounding" exercise="numeric_gradient" kind="wrong" loses={"numeric_gradient-values": 1} diagnosis="step-too-small"
def numeric_gradient(loss, theta, eps=1e-5):
    theta = theta.astype(np.float32)
    grad = np.zeros(len(theta))
    for i in range(len(theta)):
        step = np.zeros_like(theta)
        step[i] = eps
        grad[i] = (np.float32(loss(theta + step)) - np.float32(loss(theta - step))) / (2 * eps)
    return grad

# %% answer="theta_not_put_back" exercise="numeric_gradient" kind="wrong" loses={"numeric_gradient-values": 1} diagnosis="changed-argument"
def numeric_gradient(loss, theta, eps=1e-5):
    grad = np.zeros_like(theta)
    for i in range(len(theta)):
        theta[i] += eps
        up = loss(theta)
        theta[i] -= 2 * eps
        grad[i] = (up - loss(theta)) / (2 * eps)
    return grad

# %% answer="moves_a_copy" exercise="numeric_gradient" kind="right"
def numeric_gradient(loss, theta, eps=1e-5):
    grad = []
    for i in range(theta.size):
        up, down = theta.copy(), theta.copy()
        up[i] += eps
        down[i] -= eps
        grad.append((loss(up) - loss(down)) / (up[i] - down[i]))
    return np.array(grad)

# %% answer="rows_of_the_identity" exercise="numeric_gradient" kind="right"
def numeric_gradient(loss, theta, eps=1e-5):
    return np.array([(loss(theta + eps * e) - loss(theta - eps * e)) / (2 * eps) for e in np.eye(len(theta))])

# %% [markdown]
# ## unit_report

# %% answer="accuracy_of_a_matrix" exercise="unit_report" kind="wrong" loses={"unit_report-values": 1} diagnosis="broadcast"
def unit_report(cache, y):
    on = cache["a1"] > 0
    right = (cache["f"][:, 0] >= 0.5) == (y >= 0.5)
    dead = [int(j) for j in np.flatnonzero(~on.any(axis=0))]
    return {"accuracy": float(right.mean()), "active": float(on.mean()), "dead": dead}

# %% answer="dead_samples" exercise="unit_report" kind="wrong" loses={"unit_report-values": 2} diagnosis="wrong-axis"
def unit_report(cache, y):
    on = cache["a1"] > 0
    right = (cache["f"] >= 0.5) == (y >= 0.5)
    dead = [int(j) for j in np.flatnonzero(~on.any(axis=1))]
    return {"accuracy": float(right.mean()), "active": float(on.mean()), "dead": dead}

# %% answer="counting" exercise="unit_report" kind="right"
def unit_report(cache, y):
    N, h = cache["h"].shape
    right = sum(int((cache["f"][n, 0] >= 0.5) == (y[n, 0] == 1)) for n in range(N))
    active = sum(int(cache["h"][n, j] > 0) for n in range(N) for j in range(h))
    dead = [j for j in range(h) if max(cache["a1"][:, j]) <= 0]
    return {"accuracy": right / N, "active": active / (N * h), "dead": dead}

# %% [markdown]
# ## train

# %% answer="gradients_between_the_updates" exercise="train" kind="wrong" loses={"train-steps": 3} diagnosis="updated-before-use"
def train(params, X, y, lr, epochs, loss_and_grads):
    params, losses = dict(params), []
    for _ in range(epochs):
        losses.append(loss_and_grads(params, X, y)[0])
        for name in params:
            params[name] = params[name] - lr * loss_and_grads(params, X, y)[1][name]
    return params, losses

# %% answer="uphill" exercise="train" kind="wrong" loses={"train-steps": 3, "train-xor": 3} diagnosis="sign"
def train(params, X, y, lr, epochs, loss_and_grads):
    losses = []
    for _ in range(epochs):
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        params = {name: params[name] + lr * grads[name] for name in params}
    return params, losses

# %% answer="in_place" exercise="train" kind="wrong" loses={"train-steps": 1} diagnosis="changed-argument"
def train(params, X, y, lr, epochs, loss_and_grads):
    losses = []
    for _ in range(epochs):
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        for name in params:
            params[name] -= lr * grads[name]
    return params, losses

# %% answer="loss_after_the_step" exercise="train" kind="wrong" loses={"train-steps": 1} diagnosis="off-by-one"
def train(params, X, y, lr, epochs, loss_and_grads):
    losses = []
    for _ in range(epochs):
        _, grads = loss_and_grads(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss_and_grads(params, X, y)[0])
    return params, losses

# %% answer="never_moves" exercise="train" kind="wrong" loses={"train-steps": 3, "train-xor": 3} diagnosis="no-step"
def train(params, X, y, lr, epochs, loss_and_grads):
    losses = []
    for _ in range(epochs):
        loss, grads = loss_and_grads(params, X, y)
        losses.append(loss)
        for name in params:
            value = params[name]
            value = value - lr * grads[name]
    return params, losses

# %% answer="copies_first" exercise="train" kind="right"
def train(params, X, y, lr, epochs, loss_and_grads):
    params = {name: value.copy() for name, value in params.items()}
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        losses[epoch], grads = loss_and_grads(params, X, y)
        for name, grad in grads.items():
            params[name] -= lr * grad
    return params, losses

# %% [markdown]
# ## quiz

# %% answer="all_a" exercise="quiz" kind="wrong" loses={"quiz-answers": 3} diagnosis="wrong-answer"
answers = {"q1": "a", "q2": "a", "q3": "a", "q4": "a"}

# %% answer="half_answered" exercise="quiz" kind="wrong" loses={"quiz-answers": 2} diagnosis="not-answered"
answers = {"q1": "c", "q2": "a"}

# %% answer="capital_letters" exercise="quiz" kind="right"
answers = {"q1": "C", "q2": "A", "q3": "B", "q4": "C"}
