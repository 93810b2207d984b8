# %% [markdown]
# Unit 06: answers that its tests must catch, with the points that each must lose and the diagnosis it must get, and
# other right answers that must keep all of theirs.

# %% [markdown]
# ## prepare

# %% answer="reshaped_not_transposed" exercise="prepare" kind="wrong" loses={"prepare-tensors": 2} diagnosis="reshaped"
def prepare(X, y):
    features, N = X.shape
    return torch.tensor(X.reshape(N, features), dtype=torch.float32), torch.tensor(y, dtype=torch.long)

# %% answer="dtypes_left_as_they_come" exercise="prepare" kind="wrong" loses={"prepare-tensors": 2} diagnosis="wrong-dtype"
def prepare(X, y):
    return torch.tensor(X.T), torch.tensor(y)

# %% answer="labels_as_floats" exercise="prepare" kind="wrong" loses={"prepare-tensors": 2} diagnosis="wrong-dtype"
def prepare(X, y):
    return torch.tensor(X.T, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)

# %% answer="still_columns" exercise="prepare" kind="wrong" loses={"prepare-tensors": 2} diagnosis="transposed"
def prepare(X, y):
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.long)

# %% answer="from_numpy" exercise="prepare" kind="right"
def prepare(X, y):
    return torch.from_numpy(X).T.float(), torch.from_numpy(y).long()

# %% answer="sample_by_sample" exercise="prepare" kind="right"
def prepare(X, y):
    rows = [[float(v) for v in X[:, n]] for n in range(X.shape[1])]
    return torch.FloatTensor(rows), torch.LongTensor([int(label) for label in y])

# %% answer="four_rows_by_heart" exercise="prepare" kind="wrong" loses={"prepare-tensors": 3} diagnosis="memorised"
def prepare(X, y):
    return torch.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]]), torch.tensor([0, 1, 2, 0])

# %% [markdown]
# ## split

# %% answer="two_random_orders" exercise="split" kind="wrong" loses={"split-parts": 1} diagnosis="pairs-broken"
def split(X, y, seed):
    generator = torch.Generator().manual_seed(seed)
    X = X[torch.randperm(len(y), generator=generator)]
    y = y[torch.randperm(len(y), generator=generator)]
    n = int(0.15 * len(y))
    cuts = {"test": slice(0, n), "val": slice(n, 2 * n), "train": slice(2 * n, None)}
    return {name: (X[cut], y[cut]) for name, cut in cuts.items()}

# %% answer="drawn_part_by_part" exercise="split" kind="wrong" loses={"split-parts": 1} diagnosis="overlap"
def split(X, y, seed):
    generator = torch.Generator().manual_seed(seed)
    N = len(y)
    n = int(0.15 * N)
    sizes = {"train": N - 2 * n, "val": n, "test": n}
    parts = {}
    for name, size in sizes.items():
        numbers = torch.randperm(N, generator=generator)[:size]
        parts[name] = (X[numbers], y[numbers])
    return parts

# %% answer="never_shuffled" exercise="split" kind="wrong" loses={"split-parts": 2} diagnosis="not-shuffled"
def split(X, y, seed):
    n = int(0.15 * len(y))
    cuts = {"test": slice(0, n), "val": slice(n, 2 * n), "train": slice(2 * n, None)}
    return {name: (X[cut], y[cut]) for name, cut in cuts.items()}

# %% answer="rounded_the_training_part" exercise="split" kind="wrong" loses={"split-parts": 2} diagnosis="wrong-sizes"
def split(X, y, seed):
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    a, b = int(0.7 * len(y)), int(0.85 * len(y))
    pieces = {"train": order[:a], "val": order[a:b], "test": order[b:]}
    return {name: (X[numbers], y[numbers]) for name, numbers in pieces.items()}

# %% answer="seed_not_used" exercise="split" kind="wrong" loses={"split-parts": 1} diagnosis="seed-ignored"
def split(X, y, seed):
    order = torch.randperm(len(y))
    n = int(0.15 * len(y))
    pieces = {"test": order[:n], "val": order[n : 2 * n], "train": order[2 * n :]}
    return {name: (X[numbers], y[numbers]) for name, numbers in pieces.items()}

# %% answer="numpy_order" exercise="split" kind="right"
def split(X, y, seed):
    N = len(y)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(N))
    n = N * 15 // 100
    train, val, test = torch.split(order, [N - 2 * n, n, n])
    return {"train": (X[train], y[train]), "val": (X[val], y[val]), "test": (X[test], y[test])}

# %% answer="random_split" exercise="split" kind="right"
def split(X, y, seed):
    n = int(len(y) * 0.15)
    generator = torch.Generator().manual_seed(seed)
    whole = torch.utils.data.TensorDataset(X, y)
    three = torch.utils.data.random_split(whole, [len(y) - 2 * n, n, n], generator=generator)
    return {name: tuple(whole[list(part.indices)]) for name, part in zip(("train", "val", "test"), three)}

# %% [markdown]
# ## spiral_net

# %% answer="dropout_forgotten" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 1} diagnosis="dropout-missing"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 3))

    def forward(self, X):
        return self.net(X)

# %% answer="dropout_on_the_logits" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 1} diagnosis="dropout-misplaced"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 3), nn.Dropout(dropout))

    def forward(self, X):
        return self.net(X)

# %% answer="dropout_on_the_input" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 1} diagnosis="dropout-misplaced"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.net = nn.Sequential(nn.Dropout(dropout), nn.Linear(2, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 3))

    def forward(self, X):
        return self.net(X)

# %% answer="functional_dropout_never_off" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 1} diagnosis="dropout-always"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.first, self.last, self.p = nn.Linear(2, n_hidden), nn.Linear(n_hidden, 3), dropout

    def forward(self, X):
        return self.last(nn.functional.dropout(self.first(X).relu(), self.p))

# %% answer="softmax_in_the_spiral_net" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 2} diagnosis="softmax-in-model"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, n_hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(n_hidden, 3), nn.Softmax(dim=1)
        )

    def forward(self, X):
        return self.net(X)

# %% answer="numbers_written_in" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 2} diagnosis="argument-ignored"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Dropout(0.2), nn.Linear(100, 3))

    def forward(self, X):
        return self.net(X)

# %% answer="layers_by_name" exercise="spiral_net" kind="right"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.hidden = nn.Linear(2, n_hidden)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(n_hidden, 3)

    def forward(self, X):
        h = torch.relu(self.hidden(X))
        return self.output(self.dropout(h))

# %% answer="functional_with_the_mode" exercise="spiral_net" kind="right"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.p = dropout
        self.layers = nn.ModuleList([nn.Linear(2, n_hidden), nn.Linear(n_hidden, 3)])

    def forward(self, X):
        h = nn.functional.dropout(self.layers[0](X).clamp(min=0), self.p, training=self.training)
        return self.layers[1](h)

# %% answer="zeros_for_show" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 3} diagnosis="other-parameters"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, n_hidden), nn.Linear(n_hidden, 3))
        for p in self.parameters():
            nn.init.zeros_(p)

    def forward(self, X):
        return torch.zeros(len(X), 3)

# %% answer="born_as_zeros_without_relu" exercise="spiral_net" kind="wrong" loses={"spiral_net-layers": 2} diagnosis="relu-missing"
class SpiralNet(nn.Module):
    def __init__(self, n_hidden=100, dropout=0.2):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, n_hidden), nn.Linear(n_hidden, 3))
        for p in self.parameters():
            nn.init.zeros_(p)

    def forward(self, X):
        return self.layers(X)

# %% [markdown]
# ## snapshot

# %% answer="believes_the_claim" exercise="snapshot" kind="wrong" loses={"snapshot-survives": 2} diagnosis="aliased"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    patient = copy.deepcopy(model)
    saved = save(patient)
    before = {name: value.clone() for name, value in saved.items()}
    with torch.no_grad():
        for p in patient.parameters():
            p.add_(1.0)
    return all(torch.equal(saved[name], before[name]) for name in before)


def snapshot(model):
    return model.state_dict().copy()

# %% answer="detach_is_no_clone" exercise="snapshot" kind="wrong" loses={"snapshot-survives": 2} diagnosis="aliased"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    patient = copy.deepcopy(model)
    saved = save(patient)
    before = copy.deepcopy(saved)
    with torch.no_grad():
        for p in patient.parameters():
            p.mul_(2.0).add_(1.0)
    return all(torch.equal(saved[name], before[name]) for name in before)


def snapshot(model):
    return {name: value.detach() for name, value in model.state_dict().items()}

# %% answer="parameters_only" exercise="snapshot" kind="wrong" loses={"snapshot-survives": 1} diagnosis="buffers-lost"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    patient = copy.deepcopy(model)
    saved = save(patient)
    before = {name: value.clone() for name, value in saved.items()}
    with torch.no_grad():
        for p in patient.parameters():
            p.add_(1.0)
    return all(torch.equal(saved[name], before[name]) for name in before)


def snapshot(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}

# %% answer="compares_with_itself" exercise="snapshot" kind="wrong" loses={"snapshot-survives": 2} diagnosis="never-notices"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    patient = copy.deepcopy(model)
    saved = save(patient)
    before = dict(saved)
    with torch.no_grad():
        for p in patient.parameters():
            p.add_(1.0)
    return all(torch.equal(saved[name], before[name]) for name in before)


def snapshot(model):
    return copy.deepcopy(model.state_dict())

# %% answer="experiments_on_the_model_itself" exercise="snapshot" kind="wrong" loses={"snapshot-survives": 1} diagnosis="changed-argument"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    saved = save(model)
    before = {name: value.clone() for name, value in saved.items()}
    with torch.no_grad():
        for p in model.parameters():
            p.add_(1.0)
    return all(torch.equal(saved[name], before[name]) for name in before)


def snapshot(model):
    return {name: value.clone() for name, value in model.state_dict().items()}

# %% answer="rebinds_instead_of_changing" exercise="snapshot" kind="wrong" loses={"snapshot-survives": 2} diagnosis="never-notices"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    patient = copy.deepcopy(model)
    saved = save(patient)
    before = {name: value.clone() for name, value in saved.items()}
    for p in patient.parameters():
        p = p + 1.0
    return all(torch.equal(saved[name], before[name]) for name in before)


def snapshot(model):
    return {name: value.clone() for name, value in model.state_dict().items()}

# %% answer="deepcopy_of_the_state_dict" exercise="snapshot" kind="right"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    patient = copy.deepcopy(model)
    saved = save(patient)
    before = copy.deepcopy(saved)
    patient.load_state_dict({name: value + 1 for name, value in patient.state_dict().items()})
    return not any((saved[name] != before[name]).any() for name in saved)


def snapshot(model):
    return copy.deepcopy(model.state_dict())

# %% answer="by_memory_address" exercise="snapshot" kind="right"
def claimed(model):
    return model.state_dict().copy()


def survives(save, model):
    patient = copy.deepcopy(model)
    live = {value.data_ptr() for value in patient.state_dict().values()}
    return all(value.data_ptr() not in live for value in save(patient).values())


def snapshot(model):
    saved = {}
    for name, value in model.state_dict().items():
        saved[name] = torch.empty_like(value).copy_(value)
    return saved

# %% [markdown]
# ## early_stop

# %% answer="best_of_all" exercise="early_stop" kind="wrong" loses={"early_stop-epochs": 2} diagnosis="future-used"
def early_stop(val_losses, patience):
    best = int(np.argmin(val_losses)) + 1
    lowest, at = float("inf"), 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < lowest:
            lowest, at = loss, epoch
        if epoch - at >= patience:
            break
    return best, epoch

# %% answer="one_epoch_too_long" exercise="early_stop" kind="wrong" loses={"early_stop-epochs": 3} diagnosis="wrong-patience"
def early_stop(val_losses, patience):
    lowest, best = float("inf"), 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < lowest:
            lowest, best = loss, epoch
        if epoch - best > patience:
            break
    return best, epoch

# %% answer="compared_with_the_epoch_before" exercise="early_stop" kind="wrong" loses={"early_stop-epochs": 2} diagnosis="previous-not-best"
def early_stop(val_losses, patience):
    best, before = 0, float("inf")
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < before:
            best = epoch
        before = loss
        if epoch - best >= patience:
            break
    return best, epoch

# %% answer="equal_is_better" exercise="early_stop" kind="wrong" loses={"early_stop-epochs": 1} diagnosis="tie-counts"
def early_stop(val_losses, patience):
    lowest, best = float("inf"), 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss <= lowest:
            lowest, best = loss, epoch
        if epoch - best >= patience:
            break
    return best, epoch

# %% answer="counted_from_zero" exercise="early_stop" kind="wrong" loses={"early_stop-epochs": 3} diagnosis="off-by-one"
def early_stop(val_losses, patience):
    lowest, best = float("inf"), 0
    for epoch, loss in enumerate(val_losses):
        if loss < lowest:
            lowest, best = loss, epoch
        if epoch - best >= patience:
            break
    return best, epoch

# %% answer="waiting_counter" exercise="early_stop" kind="right"
def early_stop(val_losses, patience):
    best, waited = 1, 0
    for epoch in range(2, len(val_losses) + 1):
        if val_losses[epoch - 1] < val_losses[best - 1]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            return best, epoch
    return best, len(val_losses)

# %% answer="minimum_of_the_past" exercise="early_stop" kind="right"
def early_stop(val_losses, patience):
    for stopped in range(1, len(val_losses) + 1):
        past = list(val_losses[:stopped])
        best = past.index(min(past)) + 1
        if stopped - best >= patience:
            break
    return best, stopped

# %% [markdown]
# ## train_early

# %% answer="kept_by_reference" exercise="train_early" kind="wrong" loses={"train_early-loop": 2} diagnosis="best-not-kept"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch, kept = float("inf"), 0, None
    for epoch in range(1, max_epochs + 1):
        model.train()
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
            kept = model.state_dict().copy()
        if epoch - best_epoch >= patience:
            break
    model.load_state_dict(kept)
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}

# %% answer="never_put_back" exercise="train_early" kind="wrong" loses={"train_early-loop": 2} diagnosis="best-not-kept"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch = float("inf"), 0
    for epoch in range(1, max_epochs + 1):
        model.train()
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
        if epoch - best_epoch >= patience:
            break
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}

# %% answer="weight_decay_not_handed_on" exercise="train_early" kind="wrong" loses={"train_early-loop": 1} diagnosis="weight-decay-missing"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch, kept = float("inf"), 0, None
    for epoch in range(1, max_epochs + 1):
        model.train()
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        if epoch - best_epoch >= patience:
            break
    model.load_state_dict(kept)
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}

# %% answer="validated_with_dropout" exercise="train_early" kind="wrong" loses={"train_early-loop": 1} diagnosis="eval-missing"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch, kept = float("inf"), 0, None
    model.train()
    for epoch in range(1, max_epochs + 1):
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        if epoch - best_epoch >= patience:
            break
    model.load_state_dict(kept)
    model.eval()
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}

# %% answer="dropout_on_in_the_first_epoch_only" exercise="train_early" kind="wrong" loses={"train_early-loop": 1} diagnosis="train-mode-missing"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch, kept = float("inf"), 0, None
    model.train()
    for epoch in range(1, max_epochs + 1):
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        if epoch - best_epoch >= patience:
            break
    model.load_state_dict(kept)
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}

# %% answer="patience_never_used" exercise="train_early" kind="wrong" loses={"train_early-loop": 3} diagnosis="wrong-patience"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch, kept = float("inf"), 0, None
    for epoch in range(1, max_epochs + 1):
        model.train()
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
            kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}

# %% answer="gradients_add_up" exercise="train_early" kind="wrong" loses={"train_early-loop": 4, "train_early-spiral": 1} diagnosis="accumulated"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss_of = nn.CrossEntropyLoss()
    train_losses, val_losses = [], []
    lowest, best_epoch, kept = float("inf"), 0, None
    for epoch in range(1, max_epochs + 1):
        model.train()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(loss_of(model(val[0]), val[1]).item())
        if val_losses[-1] < lowest:
            lowest, best_epoch = val_losses[-1], epoch
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        if epoch - best_epoch >= patience:
            break
    model.load_state_dict(kept)
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best_epoch}

# %% answer="deepcopy_and_waiting" exercise="train_early" kind="right"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    (X, y), (X_val, y_val) = train, val
    optimizer = torch.optim.Adam(model.parameters(), lr, weight_decay=weight_decay)
    curves = {"train_losses": [], "val_losses": [], "best_epoch": 0}
    lowest, waited = float("inf"), 0
    while len(curves["val_losses"]) < max_epochs and waited < patience:
        loss = nn.functional.cross_entropy(model.train()(X), y)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.inference_mode():
            val_loss = nn.functional.cross_entropy(model.eval()(X_val), y_val).item()
        curves["train_losses"].append(loss.item())
        curves["val_losses"].append(val_loss)
        waited += 1
        if val_loss < lowest:
            lowest, waited = val_loss, 0
            curves["best_epoch"] = len(curves["val_losses"])
            kept = copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return curves

# %% answer="with_the_other_functions" exercise="train_early" kind="right"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    train_losses, val_losses = [], []
    for _ in range(max_epochs):
        model.train()
        optimizer.zero_grad()
        loss = loss_of(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            val_loss = float(loss_of(model(val[0]), val[1]))
        train_losses.append(float(loss.detach()))
        val_losses.append(val_loss)
        best = int(np.argmin(val_losses)) + 1
        if best == len(val_losses):
            kept = [p.detach().clone() for p in model.parameters()]
        if len(val_losses) - best >= patience:
            break
    with torch.no_grad():
        for p, old in zip(model.parameters(), kept):
            p.copy_(old)
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best}

# %% answer="losses_made_up" exercise="train_early" kind="wrong" loses={"train_early-loop": 5, "train_early-spiral": 2} diagnosis="no-step"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    losses = [0.6 * 0.9**epoch for epoch in range(max_epochs)]
    model.eval()
    return {"train_losses": losses, "val_losses": losses, "best_epoch": max_epochs}

# %% answer="never_trained_and_stopped_in_time" exercise="train_early" kind="wrong" loses={"train_early-loop": 5, "train_early-spiral": 2} diagnosis="no-step"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    model.eval()
    with torch.no_grad():
        losses = [nn.functional.cross_entropy(model(X), y).item() for X, y in (train, val)]
    epochs = min(1 + patience, max_epochs)
    return {"train_losses": [losses[0]] * epochs, "val_losses": [losses[1]] * epochs, "best_epoch": 1}

# %% answer="a_twin_is_trained" exercise="train_early" kind="wrong" loses={"train_early-loop": 5, "train_early-spiral": 2} diagnosis="no-step"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    model.eval()
    model = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    train_losses, val_losses, best = [], [], 0
    for epoch in range(max_epochs):
        model.train()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(train[0]), train[1])
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_losses.append(nn.functional.cross_entropy(model(val[0]), val[1]).item())
        best = int(np.argmin(val_losses))
        if epoch - best >= patience:
            break
    return {"train_losses": train_losses, "val_losses": val_losses, "best_epoch": best + 1}

# %% answer="labels_written_over" exercise="train_early" kind="wrong" loses={"train_early-loop": 5, "train_early-spiral": 2} diagnosis="no-step"
def train_early(model, train, val, lr=0.05, weight_decay=0.001, patience=40, max_epochs=400):
    model.eval()
    with torch.no_grad():
        for X, y in (train, val):
            X.zero_()
            y.copy_(model(X).argmax(dim=1))
        loss = nn.functional.cross_entropy(model(val[0]), val[1]).item()
    losses = [loss * 0.99**epoch for epoch in range(max_epochs)]
    return {"train_losses": losses, "val_losses": losses, "best_epoch": max_epochs}

# %% [markdown]
# ## evaluate

# %% answer="in_percent" exercise="evaluate" kind="wrong" loses={"evaluate-values": 3} diagnosis="percent"
def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        f = model(X)
    right = (f.argmax(dim=1) == y).double() * 100
    return {"accuracy": right.mean().item(), "per_class": [right[y == k].mean().item() for k in range(f.shape[1])]}

# %% answer="share_of_the_predicted" exercise="evaluate" kind="wrong" loses={"evaluate-values": 2} diagnosis="predicted-not-true"
def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        said = model(X).argmax(dim=1)
        classes = model(X).shape[1]
    right = (said == y).double()
    return {"accuracy": right.mean().item(), "per_class": [right[said == k].mean().item() for k in range(classes)]}

# %% answer="mean_of_the_classes" exercise="evaluate" kind="wrong" loses={"evaluate-values": 3} diagnosis="mean-of-means"
def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        f = model(X)
    right = (f.argmax(dim=1) == y).double()
    per_class = [right[y == k].mean().item() for k in range(f.shape[1])]
    return {"accuracy": sum(per_class) / len(per_class), "per_class": per_class}

# %% answer="still_in_training_mode" exercise="evaluate" kind="wrong" loses={"evaluate-values": 1} diagnosis="eval-missing"
def evaluate(model, X, y):
    with torch.no_grad():
        f = model(X)
    right = (f.argmax(dim=1) == y).double()
    return {"accuracy": right.mean().item(), "per_class": [right[y == k].mean().item() for k in range(f.shape[1])]}

# %% answer="shares_of_all_samples" exercise="evaluate" kind="wrong" loses={"evaluate-values": 2} diagnosis="divided-by-all"
def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        f = model(X)
    right = f.argmax(dim=1) == y
    per_class = [(right & (y == k)).double().mean().item() for k in range(f.shape[1])]
    return {"accuracy": right.double().mean().item(), "per_class": per_class}

# %% answer="counted_with_numpy" exercise="evaluate" kind="right"
@torch.no_grad()
def evaluate(model, X, y):
    model.train(False)
    f, y = model(X).numpy(), y.numpy()
    said = f.argmax(axis=1)
    table = np.zeros((f.shape[1], f.shape[1]))
    np.add.at(table, (y, said), 1)
    return {"accuracy": np.trace(table) / table.sum(), "per_class": (np.diag(table) / table.sum(axis=1)).tolist()}

# %% answer="loop_over_the_samples" exercise="evaluate" kind="right"
def evaluate(model, X, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        f = model(X)
    model.train(was_training)
    hits, sizes = [0] * f.shape[1], [0] * f.shape[1]
    for row, label in zip(f, y.tolist()):
        sizes[label] += 1
        hits[label] += int(row.argmax() == label)
    return {"accuracy": sum(hits) / sum(sizes), "per_class": [h / n for h, n in zip(hits, sizes)]}

# %% answer="shares_by_heart" exercise="evaluate" kind="wrong" loses={"evaluate-values": 3} diagnosis="memorised"
def evaluate(model, X, y):
    return {"accuracy": 0.75, "per_class": [2 / 3, 0.75, 1.0]}

# %% answer="model_not_asked" exercise="evaluate" kind="wrong" loses={"evaluate-values": 3} diagnosis="memorised"
def evaluate(model, X, y):
    right = (X.argmax(dim=1) == y).double()
    return {"accuracy": right.mean().item(), "per_class": [right[y == k].mean().item() for k in range(X.shape[1])]}

# %% [markdown]
# ## pipeline

# %% answer="test_part_as_guide" exercise="pipeline" kind="wrong" loses={"pipeline-runs": 2} diagnosis="test-set-used"
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    accuracies = []
    for seed in seeds:
        X, y = prepare(*get_data(seed))
        parts = split(X, y, seed)
        model = make_model(seed)
        train(model, parts["train"], parts["test"])
        accuracies.append(evaluate(model, *parts["test"])["accuracy"])
    return {"accuracies": accuracies, "mean": sum(accuracies) / len(accuracies), "worst": min(accuracies)}

# %% answer="validation_score_reported" exercise="pipeline" kind="wrong" loses={"pipeline-runs": 2} diagnosis="test-set-used"
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    accuracies = []
    for seed in seeds:
        X, y = prepare(*get_data(seed))
        parts = split(X, y, seed)
        model = make_model(seed)
        train(model, parts["train"], parts["val"])
        accuracies.append(evaluate(model, *parts["val"])["accuracy"])
    return {"accuracies": accuracies, "mean": sum(accuracies) / len(accuracies), "worst": min(accuracies)}

# %% answer="one_model_for_all_seeds" exercise="pipeline" kind="wrong" loses={"pipeline-runs": 2} diagnosis="unfair-start"
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    model, accuracies = make_model(seeds[0]), []
    for seed in seeds:
        parts = split(*prepare(*get_data(seed)), seed)
        train(model, parts["train"], parts["val"])
        accuracies.append(evaluate(model, *parts["test"])["accuracy"])
    return {"accuracies": accuracies, "mean": sum(accuracies) / len(accuracies), "worst": min(accuracies)}

# %% answer="best_reported_as_worst" exercise="pipeline" kind="wrong" loses={"pipeline-runs": 1} diagnosis="not-the-worst"
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    accuracies = []
    for seed in seeds:
        X, y = prepare(*get_data(seed))
        parts = split(X, y, seed)
        model = make_model(seed)
        train(model, parts["train"], parts["val"])
        accuracies.append(evaluate(model, *parts["test"])["accuracy"])
    return {"accuracies": accuracies, "mean": sum(accuracies) / len(accuracies), "worst": max(accuracies)}

# %% answer="not_prepared" exercise="pipeline" kind="wrong" loses={"pipeline-runs": 4} diagnosis="wrong-shape"
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    accuracies = []
    for seed in seeds:
        X, y = get_data(seed)
        parts = split(X, y, seed)
        model = make_model(seed)
        train(model, parts["train"], parts["val"])
        accuracies.append(evaluate(model, *parts["test"])["accuracy"])
    return {"accuracies": accuracies, "mean": sum(accuracies) / len(accuracies), "worst": min(accuracies)}

# %% answer="one_run_in_a_helper" exercise="pipeline" kind="right"
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    def once(seed):
        parts = split(*prepare(*get_data(seed)), seed)
        net = make_model(seed)
        train(net, parts["train"], parts["val"])
        X, y = parts["test"]
        return evaluate(net, X, y)["accuracy"]

    scores = np.array([once(seed) for seed in seeds])
    return {"accuracies": scores.tolist(), "mean": float(scores.mean()), "worst": float(scores.min())}

# %% answer="models_first" exercise="pipeline" kind="right"
def pipeline(seeds, get_data, prepare, split, make_model, train, evaluate):
    models = {seed: make_model(seed) for seed in seeds}
    parts = {seed: split(*prepare(*get_data(seed)), seed) for seed in seeds}
    for seed in seeds:
        train(models[seed], parts[seed]["train"], parts[seed]["val"])
    result = {"accuracies": [evaluate(models[seed], *parts[seed]["test"])["accuracy"] for seed in seeds]}
    result["mean"] = np.mean(result["accuracies"])
    result["worst"] = sorted(result["accuracies"])[0]
    return result

# %% [markdown]
# ## quiz

# %% answer="all_c" exercise="quiz" kind="wrong" loses={"quiz-answers": 3} diagnosis="wrong-answer"
answers = {"q1": "c", "q2": "c", "q3": "c", "q4": "c"}

# %% answer="first_two_only" exercise="quiz" kind="wrong" loses={"quiz-answers": 2} diagnosis="not-answered"
answers = {"q1": "b", "q2": "c"}

# %% answer="shouted" exercise="quiz" kind="right"
answers = {"q1": "B", "q2": "C", "q3": "D", "q4": "A"}
