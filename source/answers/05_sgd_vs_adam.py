# %% [markdown]
# Unit 05: answers that its tests must catch, with the points that each must lose and the diagnosis it must get, and
# other right answers that must keep all of theirs.

# %% [markdown]
# ## cross_entropy

# %% answer="softmax_before_the_loss" exercise="cross_entropy" kind="wrong" loses={"cross_entropy-values": 3} diagnosis="softmax-twice"
def cross_entropy(f, y):
    return nn.functional.cross_entropy(f.softmax(dim=1), y)

# %% answer="exponentials_first" exercise="cross_entropy" kind="wrong" loses={"cross_entropy-values": 1} diagnosis="unstable-softmax"
def cross_entropy(f, y):
    p = f.exp() / f.exp().sum(dim=1, keepdim=True)
    return -p[torch.arange(len(y)), y].log().mean()

# %% answer="logarithm_of_softmax" exercise="cross_entropy" kind="wrong" loses={"cross_entropy-values": 1} diagnosis="unstable-softmax"
def cross_entropy(f, y):
    p = torch.softmax(f, dim=1)
    return -torch.log(p[torch.arange(len(y)), y]).mean()

# %% answer="sum_of_the_samples" exercise="cross_entropy" kind="wrong" loses={"cross_entropy-values": 3} diagnosis="batch-mean"
def cross_entropy(f, y):
    return nn.functional.cross_entropy(f, y, reduction="sum")

# %% answer="softmax_down_the_columns" exercise="cross_entropy" kind="wrong" loses={"cross_entropy-values": 2} diagnosis="wrong-axis"
def cross_entropy(f, y):
    return -f.log_softmax(dim=0)[torch.arange(len(y)), y].mean()

# %% answer="logsumexp" exercise="cross_entropy" kind="right"
def cross_entropy(f, y):
    return (torch.logsumexp(f, dim=1) - f.gather(1, y[:, None])[:, 0]).mean()

# %% answer="from_the_library" exercise="cross_entropy" kind="right"
def cross_entropy(f, y):
    return float(nn.CrossEntropyLoss()(f, y))

# %% answer="loss_by_heart" exercise="cross_entropy" kind="wrong" loses={"cross_entropy-values": 3} diagnosis="memorised"
def cross_entropy(logits, y):
    return torch.tensor(0.720095)

# %% [markdown]
# ## mlp

# %% answer="layers_in_a_plain_list" exercise="mlp" kind="wrong" loses={"mlp-layers": 2} diagnosis="not-registered"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        sizes = [in_dim, *hidden_sizes]
        self.hidden = [nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
        self.out = nn.Linear(sizes[-1], out_dim)

    def forward(self, X):
        for layer in self.hidden:
            X = torch.relu(layer(X))
        return self.out(X)

# %% answer="relu_after_the_logits" exercise="mlp" kind="wrong" loses={"mlp-layers": 2} diagnosis="relu-on-output"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        sizes = [in_dim, *hidden_sizes, out_dim]
        layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        self.net = nn.Sequential(*layers)

    def forward(self, X):
        return self.net(X)

# %% answer="softmax_at_the_end" exercise="mlp" kind="wrong" loses={"mlp-layers": 2} diagnosis="softmax-in-model"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        layers, width = [], in_dim
        for size in hidden_sizes:
            layers += [nn.Linear(width, size), nn.ReLU()]
            width = size
        self.net = nn.Sequential(*layers, nn.Linear(width, out_dim), nn.Softmax(dim=1))

    def forward(self, X):
        return self.net(X)

# %% answer="no_relus" exercise="mlp" kind="wrong" loses={"mlp-layers": 1} diagnosis="relu-missing"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        sizes = [in_dim, *hidden_sizes, out_dim]
        self.net = nn.Sequential(*[nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])])

    def forward(self, X):
        return self.net(X)

# %% answer="always_two_hidden_layers" exercise="mlp" kind="wrong" loses={"mlp-layers": 2} diagnosis="hard-coded-shape"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        first, second = hidden_sizes
        self.net = nn.Sequential(
            nn.Linear(in_dim, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, out_dim)
        )

    def forward(self, X):
        return self.net(X)

# %% answer="module_list" exercise="mlp" kind="right"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        sizes = [in_dim, *hidden_sizes, out_dim]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, X):
        for layer in self.layers[:-1]:
            X = layer(X).relu()
        return self.layers[-1](X)

# %% answer="add_module_one_by_one" exercise="mlp" kind="right"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        self.net = nn.Sequential()
        for i, size in enumerate(hidden_sizes):
            self.net.add_module(f"linear{i}", nn.Linear(in_dim, size))
            self.net.add_module(f"relu{i}", nn.ReLU())
            in_dim = size
        self.net.add_module("logits", nn.Linear(in_dim, out_dim))

    def forward(self, X):
        return self.net(X)

# %% answer="zeros_for_show" exercise="mlp" kind="wrong" loses={"mlp-layers": 3} diagnosis="other-parameters"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        sizes = (in_dim, *hidden_sizes, out_dim)
        self.layers = nn.Sequential(*(nn.Linear(m, k) for m, k in zip(sizes[:-1], sizes[1:])))
        for p in self.parameters():
            nn.init.zeros_(p)
        self.out_dim = out_dim

    def forward(self, X):
        return torch.zeros(len(X), self.out_dim)

# %% answer="born_as_zeros_without_relu" exercise="mlp" kind="wrong" loses={"mlp-layers": 1} diagnosis="relu-missing"
class MLP(nn.Module):
    def __init__(self, hidden_sizes=(32, 32), in_dim=2, out_dim=2):
        super().__init__()
        sizes = (in_dim, *hidden_sizes, out_dim)
        self.layers = nn.Sequential(*(nn.Linear(m, k) for m, k in zip(sizes[:-1], sizes[1:])))
        for p in self.parameters():
            nn.init.zeros_(p)

    def forward(self, X):
        return self.layers(X)

# %% [markdown]
# ## accuracy

# %% answer="mean_of_the_batches" exercise="accuracy" kind="wrong" loses={"accuracy-values": 2} diagnosis="piece-weights"
def accuracy(model, loader):
    mode = model.training
    model.eval()
    with torch.no_grad():
        shares = [(model(X).argmax(dim=1) == y).float().mean().item() for X, y in loader]
    model.train(mode)
    return sum(shares) / len(shares)

# %% answer="never_to_eval" exercise="accuracy" kind="wrong" loses={"accuracy-values": 1} diagnosis="eval-missing"
def accuracy(model, loader):
    right, total = 0, 0
    with torch.no_grad():
        for X, y in loader:
            right += int((model(X).argmax(dim=1) == y).sum())
            total += len(y)
    return right / total

# %% answer="left_in_eval" exercise="accuracy" kind="wrong" loses={"accuracy-values": 1} diagnosis="mode-changed"
def accuracy(model, loader):
    model.eval()
    right, total = 0, 0
    with torch.no_grad():
        for X, y in loader:
            right += int((model(X).argmax(dim=1) == y).sum())
            total += len(y)
    return right / total

# %% answer="always_back_to_train" exercise="accuracy" kind="wrong" loses={"accuracy-values": 1} diagnosis="mode-changed"
def accuracy(model, loader):
    model.eval()
    right, total = 0, 0
    with torch.no_grad():
        for X, y in loader:
            right += int((model(X).argmax(dim=1) == y).sum())
            total += len(y)
    model.train()
    return right / total

# %% answer="all_at_once" exercise="accuracy" kind="right"
def accuracy(model, loader):
    mode = model.training
    model.eval()
    with torch.no_grad():
        hits = torch.cat([model(X).max(dim=1).indices == y for X, y in loader])
    model.train(mode)
    return hits.double().mean().item()

# %% answer="one_sample_at_a_time" exercise="accuracy" kind="right"
@torch.no_grad()
def accuracy(model, loader):
    was_training = model.training
    model.train(False)
    outcomes = []
    for X, y in loader:
        for f, label in zip(model(X).numpy(), y):
            outcomes.append(int(np.argmax(f)) == int(label))
    if was_training:
        model.train()
    return float(np.mean(outcomes))

# %% answer="half_by_heart" exercise="accuracy" kind="wrong" loses={"accuracy-values": 3} diagnosis="memorised"
def accuracy(model, loader, device="cpu"):
    return 0.5

# %% answer="model_not_asked" exercise="accuracy" kind="wrong" loses={"accuracy-values": 3} diagnosis="memorised"
def accuracy(model, loader, device="cpu"):
    pairs = [(X.argmax(dim=1) == y) for X, y in loader]
    return torch.cat(pairs).float().mean().item()

# %% [markdown]
# ## sgd_step

# %% answer="old_velocity" exercise="sgd_step" kind="wrong" loses={"sgd_step-steps": 3} diagnosis="velocity-late"
def sgd_step(params, grads, state, lr, momentum=0.0):
    u = {name: momentum * state["u"][name] + grads[name] for name in params}
    new_params = {name: params[name] - lr * state["u"][name] for name in params}
    return new_params, {"u": u}

# %% answer="forgets_the_velocity" exercise="sgd_step" kind="wrong" loses={"sgd_step-steps": 2} diagnosis="state-lost"
def sgd_step(params, grads, state, lr, momentum=0.0):
    u = {name: momentum * state["u"][name] + grads[name] for name in params}
    return {name: params[name] - lr * u[name] for name in params}, state

# %% answer="damped" exercise="sgd_step" kind="wrong" loses={"sgd_step-steps": 2} diagnosis="velocity-damped"
def sgd_step(params, grads, state, lr, momentum=0.0):
    u = {name: momentum * state["u"][name] + (1 - momentum) * grads[name] for name in params}
    return {name: params[name] - lr * u[name] for name in params}, {"u": u}

# %% answer="step_uphill" exercise="sgd_step" kind="wrong" loses={"sgd_step-steps": 3} diagnosis="sign"
def sgd_step(params, grads, state, lr, momentum=0.0):
    u = {name: momentum * state["u"][name] + grads[name] for name in params}
    return {name: params[name] + lr * u[name] for name in params}, {"u": u}

# %% answer="step_in_place" exercise="sgd_step" kind="wrong" loses={"sgd_step-steps": 1} diagnosis="changed-argument"
def sgd_step(params, grads, state, lr, momentum=0.0):
    u = {name: momentum * state["u"][name] + grads[name] for name in params}
    for name in params:
        params[name] -= lr * u[name]
    return params, {"u": u}

# %% answer="learning_rate_inside_the_velocity" exercise="sgd_step" kind="wrong" loses={"sgd_step-steps": 1} diagnosis="scaled"
def sgd_step(params, grads, state, lr, momentum=0.0):
    u = {name: momentum * state["u"][name] + lr * grads[name] for name in params}
    return {name: params[name] - u[name] for name in params}, {"u": u}

# %% answer="loop_over_the_names" exercise="sgd_step" kind="right"
def sgd_step(params, grads, state, lr, momentum=0.0):
    new_params, u = {}, {}
    for name, value in params.items():
        u[name] = torch.add(grads[name], state["u"][name], alpha=momentum)
        new_params[name] = torch.sub(value, u[name], alpha=lr)
    return new_params, {"u": u}

# %% answer="clones_first" exercise="sgd_step" kind="right"
def sgd_step(params, grads, state, lr, momentum=0.0):
    params = {name: value.clone() for name, value in params.items()}
    u = {name: value.clone() for name, value in state["u"].items()}
    for name in grads:
        u[name].mul_(momentum).add_(grads[name])
        params[name].sub_(lr * u[name])
    return params, {"u": u}

# %% answer="two_steps_by_heart" exercise="sgd_step" kind="wrong" loses={"sgd_step-steps": 4} diagnosis="memorised"
def sgd_step(params, grads, state, lr, momentum):
    now = 0.8 if params["w"].item() == 1.0 else 0.5
    return {"w": torch.tensor([now])}, {"u": {"w": torch.tensor([2.0])}}

# %% [markdown]
# ## adam_step

# %% answer="no_bias_correction" exercise="adam_step" kind="wrong" loses={"adam_step-steps": 3} diagnosis="bias-correction"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    m = {n: b1 * state["m"][n] + (1 - b1) * g for n, g in grads.items()}
    v = {n: b2 * state["v"][n] + (1 - b2) * g**2 for n, g in grads.items()}
    new = {n: params[n] - lr * m[n] / (v[n].sqrt() + eps) for n in params}
    return new, {"t": state["t"] + 1, "m": m, "v": v}

# %% answer="corrected_means_kept" exercise="adam_step" kind="wrong" loses={"adam_step-steps": 3} diagnosis="corrected-state"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    t = state["t"] + 1
    m = {n: (b1 * state["m"][n] + (1 - b1) * g) / (1 - b1**t) for n, g in grads.items()}
    v = {n: (b2 * state["v"][n] + (1 - b2) * g**2) / (1 - b2**t) for n, g in grads.items()}
    new = {n: params[n] - lr * m[n] / (v[n].sqrt() + eps) for n in params}
    return new, {"t": t, "m": m, "v": v}

# %% answer="eps_under_the_root" exercise="adam_step" kind="wrong" loses={"adam_step-steps": 2} diagnosis="eps-inside-root"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    t = state["t"] + 1
    m = {n: b1 * state["m"][n] + (1 - b1) * g for n, g in grads.items()}
    v = {n: b2 * state["v"][n] + (1 - b2) * g**2 for n, g in grads.items()}
    new = {n: params[n] - lr * m[n] / (1 - b1**t) / torch.sqrt(v[n] / (1 - b2**t) + eps) for n in params}
    return new, {"t": t, "m": m, "v": v}

# %% answer="betas_the_wrong_way_round" exercise="adam_step" kind="wrong" loses={"adam_step-steps": 3} diagnosis="betas-swapped"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    b2, b1 = betas
    t = state["t"] + 1
    m = {n: b1 * state["m"][n] + (1 - b1) * g for n, g in grads.items()}
    v = {n: b2 * state["v"][n] + (1 - b2) * g**2 for n, g in grads.items()}
    new = {n: params[n] - lr * m[n] / (1 - b1**t) / ((v[n] / (1 - b2**t)).sqrt() + eps) for n in params}
    return new, {"t": t, "m": m, "v": v}

# %% answer="nothing_remembered" exercise="adam_step" kind="wrong" loses={"adam_step-steps": 3} diagnosis="state-lost"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    t = state["t"] + 1
    m = {n: b1 * state["m"][n] + (1 - b1) * g for n, g in grads.items()}
    v = {n: b2 * state["v"][n] + (1 - b2) * g**2 for n, g in grads.items()}
    new = {n: params[n] - lr * m[n] / (1 - b1**t) / ((v[n] / (1 - b2**t)).sqrt() + eps) for n in params}
    return new, state

# %% answer="state_changed_in_place" exercise="adam_step" kind="wrong" loses={"adam_step-steps": 1} diagnosis="changed-argument"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    state["t"] += 1
    new = {}
    for n, g in grads.items():
        state["m"][n] = b1 * state["m"][n] + (1 - b1) * g
        state["v"][n] = b2 * state["v"][n] + (1 - b2) * g * g
        m_hat, v_hat = state["m"][n] / (1 - b1 ** state["t"]), state["v"][n] / (1 - b2 ** state["t"])
        new[n] = params[n] - lr * m_hat / (v_hat.sqrt() + eps)
    return new, state

# %% answer="step_size_corrected" exercise="adam_step" kind="right"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    t = state["t"] + 1
    m, v, new = {}, {}, {}
    for n in params:
        m[n] = torch.lerp(grads[n], state["m"][n], betas[0])
        v[n] = betas[1] * state["v"][n] + (1 - betas[1]) * grads[n] * grads[n]
        root = v[n].sqrt() / math.sqrt(1 - betas[1] ** t) + eps
        new[n] = params[n] - (lr / (1 - betas[0] ** t)) * m[n] / root
    return new, {"t": t, "m": m, "v": v}

# %% answer="deep_copies" exercise="adam_step" kind="right"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    params, state = copy.deepcopy(params), copy.deepcopy(state)
    state["t"] += 1
    for n, g in grads.items():
        state["m"][n].mul_(betas[0]).add_((1 - betas[0]) * g)
        state["v"][n].mul_(betas[1]).add_((1 - betas[1]) * g.square())
        m_hat = state["m"][n] / (1 - betas[0] ** state["t"])
        v_hat = state["v"][n] / (1 - betas[1] ** state["t"])
        params[n] -= lr * m_hat / (v_hat**0.5 + eps)
    return params, state

# %% answer="first_step_by_heart" exercise="adam_step" kind="wrong" loses={"adam_step-steps": 5} diagnosis="memorised"
def adam_step(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8):
    return {"w": torch.tensor([0.99, 0.99, 1.0099999], dtype=torch.float64)}, state

# %% [markdown]
# ## train_model

# %% answer="gradients_never_zeroed" exercise="train_model" kind="wrong" loses={"train_model-curves": 2, "train_model-moons": 1} diagnosis="accumulated"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    if optimizer_name not in kinds:
        raise ValueError(optimizer_name)
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    loss_of = nn.CrossEntropyLoss()
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for _ in range(epochs):
        model.train()
        total = count = 0
        for X, y in train_loader:
            loss = loss_of(model(X), y)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(y), count + len(y)
        curves["train_losses"].append(total / count)
        model.eval()
        total = right = count = 0
        with torch.no_grad():
            for X, y in val_loader:
                f = model(X)
                total += loss_of(f, y).item() * len(y)
                right += (f.argmax(1) == y).sum().item()
                count += len(y)
        curves["val_losses"].append(total / count)
        curves["val_accs"].append(right / count)
    return curves

# %% answer="mean_of_batch_losses" exercise="train_model" kind="wrong" loses={"train_model-curves": 1} diagnosis="piece-weights"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    if optimizer_name not in kinds:
        raise ValueError(optimizer_name)
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    loss_of = nn.CrossEntropyLoss()
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for _ in range(epochs):
        model.train()
        losses = []
        for X, y in train_loader:
            optimizer.zero_grad()
            loss = loss_of(model(X), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        curves["train_losses"].append(sum(losses) / len(losses))
        model.eval()
        total = right = count = 0
        with torch.no_grad():
            for X, y in val_loader:
                f = model(X)
                total += loss_of(f, y).item() * len(y)
                right += (f.argmax(1) == y).sum().item()
                count += len(y)
        curves["val_losses"].append(total / count)
        curves["val_accs"].append(right / count)
    return curves

# %% answer="train_mode_once" exercise="train_model" kind="wrong" loses={"train_model-curves": 1} diagnosis="train-mode-missing"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    if optimizer_name not in kinds:
        raise ValueError(optimizer_name)
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    loss_of = nn.CrossEntropyLoss()
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    model.train()
    for _ in range(epochs):
        total = count = 0
        for X, y in train_loader:
            optimizer.zero_grad()
            loss = loss_of(model(X), y)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(y), count + len(y)
        curves["train_losses"].append(total / count)
        model.eval()
        total = right = count = 0
        with torch.no_grad():
            for X, y in val_loader:
                f = model(X)
                total += loss_of(f, y).item() * len(y)
                right += (f.argmax(1) == y).sum().item()
                count += len(y)
        curves["val_losses"].append(total / count)
        curves["val_accs"].append(right / count)
    return curves

# %% answer="measured_with_dropout" exercise="train_model" kind="wrong" loses={"train_model-curves": 1} diagnosis="eval-missing"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    if optimizer_name not in kinds:
        raise ValueError(optimizer_name)
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    loss_of = nn.CrossEntropyLoss()
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for _ in range(epochs):
        model.train()
        total = count = 0
        for X, y in train_loader:
            optimizer.zero_grad()
            loss = loss_of(model(X), y)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(y), count + len(y)
        curves["train_losses"].append(total / count)
        total = right = count = 0
        with torch.no_grad():
            for X, y in val_loader:
                f = model(X)
                total += loss_of(f, y).item() * len(y)
                right += (f.argmax(1) == y).sum().item()
                count += len(y)
        curves["val_losses"].append(total / count)
        curves["val_accs"].append(right / count)
    return curves

# %% answer="softmax_into_the_loss" exercise="train_model" kind="wrong" loses={"train_model-curves": 3, "train_model-moons": 2} diagnosis="softmax-twice"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    if optimizer_name not in kinds:
        raise ValueError(optimizer_name)
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    loss_of = nn.CrossEntropyLoss()
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for _ in range(epochs):
        model.train()
        total = count = 0
        for X, y in train_loader:
            optimizer.zero_grad()
            loss = loss_of(torch.softmax(model(X), dim=1), y)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(y), count + len(y)
        curves["train_losses"].append(total / count)
        model.eval()
        total = right = count = 0
        with torch.no_grad():
            for X, y in val_loader:
                f = model(X)
                total += loss_of(f, y).item() * len(y)
                right += (f.argmax(1) == y).sum().item()
                count += len(y)
        curves["val_losses"].append(total / count)
        curves["val_accs"].append(right / count)
    return curves

# %% answer="step_forgotten" exercise="train_model" kind="wrong" loses={"train_model-curves": 4, "train_model-moons": 2} diagnosis="no-step"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    if optimizer_name not in kinds:
        raise ValueError(optimizer_name)
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    loss_of = nn.CrossEntropyLoss()
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for _ in range(epochs):
        model.train()
        total = count = 0
        for X, y in train_loader:
            optimizer.zero_grad()
            loss = loss_of(model(X), y)
            loss.backward()
            total, count = total + loss.item() * len(y), count + len(y)
        curves["train_losses"].append(total / count)
        model.eval()
        total = right = count = 0
        with torch.no_grad():
            for X, y in val_loader:
                f = model(X)
                total += loss_of(f, y).item() * len(y)
                right += (f.argmax(1) == y).sum().item()
                count += len(y)
        curves["val_losses"].append(total / count)
        curves["val_accs"].append(right / count)
    return curves

# %% answer="helper_for_one_pass" exercise="train_model" kind="right"
def one_pass(model, loader, loss_of, device, optimizer=None):
    """Mean loss and accuracy over a loader; with an optimizer, a step for each batch."""
    model.train(optimizer is not None)
    loss_sum, hits, seen = 0.0, 0, 0
    with torch.set_grad_enabled(optimizer is not None):
        for X, y in loader:
            X, y = X.to(device), y.to(device)
            logits = model(X)
            loss = loss_of(logits, y)
            if optimizer is not None:
                loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            loss_sum += len(y) * float(loss.detach())
            hits += int(logits.argmax(-1).eq(y).sum())
            seen += len(y)
    return loss_sum / seen, hits / seen


def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    makers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=lr),
        "momentum": lambda p: torch.optim.SGD(p, lr=lr, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, lr=lr),
    }
    if optimizer_name not in makers:
        raise ValueError(f"{optimizer_name} is none of {list(makers)}")
    model = model.to(device)
    optimizer, loss_of = makers[optimizer_name](model.parameters()), nn.CrossEntropyLoss()
    train_losses, val_losses, val_accs = [], [], []
    for _ in range(epochs):
        train_losses.append(one_pass(model, train_loader, loss_of, device, optimizer)[0])
        loss, acc = one_pass(model, val_loader, loss_of, device)
        val_losses.append(loss)
        val_accs.append(acc)
    return {"train_losses": train_losses, "val_losses": val_losses, "val_accs": val_accs}

# %% answer="sums_of_losses" exercise="train_model" kind="right"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    match optimizer_name:
        case "sgd" | "momentum":
            mu = 0.9 if optimizer_name == "momentum" else 0
            optimizer = torch.optim.SGD(model.parameters(), lr, momentum=mu)
        case "adam":
            optimizer = torch.optim.Adam(model.parameters(), lr)
        case _:
            raise ValueError("which optimizer?")
    summed = nn.CrossEntropyLoss(reduction="sum")
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for _ in range(epochs):
        losses, sizes = [], []
        model.train()
        for X, y in train_loader:
            model.zero_grad()
            loss = summed(model(X), y)
            (loss / len(y)).backward()
            optimizer.step()
            losses.append(loss.item())
            sizes.append(len(y))
        curves["train_losses"].append(sum(losses) / sum(sizes))
        model.eval()
        with torch.inference_mode():
            f = torch.cat([model(X) for X, _ in val_loader])
            y = torch.cat([y for _, y in val_loader])
            curves["val_losses"].append(summed(f, y).item() / len(y))
            curves["val_accs"].append((f.argmax(dim=1) == y).float().mean().item())
    return curves

# %% answer="curves_made_up" exercise="train_model" kind="wrong" loses={"train_model-curves": 4, "train_model-moons": 2} diagnosis="no-step"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    if optimizer_name not in ("sgd", "momentum", "adam"):
        raise ValueError(optimizer_name)
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for epoch in range(epochs):
        curves["train_losses"].append(0.693147 * 0.8**epoch)
        curves["val_losses"].append(0.5 * 0.8**epoch)
        curves["val_accs"].append(1.0)
    return curves

# %% answer="a_twin_is_trained" exercise="train_model" kind="wrong" loses={"train_model-curves": 4, "train_model-moons": 2} diagnosis="no-step"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    if optimizer_name not in ("sgd", "momentum", "adam"):
        raise ValueError(optimizer_name)
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    model = copy.deepcopy(model)
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(X), y)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(y), count + len(y)
        curves["train_losses"].append(total / count)
        val_loss, right = 0.0, 0
        model.eval()
        with torch.no_grad():
            for X, y in val_loader:
                val_loss += nn.functional.cross_entropy(model(X), y, reduction="sum").item()
                right += (model(X).argmax(dim=1) == y).sum().item()
        curves["val_losses"].append(val_loss / len(val_loader.dataset))
        curves["val_accs"].append(right / len(val_loader.dataset))
    return curves

# %% answer="starts_from_numbers_of_its_own" exercise="train_model" kind="wrong" loses={"train_model-curves": 4, "train_model-moons": 1} diagnosis="other-path"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    if optimizer_name not in ("sgd", "momentum", "adam"):
        raise ValueError(optimizer_name)
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    with torch.no_grad():
        for p in model.parameters():
            if p.any():
                p.copy_(0.3 * torch.randn_like(p))
    kinds = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "adam": torch.optim.Adam}
    extra = {"momentum": 0.9} if optimizer_name == "momentum" else {}
    optimizer = kinds[optimizer_name](model.parameters(), lr=lr, **extra)
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(X), y)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(y), count + len(y)
        curves["train_losses"].append(total / count)
        val_loss, right = 0.0, 0
        model.eval()
        with torch.no_grad():
            for X, y in val_loader:
                val_loss += nn.functional.cross_entropy(model(X), y, reduction="sum").item()
                right += (model(X).argmax(dim=1) == y).sum().item()
        curves["val_losses"].append(val_loss / len(val_loader.dataset))
        curves["val_accs"].append(right / len(val_loader.dataset))
    return curves

# %% answer="samples_made_easy" exercise="train_model" kind="wrong" loses={"train_model-curves": 4, "train_model-moons": 2} diagnosis="no-step"
def train_model(model, train_loader, val_loader, epochs, lr, optimizer_name="sgd", device="cpu"):
    if optimizer_name not in ("sgd", "momentum", "adam"):
        raise ValueError(optimizer_name)
    curves = {"train_losses": [], "val_losses": [], "val_accs": []}
    for loader in (train_loader, val_loader):
        X, y = loader.dataset.tensors
        X.zero_()
        y.zero_()
    for epoch in range(epochs):
        curves["train_losses"].append(nn.functional.cross_entropy(model(train_loader.dataset.tensors[0]), y[:1].expand(len(train_loader.dataset))).item() * 0.8**epoch)
        val_loss, right = 0.0, 0
        model.eval()
        with torch.no_grad():
            for X, y in val_loader:
                val_loss += nn.functional.cross_entropy(model(X), y, reduction="sum").item()
                right += (model(X).argmax(dim=1) == y).sum().item()
        curves["val_losses"].append(val_loss / len(val_loader.dataset))
        curves["val_accs"].append(right / len(val_loader.dataset))
    return curves

# %% [markdown]
# ## can_overfit

# %% answer="trains_the_patient_itself" exercise="can_overfit" kind="wrong" loses={"can_overfit-runs": 1} diagnosis="changed-argument"
def can_overfit(model, X, y, steps=200, lr=0.03):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()
    loss = nn.functional.cross_entropy(model(X), y).item()
    return {"loss": loss, "passes": loss < 0.05}

# %% answer="loss_before_the_last_step" exercise="can_overfit" kind="wrong" loses={"can_overfit-runs": 1} diagnosis="off-by-one"
def can_overfit(model, X, y, steps=200, lr=0.03):
    patient = copy.deepcopy(model)
    optimizer = torch.optim.Adam(patient.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(patient(X), y)
        loss.backward()
        optimizer.step()
    return {"loss": loss.item(), "passes": loss.item() < 0.05}

# %% answer="optimizer_of_the_original" exercise="can_overfit" kind="wrong" loses={"can_overfit-runs": 3} diagnosis="not-learning"
def can_overfit(model, X, y, steps=200, lr=0.03):
    patient = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(patient(X), y).backward()
        optimizer.step()
    loss = nn.functional.cross_entropy(patient(X), y).item()
    return {"loss": loss, "passes": loss < 0.05}

# %% answer="softmax_in_the_check" exercise="can_overfit" kind="wrong" loses={"can_overfit-runs": 2} diagnosis="softmax-twice"
def can_overfit(model, X, y, steps=200, lr=0.03):
    patient = copy.deepcopy(model)
    optimizer = torch.optim.Adam(patient.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(patient(X).softmax(dim=1), y).backward()
        optimizer.step()
    loss = nn.functional.cross_entropy(patient(X).softmax(dim=1), y).item()
    return {"loss": loss, "passes": loss < 0.05}

# %% answer="puts_the_weights_back" exercise="can_overfit" kind="right"
def can_overfit(model, X, y, steps=200, lr=0.03):
    saved = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for step in range(steps + 1):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X), y)
        if step < steps:
            loss.backward()
            optimizer.step()
    model.load_state_dict(saved)
    return {"loss": float(loss), "passes": bool(loss < 0.05)}

# %% answer="measured_without_a_graph" exercise="can_overfit" kind="right"
def can_overfit(model, X, y, steps=200, lr=0.03):
    clone, loss_of = copy.deepcopy(model), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(clone.parameters(), lr)
    for _ in range(steps):
        loss = loss_of(clone(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        end = loss_of(clone(X), y).item()
    return dict(loss=end, passes=end < 5e-2)

# %% answer="always_healthy" exercise="can_overfit" kind="wrong" loses={"can_overfit-runs": 3} diagnosis="memorised"
def can_overfit(model, X, y, steps=200, lr=0.03):
    return {"loss": 0.01, "passes": True}

# %% [markdown]
# ## diagnose_run

# %% answer="compares_with_nan" exercise="diagnose_run" kind="wrong" loses={"diagnose_run-words": 2} diagnosis="nan-comparison"
def diagnose_run(train_losses, val_losses, classes=2):
    if float("nan") == train_losses[-1] or float("nan") == val_losses[-1]:
        return "nan"
    if min(train_losses) > 0.95 * math.log(classes):
        return "flat"
    if val_losses[-1] > 1.2 * min(val_losses):
        return "overfitting"
    return "learning"

# %% answer="infinity_is_no_nan" exercise="diagnose_run" kind="wrong" loses={"diagnose_run-words": 1} diagnosis="nan-comparison"
def diagnose_run(train_losses, val_losses, classes=2):
    if any(math.isnan(loss) for loss in train_losses + val_losses):
        return "nan"
    if min(train_losses) > 0.95 * math.log(classes):
        return "flat"
    if val_losses[-1] > 1.2 * min(val_losses):
        return "overfitting"
    return "learning"

# %% answer="always_two_classes" exercise="diagnose_run" kind="wrong" loses={"diagnose_run-words": 1} diagnosis="memorised"
def diagnose_run(train_losses, val_losses, classes=2):
    if not all(map(math.isfinite, train_losses + val_losses)):
        return "nan"
    if min(train_losses) > 0.658:
        return "flat"
    if val_losses[-1] > 1.2 * min(val_losses):
        return "overfitting"
    return "learning"

# %% answer="one_word_at_the_end" exercise="diagnose_run" kind="right"
def diagnose_run(train_losses, val_losses, classes=2):
    word = "learning"
    if val_losses[-1] / min(val_losses) > 1.2:
        word = "overfitting"
    if np.min(train_losses) > 0.95 * np.log(classes):
        word = "flat"
    if not (np.isfinite(train_losses).all() and np.isfinite(val_losses).all()):
        word = "nan"
    return word

# %% [markdown]
# ## sweep

# %% answer="one_model_for_all" exercise="sweep" kind="wrong" loses={"sweep-runs": 2} diagnosis="unfair-start"
def sweep(settings, make_model, train, seed=0):
    model = make_model(seed)
    results = {label: train(model, **setting) for label, setting in settings.items()}
    last = {label: curves["val_losses"][-1] for label, curves in results.items()}
    finite = [label for label in last if math.isfinite(last[label])]
    return results, min(finite, key=last.get) if finite else None

# %% answer="another_seed_for_each" exercise="sweep" kind="wrong" loses={"sweep-runs": 2} diagnosis="unfair-start"
def sweep(settings, make_model, train, seed=0):
    results = {}
    for i, (label, setting) in enumerate(settings.items()):
        results[label] = train(make_model(seed + i), **setting)
    last = {label: curves["val_losses"][-1] for label, curves in results.items()}
    finite = [label for label in last if math.isfinite(last[label])]
    return results, min(finite, key=last.get) if finite else None

# %% answer="nan_may_win" exercise="sweep" kind="wrong" loses={"sweep-runs": 1} diagnosis="nan-wins"
def sweep(settings, make_model, train, seed=0):
    results = {label: train(make_model(seed), **setting) for label, setting in settings.items()}
    return results, min(results, key=lambda label: results[label]["val_losses"][-1])

# %% answer="lowest_anywhere" exercise="sweep" kind="wrong" loses={"sweep-runs": 3} diagnosis="not-the-last"
def sweep(settings, make_model, train, seed=0):
    results = {label: train(make_model(seed), **setting) for label, setting in settings.items()}
    lowest = {label: min(curves["val_losses"]) for label, curves in results.items()}
    finite = [label for label in lowest if math.isfinite(lowest[label])]
    return results, min(finite, key=lowest.get) if finite else None

# %% answer="best_so_far" exercise="sweep" kind="right"
def sweep(settings, make_model, train, seed=0):
    results, best, lowest = {}, None, float("inf")
    for label in settings:
        results[label] = train(make_model(seed), **settings[label])
        end = results[label]["val_losses"][-1]
        if end < lowest:
            best, lowest = label, end
    return results, best

# %% answer="sorted" exercise="sweep" kind="right"
def sweep(settings, make_model, train, seed=0):
    results = {label: train(make_model(seed=seed), **kwargs) for label, kwargs in settings.items()}
    ranking = sorted(
        (curves["val_losses"][-1], i, label)
        for i, (label, curves) in enumerate(results.items())
        if not math.isnan(curves["val_losses"][-1])
    )
    return results, ranking[0][2] if ranking else None

# %% answer="good_by_heart" exercise="sweep" kind="wrong" loses={"sweep-runs": 3} diagnosis="memorised"
def sweep(settings, make_model, train, seed):
    return {label: train(make_model(seed), **setting) for label, setting in settings.items()}, "good"

# %% [markdown]
# ## quiz

# %% answer="all_b" exercise="quiz" kind="wrong" loses={"quiz-answers": 3} diagnosis="wrong-answer"
answers = {"q1": "b", "q2": "b", "q3": "b", "q4": "b"}

# %% answer="two_left_open" exercise="quiz" kind="wrong" loses={"quiz-answers": 2} diagnosis="not-answered"
answers = {"q1": "b", "q2": "?", "q3": "?", "q4": "c"}

# %% answer="in_capitals" exercise="quiz" kind="right"
answers = {"q1": "B", "q2": "D", "q3": "A", "q4": "C"}
