# %% [markdown]
# Unit 03: answers that its tests must catch, with the points that each must lose and the diagnosis it must get, and
# other right answers that must keep all of theirs.

# %% [markdown]
# ## to_tensors

# %% answer="through_a_list" exercise="to_tensors" kind="wrong" loses={"to_tensors-leaves": 2} diagnosis="wrong-dtype"
def to_tensors(params, dtype=torch.float64):
    return {k: torch.tensor(v.tolist(), requires_grad=True) for k, v in params.items()}

# %% answer="converted_last" exercise="to_tensors" kind="wrong" loses={"to_tensors-leaves": 1} diagnosis="not-a-leaf"
def to_tensors(params, dtype=torch.float64):
    return {k: torch.tensor(v, requires_grad=True).to(dtype) for k, v in params.items()}

# %% answer="cloned_last" exercise="to_tensors" kind="wrong" loses={"to_tensors-leaves": 2} diagnosis="not-a-leaf"
def to_tensors(params, dtype=torch.float64):
    return {k: torch.from_numpy(v).to(dtype).requires_grad_().clone() for k, v in params.items()}

# %% answer="nobody_watches" exercise="to_tensors" kind="wrong" loses={"to_tensors-leaves": 2} diagnosis="grad-not-asked"
def to_tensors(params, dtype=torch.float64):
    return {k: torch.tensor(v, dtype=dtype) for k, v in params.items()}

# %% answer="on_the_arrays_memory" exercise="to_tensors" kind="wrong" loses={"to_tensors-leaves": 1} diagnosis="shared-memory"
def to_tensors(params, dtype=torch.float64):
    return {k: torch.from_numpy(v).to(dtype).requires_grad_() for k, v in params.items()}

# %% answer="copies_the_array" exercise="to_tensors" kind="right"
def to_tensors(params, dtype=torch.float64):
    tensors = {}
    for name in params:
        tensors[name] = torch.from_numpy(params[name].copy()).to(dtype)
        tensors[name].requires_grad = True
    return tensors

# %% answer="detached_clone" exercise="to_tensors" kind="right"
def to_tensors(params, dtype=torch.float64):
    return {k: torch.as_tensor(v, dtype=dtype).clone().detach().requires_grad_(True) for k, v in params.items()}

# %% [markdown]
# ## loss_of

# %% answer="item" exercise="loss_of" kind="wrong" loses={"loss_of-values": 1} diagnosis="graph-cut"
def loss_of(params, X, y):
    h = torch.relu(X @ params["W1"].T + params["b1"])
    f = h @ params["W2"].T + params["b2"]
    return 0.5 * ((f - y) ** 2).sum(dim=1).mean().item()

# %% answer="mean_over_outputs_too" exercise="loss_of" kind="wrong" loses={"loss_of-values": 1} diagnosis="wrong-axis"
def loss_of(params, X, y):
    h = torch.relu(X @ params["W1"].T + params["b1"])
    f = h @ params["W2"].T + params["b2"]
    return 0.5 * ((f - y) ** 2).mean()

# %% answer="library_loss_without_its_half" exercise="loss_of" kind="wrong" loses={"loss_of-values": 3} diagnosis="missing-half"
def loss_of(params, X, y):
    h = torch.relu(X @ params["W1"].T + params["b1"])
    f = h @ params["W2"].T + params["b2"]
    return torch.nn.functional.mse_loss(f, y, reduction="sum") / len(X)

# %% answer="no_fold" exercise="loss_of" kind="wrong" loses={"loss_of-values": 3} diagnosis="relu-missing"
def loss_of(params, X, y):
    a1 = X @ params["W1"].T + params["b1"]
    f = a1 @ params["W2"].T + params["b2"]
    return 0.5 * ((f - y) ** 2).sum(dim=1).mean()

# %% answer="everything_in_float32" exercise="loss_of" kind="wrong" loses={"loss_of-values": 1} diagnosis="wrong-dtype"
def loss_of(params, X, y):
    p = {name: value.float() for name, value in params.items()}
    h = torch.relu(X.float() @ p["W1"].T + p["b1"])
    f = h @ p["W2"].T + p["b2"]
    return 0.5 * ((f - y.float()) ** 2).sum(dim=1).mean()

# %% answer="summed_over_the_batch" exercise="loss_of" kind="wrong" loses={"loss_of-values": 3} diagnosis="batch-mean"
def loss_of(params, X, y):
    h = torch.relu(X @ params["W1"].T + params["b1"])
    f = h @ params["W2"].T + params["b2"]
    return 0.5 * ((f - y) ** 2).sum()

# %% answer="functional" exercise="loss_of" kind="right"
def loss_of(params, X, y):
    F = torch.nn.functional
    f = F.linear(F.linear(X, params["W1"], params["b1"]).clamp(min=0), params["W2"], params["b2"])
    return F.mse_loss(f, y, reduction="sum") / (2 * X.shape[0])

# %% answer="sample_by_sample" exercise="loss_of" kind="right"
def loss_of(params, X, y):
    total = 0
    for x, target in zip(X, y):
        h = torch.maximum(params["W1"] @ x + params["b1"], torch.zeros_like(params["b1"]))
        d = params["W2"] @ h + params["b2"] - target
        total = total + d @ d / 2
    return total / len(X)

# %% [markdown]
# ## gradients

# %% answer="grads_pile_up" exercise="gradients" kind="wrong" loses={"gradients-values": 2} diagnosis="accumulated"
def gradients(loss, params):
    loss(**params).backward()
    return {name: value.grad.clone() for name, value in params.items()}

# %% answer="hands_out_grad_itself" exercise="gradients" kind="wrong" loses={"gradients-values": 1} diagnosis="aliased"
def gradients(loss, params):
    for value in params.values():
        if value.grad is not None:
            value.grad.zero_()
    loss(**params).backward()
    return {name: value.grad for name, value in params.items()}

# %% answer="detached_before" exercise="gradients" kind="wrong" loses={"gradients-values": 4} diagnosis="graph-missing"
def gradients(loss, params):
    params = {name: value.detach() for name, value in params.items()}
    found = torch.autograd.grad(loss(**params), list(params.values()))
    return dict(zip(params, found))

# %% answer="names_mixed_up" exercise="gradients" kind="wrong" loses={"gradients-values": 4} diagnosis="sign"
def gradients(loss, params):
    found = torch.autograd.grad(loss(**params), [params[name] for name in sorted(params, reverse=True)])
    return dict(zip(sorted(params), found))

# %% answer="backward_and_none" exercise="gradients" kind="right"
def gradients(loss, params):
    for value in params.values():
        value.grad = None
    loss(**params).backward()
    return {name: value.grad for name, value in params.items()}

# %% answer="on_copies" exercise="gradients" kind="right"
def gradients(loss, params):
    own = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    loss(**own).backward()
    return {name: value.grad for name, value in own.items()}

# %% answer="torch_func" exercise="gradients" kind="right"
def gradients(loss, params):
    plain = {name: value.detach() for name, value in params.items()}
    return torch.func.grad(lambda p: loss(**p))(plain)

# %% [markdown]
# ## flatten

# %% answer="numbers_only" exercise="flatten" kind="wrong" loses={"flatten-roundtrip": 1} diagnosis="graph-cut"
NAMES = ("W1", "b1", "W2", "b2")


def flatten(params):
    return torch.tensor([v for k in NAMES for v in params[k].detach().reshape(-1).tolist()], dtype=torch.float64)


def unflatten(theta, like):
    pieces = torch.split(theta.detach(), [like[k].numel() for k in NAMES])
    return {k: piece.reshape(like[k].shape) for k, piece in zip(NAMES, pieces)}

# %% answer="column_after_column" exercise="flatten" kind="wrong" loses={"flatten-roundtrip": 2} diagnosis="column-order"
NAMES = ("W1", "b1", "W2", "b2")


def flatten(params):
    return torch.cat([params[k].T.reshape(-1) if params[k].ndim == 2 else params[k] for k in NAMES])


def unflatten(theta, like):
    pieces = torch.split(theta, [like[k].numel() for k in NAMES])
    return {k: piece.reshape(like[k].T.shape).T for k, piece in zip(NAMES, pieces)}

# %% answer="as_the_dict_has_it" exercise="flatten" kind="wrong" loses={"flatten-roundtrip": 1} diagnosis="wrong-order"
def flatten(params):
    return torch.cat([value.flatten() for value in params.values()])


def unflatten(theta, like):
    pieces = torch.split(theta, [value.numel() for value in like.values()])
    return {k: piece.view_as(value) for (k, value), piece in zip(like.items(), pieces)}

# %% answer="sizes_of_the_example" exercise="flatten" kind="wrong" loses={"flatten-roundtrip": 1} diagnosis="hard-coded-shape"
NAMES = ("W1", "b1", "W2", "b2")


def flatten(params):
    return torch.cat([params[k].reshape(-1) for k in NAMES])


def unflatten(theta, like):
    W1, b1, W2, b2 = torch.split(theta, [6, 3, 3, 1])
    return {"W1": W1.reshape(3, 2), "b1": b1, "W2": W2.reshape(1, 3), "b2": b2}

# %% answer="position_by_position" exercise="flatten" kind="right"
def flatten(params):
    return torch.hstack([params[k].ravel() for k in ("W1", "b1", "W2", "b2")])


def unflatten(theta, like):
    params, at = {}, 0
    for k in ("W1", "b1", "W2", "b2"):
        size = like[k].nelement()
        params[k] = theta[at : at + size].view(like[k].shape)
        at += size
    return params

# %% answer="library_helper" exercise="flatten" kind="right"
NAMES = ["W1", "b1", "W2", "b2"]


def flatten(params):
    return torch.nn.utils.parameters_to_vector([params[k] for k in NAMES])


def unflatten(theta, like):
    ends = torch.tensor([like[k].numel() for k in NAMES]).cumsum(0).tolist()
    return {k: theta[e - like[k].numel() : e].reshape_as(like[k]) for k, e in zip(NAMES, ends)}

# %% [markdown]
# ## difference_errors

# %% answer="signed_errors" exercise="difference_errors" kind="wrong" loses={"difference_errors-values": 3} diagnosis="abs-missing"
def difference_errors(loss, theta, exact, epsilons):
    errors = []
    for eps in epsilons:
        numeric = torch.zeros_like(theta)
        for i in range(len(theta)):
            step = torch.zeros_like(theta)
            step[i] = eps
            numeric[i] = (loss(theta + step) - loss(theta - step)) / (2 * eps)
        errors.append(float((numeric - exact).max()))
    return errors

# %% answer="one_side_only" exercise="difference_errors" kind="wrong" loses={"difference_errors-values": 4} diagnosis="forward-difference"
def difference_errors(loss, theta, exact, epsilons):
    errors = []
    for eps in epsilons:
        numeric = torch.zeros_like(theta)
        for i in range(len(theta)):
            step = torch.zeros_like(theta)
            step[i] = eps
            numeric[i] = (loss(theta + step) - loss(theta)) / eps
        errors.append(float((numeric - exact).abs().max()))
    return errors

# %% answer="divided_by_half_the_distance" exercise="difference_errors" kind="wrong" loses={"difference_errors-values": 4} diagnosis="two-eps"
def difference_errors(loss, theta, exact, epsilons):
    errors = []
    for eps in epsilons:
        numeric = torch.zeros_like(theta)
        for i in range(len(theta)):
            step = torch.zeros_like(theta)
            step[i] = eps
            numeric[i] = (loss(theta + step) - loss(theta - step)) / eps
        errors.append(float((numeric - exact).abs().max()))
    return errors

# %% answer="secretly_float64" exercise="difference_errors" kind="wrong" loses={"difference_errors-values": 1} diagnosis="wrong-dtype"
def difference_errors(loss, theta, exact, epsilons):
    errors = []
    theta = theta.double()
    for eps in epsilons:
        numeric = torch.zeros_like(theta)
        for i in range(len(theta)):
            step = torch.zeros_like(theta)
            step[i] = eps
            numeric[i] = (loss(theta + step) - loss(theta - step)) / (2 * eps)
        errors.append(float((numeric - exact).abs().max()))
    return errors

# %% answer="theta_moves_on" exercise="difference_errors" kind="wrong" loses={"difference_errors-values": 3} diagnosis="changed-argument"
def difference_errors(loss, theta, exact, epsilons):
    errors = []
    for eps in epsilons:
        numeric = torch.zeros_like(theta)
        for i in range(len(theta)):
            theta[i] += eps
            up = loss(theta)
            theta[i] -= 2 * eps
            numeric[i] = (up - loss(theta)) / (2 * eps)
            theta[i] += 1.00001 * eps
        errors.append(float((numeric - exact).abs().max()))
    return errors

# %% answer="copies_of_theta" exercise="difference_errors" kind="right"
def difference_errors(loss, theta, exact, epsilons):
    errors = []
    for eps in epsilons:
        worst = 0.0
        for i in range(theta.numel()):
            up, down = theta.clone(), theta.clone()
            up[i] += eps
            down[i] -= eps
            slope = (loss(up) - loss(down)) / (2 * eps)
            worst = max(worst, abs(float(slope) - float(exact[i])))
        errors.append(worst)
    return errors

# %% answer="rows_of_the_unit_matrix" exercise="difference_errors" kind="right"
def difference_errors(loss, theta, exact, epsilons):
    unit = torch.eye(len(theta), dtype=theta.dtype)

    def error(eps):
        slopes = torch.stack([(loss(theta + eps * e) - loss(theta - eps * e)) / (2 * eps) for e in unit])
        return torch.linalg.vector_norm(slopes - exact, ord=float("inf")).item()

    return [error(eps) for eps in epsilons]

# %% [markdown]
# ## fold_steps

# %% answer="inputs_forgotten" exercise="fold_steps" kind="wrong" loses={"fold_steps-values": 2} diagnosis="inner-derivative"
def fold_steps(params, X, eps):
    a1 = X @ params["W1"].T + params["b1"]
    return float(a1.abs().min() / eps)

# %% answer="the_most_negative" exercise="fold_steps" kind="wrong" loses={"fold_steps-values": 3} diagnosis="abs-missing"
def fold_steps(params, X, eps):
    a1 = X @ params["W1"].T + params["b1"]
    reach = eps * X.abs().amax(dim=1, keepdim=True).clamp(min=1.0)
    return float((a1 / reach).min())

# %% answer="bias_forgotten" exercise="fold_steps" kind="wrong" loses={"fold_steps-values": 3} diagnosis="bias-missing"
def fold_steps(params, X, eps):
    a1 = X @ params["W1"].T
    reach = eps * X.abs().amax(dim=1, keepdim=True).clamp(min=1.0)
    return float((a1.abs() / reach).min())

# %% answer="one_reach_for_all" exercise="fold_steps" kind="wrong" loses={"fold_steps-values": 1} diagnosis="wrong-axis"
def fold_steps(params, X, eps):
    a1 = X @ params["W1"].T + params["b1"]
    reach = eps * X.abs().max().clamp(min=1.0)
    return float((a1.abs() / reach).min())

# %% answer="plain_distance" exercise="fold_steps" kind="wrong" loses={"fold_steps-values": 3} diagnosis="scaled"
def fold_steps(params, X, eps):
    a1 = X @ params["W1"].T + params["b1"]
    reach = X.abs().amax(dim=1, keepdim=True).clamp(min=1.0)
    return float((a1.abs() / reach).min())

# %% answer="sample_by_sample_steps" exercise="fold_steps" kind="right"
def fold_steps(params, X, eps):
    found = []
    for x in X:
        distance = (params["W1"] @ x + params["b1"]).abs().min().item()
        found.append(distance / (eps * max(1.0, x.abs().max().item())))
    return min(found)

# %% answer="in_numpy" exercise="fold_steps" kind="right"
def fold_steps(params, X, eps):
    W1, b1, x = (v.detach().numpy() for v in (params["W1"], params["b1"], X))
    reach = eps * np.maximum(np.abs(x).max(axis=1), 1.0)
    return float((np.abs(x @ W1.T + b1).min(axis=1) / reach).min())

# %% [markdown]
# ## claim

# %% answer="believes_it" exercise="claim" kind="wrong" loses={"claim-verdict": 2} diagnosis="wrong-answer"
claim = {"cause": "a", "kink": "b"}

# %% answer="blames_the_formula" exercise="claim" kind="wrong" loses={"claim-verdict": 1} diagnosis="wrong-answer"
claim = {"cause": "b", "kink": "d"}

# %% answer="one_of_two" exercise="claim" kind="wrong" loses={"claim-verdict": 1} diagnosis="not-answered"
claim = {"cause": "c"}

# %% answer="capitals" exercise="claim" kind="right"
claim = {"kink": "D", "cause": "C"}

# %% [markdown]
# ## swish

# %% answer="works_alone" exercise="swish" kind="wrong" loses={"swish-gradients": 3} diagnosis="upstream-ignored"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(beta * x)
        return s + beta * x * s * (1 - s), (x**2 * s * (1 - s)).sum()


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% answer="half_a_product" exercise="swish" kind="wrong" loses={"swish-gradients": 3} diagnosis="product-rule"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(beta * x)
        return upstream * s, (upstream * x**2 * s * (1 - s)).sum()


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% answer="inner_factors_forgotten" exercise="swish" kind="wrong" loses={"swish-gradients": 4} diagnosis="inner-derivative"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(beta * x)
        return upstream * (s + x * s * (1 - s)), (upstream * x * s * (1 - s)).sum()


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% answer="beta_averaged" exercise="swish" kind="wrong" loses={"swish-gradients": 2} diagnosis="batch-mean-twice"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(beta * x)
        return upstream * (s + beta * x * s * (1 - s)), (upstream * x**2 * s * (1 - s)).mean()


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% answer="beta_has_no_gradient" exercise="swish" kind="wrong" loses={"swish-gradients": 5} diagnosis="crashed"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(beta * x)
        return upstream * (s + beta * x * s * (1 - s))


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% answer="sharpness_left_out" exercise="swish" kind="wrong" loses={"swish-gradients": 4} diagnosis="argument-ignored"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(x)
        return upstream * (s + x * s * (1 - s)), torch.zeros_like(beta)


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% answer="from_the_output" exercise="swish" kind="right"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        s = 1 / (1 + torch.exp(-beta * x))
        y = x * s
        ctx.save_for_backward(x, beta, s, y)
        return y

    @staticmethod
    def backward(ctx, upstream):
        x, beta, s, y = ctx.saved_tensors
        dx = upstream * (beta * y + s * (1 - beta * y))
        return dx, torch.sum(upstream * y * (x - y))


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% answer="autograd_sums_for_beta" exercise="swish" kind="right"
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x, beta)
        return x * torch.sigmoid(beta * x)

    @staticmethod
    def backward(ctx, upstream):
        x, beta = ctx.saved_tensors
        s = torch.sigmoid(beta * x)
        t = s * (1 - s)
        return upstream * (s + beta * x * t), upstream * x * x * t


def swish_gradients(x, beta, upstream):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    s = Swish.apply(x, beta)
    s.backward(upstream)
    return s.detach(), x.grad, beta.grad


def swish_passes(x, beta):
    x, beta = x.detach().clone().requires_grad_(), beta.detach().clone().requires_grad_()
    return torch.autograd.gradcheck(Swish.apply, (x, beta), raise_exception=False)

# %% [markdown]
# ## train

# %% answer="gradients_add_up" exercise="train" kind="wrong" loses={"train-steps": 4} diagnosis="accumulated"
def train(params, X, y, lr, epochs, fold):
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    losses = []
    for _ in range(epochs):
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for value in params.values():
                value -= lr * value.grad
    return {name: value.detach() for name, value in params.items()}, losses

# %% answer="always_relu" exercise="train" kind="wrong" loses={"train-steps": 2} diagnosis="argument-ignored"
def train(params, X, y, lr, epochs, fold):
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    losses = []
    for _ in range(epochs):
        f = torch.relu(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        grads = torch.autograd.grad(loss, list(params.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for value, grad in zip(params.values(), grads):
                value -= lr * grad
    return {name: value.detach() for name, value in params.items()}, losses

# %% answer="moves_the_given_ones" exercise="train" kind="wrong" loses={"train-steps": 2} diagnosis="changed-argument"
def train(params, X, y, lr, epochs, fold):
    params = {name: value.detach().requires_grad_() for name, value in params.items()}
    losses = []
    for _ in range(epochs):
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        grads = torch.autograd.grad(loss, list(params.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for value, grad in zip(params.values(), grads):
                value -= lr * grad
    return {name: value.detach().clone() for name, value in params.items()}, losses

# %% answer="step_inside_the_graph" exercise="train" kind="wrong" loses={"train-steps": 5} diagnosis="grad-is-none"
def train(params, X, y, lr, epochs, fold):
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    losses = []
    for _ in range(epochs):
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        loss.backward()
        losses.append(loss.item())
        params = {name: value - lr * value.grad for name, value in params.items()}
    return {name: value.detach() for name, value in params.items()}, losses

# %% answer="keeps_the_graphs" exercise="train" kind="wrong" loses={"train-steps": 1} diagnosis="graph-kept"
def train(params, X, y, lr, epochs, fold):
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    losses = []
    for _ in range(epochs):
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        grads = torch.autograd.grad(loss, list(params.values()))
        losses.append(loss)
        with torch.no_grad():
            for value, grad in zip(params.values(), grads):
                value -= lr * grad
    return params, losses

# %% answer="note_after_the_step" exercise="train" kind="wrong" loses={"train-steps": 3} diagnosis="off-by-one"
def train(params, X, y, lr, epochs, fold):
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}

    def loss_now():
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        return 0.5 * ((f - y) ** 2).sum(dim=1).mean()

    losses = []
    for _ in range(epochs):
        grads = torch.autograd.grad(loss_now(), list(params.values()))
        with torch.no_grad():
            for value, grad in zip(params.values(), grads):
                value -= lr * grad
        losses.append(loss_now().item())
    return {name: value.detach() for name, value in params.items()}, losses

# %% answer="uphill" exercise="train" kind="wrong" loses={"train-steps": 4} diagnosis="sign"
def train(params, X, y, lr, epochs, fold):
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    losses = []
    for _ in range(epochs):
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        grads = torch.autograd.grad(loss, list(params.values()))
        losses.append(loss.item())
        with torch.no_grad():
            for value, grad in zip(params.values(), grads):
                value += lr * grad
    return {name: value.detach() for name, value in params.items()}, losses

# %% answer="backward_and_zero" exercise="train" kind="right"
def train(params, X, y, lr, epochs, fold):
    own = {name: value.detach().clone() for name, value in params.items()}
    for value in own.values():
        value.requires_grad_(True)
    losses = []
    for epoch in range(epochs):
        hidden = fold(torch.nn.functional.linear(X, own["W1"], own["b1"]))
        f = torch.nn.functional.linear(hidden, own["W2"], own["b2"])
        loss = ((f - y) ** 2).sum() / (2 * len(X))
        losses.append(float(loss))
        loss.backward()
        with torch.no_grad():
            for value in own.values():
                value.sub_(lr * value.grad)
                value.grad.zero_()
    return {name: value.detach().clone() for name, value in own.items()}, losses

# %% answer="new_leaves_each_time" exercise="train" kind="right"
def train(params, X, y, lr, epochs, fold):
    losses = []
    for _ in range(epochs):
        params = {name: value.detach().requires_grad_() for name, value in params.items()}
        f = fold(X @ params["W1"].T + params["b1"]) @ params["W2"].T + params["b2"]
        loss = 0.5 * ((f - y) ** 2).sum(dim=1).mean()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            params = {name: value - lr * value.grad for name, value in params.items()}
    return {name: value.detach() for name, value in params.items()}, losses

# %% answer="stock_sgd" exercise="train" kind="right"
def train(params, X, y, lr, epochs, fold):
    own = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    sgd = torch.optim.SGD(own.values(), lr=lr)
    losses = []
    for _ in range(epochs):
        f = fold(X @ own["W1"].T + own["b1"]) @ own["W2"].T + own["b2"]
        loss = 0.5 * (f - y).pow(2).sum(dim=1).mean()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    return {name: value.detach() for name, value in own.items()}, losses

# %% [markdown]
# ## quiz

# %% answer="all_c" exercise="quiz" kind="wrong" loses={"quiz-answers": 3} diagnosis="wrong-answer"
answers = {"q1": "c", "q2": "c", "q3": "c", "q4": "c"}

# %% answer="two_left_open" exercise="quiz" kind="wrong" loses={"quiz-answers": 2} diagnosis="not-answered"
answers = {"q1": "a", "q2": "c"}

# %% answer="large_letters" exercise="quiz" kind="right"
answers = {"q1": "A", "q2": "C", "q3": "B", "q4": "D"}
