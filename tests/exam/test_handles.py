"""Functions, classes, models and other objects stay with the student; the test uses them as at home."""

import pytest

STUDENT = """
import math
from dataclasses import dataclass
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

def add(a, b=1, *rest, scale=1):
    "Adds."
    return (a + b + sum(rest)) * scale

class Counter:
    made = 0
    def __init__(self, start=0): self.n = start; Counter.made += 1
    def __call__(self, k=1): self.n += k; return self
    def __len__(self): return self.n
    def __getitem__(self, i):
        if i >= self.n: raise IndexError(i)
        return i * i
    def __setitem__(self, i, v): self.n = v
    def __contains__(self, x): return x == 7
    def __enter__(self): self.n += 100; return self
    def __exit__(self, *a): self.n -= 100; return False
    def __add__(self, k): return Counter(self.n + k)
    def __radd__(self, k): return Counter(self.n - k)
    def __neg__(self): return -self.n
    def __repr__(self): return f"Counter({self.n})"

@dataclass
class Result:
    loss: float
    grads: dict

class MLP(nn.Module):
    def __init__(self, hidden=(4,)):
        super().__init__()
        self.fc1 = nn.Linear(3, hidden[0])
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(hidden[0], 2)
        self.hidden = hidden
    def forward(self, x): return self.fc2(self.drop(torch.relu(self.fc1(x))))

def batches(n):
    seen.append("start")
    for i in range(n):
        seen.append(i)
        yield np.full(2, i), i
    seen.append("end")
seen = []

def evaluate(model, X):
    model.eval()
    with torch.no_grad(): return model(X)
def train_step(model, optimizer, X, y):
    model.train(); optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(X), y); loss.backward(); optimizer.step()
    return loss.item()
def make_loader(X, y): return DataLoader(TensorDataset(X, y), batch_size=4)
def figure():
    fig, ax = plt.subplots(); ax.set_title("T"); ax.plot([1, 2], [3, 4], label="line"); return fig
def count_parameters(model): return sum(p.numel() for p in model.parameters())
torch.manual_seed(0)
model = MLP()
module = math
class Loss(nn.MSELoss): pass
loss_fn = Loss()
"""


@pytest.fixture
def room(room):
    return room.student(STUDENT)


def test_functions_and_objects(room):
    room.same("""
        from dataclasses import is_dataclass
        import types, copy
        print(add(1), add(1, 2, 3, scale=2), add(b=5, a=1), add.__name__, callable(add), callable(seen))
        assert isinstance(add, types.FunctionType) and add is add and add == add and add != 3
        c = Counter(2)
        assert type(c).__name__ == "Counter" and len(c) == 2 and list(c) == [0, 1] and c[1] == 1
        assert c(3) is c and c.n == 5 and 7 in c and 8 not in c
        c[0] = 3
        c.n += 1
        c.extra = [1]
        print(c.n, c.extra, str(c), repr(c), f"{c}", -c, len(c + 1), len(10 + Counter(20)), bool(Counter()))
        with c as inside:
            assert inside.n == 104
        assert c.n == 4 and hasattr(c, "n") and not hasattr(c, "nothing") and getattr(c, "no", 5) == 5
        twin = copy.deepcopy(c)
        twin.n = 50
        assert c.n == 4 and copy.copy(c) is not c
        assert len({c, c, twin}) == 2 and [c].index(c) == 0
        r = Result(1.5, {"W": 2})
        assert r.loss == 1.5 and r.grads["W"] == 2
        assert isinstance(Counter, type) and callable(Counter) and not callable(r)
        del c.extra
        assert not hasattr(c, "extra")
        print(list(map(add, [1, 2])), sorted([3, 1], key=lambda v: add(v)))
    """)


def test_names_that_come_to_mean_something_else(room):
    """The examiner asks for a function once; the student's code may rebind or delete it meanwhile."""
    room.student("""
        def first(): return "old"
        def replace():
            global first
            def first(): return "new"
        def forget():
            global first
            del first
        def with_callback(f):
            replace()
            return f()
        class Box: text = "old"
        def swap():
            global Box
            class Box: text = "new"
    """)
    room.same("""
        print(first(), first(), first is first)
        old = first
        replace()
        print(first(), old(), first is old)
        assert with_callback(lambda: first()) == "new"
        box = Box()
        swap()
        print(Box.text, box.text, isinstance(box, Box))
        forget()
        try:
            first()
        except NameError as error:
            print(error.name)
    """)


def test_generators_are_lazy(room):
    room.same("""
        import types, itertools
        g = batches(3)
        assert isinstance(g, types.GeneratorType) and seen == []
        x, i = next(g)
        assert seen == ["start", 0] and x.tolist() == [0, 0] and i == 0
        assert [i for _, i in g] == [1, 2] and seen[-1] == "end"
        assert next(g, None) is None
        print([i for _, i in itertools.islice(batches(10**9), 3)])
        print(list(zip(batches(2), range(5)))[1][0][1])
    """)


def test_models(room):
    room.same("""
        import copy
        import torch
        from torch import nn
        assert isinstance(model, nn.Module) and issubclass(MLP, nn.Module) and isinstance(model, MLP)
        assert not isinstance(model, nn.Linear) and isinstance(model.fc1, nn.Linear)
        assert isinstance(loss_fn, nn.MSELoss) and type(model).__name__ == "MLP"
        X = torch.arange(15.0).reshape(5, 3)
        print([n for n, p in model.named_parameters()], [type(m).__name__ for m in model.modules()])
        print(count_parameters(model), sum(p.numel() for p in model.parameters()), len(list(model.children())))
        assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in model.parameters())
        assert model.training
        model.eval()
        assert not model.training and torch.equal(model(X), evaluate(model, X))
        model.train()
        assert model.training and model.hidden == (4,)
        state = model.state_dict()
        other = MLP()
        other.load_state_dict(state)
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters()))
        assert model.fc1.weight.shape == (4, 3) and model.fc1.weight is model.fc1.weight
        with torch.no_grad():
            assert not model(X).requires_grad
            model.fc1.weight.zero_()
            for p in other.parameters():
                p.fill_(0.5)
        assert not model.fc1.weight.any() and not model.state_dict()["fc1.weight"].any()
        print(other.eval()(X)[0].tolist())
        small = MLP(hidden=(2,))
        nn.init.constant_(small.fc2.bias, 3.0)
        assert small.fc2.bias.tolist() == [3.0, 3.0] and evaluate(small, X).shape == (5, 2)
        twin = copy.deepcopy(small)
        torch.manual_seed(1)
        with torch.no_grad():
            twin.fc2.bias += 1
        assert small.fc2.bias.tolist() == [3.0, 3.0] and twin.fc2.bias.tolist() == [4.0, 4.0]
    """)


def test_a_test_trains_the_students_model_with_a_stock_optimizer(room):
    room.same("""
        import torch
        from torch import nn
        X, y = torch.arange(60.0).reshape(20, 3).sin(), torch.arange(40.0).reshape(20, 2).cos()
        torch.manual_seed(3)
        net = MLP((8,))
        net.eval()
        optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
        for _ in range(10):
            optimizer.zero_grad()
            loss = nn.MSELoss()(net(X), y)
            loss.backward()
            optimizer.step()
        print(f"{loss.item():.6f}")
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        torch.manual_seed(4)
        before = [p.detach().clone() for p in net.parameters()]
        losses = [train_step(net, optimizer, X, y) for _ in range(3)]
        assert not any(torch.equal(a, b) for a, b in zip(before, net.parameters()))
        assert all(p.grad is not None for p in net.parameters())
        print([f"{v:.6f}" for v in losses])
    """)


def test_stock_models_of_the_test_are_handed_over(room):
    room.same("""
        import torch
        from torch import nn
        net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2))
        with torch.no_grad():
            for p in net.parameters():
                p.fill_(0.25)
        print(count_parameters(net))
        X, y = torch.arange(12.0).reshape(4, 3), torch.ones(4, 2)
        assert evaluate(net, X).shape == (4, 2) and not net.training
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        torch.manual_seed(0)
        loss = train_step(net, optimizer, X, y)
        assert net.training and net[0].weight.grad is not None
        assert net[4].bias.tolist() != [0.25, 0.25] and net[1].num_batches_tracked == 1
    """)


def test_loaders_figures_and_modules(room):
    room.same("""
        import torch
        from matplotlib.figure import Figure
        from torch.utils.data import DataLoader, TensorDataset
        loader = make_loader(torch.arange(12.0).reshape(6, 2), torch.arange(6))
        assert isinstance(loader, DataLoader) and len(loader) == 2 and loader.batch_size == 4
        assert isinstance(loader.dataset, TensorDataset) and len(loader.dataset) == 6
        for X, y in loader:
            print(X.shape, y.tolist())
        assert loader.dataset[2][1] == 2
        fig = figure()
        assert isinstance(fig, Figure) and fig.axes[0].get_title() == "T"
        print(fig.axes[0].lines[0].get_ydata().tolist())
        assert module.sqrt(4) == 2
    """)


def test_backward_flows_through_the_student(room):
    room.student("""
        class MyReLU(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x.clamp(min=0)
            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return g * (x > 0)
        class WrongReLU(MyReLU):
            @staticmethod
            def backward(ctx, g): return g
        def cube(x): return x ** 3
        def init(): return {"w": torch.ones(2, requires_grad=True)}
        def loss_of(params, x): return ((params["w"] * x) ** 2).sum()
    """)
    room.same("""
        import torch
        x = torch.tensor([-1.5, 0.5, 2.0], dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(MyReLU.apply, (x,))
        assert not torch.autograd.gradcheck(WrongReLU.apply, (x,), raise_exception=False)
        y = cube(cube(x)).sum() + cube(x).sum()
        y.backward()
        print(x.grad.tolist())
        (g,) = torch.autograd.grad(cube(x * 2).sum(), x)
        print(g.tolist())
        params = init()
        loss_of(params, torch.tensor([1.0, 2.0])).backward()
        assert params["w"].grad.tolist() == [2.0, 8.0]
        loss_of(params, torch.tensor([1.0, 2.0])).backward()
        assert params["w"].grad.tolist() == [4.0, 16.0]
        (g,) = torch.autograd.grad(loss_of(params, torch.tensor([1.0, 2.0])), params["w"])
        assert g.tolist() == [2.0, 8.0] and params["w"].grad.tolist() == [4.0, 16.0]
        out = cube(x).sum()
        out.backward()
        try:
            out.backward()
        except RuntimeError as error:
            print("second time" in str(error))
    """)


def test_default_dtype_and_seeds_hold_on_both_sides(room):
    room.student("""
        import random
        def fresh(): return torch.zeros(1).dtype
        def draws(): return [random.random(), float(np.random.rand()), float(torch.rand(()))]
    """)
    room.same("""
        import random
        import numpy as np, torch
        from lessonkit import check
        print(fresh())
        torch.set_default_dtype(torch.float64)
        print(fresh())
        torch.set_default_dtype(torch.float32)
        check.seed(5)
        print([round(v, 9) for v in draws()])
        torch.manual_seed(5); np.random.seed(5); random.seed(5)
        print([round(v, 9) for v in draws()])
    """)
