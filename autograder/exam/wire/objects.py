"""A state made into an object, or put into one: the twin of what the other side has."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from autograder.exam.wire.frames import WireFault
from autograder.exam.wire.states import (
    FROZEN,
    LEAF,
    PARAMETER,
    RESULT,
    State,
    contents,
    dtype_name,
    kind_of,
)
from autograder.exam.wire.values import NUMPY_DTYPES, TORCH_DTYPES


def from_contents(data: bytes, dtype: str, shape: tuple[int, ...]) -> torch.Tensor:
    """A tensor of its own memory with these entries."""
    if not data:
        return torch.zeros(shape, dtype=TORCH_DTYPES[dtype])
    return torch.frombuffer(bytearray(data), dtype=TORCH_DTYPES[dtype]).reshape(shape)


def build(state: State) -> Any:
    """A new object in this state; role RESULT gives a plain tensor. Raises WireFault."""
    kind = state[0]
    if kind == "array":
        _, dtype, shape, writeable, data = state
        array = np.frombuffer(bytearray(data), NUMPY_DTYPES[dtype]).reshape(shape)
        array.flags.writeable = writeable
        return array
    if kind == "tensor":
        _, dtype, shape, role, data, gradient = state
        tensor = from_contents(data, dtype, shape)
        if role in (PARAMETER, FROZEN):
            tensor = nn.Parameter(tensor, requires_grad=role == PARAMETER)
        elif role == LEAF:
            tensor.requires_grad_()
        if gradient is not None:
            tensor.grad = from_contents(gradient, dtype, shape)
        return tensor
    if kind == "rng":
        generator = np.random.Generator(np.random.PCG64(0))
        put(generator, state)
        return generator
    if kind == "torch-rng":
        torch_generator = torch.Generator()
        put(torch_generator, state)
        return torch_generator
    raise WireFault("a state without an object")


def put(value: Any, state: State) -> None:
    """Bring `value` into `state`, in place, as far as it allows. Raises WireFault."""
    kind = state[0]
    if kind != kind_of(value):
        raise WireFault("a state of another kind than its object")
    if kind == "array":
        _, dtype, shape, _, data = state
        array = np.ndarray.view(value, np.ndarray)
        if dtype_name(array.dtype) == dtype and array.shape == shape and array.flags.writeable:
            array[...] = np.frombuffer(data, NUMPY_DTYPES[dtype]).reshape(shape)
    elif kind == "tensor":
        put_tensor(value, state)
    elif kind == "rng":
        value.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": state[1], "inc": state[2]},
            "has_uint32": state[3],
            "uinteger": state[4],
        }
    elif kind == "torch-rng":
        try:
            value.set_state(torch.frombuffer(bytearray(state[1]), dtype=torch.uint8))
        except RuntimeError:
            raise WireFault("a malformed generator state") from None
    else:
        for module, flag in zip(value.modules(), state[1], strict=False):
            module.training = flag


def put_tensor(value: torch.Tensor, state: State) -> None:
    _, dtype, shape, role, data, gradient = state
    with torch.no_grad():
        current = value.data  # what is saved for a backward pass stays valid, as it is at home
        if str(current.dtype).removeprefix("torch.") != dtype or tuple(current.shape) != shape:
            if value.is_leaf:
                value.data = from_contents(data, dtype, shape)
        elif contents(current) != data:
            current.copy_(from_contents(data, dtype, shape))
        if not value.is_leaf:
            return
        value.requires_grad_(role in (LEAF, PARAMETER, RESULT))
        if gradient is None:
            value.grad = None
        elif value.grad is not None and tuple(value.grad.shape) == shape:
            value.grad.copy_(from_contents(gradient, dtype, shape))
        else:
            value.grad = from_contents(gradient, dtype, shape)
