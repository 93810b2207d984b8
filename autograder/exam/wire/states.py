"""What a shared object holds, as a state: data that can be compared and sent (`twins` puts it back).

Shared are NumPy arrays, tensors, random generators and (their training flags) stock modules. A state
is a tuple whose first entry names the kind:

    ("array", dtype, shape, writeable, contents)
    ("tensor", dtype, shape, role, contents, contents of .grad or None)
    ("rng", state, inc, has_uint32, uinteger)      np.random.Generator over PCG64
    ("torch-rng", contents)
    ("modes", training flag of each submodule)

A tensor's role: 0 plain, 1 a leaf that requires grad, 2 a Parameter that does, 3 a Parameter that does
not, 4 the result of a differentiable computation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from autograder.exam.wire.checked import Reader, named, typed
from autograder.exam.wire.frames import MAX_BLOCK, TooLarge, WireFault
from autograder.exam.wire.values import NUMPY_DTYPES, NUMPY_NAMES, TORCH_DTYPES, Writer, mro

State = tuple[Any, ...]
PLAIN, LEAF, PARAMETER, FROZEN, RESULT = range(5)
MAX_DIMENSIONS = 16
LARGE = 1 << 16  # bytes from which comparing is cheaper than copying
WORD = (1 << 128) - 1
# The base classes' own attributes: a subclass cannot put others in their place.
DTYPE: Callable[[Any], np.dtype] = vars(np.ndarray)["dtype"].__get__
GRAD: Callable[[Any], torch.Tensor | None] = vars(torch._C.TensorBase)["grad"].__get__  # noqa: SLF001
IS_LEAF: Callable[[Any], bool] = vars(torch._C.TensorBase)["is_leaf"].__get__  # noqa: SLF001
REQUIRES_GRAD: Callable[[Any], bool] = vars(torch._C.TensorBase)["requires_grad"].__get__  # noqa: SLF001


class Unsupported(TypeError):
    """An array or tensor of a kind that does not travel."""


def kind_of(value: Any) -> str | None:
    """The kind of state that `value` has, by its true type; None for what is not shared."""
    bases = mro(type(value))
    if np.ndarray in bases:
        return "array" if dtype_name(DTYPE(value)) else None
    if torch.Tensor in bases:
        return "tensor"
    if type(value) is np.random.Generator:
        return "rng" if type(value.bit_generator) is np.random.PCG64 else None
    if type(value) is torch.Generator:
        return "torch-rng"
    return "modes" if nn.Module in bases else None


def dtype_name(dtype: np.dtype) -> str | None:
    """The name of a dtype that travels, in whatever byte order; None for others."""
    return NUMPY_NAMES.get(dtype) or NUMPY_NAMES.get(dtype.newbyteorder("="))


def state_of(value: Any, kind: str, known: State | None = None) -> State:
    """What `value` holds now. Raises Unsupported, TooLarge.

    known  its state at an earlier time, if there is one: large contents that are still the same are
           taken from it instead of being copied
    """
    if kind == "array":
        return array_state(value, known)
    if kind == "tensor":
        with torch._C.DisableTorchFunctionSubclass():  # noqa: SLF001
            return tensor_state(value, known)
    if kind == "rng":
        state = value.bit_generator.state
        inner = state["state"]
        return (kind, inner["state"], inner["inc"], state["has_uint32"], state["uinteger"])
    if kind == "torch-rng":
        return (kind, value.get_state().numpy().tobytes())
    return (kind, tuple(bool(module.training) for module in value.modules()))


def array_state(value: np.ndarray, known: State | None) -> State:
    array = np.ndarray.view(value, np.ndarray)
    if array.nbytes > MAX_BLOCK:
        raise TooLarge(f"an array of {array.nbytes >> 20} MiB")
    if array.dtype not in NUMPY_NAMES:  # another byte order
        array = array.astype(array.dtype.newbyteorder("="))
    return (
        "array",
        NUMPY_NAMES[array.dtype],
        array.shape,
        array.flags.writeable,
        entries(array, known[4] if known else None),
    )


def entries(array: np.ndarray, known: bytes | None) -> bytes:
    """An array's entries in C order; `known` itself where it is large and equal."""
    size = array.nbytes
    if known is None or size < LARGE or len(known) != size or not array.flags.c_contiguous:
        return array.tobytes()
    word = np.uint64 if size % 8 == 0 else np.uint8
    now = array.reshape(-1).view(np.uint8).view(word)
    return known if bool((now == np.frombuffer(known, word)).all()) else array.tobytes()


def contents(tensor: torch.Tensor, known: bytes | None = None) -> bytes:
    """A tensor's entries in C order."""
    if tensor.numel() * tensor.element_size() > MAX_BLOCK:
        raise TooLarge(f"a tensor of {(tensor.numel() * tensor.element_size()) >> 20} MiB")
    plain = tensor.resolve_conj().resolve_neg().contiguous().reshape(-1)
    if plain.dtype is torch.bfloat16:
        plain = plain.view(torch.int16)
    return entries(plain.numpy(), known)


def tensor_state(value: torch.Tensor, known: State | None) -> State:
    detached = torch.Tensor.detach(value)
    if detached.layout is not torch.strided:
        raise Unsupported("a sparse tensor cannot be handed over; use .to_dense()")
    detached = detached.cpu()
    name = str(detached.dtype).removeprefix("torch.")
    if name not in TORCH_DTYPES:
        raise Unsupported(f"a tensor of dtype {name} cannot be handed over")
    parameter = nn.Parameter in mro(type(value))
    requires_grad = REQUIRES_GRAD(value)
    leaf = IS_LEAF(value)
    role = PLAIN
    if parameter:
        role = PARAMETER if requires_grad else FROZEN
    elif requires_grad:
        role = LEAF if leaf else RESULT
    gradient = GRAD(value) if leaf else None
    data = None
    if gradient is not None and gradient.shape == detached.shape:
        data = contents(gradient.detach().to(detached.dtype), known[5] if known else None)
    return (
        "tensor",
        name,
        tuple(detached.shape),
        role,
        contents(detached, known[4] if known else None),
        data,
    )


def write_state(writer: Writer, state: State) -> list[Any]:
    """The node of a state; contents go to the writer's block."""
    kind = state[0]
    if kind == "array":
        _, dtype, shape, writeable, data = state
        writer.put(data)
        return [kind, dtype, list(shape), writeable]
    if kind == "tensor":
        _, dtype, shape, role, data, gradient = state
        writer.put(data)
        if gradient is not None:
            writer.put(gradient)
        return [kind, dtype, list(shape), role, gradient is not None]
    if kind == "torch-rng":
        writer.put(state[1])
        return [kind, len(state[1])]
    if kind == "rng":
        return [kind, *(writer.node(part) for part in state[1:])]
    return [kind, *state[1]]


def read_state(reader: Reader, node: Any) -> State:
    """The state in `node`, every part checked. Raises WireFault."""
    if type(node) is not list or not node:
        raise WireFault("a malformed state")
    kind, *rest = node
    if kind == "array" and len(rest) == 3:
        dtype = named(rest[0], NUMPY_DTYPES)
        shape, size = checked_shape(rest[1], dtype.itemsize)
        writeable = typed(rest[2], bool)
        return (kind, rest[0], shape, writeable, checked_contents(reader, size, rest[0]))
    if kind == "tensor" and len(rest) == 4:
        torch_dtype = named(rest[0], TORCH_DTYPES)
        shape, size = checked_shape(rest[1], torch_dtype.itemsize)
        role = typed(rest[2], int)
        data = checked_contents(reader, size, rest[0])
        gradient = bytes(reader.take(size)) if typed(rest[3], bool) else None
        differentiable = torch_dtype.is_floating_point or torch_dtype.is_complex
        if not PLAIN <= role <= RESULT or (
            role in (LEAF, PARAMETER, RESULT) and not differentiable
        ):
            raise WireFault("a tensor with an impossible role")
        if gradient is not None and role == RESULT:
            raise WireFault("a gradient on a tensor that is no leaf")
        return (kind, rest[0], shape, role, data, gradient)
    if kind == "rng" and len(rest) == 4:
        numbers = [typed(reader.value(part), int) for part in rest]
        if not all(0 <= number <= WORD for number in numbers[:2]) or not numbers[1] & 1:
            raise WireFault("a malformed generator state")
        if numbers[2] not in (0, 1) or not 0 <= numbers[3] < 1 << 32:
            raise WireFault("a malformed generator state")
        return (kind, *numbers)
    if kind == "torch-rng" and len(rest) == 1:
        size = len(torch.Generator().get_state())
        if rest[0] != size:
            raise WireFault("a malformed generator state")
        return (kind, bytes(reader.take(size)))
    if kind == "modes" and len(rest) < 10_000:
        return (kind, tuple(typed(flag, bool) for flag in rest))
    raise WireFault("a state of unknown kind")


def checked_shape(node: Any, itemsize: int) -> tuple[tuple[int, ...], int]:
    """The shape that a peer names, and how many bytes it takes."""
    shape = typed(node, list)
    if len(shape) > MAX_DIMENSIONS or not all(
        type(n) is int and 0 <= n <= MAX_BLOCK for n in shape
    ):
        raise WireFault("an impossible shape")
    if math.prod(n for n in shape if n) * itemsize > MAX_BLOCK:
        raise WireFault("an impossible shape")
    return tuple(shape), math.prod(shape) * itemsize


def checked_contents(reader: Reader, size: int, dtype: str) -> bytes:
    """The next array contents; truth values must be 0 or 1."""
    data = bytes(reader.take(size))
    if dtype == "bool" and data.translate(None, b"\0\1"):
        raise WireFault("a truth value that is neither 0 nor 1")
    return data
