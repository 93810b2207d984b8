"""Right answers written in other ways, which work at home and so have to work in the exam."""

from __future__ import annotations

import textwrap

import pytest

HEAD = "import torch\nimport numpy as np\nfrom torch import nn\nfrom lessonkit import check\n"
WAYS = {
    "load_state_dict(assign=True) into the student's model": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = nn.Linear(2, 1)
        def load(model, state):
            model.load_state_dict(state, assign=True)
            return model
        """,
        """
        net = Net()
        state = {"a.weight": torch.tensor([[1.0, 2.0]]), "a.bias": torch.tensor([3.0])}
        same = load(net, state)
        check.close("weight", net.a.weight, [[1.0, 2.0]])
        check.close("bias", same.a.bias, [3.0])
        """,
    ),
    "load_state_dict(assign=True) into a stock model": (
        """
        def load(model, state):
            model.load_state_dict(state, assign=True)
        def fit(model, X, y):
            model.load_state_dict({k: v * 0 for k, v in model.state_dict().items()}, assign=True)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            nn.functional.mse_loss(model(X), y).backward()
            optimizer.step()
        """,
        """
        net = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
        load(net, {"0.weight": torch.tensor([[1.0, 2.0]]), "0.bias": torch.tensor([3.0])})
        check.close("weight", net[0].weight, [[1.0, 2.0]])
        check.close("out", net(torch.ones(1, 2)), [[6.0]])
        line = nn.Linear(2, 1)
        fit(line, torch.ones(1, 2), torch.ones(1, 1))
        check.close("weight after a step", line.weight, [[0.2, 0.2]])
        check.close("gradient", line.weight.grad, [[-2.0, -2.0]])
        fit(line, torch.ones(1, 2), torch.ones(1, 1))
        check.close("weight after another", line.weight, [[0.2, 0.2]])
        """,
    ),
    "torch.vmap over a function of one's own": (
        """
        def rows(X, w):
            return torch.vmap(lambda x: (x * w).sum())(X)
        def jacobian(X):
            return torch.vmap(torch.func.grad(lambda x: (x ** 2).sum()))(X)
        """,
        """
        check.close("rows", rows(torch.ones(3, 2), torch.tensor([1.0, 2.0])), [3.0] * 3)
        check.close("jacobian", jacobian(torch.ones(3, 2)), np.full((3, 2), 2.0))
        """,
    ),
    "keyword calls, both ways": (
        """
        def slope(f, at, *, eps=1e-3):
            return (f(x=at + eps) - f(x=at - eps)) / (2 * eps)
        def criterion(loss_fn, out, y):
            return loss_fn(input=out, target=y)
        """,
        """
        check.close("slope", slope(f=lambda x: x ** 2, at=3.0, eps=1e-4), 6.0)
        check.close("slope", slope(lambda x, scale=2.0: scale * x, 3.0), 2.0)
        loss = criterion(loss_fn=nn.MSELoss(), out=torch.ones(2), y=torch.zeros(2))
        check.close("loss", loss, 1.0)
        check.close("loss", criterion(nn.functional.mse_loss, torch.ones(2), torch.zeros(2)), 1.0)
        """,
    ),
    "partial, map, sorted and reduce over the test's function": (
        """
        import functools
        def all_of(f, xs):
            g = functools.partial(f, b=1.0)
            return sorted(map(g, xs)), functools.reduce(f, xs), [*filter(f, xs)]
        """,
        """
        got = all_of(lambda a, b=0.0: a + b, [3.0, 1.0, 2.0])
        check.equal("all", got, ([2.0, 3.0, 4.0], 6.0, [3.0, 1.0, 2.0]))
        """,
    ),
    "a decorated, a partial, a method and a callable object": (
        """
        import functools
        class Model:
            def __call__(self, x): return 2 * x
            def forward(self, x): return 2 * x
            @classmethod
            def made(cls): return cls()
            @staticmethod
            def static(x): return 2 * x
        wrapped = functools.lru_cache(lambda x: 2 * x)
        part = functools.partial(lambda k, x: k * x, 2)
        """,
        """
        for f in (wrapped, part, Model(), Model().forward, Model.made(), Model.static):
            check.equal("f(3)", f(3), 6)
        """,
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_another_way_to_write_it(room, name):
    student, test = WAYS[name]
    room.student(HEAD + textwrap.dedent(student))
    room.same(HEAD + textwrap.dedent(test))
