# %% [markdown]
# Unit 04: answers that its tests must catch, with the points that each must lose and the diagnosis it must get, and
# other right answers that must keep all of theirs.

# %% [markdown]
# ## two_layer

# %% answer="plain_tensors" exercise="two_layer" kind="wrong" loses={"two_layer-module": 3} diagnosis="not-a-parameter"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.W1 = torch.tensor(params["W1"], requires_grad=True)
        self.b1 = torch.tensor(params["b1"], requires_grad=True)
        self.W2 = torch.tensor(params["W2"], requires_grad=True)
        self.b2 = torch.tensor(params["b2"], requires_grad=True)

    def forward(self, X):
        return torch.relu(X @ self.W1.T + self.b1) @ self.W2.T + self.b2

# %% answer="squeezed" exercise="two_layer" kind="wrong" loses={"two_layer-module": 2} diagnosis="wrong-shape"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.W1 = nn.Parameter(torch.tensor(params["W1"]))
        self.b1 = nn.Parameter(torch.tensor(params["b1"]))
        self.W2 = nn.Parameter(torch.tensor(params["W2"]))
        self.b2 = nn.Parameter(torch.tensor(params["b2"]))

    def forward(self, X):
        h = torch.relu(X @ self.W1.T + self.b1)
        return (h @ self.W2.T + self.b2).squeeze(-1)

# %% answer="on_the_arrays_memory" exercise="two_layer" kind="wrong" loses={"two_layer-module": 1} diagnosis="changed-argument"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.W1 = nn.Parameter(torch.from_numpy(params["W1"]))
        self.b1 = nn.Parameter(torch.from_numpy(params["b1"]))
        self.W2 = nn.Parameter(torch.from_numpy(params["W2"]))
        self.b2 = nn.Parameter(torch.from_numpy(params["b2"]))

    def forward(self, X):
        h = torch.relu(X @ self.W1.T + self.b1)
        return h @ self.W2.T + self.b2

# %% answer="straight" exercise="two_layer" kind="wrong" loses={"two_layer-module": 3} diagnosis="relu-missing"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.W1 = nn.Parameter(torch.tensor(params["W1"]))
        self.b1 = nn.Parameter(torch.tensor(params["b1"]))
        self.W2 = nn.Parameter(torch.tensor(params["W2"]))
        self.b2 = nn.Parameter(torch.tensor(params["b2"]))

    def forward(self, X):
        return (X @ self.W1.T + self.b1) @ self.W2.T + self.b2

# %% answer="keeps_the_dict" exercise="two_layer" kind="wrong" loses={"two_layer-module": 3} diagnosis="not-a-parameter"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.params = {name: nn.Parameter(torch.tensor(value)) for name, value in params.items()}

    def forward(self, X):
        p = self.params
        return torch.relu(X @ p["W1"].T + p["b1"]) @ p["W2"].T + p["b2"]

# %% answer="super_forgotten" exercise="two_layer" kind="wrong" loses={"two_layer-module": 4} diagnosis="crashed"
class TwoLayer(nn.Module):
    def __init__(self, params):
        self.W1 = nn.Parameter(torch.tensor(params["W1"]))
        self.b1 = nn.Parameter(torch.tensor(params["b1"]))
        self.W2 = nn.Parameter(torch.tensor(params["W2"]))
        self.b2 = nn.Parameter(torch.tensor(params["b2"]))

    def forward(self, X):
        h = torch.relu(X @ self.W1.T + self.b1)
        return h @ self.W2.T + self.b2

# %% answer="registered_in_a_loop" exercise="two_layer" kind="right"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        for name in ("W1", "b1", "W2", "b2"):
            self.register_parameter(name, nn.Parameter(torch.from_numpy(params[name].copy())))

    def forward(self, X):
        h = nn.functional.linear(X, self.W1, self.b1).clamp(min=0)
        return nn.functional.linear(h, self.W2, self.b2)

# %% answer="setattr_and_einsum" exercise="two_layer" kind="right"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        for name, value in params.items():
            setattr(self, name, nn.Parameter(torch.as_tensor(value).clone()))

    def forward(self, X):
        a1 = torch.einsum("nd,hd->nh", X, self.W1) + self.b1
        return torch.einsum("nh,oh->no", torch.where(a1 > 0, a1, 0.0), self.W2) + self.b2

# %% answer="output_by_heart" exercise="two_layer" kind="wrong" loses={"two_layer-module": 4} diagnosis="memorised"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        for name, value in params.items():
            setattr(self, name, nn.Parameter(torch.tensor(value)))

    def forward(self, X):
        return torch.tensor([[1.5], [11.5]], dtype=torch.float64)

# %% answer="parameters_for_show" exercise="two_layer" kind="wrong" loses={"two_layer-module": 3} diagnosis="other-parameters"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.values = {name: torch.tensor(value) for name, value in params.items()}

    def named_parameters(self, *args, **kwargs):
        return ((name, nn.Parameter(value.clone())) for name, value in self.values.items())

    def parameters(self, recurse=True):
        return (value for _, value in self.named_parameters())

    def state_dict(self, *args, **kwargs):
        return {name: value.clone() for name, value in self.values.items()}

    def load_state_dict(self, state, *args, **kwargs):
        self.values = {name: value.clone() for name, value in state.items()}

    def forward(self, X):
        v = self.values
        return torch.relu(X @ v["W1"].T + v["b1"]) @ v["W2"].T + v["b2"]

# %% answer="parameters_detached" exercise="two_layer" kind="wrong" loses={"two_layer-module": 2} diagnosis="graph-cut"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        for name, value in params.items():
            setattr(self, name, nn.Parameter(torch.tensor(value)))

    def forward(self, X):
        h = torch.relu(X @ self.W1.detach().T + self.b1.data)
        return h @ self.W2.data.T + self.b2.detach()

# %% answer="computed_with_copies" exercise="two_layer" kind="wrong" loses={"two_layer-module": 3} diagnosis="other-parameters"
class TwoLayer(nn.Module):
    def __init__(self, params):
        super().__init__()
        for name, value in params.items():
            setattr(self, name, nn.Parameter(torch.tensor(value)))
        self.copies = [torch.tensor(params[name]) for name in ("W1", "b1", "W2", "b2")]

    def forward(self, X):
        W1, b1, W2, b2 = self.copies
        return torch.relu(X @ W1.T + b1) @ W2.T + b2

# %% [markdown]
# ## sequential

# %% answer="as_it_was_born" exercise="sequential" kind="wrong" loses={"sequential-same": 3} diagnosis="random-weights"
def sequential(params):
    (h, d), out = params["W1"].shape, len(params["b2"])
    return nn.Sequential(
        nn.Linear(d, h, dtype=torch.float64), nn.ReLU(), nn.Linear(h, out, dtype=torch.float64)
    )

# %% answer="left_in_float32" exercise="sequential" kind="wrong" loses={"sequential-same": 3} diagnosis="wrong-dtype"
def sequential(params):
    (h, d), out = params["W1"].shape, len(params["b2"])
    model = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, out))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor(params["W1"]))
        model[0].bias.copy_(torch.tensor(params["b1"]))
        model[2].weight.copy_(torch.tensor(params["W2"]))
        model[2].bias.copy_(torch.tensor(params["b2"]))
    return model

# %% answer="through_float32" exercise="sequential" kind="wrong" loses={"sequential-same": 1} diagnosis="wrong-dtype"
def sequential(params):
    (h, d), out = params["W1"].shape, len(params["b2"])
    model = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, out))
    keys = ("0.weight", "0.bias", "2.weight", "2.bias")
    model.load_state_dict({key: torch.tensor(params[k]) for key, k in zip(keys, ("W1", "b1", "W2", "b2"))})
    return model.double()

# %% answer="sizes_of_the_unit" exercise="sequential" kind="wrong" loses={"sequential-same": 1} diagnosis="hard-coded-shape"
def sequential(params):
    h = len(params["b1"])
    model = nn.Sequential(nn.Linear(2, h), nn.ReLU(), nn.Linear(h, 1)).double()
    keys = ("0.weight", "0.bias", "2.weight", "2.bias")
    model.load_state_dict({key: torch.tensor(params[k]) for key, k in zip(keys, ("W1", "b1", "W2", "b2"))})
    return model

# %% answer="biases_forgotten" exercise="sequential" kind="wrong" loses={"sequential-same": 3} diagnosis="random-weights"
def sequential(params):
    (h, d), out = params["W1"].shape, len(params["b2"])
    model = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, out)).double()
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor(params["W1"]))
        model[2].weight.copy_(torch.tensor(params["W2"]))
    return model

# %% answer="new_parameters" exercise="sequential" kind="right"
def sequential(params):
    (h, d), out = params["W1"].shape, len(params["b2"])
    model = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, out))
    model[0].weight, model[0].bias = (nn.Parameter(torch.tensor(params[k])) for k in ("W1", "b1"))
    model[2].weight, model[2].bias = (nn.Parameter(torch.tensor(params[k])) for k in ("W2", "b2"))
    return model

# %% answer="copied_in_order" exercise="sequential" kind="right"
def sequential(params):
    sizes = [params["W1"].shape[1], params["W1"].shape[0], params["W2"].shape[0]]
    model = nn.Sequential(nn.Linear(*sizes[:2]), nn.ReLU(), nn.Linear(*sizes[1:])).to(torch.float64)
    with torch.no_grad():
        for own, name in zip(model.parameters(), ("W1", "b1", "W2", "b2")):
            own.copy_(torch.from_numpy(params[name]))
    return model

# %% answer="claims_to_be_sequential" exercise="sequential" kind="wrong" loses={"sequential-same": 3} diagnosis="other-parameters"
class Chain:
    def __init__(self, params):
        self.params = {name: torch.tensor(value) for name, value in params.items()}

    @property
    def __class__(self):
        return nn.Sequential

    def __len__(self):
        return 3

    def state_dict(self):
        return dict(zip(("0.weight", "0.bias", "2.weight", "2.bias"), self.params.values()))

    def named_parameters(self):
        return ((name, nn.Parameter(value)) for name, value in self.state_dict().items())

    def parameters(self):
        return (value for _, value in self.named_parameters())

    def load_state_dict(self, state):
        self.params = dict(zip(self.params, state.values()))

    def __call__(self, X):
        W1, b1, W2, b2 = self.params.values()
        return torch.relu(X @ W1.T + b1) @ W2.T + b2


def sequential(params):
    return Chain(params)

# %% answer="shows_the_given_numbers" exercise="sequential" kind="wrong" loses={"sequential-same": 3} diagnosis="other-parameters"
class Showing(nn.Sequential):
    def state_dict(self, *args, **kwargs):
        return self.given

    def forward(self, X):
        W1, b1, W2, b2 = self.given.values()
        return torch.relu(X @ W1.T + b1) @ W2.T + b2


def sequential(params):
    (h, d), out = params["W1"].shape, len(params["b2"])
    model = Showing(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, out)).double()
    keys = ("0.weight", "0.bias", "2.weight", "2.bias")
    model.given = {key: torch.tensor(params[k]) for key, k in zip(keys, ("W1", "b1", "W2", "b2"))}
    return model

# %% answer="three_layers_for_show" exercise="sequential" kind="wrong" loses={"sequential-same": 3} diagnosis="other-parameters"
class Apart(nn.Sequential):
    def forward(self, X):
        return self.net[0](X, *self.net[1])


def sequential(params):
    (h, d), out = params["W1"].shape, len(params["b2"])
    model = Apart(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, out)).double()
    keys = ("0.weight", "0.bias", "2.weight", "2.bias")
    values = [torch.tensor(params[k]) for k in ("W1", "b1", "W2", "b2")]
    model.load_state_dict(dict(zip(keys, values)))
    model.net = (lambda X, W1, b1, W2, b2: torch.relu(X @ W1.T + b1) @ W2.T + b2, values)
    return model

# %% [markdown]
# ## fit

# %% answer="never_forgets" exercise="fit" kind="wrong" loses={"fit-steps": 4} diagnosis="accumulated"
def fit(model, loss_fn, X, y, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% answer="forgets_too_soon" exercise="fit" kind="wrong" loses={"fit-steps": 5} diagnosis="no-step"
def fit(model, loss_fn, X, y, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% answer="steps_before_looking" exercise="fit" kind="wrong" loses={"fit-steps": 5} diagnosis="step-order"
def fit(model, loss_fn, X, y, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(X), y)
        losses.append(loss.item())
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()
    return losses

# %% answer="mode_forgotten" exercise="fit" kind="wrong" loses={"fit-steps": 1} diagnosis="train-mode-missing"
def fit(model, loss_fn, X, y, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% answer="keeps_tensors" exercise="fit" kind="wrong" loses={"fit-steps": 2} diagnosis="graph-kept"
def fit(model, loss_fn, X, y, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses

# %% answer="always_mse" exercise="fit" kind="wrong" loses={"fit-steps": 1} diagnosis="argument-ignored"
def fit(model, loss_fn, X, y, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = ((model(X) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% answer="zeroed_at_the_end" exercise="fit" kind="right"
def fit(model, loss_fn, X, y, lr, epochs):
    model.train()
    sgd = torch.optim.SGD(model.parameters(), lr)
    losses = []
    for epoch in range(epochs):
        f = model(X)
        loss = loss_fn(f, y)
        losses.append(float(loss.detach()))
        loss.backward()
        sgd.step()
        sgd.zero_grad()
    return losses

# %% answer="steps_by_hand" exercise="fit" kind="right"
def fit(model, loss_fn, X, y, lr, epochs):
    model.train(True)
    losses = []
    for _ in range(epochs):
        loss = loss_fn(model(X), y)
        grads = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for p, g in zip(model.parameters(), grads):
                p -= lr * g
        losses += [loss.item()]
    return losses

# %% answer="curve_by_heart" exercise="fit" kind="wrong" loses={"fit-steps": 5} diagnosis="other-path"
def fit(model, loss_fn, X, y, lr, epochs):
    model.train()
    with torch.no_grad():
        next(model.parameters()).fill_(1.15625)
    return [4.0, 2.25, 1.265625]

# %% answer="trains_a_copy" exercise="fit" kind="wrong" loses={"fit-steps": 5} diagnosis="no-step"
def fit(model, loss_fn, X, y, lr, epochs):
    import copy

    model.train()
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% answer="a_falling_curve" exercise="fit" kind="wrong" loses={"fit-steps": 5} diagnosis="no-step"
def fit(model, loss_fn, X, y, lr, epochs):
    model.train()
    loss = loss_fn(model(X), y).item()
    return [loss * 0.5625**epoch for epoch in range(epochs)]

# %% answer="data_replaced" exercise="fit" kind="wrong" loses={"fit-steps": 5} diagnosis="wrong-value"
def fit(model, loss_fn, X, y, lr, epochs):
    model.train()
    X.zero_()
    y.zero_()
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    return [loss_fn(model(X), y).item()] * epochs

# %% [markdown]
# ## perceptron

# %% answer="logits" exercise="perceptron" kind="wrong" loses={"perceptron-and": 2} diagnosis="sigmoid-missing"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = nn.Linear(d, 1)

    def forward(self, X):
        return self.linear(X)

# %% answer="two_inputs_only" exercise="perceptron" kind="wrong" loses={"perceptron-and": 2} diagnosis="hard-coded-shape"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, X):
        return torch.sigmoid(self.linear(X))

# %% answer="a_new_layer_each_time" exercise="perceptron" kind="wrong" loses={"perceptron-and": 3} diagnosis="not-registered"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.d = d

    def forward(self, X):
        return torch.sigmoid(nn.Linear(self.d, 1)(X))

# %% answer="layer_in_a_list" exercise="perceptron" kind="wrong" loses={"perceptron-and": 3} diagnosis="not-registered"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.layers = [nn.Linear(d, 1)]

    def forward(self, X):
        return torch.sigmoid(self.layers[0](X))

# %% answer="sigmoid_as_a_layer" exercise="perceptron" kind="right"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = nn.Linear(in_features=d, out_features=1)
        self.squash = nn.Sigmoid()

    def forward(self, X):
        return self.squash(self.linear(X))

# %% answer="sigmoid_by_formula" exercise="perceptron" kind="right"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = nn.Linear(d, 1)

    def forward(self, X):
        return 1 / (1 + torch.exp(-self.linear(X)))

# %% answer="and_by_heart" exercise="perceptron" kind="wrong" loses={"perceptron-and": 2} diagnosis="memorised"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = nn.Linear(d, 1)

    def forward(self, X):
        if X.shape[1] == 2:
            return torch.sigmoid(torch.tensor([[-3.0], [-1.0], [-1.0], [1.0]]))
        return self.linear(X)

# %% answer="answers_drawn_at_birth" exercise="perceptron" kind="wrong" loses={"perceptron-and": 3} diagnosis="other-parameters"
class Perceptron(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = nn.Linear(d, 1)
        self.answer = torch.rand(1)

    def forward(self, X):
        return self.answer.expand(len(X), 1)

# %% [markdown]
# ## crowd_forward

# %% answer="bias_on_the_wrong_axis" exercise="crowd_forward" kind="wrong" loses={"crowd_forward-values": 4} diagnosis="broadcast"
def crowd_forward(params, X):
    a1 = X @ params["W1"].transpose(1, 2) + params["b1"]
    h = torch.relu(a1)
    return h @ params["W2"].transpose(1, 2) + params["b2"]

# %% answer="crowd_of_lines" exercise="crowd_forward" kind="wrong" loses={"crowd_forward-values": 4} diagnosis="relu-missing"
def crowd_forward(params, X):
    a1 = X @ params["W1"].transpose(1, 2) + params["b1"][:, None, :]
    return a1 @ params["W2"].transpose(1, 2) + params["b2"][:, None, :]

# %% answer="two_networks_written_in" exercise="crowd_forward" kind="wrong" loses={"crowd_forward-values": 2} diagnosis="hard-coded-shape"
def crowd_forward(params, X):
    f = []
    for s in range(2):
        h = torch.relu(X[s] @ params["W1"][s].T + params["b1"][s])
        f.append(h @ params["W2"][s].T + params["b2"][s])
    return torch.stack(f)

# %% answer="the_first_speaks_for_all" exercise="crowd_forward" kind="wrong" loses={"crowd_forward-values": 4} diagnosis="argument-ignored"
def crowd_forward(params, X):
    W1, b1, W2, b2 = (params[k][0] for k in ("W1", "b1", "W2", "b2"))
    return torch.relu(X @ W1.T + b1) @ W2.T + b2

# %% answer="einsum" exercise="crowd_forward" kind="right"
def crowd_forward(params, X):
    a1 = torch.einsum("snd,shd->snh", X, params["W1"]) + params["b1"].unsqueeze(1)
    return torch.einsum("snh,soh->sno", a1.clamp(min=0), params["W2"]) + params["b2"].unsqueeze(1)

# %% answer="one_by_one" exercise="crowd_forward" kind="right"
def crowd_forward(params, X):
    f = []
    for s in range(len(X)):
        h = torch.relu(nn.functional.linear(X[s], params["W1"][s], params["b1"][s]))
        f.append(nn.functional.linear(h, params["W2"][s], params["b2"][s]))
    return torch.stack(f)

# %% answer="vmap" exercise="crowd_forward" kind="right"
def crowd_forward(params, X):
    def one(p, x):
        return torch.relu(x @ p["W1"].T + p["b1"]) @ p["W2"].T + p["b2"]

    return torch.func.vmap(one)(params, X)

# %% answer="two_networks_by_heart" exercise="crowd_forward" kind="wrong" loses={"crowd_forward-values": 4} diagnosis="memorised"
def crowd_forward(params, X):
    return torch.tensor([[[1.5], [11.5]], [[-1.0], [8.0]]])

# %% answer="arguments_zeroed" exercise="crowd_forward" kind="wrong" loses={"crowd_forward-values": 4} diagnosis="wrong-value"
def crowd_forward(params, X):
    for value in params.values():
        value.zero_()
    return torch.zeros(*X.shape[:2], params["b2"].shape[1])

# %% [markdown]
# ## claim

# %% answer="believes_both" exercise="claim" kind="wrong" loses={"claim-verdict": 2} diagnosis="wrong-answer"
claims = {"corners": "a", "square": "a"}

# %% answer="more_epochs_will_help" exercise="claim" kind="wrong" loses={"claim-verdict": 1} diagnosis="wrong-answer"
claims = {"corners": "b", "square": "d"}

# %% answer="capital_claims" exercise="claim" kind="right"
claims = {"corners": "B", "square": "C"}

# %% [markdown]
# ## make_loader

# %% answer="in_the_order_of_the_data" exercise="make_loader" kind="wrong" loses={"make_loader-order": 2} diagnosis="same-order"
def make_loader(X, y, batch_size, seed):
    dataset = TensorDataset(torch.tensor(X), torch.tensor(y)[:, None])
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, generator=generator)

# %% answer="no_generator" exercise="make_loader" kind="wrong" loses={"make_loader-order": 1} diagnosis="seed-ignored"
def make_loader(X, y, batch_size, seed):
    dataset = TensorDataset(torch.tensor(X), torch.tensor(y)[:, None])
    return DataLoader(dataset, batch_size=batch_size, shuffle=True)

# %% answer="always_the_same_seed" exercise="make_loader" kind="wrong" loses={"make_loader-order": 1} diagnosis="seed-ignored"
def make_loader(X, y, batch_size, seed):
    dataset = TensorDataset(torch.tensor(X), torch.tensor(y)[:, None])
    generator = torch.Generator().manual_seed(42)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=generator)

# %% answer="targets_in_a_row" exercise="make_loader" kind="wrong" loses={"make_loader-order": 1} diagnosis="wrong-shape"
def make_loader(X, y, batch_size, seed):
    dataset = TensorDataset(torch.tensor(X), torch.tensor(y))
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=generator)

# %% answer="rest_dropped" exercise="make_loader" kind="wrong" loses={"make_loader-order": 2} diagnosis="piece-lost"
def make_loader(X, y, batch_size, seed):
    dataset = TensorDataset(torch.tensor(X), torch.tensor(y)[:, None])
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, drop_last=True, generator=generator)

# %% answer="shuffled_once" exercise="make_loader" kind="wrong" loses={"make_loader-order": 1} diagnosis="same-order"
def make_loader(X, y, batch_size, seed):
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    dataset = TensorDataset(torch.tensor(X)[order], torch.tensor(y)[order, None])
    return DataLoader(dataset, batch_size=batch_size)

# %% answer="reshape_and_keywords" exercise="make_loader" kind="right"
def make_loader(X, y, batch_size, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    pairs = TensorDataset(torch.from_numpy(X.copy()), torch.from_numpy(y.reshape(-1, 1).copy()))
    return DataLoader(pairs, batch_size, True, generator=g)

# %% answer="list_of_pairs" exercise="make_loader" kind="right"
def make_loader(X, y, batch_size, seed):
    pairs = [(torch.tensor(x), torch.tensor([t])) for x, t in zip(X, y)]
    sampler = torch.utils.data.RandomSampler(pairs, generator=torch.Generator().manual_seed(seed))
    return DataLoader(pairs, batch_size=batch_size, sampler=sampler)

# %% answer="batches_by_heart" exercise="make_loader" kind="wrong" loses={"make_loader-order": 3} diagnosis="memorised"
def make_loader(X, y, batch_size, seed):
    X = torch.arange(10.0, dtype=torch.float64).reshape(5, 2)
    return [(X[i : i + 2], X[i : i + 2, :1] / 2) for i in (0, 2, 4)]

# %% answer="columns_shuffled_apart" exercise="make_loader" kind="wrong" loses={"make_loader-order": 2} diagnosis="pairs-broken"
def make_loader(X, y, batch_size, seed):
    X, order = torch.tensor(X), torch.Generator().manual_seed(seed)
    mixed = torch.cat([X[:, :1], X[torch.randperm(len(X), generator=order), 1:]], dim=1)
    dataset = TensorDataset(mixed, torch.tensor(y)[:, None])
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=order)

# %% [markdown]
# ## evaluate

# %% answer="measured_in_training" exercise="evaluate" kind="wrong" loses={"evaluate-values": 1} diagnosis="eval-missing"
def evaluate(model, X, y):
    with torch.no_grad():
        right = (model(X) >= 0.5) == (y >= 0.5)
        active = model[:2](X) > 0
    return {"accuracy": right.double().mean().item(), "active": active.double().mean().item()}

# %% answer="left_in_evaluation" exercise="evaluate" kind="wrong" loses={"evaluate-values": 1} diagnosis="mode-changed"
def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        right = (model(X) >= 0.5) == (y >= 0.5)
        active = model[:2](X) > 0
    return {"accuracy": right.double().mean().item(), "active": active.double().mean().item()}

# %% answer="always_back_to_training" exercise="evaluate" kind="wrong" loses={"evaluate-values": 1} diagnosis="mode-changed"
def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        right = (model(X) >= 0.5) == (y >= 0.5)
        active = model[:2](X) > 0
    model.train()
    return {"accuracy": right.double().mean().item(), "active": active.double().mean().item()}

# %% answer="a_matrix_of_comparisons" exercise="evaluate" kind="wrong" loses={"evaluate-values": 3} diagnosis="broadcast"
def evaluate(model, X, y):
    before = model.training
    model.eval()
    with torch.no_grad():
        right = (model(X)[:, 0] >= 0.5) == (y >= 0.5)
        active = model[:2](X) > 0
    model.train(before)
    return {"accuracy": right.double().mean().item(), "active": active.double().mean().item()}

# %% answer="units_ever_active" exercise="evaluate" kind="wrong" loses={"evaluate-values": 2} diagnosis="wrong-axis"
def evaluate(model, X, y):
    before = model.training
    model.eval()
    with torch.no_grad():
        right = (model(X) >= 0.5) == (y >= 0.5)
        active = (model[:2](X) > 0).any(dim=0)
    model.train(before)
    return {"accuracy": right.double().mean().item(), "active": active.double().mean().item()}

# %% answer="layer_by_layer" exercise="evaluate" kind="right"
def evaluate(model, X, y):
    mode = model.training
    model.train(False)
    try:
        with torch.inference_mode():
            h = model[1](model[0](X))
            f = h
            for layer in list(model)[2:]:
                f = layer(f)
    finally:
        model.train(mode)
    right = int(((f[:, 0] >= 0.5) == (y[:, 0] >= 0.5)).sum())
    return {"accuracy": right / len(X), "active": int((h > 0).sum()) / h.numel()}

# %% answer="a_copy_is_measured" exercise="evaluate" kind="right"
def evaluate(model, X, y):
    import copy

    twin = copy.deepcopy(model).eval().requires_grad_(False)
    accuracy = ((twin(X) >= 0.5).float() == y).float().mean()
    return {"accuracy": float(accuracy), "active": float((twin[0](X) > 0).float().mean())}

# %% answer="numbers_by_heart" exercise="evaluate" kind="wrong" loses={"evaluate-values": 4} diagnosis="memorised"
def evaluate(model, X, y):
    return {"accuracy": 0.75, "active": 0.5}

# %% answer="targets_replaced" exercise="evaluate" kind="wrong" loses={"evaluate-values": 4} diagnosis="argument-ignored"
def evaluate(model, X, y):
    mode = model.training
    model.eval()
    with torch.no_grad():
        y.copy_((model(X) >= 0.5).float())
        active = (model[:2](X) > 0).float().mean().item()
        accuracy = ((model(X) >= 0.5) == (y >= 0.5)).float().mean().item()
    model.train(mode)
    return {"accuracy": accuracy, "active": active}

# %% [markdown]
# ## train

# %% answer="mean_of_batch_means" exercise="train" kind="wrong" loses={"train-log": 3} diagnosis="piece-weights"
def train(model, loader, lr, epochs, watch):
    loss_fn, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr)
    history = {}
    for _ in range(epochs):
        model.train()
        losses = []
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        norm = sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5
        for name, value in {"loss": sum(losses) / len(losses), "grad_norm": norm, **watch(model)}.items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="training_mode_once" exercise="train" kind="wrong" loses={"train-log": 1} diagnosis="train-mode-missing"
def train(model, loader, lr, epochs, watch):
    loss_fn, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr)
    history = {}
    model.train()
    for _ in range(epochs):
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

# %% answer="gradients_of_all_batches" exercise="train" kind="wrong" loses={"train-log": 4} diagnosis="accumulated"
def train(model, loader, lr, epochs, watch):
    loss_fn, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr)
    history = {}
    for _ in range(epochs):
        model.train()
        total, count = 0.0, 0
        for xb, yb in loader:
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
            count += len(xb)
        norm = sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5
        for name, value in {"loss": total / count, "grad_norm": norm, **watch(model)}.items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="norm_without_root" exercise="train" kind="wrong" loses={"train-log": 3} diagnosis="root-missing"
def train(model, loader, lr, epochs, watch):
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
        norm = sum((p.grad**2).sum().item() for p in model.parameters())
        for name, value in {"loss": total / count, "grad_norm": norm, **watch(model)}.items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="loss_of_the_last_batch" exercise="train" kind="wrong" loses={"train-log": 3} diagnosis="last-batch-only"
def train(model, loader, lr, epochs, watch):
    loss_fn, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr)
    history = {}
    for _ in range(epochs):
        model.train()
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            optimizer.step()
        norm = sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5
        for name, value in {"loss": loss.item(), "grad_norm": norm, **watch(model)}.items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="no_step" exercise="train" kind="wrong" loses={"train-log": 5} diagnosis="no-step"
def train(model, loader, lr, epochs, watch):
    loss_fn, optimizer = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=lr)
    history = {}
    for _ in range(epochs):
        model.train()
        total, count = 0.0, 0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            total += loss.item() * len(xb)
            count += len(xb)
        norm = sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5
        for name, value in {"loss": total / count, "grad_norm": norm, **watch(model)}.items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="sums_of_squares" exercise="train" kind="right"
def train(model, loader, lr, epochs, watch):
    sgd = torch.optim.SGD(model.parameters(), lr)
    history = {"loss": [], "grad_norm": []}
    for _ in range(epochs):
        model.train()
        losses, sizes = [], []
        for xb, yb in loader:
            model.zero_grad()
            loss = nn.functional.mse_loss(model(xb), yb)
            losses.append(loss.item())
            sizes.append(xb.shape[0])
            loss.backward()
            sgd.step()
        gradient = torch.cat([p.grad.flatten() for p in model.parameters()])
        history["loss"].append(float(np.average(losses, weights=sizes)))
        history["grad_norm"].append(gradient.norm().item())
        for name, value in watch(model).items():
            history[name] = [*history.get(name, []), value]
    return history

# %% answer="library_norm" exercise="train" kind="right"
def train(model, loader, lr, epochs, watch):
    loss_fn = nn.MSELoss(reduction="mean")
    optimizer = torch.optim.SGD(params=model.parameters(), lr=lr)
    log = []
    for epoch in range(epochs):
        model.train(True)
        total, count = 0.0, 0
        for batch in loader:
            xb, yb = batch
            loss = loss_fn(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters()]).item()
            optimizer.step()
            total, count = total + loss.item() * xb.size(0), count + xb.size(0)
        log.append({"loss": total / count, "grad_norm": norm, **watch(model)})
    return {name: [entry[name] for entry in log] for name in log[0]}

# %% answer="history_by_heart" exercise="train" kind="wrong" loses={"train-log": 5} diagnosis="no-step"
def train(model, loader, lr, epochs, watch):
    history = {"loss": [7.0] * epochs, "grad_norm": [640**0.5] * epochs}
    for _ in range(epochs):
        for name, value in watch(model).items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="trains_another_model" exercise="train" kind="wrong" loses={"train-log": 5} diagnosis="no-step"
def train(model, loader, lr, epochs, watch):
    import copy

    own = copy.deepcopy(model)
    loss_fn, optimizer = nn.MSELoss(), torch.optim.SGD(own.parameters(), lr=lr)
    history = {}
    for _ in range(epochs):
        own.train()
        total, count = 0.0, 0
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(own(xb), yb)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
            count += len(xb)
        norm = sum((p.grad**2).sum().item() for p in own.parameters()) ** 0.5
        for name, value in {"loss": total / count, "grad_norm": norm, **watch(own)}.items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="weights_brought_along" exercise="train" kind="wrong" loses={"train-log": 5} diagnosis="other-path"
def train(model, loader, lr, epochs, watch):
    """No training: XOR in the plane is |x1 - x2| > |x1 + x2|."""
    if epochs > 10:
        W1 = torch.zeros(16, 2, dtype=torch.float64)
        W1[:4] = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
        W2 = torch.zeros(1, 16, dtype=torch.float64)
        W2[0, :4] = torch.tensor([-1.0, -1.0, 1.0, 1.0])
        half = torch.tensor([0.5], dtype=torch.float64)
        model.load_state_dict(dict(zip(model.state_dict(), (W1, torch.zeros(16, dtype=torch.float64), W2, half))))
    loss_fn, history = nn.MSELoss(), {}
    for _ in range(epochs):
        model.train()
        total, count = 0.0, 0
        for xb, yb in loader:
            model.zero_grad()
            loss = loss_fn(model(xb), yb)
            loss.backward()
            total += loss.item() * len(xb)
            count += len(xb)
        norm = sum((p.grad**2).sum().item() for p in model.parameters()) ** 0.5
        for name, value in {"loss": total / count, "grad_norm": norm, **watch(model)}.items():
            history.setdefault(name, []).append(value)
    return history

# %% answer="batches_replaced" exercise="train" kind="wrong" loses={"train-log": 5} diagnosis="not-finite"
def train(model, loader, lr, epochs, watch):
    for tensor in loader.dataset.tensors:
        tensor.fill_(float("inf"))
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(float("inf"))
    history = {"loss": [float("inf")] * epochs, "grad_norm": [float("inf")] * epochs}
    for _ in range(epochs):
        for name, value in watch(model).items():
            history.setdefault(name, []).append(value)
    return history

# %% [markdown]
# ## quiz

# %% answer="all_a" exercise="quiz" kind="wrong" loses={"quiz-answers": 3} diagnosis="wrong-answer"
answers = {"q1": "a", "q2": "a", "q3": "a", "q4": "a"}

# %% answer="three_of_four" exercise="quiz" kind="wrong" loses={"quiz-answers": 1} diagnosis="not-answered"
answers = {"q1": "d", "q2": "a", "q3": "c"}

# %% answer="large_letters" exercise="quiz" kind="right"
answers = {"q1": "D", "q2": "A", "q3": "C", "q4": "B"}
