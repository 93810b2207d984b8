"""Plain values, arrays and tensors come to the test as what they are; whatever they claim to be."""

import pytest

STUDENT = """
import collections, enum, math
import numpy as np
import torch
from torch import nn

identity = lambda x: x
def where_is(x): return type(x).__name__

plain = [None, True, 0, -5, 2**62, 2**200, -2**100, 0.1, float("inf"), 1 + 2j, "é∂", b"\\x00\\xff", ...]
nested = {"a": [1, (2, {3})], ("k", 1): frozenset([4]), 3: {"b": slice(1, None, 2)}, None: range(3, 9, 2)}
nan = float("nan")
minus_zero = -0.0
Point = collections.namedtuple("Point", "x y")
point = Point(1, [2])
ordered = collections.OrderedDict(b=1, a=2)
counted = collections.Counter("aab")
class Level(enum.IntEnum):
    LOW = 1
level = Level.LOW
arrays = [np.arange(6.0).reshape(2, 3), np.arange(6).reshape(2, 3).T, np.zeros((0, 3)), np.array(3.5),
          np.array([True, False]), np.array([1, 2], dtype=np.uint8), np.array([1j]), np.float16([1.5]),
          np.array([1, 2], dtype=">i4")]
texts = np.array([["a", "bc"], ["", "é"]])
readonly = np.broadcast_to(np.arange(3), (2, 3))
scalars = [np.float64(0.1), np.float32(0.1), np.int64(-3), np.bool_(True), np.uint8(255)]
tensors = [torch.arange(6.0).reshape(2, 3), torch.arange(6).reshape(2, 3).T, torch.zeros(0, 3),
           torch.tensor(3.5, dtype=torch.float64), torch.tensor([True]), torch.ones(2, dtype=torch.bfloat16),
           torch.tensor([1 + 2j]).conj()]
leaf = torch.tensor([1.0, 2.0], requires_grad=True)
(leaf ** 2).sum().backward()
result = leaf * 2
parameter = nn.Parameter(torch.ones(2))
frozen = nn.Parameter(torch.ones(2), requires_grad=False)
size = torch.zeros(2, 3).shape
dtypes = [torch.float64, np.dtype("float32"), torch.device("cpu")]
best = torch.max(torch.tensor([[1.0, 3.0], [4.0, 2.0]]), dim=1)
state = nn.Linear(2, 1).state_dict()
generator = np.random.default_rng(3)
"""


@pytest.fixture(scope="module")
def room(shared_room):
    return shared_room.student(STUDENT)


def test_plain_values_keep_type_and_value(room):
    room.same("""
        want = [None, True, 0, -5, 2**62, 2**200, -2**100, 0.1, float("inf"), 1 + 2j, "é∂", b"\\x00\\xff", ...]
        assert plain == want and [type(v) for v in plain] == [type(v) for v in want]
        assert nan != nan and str(minus_zero) == "-0.0"
        print(nested)
        assert list(nested)[1] == ("k", 1) and type(nested["a"][1]) is tuple
        assert type(nested[3]["b"]) is slice and type(nested[None]) is range
        for v in want + [nested]:
            back = identity(v)
            assert back == v and type(back) is type(v)
            assert where_is(v) == type(v).__name__
    """)


def test_named_tuples_and_ordered_dicts(room):
    room.same("""
        import collections
        x, y = point
        assert point.y == [2] == y and point == (1, [2]) and isinstance(point, tuple)
        assert type(point).__name__ == "Point"
        assert isinstance(ordered, collections.OrderedDict) and list(ordered) == ["b", "a"]
        assert counted["a"] == 2 and isinstance(counted, dict)
        assert level == 1 and level + 1 == 2
        assert best.indices.tolist() == [1, 0] and best[0].tolist() == [3.0, 4.0]
    """)


def test_arrays(room):
    room.same("""
        import numpy as np
        for a in arrays:
            print(type(a), a.dtype.name, a.shape, a.tolist())
            assert np.array_equal(identity(a), a) and identity(a).dtype.name == a.dtype.name
        print(texts.shape, texts.dtype.kind, texts.tolist())
        print([(type(s), s) for s in scalars])
        try:
            readonly[0, 0] = 1
        except ValueError:
            print("read-only")
    """)


def test_tensors(room):
    room.same("""
        import torch
        from torch import nn
        for t in tensors:
            print(t.dtype, tuple(t.shape), t.resolve_conj().tolist(), t.requires_grad)
        assert leaf.requires_grad and leaf.is_leaf and leaf.grad.tolist() == [2.0, 4.0]
        assert result.requires_grad and not result.is_leaf and result.grad_fn is not None
        assert isinstance(parameter, nn.Parameter) and parameter.requires_grad and parameter.grad is None
        assert isinstance(frozen, nn.Parameter) and not frozen.requires_grad
        assert type(size) is torch.Size and size == (2, 3)
        assert dtypes[0] is torch.float64 and str(dtypes[1]) == "float32" and dtypes[2].type == "cpu"
        assert list(state) == ["weight", "bias"] and state["weight"].shape == (1, 2)
    """)


def test_values_of_the_test_arrive_as_what_they_are(room):
    room.student("""
        def kinds(*values): return [str(type(v)) for v in values]
        def total(loader): return [(tuple(x.shape), int(y.sum())) for x, y in loader]
        def draw(rng): return rng.normal(size=3)
        def torch_draw(g): return torch.rand(3, generator=g)
    """)
    room.same("""
        import math, pathlib, collections
        import numpy as np, torch
        from torch import nn
        from torch.utils.data import DataLoader, TensorDataset, Subset
        import torch.nn.functional as F
        print(kinds(np.float32(1), np.zeros(2), torch.zeros(2), nn.Parameter(torch.ones(1)), {1}, (1,), [], {}))
        print(kinds(nn.ReLU, torch.optim.Adam, nn.CrossEntropyLoss(), nn.Linear(2, 3), F.relu, np.tanh, math))
        print(kinds(torch.float64, np.float64, ValueError, len, float))
        data = TensorDataset(torch.arange(12.0).reshape(6, 2), torch.arange(6))
        print(total(DataLoader(data, batch_size=4)), len(data))
        shuffled = [DataLoader(data, batch_size=4, shuffle=True, drop_last=True,
                               generator=torch.Generator().manual_seed(3)) for _ in range(2)]
        assert total(shuffled[0]) == [(tuple(x.shape), int(y.sum())) for x, y in shuffled[1]]
        print(total(DataLoader(Subset(data, [0, 5]), batch_size=1)))
        a, b = np.random.default_rng(5), np.random.default_rng(5)
        assert draw(a).tolist() == b.normal(size=3).tolist()
        assert a.random() == b.random()  # what the student drew is drawn here too
        g, h = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
        assert torch.equal(torch_draw(g), torch.rand(3, generator=h))
        assert torch.equal(torch.rand(2, generator=g), torch.rand(2, generator=h))
    """)


def test_a_lying_object_is_what_it_is(room):
    room.student("""
        class LyingFloat(float):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            __hash__ = float.__hash__
            def __float__(self): return 42.0
            def __lt__(self, other): return True
            __class__ = property(lambda self: int)
        class LyingArray(np.ndarray):
            def __eq__(self, other): return np.ones(self.shape, bool)
            def __array__(self, *a, **k): return np.full(self.shape, 42.0)
            def __array_function__(self, *a): return True
            def __array_ufunc__(self, *a, **k): return np.ones(self.shape, bool)
            def tobytes(self, *a): return np.full(self.shape, 42.0).tobytes()
            @property
            def shape(self): return (7,)
        class LyingTensor(torch.Tensor):
            @classmethod
            def __torch_function__(cls, f, types, args=(), kwargs=None): return True
            def detach(self): return torch.full((3,), 42.0)
        class LyingDict(dict):
            def items(self): return [("a", 42)]
            def __getitem__(self, key): return 42
        class LyingTuple(tuple):
            def __iter__(self): return iter([42])
        class Liar:
            def __eq__(self, other): return True
            def __float__(self): return 42.0
            def __array__(self, *a, **k): return np.array(42.0)
            def __getattr__(self, name): raise AttributeError(name)
            __class__ = property(lambda self: float)
        lies = [LyingFloat(1.0), np.zeros(3).view(LyingArray), torch.zeros(3).as_subclass(LyingTensor),
                LyingDict(a=1), LyingTuple([1, 2])]
        liar = Liar()
    """)
    room.passes("""
        import numpy as np, torch
        from lessonkit import check
        number, array, tensor, mapping, pair = lies
        assert type(number) is float and number == 1.0 and number != 42.0
        assert type(array) is np.ndarray and array.shape == (3,) and not array.any()
        assert type(tensor) is torch.Tensor and tensor.shape == (3,) and not tensor.any()
        assert type(mapping) is dict and mapping == {"a": 1} and type(pair) is tuple and pair == (1, 2)
        assert liar != 42.0 and not (liar == 42.0) and not isinstance(liar, (float, int))
        for bad in (lambda: float(liar), lambda: check.close("liar", liar, 42.0)):
            try:
                bad()
            except (TypeError, check.CheckFailed):
                continue
            raise AssertionError("believed a liar")
    """)


def test_what_is_too_large_or_too_deep_is_the_students_error(room):
    room.student("""
        huge = np.broadcast_to(np.zeros(1), (10**12,))
        deep = []
        for _ in range(100): deep = [deep]
        loop = []; loop.append(loop)
        long = list(range(500_000))
        sparse = torch.eye(2).to_sparse()
    """)
    for name in ("huge", "deep", "loop", "long", "sparse"):
        outcome = room.exam(name)
        assert outcome.error is not None
        assert outcome.kernel == "ready"
        assert not outcome.broken, outcome.instructor
