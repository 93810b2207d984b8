# %% [markdown]
# Unit 01: answers that its tests must catch, with the points that each must lose and the diagnosis it must get, and
# other right answers that must keep all of theirs.

# %% [markdown]
# ## prepare

# %% answer="memory_shared_with_the_caller" exercise="prepare" kind="wrong" loses={"prepare-values": 1} diagnosis="changed-argument"
def prepare(X, y):
    X = torch.from_numpy(X).float()
    y = torch.from_numpy(y).float()
    X -= X.mean(dim=0)
    return X, y.reshape(-1, 1)

# %% answer="mean_of_each_sample" exercise="prepare" kind="wrong" loses={"prepare-values": 2} diagnosis="wrong-axis"
def prepare(X, y):
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    return X - X.mean(dim=1, keepdim=True), y[:, None]

# %% answer="labels_in_a_row" exercise="prepare" kind="wrong" loses={"prepare-values": 2} diagnosis="wrong-shape"
def prepare(X, y):
    X = torch.tensor(X, dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    return X - X.mean(dim=0), y

# %% answer="dtypes_as_they_come" exercise="prepare" kind="wrong" loses={"prepare-values": 2} diagnosis="wrong-dtype"
def prepare(X, y):
    X, y = torch.tensor(X), torch.tensor(y)
    return X - X.mean(dim=0), y[:, None]

# %% answer="numpy_first" exercise="prepare" kind="right"
def prepare(X, y):
    centred = (X - X.mean(axis=0, keepdims=True)).astype(np.float32)
    return torch.from_numpy(centred), torch.from_numpy(y.astype(np.float32)).unsqueeze(1)

# %% answer="one_column_at_a_time" exercise="prepare" kind="right"
def prepare(X, y):
    columns = [torch.tensor(column).float() for column in X.T]
    X = torch.stack([column - column.mean() for column in columns], dim=1)
    return X, torch.Tensor(y).view(-1, 1)

# %% [markdown]
# ## nearest

# %% answer="squared_distances" exercise="nearest" kind="wrong" loses={"nearest-values": 3} diagnosis="root-missing"
def nearest(A, B):
    squares = ((A[:, None, :] - B[None, :, :]) ** 2).sum(dim=2)
    return squares.min(dim=1)

# %% answer="nearest_of_the_other_set" exercise="nearest" kind="wrong" loses={"nearest-values": 4} diagnosis="wrong-axis"
def nearest(A, B):
    distances = ((A[:, None, :] - B[None, :, :]) ** 2).sum(dim=2).sqrt()
    values, places = distances.min(dim=0)
    return values, places

# %% answer="two_coordinates_written_in" exercise="nearest" kind="wrong" loses={"nearest-values": 2} diagnosis="hard-coded-shape"
def nearest(A, B):
    distances = torch.zeros(len(A), 3)
    for j in range(3):
        distances[:, j] = ((A - B[j]) ** 2).sum(dim=1).sqrt()
    distances = distances[:2]
    return distances.min(dim=1)

# %% answer="cdist" exercise="nearest" kind="right"
def nearest(A, B):
    return torch.cdist(A, B).min(dim=1)

# %% answer="point_by_point" exercise="nearest" kind="right"
def nearest(A, B):
    values, places = [], []
    for a in A:
        distances = torch.linalg.vector_norm(B - a, dim=-1)
        places.append(distances.argmin())
        values.append(distances[places[-1]])
    return torch.stack(values), torch.stack(places)

# %% [markdown]
# ## slope

# %% answer="nothing_remembered" exercise="slope" kind="wrong" loses={"slope-values": 3} diagnosis="graph-missing"
def slope(f, x):
    x = torch.tensor(x, dtype=torch.float64)
    f(x).backward()
    return x.grad.item()

# %% answer="value_instead_of_slope" exercise="slope" kind="wrong" loses={"slope-values": 3} diagnosis="value-not-slope"
def slope(f, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    out = f(x)
    out.backward()
    return out.item()

# %% answer="float32_by_default" exercise="slope" kind="wrong" loses={"slope-values": 1} diagnosis="wrong-dtype"
def slope(f, x):
    x = torch.tensor(float(x), requires_grad=True)
    f(x).backward()
    return x.grad.item()

# %% answer="no_slope_for_whole_numbers" exercise="slope" kind="wrong" loses={"slope-values": 1} diagnosis="leaf-not-float"
def slope(f, x):
    x = torch.tensor(x, requires_grad=True)
    f(x).backward()
    return x.grad.item()

# %% answer="asks_the_result_for_its_grad" exercise="slope" kind="wrong" loses={"slope-values": 3} diagnosis="grad-is-none"
def slope(f, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    out = f(x)
    out.backward()
    return out.grad.item()

# %% answer="rounded_before_it_was_double" exercise="slope" kind="wrong" loses={"slope-values": 1} diagnosis="wrong-dtype"
def slope(f, x):
    x = torch.tensor(x).double().requires_grad_()
    f(x).backward()
    return x.grad.item()

# %% answer="autograd_grad" exercise="slope" kind="right"
def slope(f, x):
    x = torch.tensor(x, dtype=torch.double).requires_grad_()
    (dx,) = torch.autograd.grad(f(x), x)
    return float(dx)

# %% answer="a_batch_of_one" exercise="slope" kind="right"
def slope(f, x):
    leaf = torch.full((1,), float(x), dtype=torch.float64, requires_grad=True)
    f(leaf).sum().backward()
    return leaf.grad[0].item()

# %% [markdown]
# ## line_gradients

# %% answer="loss_without_its_half" exercise="line_gradients" kind="wrong" loses={"line_gradients-values": 3} diagnosis="missing-half"
def line_gradients(w, b, x, y):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(b, dtype=x.dtype, requires_grad=True)
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    return loss.item(), w.grad.item(), b.grad.item()

# %% answer="sum_instead_of_mean" exercise="line_gradients" kind="wrong" loses={"line_gradients-values": 2} diagnosis="batch-mean"
def line_gradients(w, b, x, y):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(b, dtype=x.dtype, requires_grad=True)
    loss = 0.5 * ((w * x + b - y) ** 2).sum()
    loss.backward()
    return loss.item(), w.grad.item(), b.grad.item()

# %% answer="b_is_a_plain_number" exercise="line_gradients" kind="wrong" loses={"line_gradients-values": 3} diagnosis="grad-is-none"
def line_gradients(w, b, x, y):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(b, dtype=x.dtype)
    f = w * x + b
    loss = 0.5 * ((f - y) ** 2).mean()
    loss.backward()
    return loss.item(), w.grad.item(), b.grad.item()

# %% answer="loss_made_a_number_first" exercise="line_gradients" kind="wrong" loses={"line_gradients-values": 3} diagnosis="graph-missing"
def line_gradients(w, b, x, y):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(b, dtype=x.dtype, requires_grad=True)
    loss = (0.5 * ((w * x + b - y) ** 2).mean()).item()
    loss.backward()
    return loss, w.grad.item(), b.grad.item()

# %% answer="grad_of_both" exercise="line_gradients" kind="right"
def line_gradients(w, b, x, y):
    p = torch.tensor([w, b], dtype=x.dtype, requires_grad=True)
    loss = torch.nn.functional.mse_loss(p[0] * x + p[1], y) / 2
    loss.backward()
    dw, db = p.grad.tolist()
    return loss.item(), dw, db

# %% answer="by_hand" exercise="line_gradients" kind="right"
def line_gradients(w, b, x, y):
    error = w * x + b - y
    return 0.5 * (error**2).mean(), (error * x).mean(), error.mean()

# %% [markdown]
# ## central_difference

# %% answer="one_sided" exercise="central_difference" kind="wrong" loses={"central_difference-values": 2} diagnosis="forward-difference"
def central_difference(f, x, eps=1e-5):
    here, grad = f(x), torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - here) / eps
    return grad

# %% answer="divided_by_eps" exercise="central_difference" kind="wrong" loses={"central_difference-values": 4} diagnosis="two-eps"
def central_difference(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / eps
    return grad

# %% answer="moves_everything" exercise="central_difference" kind="wrong" loses={"central_difference-values": 4} diagnosis="all-at-once"
def central_difference(f, x, eps=1e-5):
    return torch.full_like(x, (f(x + eps) - f(x - eps)) / (2 * eps))

# %% answer="two_names_for_one_tensor" exercise="central_difference" kind="wrong" loses={"central_difference-values": 4} diagnosis="aliased"
def central_difference(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        up, down = x, x
        up.view(-1)[i] += eps
        down.view(-1)[i] -= eps
        grad.view(-1)[i] = (f(up) - f(down)) / (2 * eps)
    return grad

# %% answer="x_not_put_back" exercise="central_difference" kind="wrong" loses={"central_difference-values": 1} diagnosis="changed-argument"
def central_difference(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        flat = x.view(-1)
        flat[i] += eps
        up = f(x)
        flat[i] -= 2 * eps
        grad.view(-1)[i] = (up - f(x)) / (2 * eps)
    return grad

# %% answer="float32_drowns" exercise="central_difference" kind="wrong" loses={"central_difference-values": 1} diagnosis="step-too-small"
def central_difference(f, x, eps=1e-5):
    x = x.float()
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad

# %% answer="ndindex_and_clones" exercise="central_difference" kind="right"
def central_difference(f, x, eps=1e-5):
    grad = torch.empty(x.shape, dtype=x.dtype)
    for index in np.ndindex(tuple(x.shape)):
        up, down = x.clone(), x.clone()
        up[index] += eps
        down[index] -= eps
        grad[index] = (f(up) - f(down)) / (2 * eps)
    return grad

# %% answer="rows_of_an_identity" exercise="central_difference" kind="right"
def central_difference(f, x, eps=1e-5):
    steps = eps * torch.eye(x.numel(), dtype=x.dtype)
    slopes = [(f(x + e.reshape(x.shape)) - f(x - e.reshape(x.shape))) / (2 * eps) for e in steps]
    return torch.tensor(slopes, dtype=x.dtype).reshape(x.shape)

# %% [markdown]
# ## gradient_in_pieces

# %% answer="mean_of_each_piece" exercise="gradient_in_pieces" kind="wrong" loses={"gradient_in_pieces-values": 4} diagnosis="piece-weights"
def gradient_in_pieces(w, X, y, size):
    leaf = w.detach().clone().requires_grad_()
    for start in range(0, len(X), size):
        f = X[start : start + size] @ leaf
        (0.5 * ((f - y[start : start + size]) ** 2).mean()).backward()
    return leaf.grad

# %% answer="mean_of_the_means" exercise="gradient_in_pieces" kind="wrong" loses={"gradient_in_pieces-values": 1} diagnosis="piece-weights"
def gradient_in_pieces(w, X, y, size):
    leaf = w.detach().clone().requires_grad_()
    starts = range(0, len(X), size)
    for start in starts:
        f = X[start : start + size] @ leaf
        (0.5 * ((f - y[start : start + size]) ** 2).mean() / len(starts)).backward()
    return leaf.grad

# %% answer="zeroed_in_the_loop" exercise="gradient_in_pieces" kind="wrong" loses={"gradient_in_pieces-values": 4} diagnosis="zeroed-too-often"
def gradient_in_pieces(w, X, y, size):
    leaf = w.detach().clone().requires_grad_()
    for start in range(0, len(X), size):
        leaf.grad = None
        f = X[start : start + size] @ leaf
        (0.5 * ((f - y[start : start + size]) ** 2).sum() / len(X)).backward()
    return leaf.grad

# %% answer="last_piece_left_out" exercise="gradient_in_pieces" kind="wrong" loses={"gradient_in_pieces-values": 2} diagnosis="piece-lost"
def gradient_in_pieces(w, X, y, size):
    leaf = w.detach().clone().requires_grad_()
    for k in range(len(X) // size):
        rows = slice(k * size, (k + 1) * size)
        (0.5 * ((X[rows] @ leaf - y[rows]) ** 2).sum() / len(X)).backward()
    return leaf.grad if leaf.grad is not None else torch.zeros_like(w)

# %% answer="leaves_its_gradient_with_the_caller" exercise="gradient_in_pieces" kind="wrong" loses={"gradient_in_pieces-values": 2} diagnosis="accumulated"
def gradient_in_pieces(w, X, y, size):
    w.requires_grad_()
    for start in range(0, len(X), size):
        f = X[start : start + size] @ w
        (0.5 * ((f - y[start : start + size]) ** 2).sum() / len(X)).backward()
    return w.grad

# %% answer="split_and_weigh" exercise="gradient_in_pieces" kind="right"
def gradient_in_pieces(w, X, y, size):
    w = torch.tensor(w.tolist(), dtype=w.dtype, requires_grad=True)
    for Xp, yp in zip(X.split(size), y.split(size)):
        loss = 0.5 * ((Xp @ w - yp) ** 2).mean()
        (loss * len(Xp) / len(X)).backward()
    return w.grad

# %% answer="sums_of_autograd_grad" exercise="gradient_in_pieces" kind="right"
def gradient_in_pieces(w, X, y, size):
    total = torch.zeros_like(w)
    for i in range(0, len(y), size):
        leaf = w.detach().clone().requires_grad_()
        loss = ((X[i : i + size] @ leaf - y[i : i + size]) ** 2).sum() / 2
        total += torch.autograd.grad(loss, leaf)[0]
    return total / len(y)

# %% [markdown]
# ## repairs

# %% answer="first_still_cut" exercise="repairs" kind="wrong" loses={"repairs-item": 2} diagnosis="graph-cut"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    fit = 0.5 * ((w * x - y) ** 2).mean()
    penalty = 0.5 * strength * w.detach() ** 2
    loss = fit + penalty
    loss.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    theta = theta.clone().requires_grad_()
    for _ in range(steps):
        loss = 0.5 * ((theta - target) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta.detach()


def descend(w, x, y, lr, steps):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad.zero_()
        losses.append(loss.item())
    return w.item(), losses

# %% answer="second_silenced" exercise="repairs" kind="wrong" loses={"repairs-twice": 2} diagnosis="graph-stale"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    loss = 0.5 * ((w * x - y) ** 2).mean() + 0.5 * strength * w**2
    loss.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    theta = theta.clone().requires_grad_()
    loss = 0.5 * ((theta - target) ** 2).sum()
    for _ in range(steps):
        loss.backward(retain_graph=True)
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta.detach()


def descend(w, x, y, lr, steps):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(loss.item())
    return w.item(), losses

# %% answer="second_as_it_was" exercise="repairs" kind="wrong" loses={"repairs-twice": 2} diagnosis="graph-used-up"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    loss = 0.5 * ((w * x - y) ** 2).mean() + 0.5 * strength * w**2
    loss.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    theta = theta.clone().requires_grad_()
    loss = 0.5 * ((theta - target) ** 2).sum()
    for _ in range(steps):
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad.zero_()
    return theta.detach()


def descend(w, x, y, lr, steps):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(loss.item())
    return w.item(), losses

# %% answer="third_still_adds_up" exercise="repairs" kind="wrong" loses={"repairs-adding": 2} diagnosis="accumulated"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    loss = 0.5 * ((w * x - y) ** 2).mean() + 0.5 * strength * w**2
    loss.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    theta = theta.clone().requires_grad_()
    for _ in range(steps):
        loss = 0.5 * ((theta - target) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta.detach()


def descend(w, x, y, lr, steps):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        losses.append(loss.item())
    return w.item(), losses

# %% answer="third_keeps_its_graphs" exercise="repairs" kind="wrong" loses={"repairs-adding": 2} diagnosis="graph-kept"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    loss = 0.5 * ((w * x - y) ** 2).mean() + 0.5 * strength * w**2
    loss.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    theta = theta.clone().requires_grad_()
    for _ in range(steps):
        loss = 0.5 * ((theta - target) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta.detach()


def descend(w, x, y, lr, steps):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(loss)
    return w.item(), losses

# %% answer="third_zeroed_before_the_step" exercise="repairs" kind="wrong" loses={"repairs-adding": 2} diagnosis="no-step"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    loss = 0.5 * ((w * x - y) ** 2).mean() + 0.5 * strength * w**2
    loss.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    theta = theta.clone().requires_grad_()
    for _ in range(steps):
        loss = 0.5 * ((theta - target) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        theta.grad = None
    return theta.detach()


def descend(w, x, y, lr, steps):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x - y) ** 2).mean()
        loss.backward()
        w.grad.zero_()
        with torch.no_grad():
            w -= lr * w.grad
        losses.append(loss.item())
    return w.item(), losses

# %% answer="new_leaves_in_each_round" exercise="repairs" kind="right"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    fit = 0.5 * ((w * x - y) ** 2).mean()
    fit.backward()
    penalty = 0.5 * strength * w * w
    penalty.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    for _ in range(steps):
        leaf = theta.detach().clone().requires_grad_()
        (0.5 * (leaf - target) @ (leaf - target)).backward()
        theta = leaf.detach() - lr * leaf.grad
    return theta


def descend(w, x, y, lr, steps):
    losses = []
    for _ in range(steps):
        leaf = torch.tensor(w, dtype=x.dtype, requires_grad=True)
        loss = 0.5 * ((leaf * x - y) ** 2).mean()
        (grad,) = torch.autograd.grad(loss, leaf)
        losses.append(float(loss))
        w = w - lr * grad.item()
    return w, losses

# %% answer="data_and_an_optimizer" exercise="repairs" kind="right"
def penalised_gradient(w, x, y, strength):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    loss = 0.5 * (w * x - y).square().mean() + 0.5 * strength * w.square()
    loss.backward()
    return w.grad.item()


def approach(theta, target, lr, steps):
    theta = theta.clone().requires_grad_()
    for _ in range(steps):
        theta.grad = None
        loss = 0.5 * ((theta - target) ** 2).sum()
        loss.backward()
        theta.data -= lr * theta.grad
    return theta


def descend(w, x, y, lr, steps):
    w = torch.tensor(w, dtype=x.dtype, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = 0.5 * ((w * x - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().item())
    return w.item(), losses

# %% [markdown]
# ## fit_line

# %% answer="gradients_pile_up" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 2, "fit_line-line": 2} diagnosis="accumulated"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x + b - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w.item(), b.item(), losses

# %% answer="update_in_the_open" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 3, "fit_line-line": 2} diagnosis="leaf-in-place"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x + b - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        w -= lr * w.grad
        b -= lr * b.grad
        w.grad = b.grad = None
    return w.item(), b.item(), losses

# %% answer="leaves_lost_in_the_update" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 2, "fit_line-line": 2} diagnosis="grad-is-none"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x + b - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        w = w - lr * w.grad
        b = b - lr * b.grad
    return w.item(), b.item(), losses

# %% answer="leaves_lost_under_no_grad" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 2, "fit_line-line": 2} diagnosis="graph-missing"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x + b - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w = w - lr * w.grad
            b = b - lr * b.grad
    return w.item(), b.item(), losses

# %% answer="a_column_against_a_row" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 3, "fit_line-line": 2} diagnosis="broadcast"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x)[:, None], torch.tensor(y)
    w = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x + b - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.item(), b.item(), losses

# %% answer="losses_after_the_step" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 2} diagnosis="off-by-one"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    p = torch.zeros(2, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        (0.5 * ((p[0] * x + p[1] - y) ** 2).mean()).backward()
        with torch.no_grad():
            p -= lr * p.grad
            losses.append((0.5 * ((p[0] * x + p[1] - y) ** 2).mean()).item())
        p.grad = None
    return p[0].item(), p[1].item(), losses

# %% answer="losses_with_their_graphs" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 2} diagnosis="graph-kept"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    b = torch.tensor(0.0, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((w * x + b - y) ** 2).mean()
        losses.append(loss)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.item(), b.item(), losses

# %% answer="uphill" exercise="fit_line" kind="wrong" loses={"fit_line-steps": 3, "fit_line-line": 2} diagnosis="sign"
def fit_line(x, y, lr, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    p = torch.zeros(2, dtype=x.dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((p[0] * x + p[1] - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            p += lr * p.grad
        p.grad = None
    return p[0].item(), p[1].item(), losses

# %% answer="optimizer_in_float32" exercise="fit_line" kind="right"
def fit_line(x, y, lr, steps):
    x, y = torch.from_numpy(x).float(), torch.from_numpy(y).float()
    w, b = torch.zeros((), requires_grad=True), torch.zeros((), requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=lr)
    losses = []
    for _ in range(steps):
        loss = torch.nn.functional.mse_loss(w * x + b, y) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    return float(w), float(b), losses

# %% answer="a_linear_layer" exercise="fit_line" kind="right"
def fit_line(x, y, lr, steps):
    X, y = torch.tensor(x)[:, None], torch.tensor(y)[:, None]
    model = torch.nn.Linear(1, 1).double()
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    losses = []
    for _ in range(steps):
        loss = 0.5 * ((model(X) - y) ** 2).mean()
        losses.append(loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
    return model.weight.item(), model.bias.item(), losses

# %% [markdown]
# ## quiz

# %% answer="all_a" exercise="quiz" kind="wrong" loses={"quiz-answers": 3} diagnosis="wrong-answer"
answers = {"q1": "a", "q2": "a", "q3": "a", "q4": "a"}

# %% answer="half_answered" exercise="quiz" kind="wrong" loses={"quiz-answers": 2} diagnosis="not-answered"
answers = {"q1": "b", "q2": "c"}

# %% answer="capital_letters" exercise="quiz" kind="right"
answers = {"q1": "B", "q2": "C", "q3": "A", "q4": "D"}

# %% answer="in_another_order" exercise="quiz" kind="right"
answers = dict(q4="d", q3="a", q2="c", q1="b")
