# %% [markdown]
# Unit 07: answers that its tests must catch, with the points that each must lose and the diagnosis it must get, and
# other right answers that must keep all of theirs.

# %% [markdown]
# ## prepare

# %% answer="bytes_not_scaled" exercise="prepare" kind="wrong" loses={"prepare-values": 3} diagnosis="not-scaled"
def prepare(images, mean=0.1307, std=0.3081):
    return ((images.float() - mean) / std).reshape(len(images), -1)

# %% answer="scaled_last" exercise="prepare" kind="wrong" loses={"prepare-values": 3} diagnosis="scaling-order"
def prepare(images, mean=0.1307, std=0.3081):
    return ((images.float() - mean) / std / 255).reshape(len(images), -1)

# %% answer="only_to_tensor" exercise="prepare" kind="wrong" loses={"prepare-values": 3} diagnosis="not-normalised"
def prepare(images, mean=0.1307, std=0.3081):
    return (images.float() / 255).reshape(len(images), -1)

# %% answer="six_pixels_written_in" exercise="prepare" kind="wrong" loses={"prepare-values": 2} diagnosis="hard-coded-shape"
def prepare(images, mean=0.1307, std=0.3081):
    return ((images.float() / 255 - mean) / std).reshape(len(images), 6)

# %% answer="pixels_column_by_column" exercise="prepare" kind="wrong" loses={"prepare-values": 3} diagnosis="column-order"
def prepare(images, mean=0.1307, std=0.3081):
    x = (images.float() / 255 - mean) / std
    return x.permute(0, 2, 1).reshape(len(x), -1)

# %% answer="double_precision" exercise="prepare" kind="wrong" loses={"prepare-values": 1} diagnosis="wrong-dtype"
def prepare(images, mean=0.1307, std=0.3081):
    return ((images.double() / 255 - mean) / std).flatten(1)

# %% answer="the_transforms_themselves" exercise="prepare" kind="right"
def prepare(images, mean=0.1307, std=0.3081):
    step = transforms.Compose([transforms.ToTensor(), transforms.Normalize((mean,), (std,)), transforms.Lambda(torch.flatten)])
    return torch.stack([step(image.numpy()) for image in images])

# %% answer="in_place_on_a_copy" exercise="prepare" kind="right"
def prepare(images, mean=0.1307, std=0.3081):
    x = images.to(torch.float32).flatten(start_dim=1)
    return x.div_(255).sub_(mean).div_(std)

# %% answer="rows_by_heart" exercise="prepare" kind="wrong" loses={"prepare-values": 3} diagnosis="memorised"
def prepare(images, mean=0.1307, std=0.3081):
    return torch.tensor([[-0.4, 0.0, 0.4, 0.8, 1.2, 1.6], [1.6, -0.4, 1.6, -0.4, 1.6, -0.4]])

# %% answer="pictures_blackened" exercise="prepare" kind="wrong" loses={"prepare-values": 3} diagnosis="wrong-value"
def prepare(images, mean=0.1307, std=0.3081):
    images.zero_()
    return torch.full((len(images), images[0].numel()), -mean / std)

# %% [markdown]
# ## split

# %% answer="two_draws" exercise="split" kind="wrong" loses={"split-parts": 2} diagnosis="overlap"
def split(n, n_train, n_val, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randperm(n, generator=generator)[:n_train], torch.randperm(n, generator=generator)[:n_val]

# %% answer="with_replacement" exercise="split" kind="wrong" loses={"split-parts": 2} diagnosis="overlap"
def split(n, n_train, n_val, seed):
    drawn = np.random.default_rng(seed).integers(0, n, n_train + n_val)
    return torch.tensor(drawn[:n_train]), torch.tensor(drawn[n_train:])

# %% answer="first_come" exercise="split" kind="wrong" loses={"split-parts": 2} diagnosis="not-shuffled"
def split(n, n_train, n_val, seed):
    return torch.arange(n_train), torch.arange(n_train, n_train + n_val)

# %% answer="shuffled_within_the_beginning" exercise="split" kind="wrong" loses={"split-parts": 1} diagnosis="not-shuffled"
def split(n, n_train, n_val, seed):
    order = torch.randperm(n_train + n_val, generator=torch.Generator().manual_seed(seed))
    return order[:n_train], order[n_train:]

# %% answer="no_generator" exercise="split" kind="wrong" loses={"split-parts": 1} diagnosis="seed-ignored"
def split(n, n_train, n_val, seed):
    order = torch.randperm(n)
    return order[:n_train], order[n_train : n_train + n_val]

# %% answer="one_seed_for_all" exercise="split" kind="wrong" loses={"split-parts": 1} diagnosis="seed-ignored"
def split(n, n_train, n_val, seed):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(42))
    return order[:n_train], order[n_train : n_train + n_val]

# %% answer="by_numpy" exercise="split" kind="right"
def split(n, n_train, n_val, seed):
    order = torch.from_numpy(np.random.default_rng(seed).permutation(n))
    return order[-n_train:], order[:n_val]

# %% answer="by_random_split" exercise="split" kind="right"
def split(n, n_train, n_val, seed):
    sizes = [n_train, n_val, n - n_train - n_val]
    parts = torch.utils.data.random_split(range(n), sizes, generator=torch.Generator().manual_seed(seed))
    return torch.tensor(parts[0].indices), torch.tensor(parts[1].indices)

# %% answer="positions_by_heart" exercise="split" kind="wrong" loses={"split-parts": 3} diagnosis="memorised"
def split(n, n_train, n_val, seed):
    return torch.arange(12), torch.arange(12, 17)

# %% [markdown]
# ## count_parameters

# %% answer="weights_only_counted" exercise="count_parameters" kind="wrong" loses={"count_parameters-values": 2} diagnosis="bias-uncounted"
def count_parameters(sizes):
    return sum(m * k for m, k in zip(sizes, sizes[1:]))

# %% answer="output_forgotten" exercise="count_parameters" kind="wrong" loses={"count_parameters-values": 2} diagnosis="layer-uncounted"
def count_parameters(sizes):
    total = 0
    for i in range(1, len(sizes) - 1):
        total += sizes[i] * (sizes[i - 1] + 1)
    return total

# %% answer="two_layers_written_in" exercise="count_parameters" kind="wrong" loses={"count_parameters-values": 1} diagnosis="hard-coded-shape"
def count_parameters(sizes):
    d, h, out = sizes
    return d * h + h + h * out + out

# %% answer="by_torch" exercise="count_parameters" kind="right"
def count_parameters(sizes):
    layers = [nn.Linear(m, k) for m, k in zip(sizes, sizes[1:])]
    return sum(p.numel() for layer in layers for p in layer.parameters())

# %% answer="by_numpy_products" exercise="count_parameters" kind="right"
def count_parameters(sizes):
    s = np.array(sizes)
    return (s[:-1] + 1) @ s[1:]

# %% answer="number_by_heart" exercise="count_parameters" kind="wrong" loses={"count_parameters-values": 2} diagnosis="memorised"
def count_parameters(sizes):
    return 26

# %% [markdown]
# ## digit_net

# %% answer="no_relu" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 2, "digit_net-dropout": 1} diagnosis="relu-missing"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(m, k), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, X):
        return self.layers(X)

# %% answer="relu_after_the_last" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 2, "digit_net-dropout": 1} diagnosis="relu-on-output"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(m, k), nn.ReLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, X):
        return self.layers(X)

# %% answer="dropout_after_the_last" exercise="digit_net" kind="wrong" loses={"digit_net-dropout": 1} diagnosis="dropout-misplaced"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.ReLU(), nn.Linear(m, k), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers[1:])

    def forward(self, X):
        return self.layers(X)

# %% answer="softmax_at_the_end" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 2, "digit_net-dropout": 1} diagnosis="softmax-in-model"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(m, k), nn.ReLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers[:-2], nn.Softmax(dim=1))

    def forward(self, X):
        return self.layers(X)

# %% answer="a_plain_list" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 3, "digit_net-dropout": 2} diagnosis="not-registered"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.dropout = dropout
        self.layers = [nn.Linear(m, k) for m, k in zip(sizes[:-1], sizes[1:])]

    def forward(self, X):
        for layer in self.layers[:-1]:
            X = nn.functional.dropout(torch.relu(layer(X)), self.dropout)
        return self.layers[-1](X)

# %% answer="no_dropout" exercise="digit_net" kind="wrong" loses={"digit_net-dropout": 2} diagnosis="dropout-missing"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(m, k), nn.ReLU()]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, X):
        return self.layers(X)

# %% answer="dropout_once" exercise="digit_net" kind="wrong" loses={"digit_net-dropout": 1} diagnosis="dropout-missing"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.linear = nn.ModuleList(nn.Linear(m, k) for m, k in zip(sizes[:-1], sizes[1:]))
        self.drop = nn.Dropout(dropout)

    def forward(self, X):
        for i, layer in enumerate(self.linear[:-1]):
            X = torch.relu(layer(X))
            if i == 0:
                X = self.drop(X)
        return self.linear[-1](X)

# %% answer="a_fifth_written_in" exercise="digit_net" kind="wrong" loses={"digit_net-dropout": 1} diagnosis="argument-ignored"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(m, k), nn.ReLU(), nn.Dropout(0.2)]
        self.layers = nn.Sequential(*layers[:-2])

    def forward(self, X):
        return self.layers(X)

# %% answer="dropout_never_off" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 2, "digit_net-dropout": 1} diagnosis="dropout-always"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.dropout = dropout
        self.linear = nn.ModuleList(nn.Linear(m, k) for m, k in zip(sizes[:-1], sizes[1:]))

    def forward(self, X):
        for layer in self.linear[:-1]:
            X = nn.functional.dropout(torch.relu(layer(X)), self.dropout)
        return self.linear[-1](X)

# %% answer="two_hidden_layers_written_in" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 2} diagnosis="hard-coded-shape"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.one = nn.Linear(sizes[0], sizes[1])
        self.two = nn.Linear(sizes[1], sizes[2])
        self.three = nn.Linear(sizes[2], sizes[3])
        self.drop = nn.Dropout(dropout)

    def forward(self, X):
        h1 = self.drop(torch.relu(self.one(X)))
        h2 = self.drop(torch.relu(self.two(h1)))
        return self.three(h2)

# %% answer="functional" exercise="digit_net" kind="right"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.dropout = dropout
        self.linear = nn.ModuleList([nn.Linear(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)])

    def forward(self, X):
        for layer in self.linear[:-1]:
            X = nn.functional.dropout(nn.functional.relu(layer(X)), self.dropout, training=self.training)
        return self.linear[-1](X)

# %% answer="own_parameters_and_masks" exercise="digit_net" kind="right"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.keep = 1 - dropout
        self.values = nn.ParameterList()
        for m, k in zip(sizes[:-1], sizes[1:]):
            self.values.append(nn.Parameter(torch.randn(k, m) * (2 / m) ** 0.5))
            self.values.append(nn.Parameter(torch.zeros(k)))

    def forward(self, X):
        last = len(self.values) // 2 - 1
        for i in range(last + 1):
            X = X @ self.values[2 * i].T + self.values[2 * i + 1]
            if i < last:
                X = X.clamp(min=0)
                if self.training:
                    X = X * torch.bernoulli(torch.full_like(X, self.keep)) / self.keep
        return X

# %% answer="all_zeros" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 2, "digit_net-dropout": 2} diagnosis="relu-missing"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.layers = nn.Sequential(*(nn.Linear(m, k) for m, k in zip(sizes[:-1], sizes[1:])))
        for p in self.parameters():
            nn.init.zeros_(p)

    def forward(self, X):
        return self.layers(X)

# %% answer="layers_for_show" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 3, "digit_net-dropout": 2} diagnosis="other-parameters"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.layers = nn.Sequential(*(nn.Linear(m, k) for m, k in zip(sizes[:-1], sizes[1:])))
        for p in self.parameters():
            nn.init.zeros_(p)
        self.classes = sizes[-1]

    def forward(self, X):
        return torch.zeros(len(X), self.classes)

# %% answer="parameters_that_lie" exercise="digit_net" kind="wrong" loses={"digit_net-logits": 3, "digit_net-dropout": 2} diagnosis="other-parameters"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        self.sizes = sizes

    def named_parameters(self, *args, **kwargs):
        for i, (m, k) in enumerate(zip(self.sizes[:-1], self.sizes[1:])):
            yield f"{i}.weight", nn.Parameter(torch.zeros(k, m))
            yield f"{i}.bias", nn.Parameter(torch.zeros(k))

    def parameters(self, recurse=True):
        return (value for _, value in self.named_parameters())

    def state_dict(self, *args, **kwargs):
        return {name: value.detach() for name, value in self.named_parameters()}

    def forward(self, X):
        noise = torch.rand(len(X), self.sizes[-1]) if self.training else 0.0
        return torch.zeros(len(X), self.sizes[-1]) + noise

# %% answer="noise_for_dropout" exercise="digit_net" kind="wrong" loses={"digit_net-dropout": 1} diagnosis="dropout-misplaced"
class DigitNet(nn.Module):
    def __init__(self, sizes=(784, 256, 128, 10), dropout=0.2):
        super().__init__()
        layers = []
        for m, k in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(m, k), nn.ReLU()]
        self.layers = nn.Sequential(*layers[:-1])
        self.dropout = dropout

    def forward(self, X):
        f = self.layers(X)
        return f + self.dropout * torch.randn_like(f) if self.training else f

# %% [markdown]
# ## evaluate

# %% answer="mean_of_means" exercise="evaluate" kind="wrong" loses={"evaluate-means": 2} diagnosis="mean-of-means"
def evaluate(model, loader):
    model.eval()
    losses, shares = [], []
    with torch.no_grad():
        for X, y in loader:
            f = model(X)
            losses.append(nn.functional.cross_entropy(f, y).item())
            shares.append((f.argmax(dim=1) == y).float().mean().item())
    return sum(losses) / len(losses), sum(shares) / len(shares)

# %% answer="in_training_mode" exercise="evaluate" kind="wrong" loses={"evaluate-means": 1} diagnosis="eval-missing"
def evaluate(model, loader):
    total, right, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            f = model(X)
            total += nn.functional.cross_entropy(f, y).item() * len(y)
            right += (f.argmax(dim=1) == y).sum().item()
            count += len(y)
    return total / count, right / count

# %% answer="in_percent" exercise="evaluate" kind="wrong" loses={"evaluate-means": 2} diagnosis="percent"
def evaluate(model, loader):
    model.eval()
    total, right, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            f = model(X)
            total += nn.functional.cross_entropy(f, y).item() * len(y)
            right += (f.argmax(dim=1) == y).sum().item()
            count += len(y)
    return total / count, 100 * right / count

# %% answer="only_the_last_batch" exercise="evaluate" kind="wrong" loses={"evaluate-means": 3} diagnosis="piece-lost"
def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        for X, y in loader:
            f = model(X)
    return nn.functional.cross_entropy(f, y).item(), (f.argmax(dim=1) == y).float().mean().item()

# %% answer="all_at_once" exercise="evaluate" kind="right"
def evaluate(model, loader):
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        pairs = [(model(X), y) for X, y in loader]
    model.train(was_training)
    f, y = torch.cat([f for f, _ in pairs]), torch.cat([y for _, y in pairs])
    return float(nn.CrossEntropyLoss()(f, y)), float((f.max(dim=1).indices == y).double().mean())

# %% answer="log_softmax_by_hand" exercise="evaluate" kind="right"
@torch.no_grad()
def evaluate(model, loader):
    model.train(False)
    losses, hits = [], []
    for X, y in loader:
        f = model(X)
        losses += (f.logsumexp(dim=1) - f[torch.arange(len(y)), y]).tolist()
        hits += (f.argmax(1) == y).tolist()
    return np.mean(losses), np.mean(hits)

# %% answer="both_numbers_by_heart" exercise="evaluate" kind="wrong" loses={"evaluate-means": 4} diagnosis="memorised"
def evaluate(model, loader):
    return 0.626928, 0.75

# %% answer="model_not_asked" exercise="evaluate" kind="wrong" loses={"evaluate-means": 4} diagnosis="argument-ignored"
def evaluate(model, loader):
    total, right, count = 0.0, 0, 0
    for f, y in loader:
        total += nn.functional.cross_entropy(f, y, reduction="sum").item()
        right += int((f.argmax(dim=1) == y).sum())
        count += len(y)
    return total / count, right / count

# %% answer="batches_spoilt" exercise="evaluate" kind="wrong" loses={"evaluate-means": 4} diagnosis="not-finite"
def evaluate(model, loader):
    X, y = loader.dataset.tensors
    X.fill_(float("-inf"))
    y.zero_()
    X[:, 1] = 1.0
    return float("inf"), 0.0

# %% answer="labels_replaced" exercise="evaluate" kind="wrong" loses={"evaluate-means": 4} diagnosis="scaled"
def evaluate(model, loader):
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        X, y = loader.dataset.tensors
        y.copy_(model(X).argmax(dim=1))
        for X, y in loader:
            total += nn.functional.cross_entropy(model(X), y, reduction="sum").item()
            count += len(y)
    return total / count, 1.0

# %% [markdown]
# ## train

# %% answer="state_not_copied" exercise="train" kind="wrong" loses={"train-stopping": 1} diagnosis="best-not-kept"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
            best_state = model.state_dict().copy()
        elif epoch - history["best"] >= patience:
            break
    model.load_state_dict(best_state)
    return history

# %% answer="never_stops" exercise="train" kind="wrong" loses={"train-stopping": 2} diagnosis="wrong-patience"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if val_loss <= min(history["val_loss"]):
            history["best"] = epoch
            best_state = copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    return history

# %% answer="stops_at_the_first_rise" exercise="train" kind="wrong" loses={"train-stopping": 2} diagnosis="wrong-patience"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if val_loss > min(history["val_loss"]):
            break
        history["best"] = epoch
        best_state = copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    return history

# %% answer="gradients_add_up" exercise="train" kind="wrong" loses={"train-stopping": 1, "train-digits": 2} diagnosis="accumulated"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - history["best"] >= patience:
            break
    model.load_state_dict(best_state)
    return history

# %% answer="no_step" exercise="train" kind="wrong" loses={"train-stopping": 4, "train-digits": 3} diagnosis="no-step"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            model.zero_grad()
            loss.backward()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
        elif epoch - history["best"] >= patience:
            break
    return history

# %% answer="train_mode_once" exercise="train" kind="wrong" loses={"train-stopping": 1} diagnosis="train-mode-missing"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    model.train()
    for epoch in range(epochs):
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - history["best"] >= patience:
            break
    model.load_state_dict(best_state)
    return history

# %% answer="loss_as_a_mean_of_means" exercise="train" kind="wrong" loses={"train-stopping": 1} diagnosis="mean-of-means"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        losses = []
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(sum(losses) / len(losses))
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - history["best"] >= patience:
            break
    model.load_state_dict(best_state)
    return history

# %% answer="counts_down_and_clones" exercise="train" kind="right"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loss_of = nn.CrossEntropyLoss(reduction="sum")
    train_loss, val_loss, val_accuracy, kept, left = [], [], [], {}, patience
    while len(val_loss) < epochs and left:
        model.train()
        sums = []
        for X, y in loader:
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(model(X), y)
            (loss / len(y)).backward()
            optimizer.step()
            sums.append([loss.item(), len(y)])
        train_loss.append(float(np.divide(*np.sum(sums, axis=0))))
        model.eval()
        now, share = evaluate(model, val_loader)
        if now < min(val_loss, default=float("inf")):
            kept, left = {k: v.detach().clone() for k, v in model.state_dict().items()}, patience
        else:
            left -= 1
        val_loss.append(now)
        val_accuracy.append(share)
    model.load_state_dict(kept)
    best = int(np.argmin(val_loss))
    return {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy, "best": best}

# %% answer="saves_to_memory" exercise="train" kind="right"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    optimizer = torch.optim.Adam(params=list(model.parameters()), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    lowest = float("inf")
    for epoch in range(epochs):
        total = 0.0
        model.train()
        for X, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.nll_loss(nn.functional.log_softmax(model(X), dim=1), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * X.shape[0]
        history["train_loss"].append(total / len(loader.dataset))
        for key, value in zip(("val_loss", "val_accuracy"), evaluate(model, val_loader)):
            history[key].append(value)
        if history["val_loss"][-1] < lowest:
            lowest, history["best"], file = history["val_loss"][-1], epoch, io.BytesIO()
            torch.save(model.state_dict(), file)
        if epoch >= history["best"] + patience:
            break
    file.seek(0)
    model.load_state_dict(torch.load(file, weights_only=True))
    return history

# %% answer="falling_curve_and_no_step" exercise="train" kind="wrong" loses={"train-stopping": 4, "train-digits": 3} diagnosis="no-step"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(0.7 * 0.5**epoch)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
        elif epoch - history["best"] >= patience:
            break
    return history

# %% answer="weights_shaken" exercise="train" kind="wrong" loses={"train-stopping": 4, "train-digits": 3} diagnosis="other-path"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        with torch.no_grad():
            for p in model.parameters():
                p.add_(lr * torch.randn_like(p))
        if epoch == 0 or history["best"] == epoch - 1:
            kept = copy.deepcopy(model.state_dict())
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(0.7 * 0.5**epoch)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
        elif epoch - history["best"] >= patience:
            break
    model.load_state_dict(kept)
    return history

# %% answer="a_copy_is_trained" exercise="train" kind="wrong" loses={"train-stopping": 4, "train-digits": 3} diagnosis="no-step"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    own = copy.deepcopy(model)
    optimizer = torch.optim.Adam(own.parameters(), lr=lr)
    for epoch in range(epochs):
        own.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(own(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(own, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
        elif epoch - history["best"] >= patience:
            break
    return history

# %% answer="weights_of_its_own" exercise="train" kind="wrong" loses={"train-stopping": 4, "train-digits": 2} diagnosis="other-path"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    torch.manual_seed(0)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(0.05 * torch.randn_like(p))
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    for epoch in range(epochs):
        model.train()
        total, count = 0.0, 0
        for X, y in loader:
            loss = nn.functional.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            count += len(y)
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(total / count)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
            best_state = copy.deepcopy(model.state_dict())
        elif epoch - history["best"] >= patience:
            break
    model.load_state_dict(best_state)
    return history

# %% answer="data_spoilt" exercise="train" kind="wrong" loses={"train-stopping": 4, "train-digits": 3} diagnosis="not-finite"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    loader.dataset.tensors[0].fill_(float("inf"))
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(float("inf"))
    for epoch in range(epochs):
        model.train()
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(float("inf"))
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
        elif epoch - history["best"] >= patience:
            break
    return history

# %% answer="easy_data_put_in_place" exercise="train" kind="wrong" loses={"train-stopping": 4, "train-digits": 3} diagnosis="no-step"
def train(model, loader, val_loader, evaluate, lr, epochs, patience):
    history = {"train_loss": [], "val_loss": [], "val_accuracy": [], "best": 0}
    X, y = loader.dataset.tensors
    X.zero_()
    y.zero_()
    for epoch in range(epochs):
        model.train()
        val_loss, val_accuracy = evaluate(model, val_loader)
        history["train_loss"].append(nn.functional.cross_entropy(model(X), y).item())
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
        if epoch == 0 or val_loss < history["val_loss"][history["best"]]:
            history["best"] = epoch
        elif epoch - history["best"] >= patience:
            break
    return history

# %% [markdown]
# ## confusion

# %% answer="rows_and_columns_swapped" exercise="confusion" kind="wrong" loses={"confusion-counts": 2} diagnosis="transposed"
def confusion(y, predicted, classes=10):
    C = np.zeros((classes, classes), dtype=int)
    for i, j in zip(y.tolist(), predicted.tolist()):
        C[j, i] += 1
    return C


def per_digit(C):
    return C.diagonal() / C.sum(axis=1)

# %% answer="plus_equals_with_arrays" exercise="confusion" kind="wrong" loses={"confusion-counts": 2} diagnosis="counted-once"
def confusion(y, predicted, classes=10):
    C = np.zeros((classes, classes), dtype=int)
    C[y.numpy(), predicted.numpy()] += 1
    return C


def per_digit(C):
    return C.diagonal() / C.sum(axis=1)

# %% answer="share_of_the_column" exercise="confusion" kind="wrong" loses={"confusion-counts": 2} diagnosis="wrong-axis"
def confusion(y, predicted, classes=10):
    C = np.zeros((classes, classes), dtype=int)
    np.add.at(C, (y.numpy(), predicted.numpy()), 1)
    return C


def per_digit(C):
    return C.diagonal() / C.sum(axis=0)

# %% answer="three_classes_written_in" exercise="confusion" kind="wrong" loses={"confusion-counts": 2} diagnosis="hard-coded-shape"
def confusion(y, predicted, classes=10):
    C = np.zeros((3, 3), dtype=int)
    for i, j in zip(y.tolist(), predicted.tolist()):
        C[i, j] += 1
    return C


def per_digit(C):
    return np.array([C[i, i] / C[i].sum() for i in range(3)])

# %% answer="bincount" exercise="confusion" kind="right"
def confusion(y, predicted, classes=10):
    return torch.bincount(y * classes + predicted, minlength=classes**2).reshape(classes, classes).numpy()


def per_digit(C):
    return np.array([row[i] / sum(row) for i, row in enumerate(C)])

# %% answer="one_hot_product" exercise="confusion" kind="right"
def confusion(y, predicted, classes=10):
    return np.eye(classes)[y.numpy()].T.dot(np.eye(classes)[predicted.numpy()]).astype(int)


def per_digit(C):
    return torch.tensor(np.diag(C / C.sum(axis=1, keepdims=True)))

# %% answer="matrix_by_heart" exercise="confusion" kind="wrong" loses={"confusion-counts": 4} diagnosis="memorised"
def confusion(y, predicted, classes=10):
    return np.array([[1, 1, 0], [0, 1, 0], [1, 0, 2]])


def per_digit(C):
    return np.array([0.5, 1.0, 2 / 3])

# %% [markdown]
# ## pack

# %% answer="the_whole_model" exercise="pack" kind="wrong" loses={"pack-roundtrip": 2} diagnosis="whole-model"
def pack(model):
    file = io.BytesIO()
    torch.save(model, file)
    return file.getvalue()


def unpack(blob, model):
    return torch.load(io.BytesIO(blob), weights_only=False).eval()

# %% answer="still_training" exercise="pack" kind="wrong" loses={"pack-roundtrip": 1} diagnosis="eval-missing"
def pack(model):
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.getvalue()


def unpack(blob, model):
    model.load_state_dict(torch.load(io.BytesIO(blob), weights_only=True))
    return model

# %% answer="nothing_loaded" exercise="pack" kind="wrong" loses={"pack-roundtrip": 2} diagnosis="wrong-value"
def pack(model):
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.getvalue()


def unpack(blob, model):
    model.state_dict().update(torch.load(io.BytesIO(blob), weights_only=True))
    return model.eval()

# %% answer="read_from_the_end" exercise="pack" kind="wrong" loses={"pack-roundtrip": 2} diagnosis="wrong-type"
def pack(model):
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.read()


def unpack(blob, model):
    model.load_state_dict(torch.load(io.BytesIO(blob), weights_only=True))
    return model.eval()

# %% answer="through_a_file" exercise="pack" kind="right"
import pathlib
import tempfile


def pack(model):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.pt"
        torch.save(model.state_dict(), path)
        return path.read_bytes()


def unpack(blob, model):
    with tempfile.NamedTemporaryFile() as file:
        file.write(blob)
        file.flush()
        model.load_state_dict(torch.load(file.name, weights_only=True))
    model.train(False)
    return model

# %% answer="one_by_one" exercise="pack" kind="right"
def pack(model):
    with io.BytesIO() as file:
        torch.save({name: value.detach().clone() for name, value in model.state_dict().items()}, file)
        return bytes(file.getbuffer())


def unpack(blob, model):
    with torch.no_grad():
        for name, value in torch.load(io.BytesIO(blob)).items():
            model.get_parameter(name).copy_(value)
    model.eval()
    return model

# %% answer="kept_in_memory" exercise="pack" kind="wrong" loses={"pack-roundtrip": 3} diagnosis="memorised"
packed = {}


def pack(model):
    file = io.BytesIO()
    torch.save({name: torch.zeros_like(value) for name, value in model.state_dict().items()}, file)
    packed[file.getvalue()] = copy.deepcopy(model)
    return file.getvalue()


def unpack(blob, model):
    return packed[blob].eval()

# %% answer="both_models_emptied" exercise="pack" kind="wrong" loses={"pack-roundtrip": 3} diagnosis="wrong-value"
def pack(model):
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    return b""


def unpack(blob, model):
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    return model.eval()

# %% [markdown]
# ## compare

# %% answer="chosen_by_test" exercise="compare" kind="wrong" loses={"compare-choice": 3} diagnosis="test-set-used"
def compare(candidates, fit, validate, test):
    models = {name: fit(sizes) for name, sizes in candidates.items()}
    scores = {name: test(model) for name, model in models.items()}
    best = max(scores, key=scores.get)
    return {"accuracies": {name: validate(model) for name, model in models.items()}, "best": best, "test": scores[best]}

# %% answer="all_tested" exercise="compare" kind="wrong" loses={"compare-choice": 1} diagnosis="test-set-used"
def compare(candidates, fit, validate, test):
    accuracies, tested = {}, {}
    for name, sizes in candidates.items():
        model = fit(sizes)
        accuracies[name] = validate(model)
        tested[name] = test(model)
    best = max(accuracies, key=accuracies.get)
    return {"accuracies": accuracies, "best": best, "test": tested[best]}

# %% answer="the_last_model_tested" exercise="compare" kind="wrong" loses={"compare-choice": 2} diagnosis="wrong-value"
def compare(candidates, fit, validate, test):
    accuracies = {}
    for name, sizes in candidates.items():
        model = fit(sizes)
        accuracies[name] = validate(model)
    best = max(accuracies, key=accuracies.get)
    return {"accuracies": accuracies, "best": best, "test": test(model)}

# %% answer="last_name_in_the_alphabet" exercise="compare" kind="wrong" loses={"compare-choice": 3} diagnosis="test-set-used"
def compare(candidates, fit, validate, test):
    models = {name: fit(sizes) for name, sizes in candidates.items()}
    accuracies = {name: validate(model) for name, model in models.items()}
    best = max(accuracies)
    return {"accuracies": accuracies, "best": best, "test": test(models[best])}

# %% answer="best_so_far" exercise="compare" kind="right"
def compare(candidates, fit, validate, test):
    accuracies, best, chosen = {}, None, None
    for name in candidates:
        model = fit(candidates[name])
        accuracies[name] = validate(model)
        if best is None or accuracies[name] > accuracies[best]:
            best, chosen = name, model
    return dict(accuracies=accuracies, best=best, test=test(chosen))

# %% answer="sorted_by_accuracy" exercise="compare" kind="right"
def compare(candidates, fit, validate, test):
    runs = [(name, fit(sizes)) for name, sizes in candidates.items()]
    scored = sorted(((validate(model), i) for i, (_, model) in enumerate(runs)), reverse=True)
    name, model = runs[scored[0][1]]
    return {"accuracies": {runs[i][0]: value for value, i in scored}, "best": name, "test": test(model)}

# %% answer="results_by_heart" exercise="compare" kind="wrong" loses={"compare-choice": 3} diagnosis="memorised"
def compare(candidates, fit, validate, test):
    return {"accuracies": {"A": 0.91, "B": 0.94, "C": 0.92}, "best": "B", "test": 0.93}

# %% [markdown]
# ## quiz

# %% answer="all_c" exercise="quiz" kind="wrong" loses={"quiz-answers": 3} diagnosis="wrong-answer"
answers = {"q1": "c", "q2": "c", "q3": "c", "q4": "c"}

# %% answer="two_answered" exercise="quiz" kind="wrong" loses={"quiz-answers": 2} diagnosis="not-answered"
answers = {"q1": "a", "q2": "b"}

# %% answer="in_capitals" exercise="quiz" kind="right"
answers = {"q1": "A", "q2": "B", "q3": "C", "q4": "D"}
