"""Stock objects of the libraries that a test may hand to the student: taken apart, and built again.

A stock object is one of a library's own class: a loss, a layer or a model made of layers, an optimizer,
a TensorDataset, a DataLoader over one. It is described by its class and by parts that the wire carries:
parameters are shared tensors, so both sides go on seeing the same values.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler, Subset, TensorDataset
from torch.utils.data import _utils as data_utils

Parts = dict[str, Any]
MODULE_PARTS = ("_parameters", "_buffers", "_modules")
IGNORED = frozenset(vars(nn.Module())) - {"training"}


def take_apart(value: Any) -> Parts | None:
    """The parts of a stock object, or None if `value` is none. Raises TypeError for what is lost."""
    kind = type(value)
    if kind is TensorDataset:
        return {"tensors": list(value.tensors)}
    if kind is Subset:
        return {"dataset": value.dataset, "indices": [int(i) for i in value.indices]}
    if kind is DataLoader:
        return loader_parts(value)
    if not kind.__module__.startswith(("torch.nn.", "torch.optim.")):
        return None
    if isinstance(value, nn.Module):
        if any(vars(value)[name] for name in IGNORED if name.endswith("_hooks")):
            raise TypeError("a module with hooks cannot be handed to the student")
        own = {name: part for name, part in vars(value).items() if name not in IGNORED}
        return {"own": own, **{name[1:]: dict(vars(value)[name]) for name in MODULE_PARTS}}
    if isinstance(value, optim.Optimizer):
        return {
            "groups": [dict(group) for group in value.param_groups],
            "state": optimizer_state(value),
        }
    return None


def optimizer_state(optimizer: optim.Optimizer) -> dict[int, Any]:
    return {index: dict(state) for index, state in optimizer.state_dict()["state"].items()}


def loader_parts(loader: DataLoader[Any]) -> Parts:
    if loader.collate_fn is not data_utils.collate.default_collate or loader.batch_size is None:
        raise TypeError("a DataLoader of its own collation cannot be handed to the student")
    if type(loader.sampler) not in (RandomSampler, SequentialSampler):
        raise TypeError("a DataLoader with its own sampler cannot be handed to the student")
    return {
        "dataset": loader.dataset,
        "batch_size": loader.batch_size,
        "shuffle": type(loader.sampler) is RandomSampler,
        "drop_last": loader.drop_last,
        "generator": loader.generator,
    }


class Ties:
    """The parameters of the stock modules that are built here: both sides know these tensors.

    `load_state_dict(…, assign=True)` and `module.weight = …` put others in their place. After a call these
    are given the others' values, and their places back.
    """

    def __init__(self) -> None:
        self.known: list[tuple[nn.Module, str, torch.Tensor]] = []

    def add(self, module: nn.Module) -> None:
        for each in module.modules():
            self.known += [
                (each, name, value)
                for name, value in each._parameters.items()  # noqa: SLF001
                if value is not None
            ]

    def put_back(self) -> None:
        for module, name, known in self.known:
            now = module._parameters.get(name)  # noqa: SLF001
            if now is None or now is known or now.shape != known.shape or now.dtype != known.dtype:
                continue
            with torch.no_grad():
                known.copy_(now)
            known.requires_grad_(now.requires_grad)
            known.grad = now.grad
            module._parameters[name] = known  # type: ignore[assignment]  # noqa: SLF001


def rebuild(module: str, name: str, parts: Parts) -> Any:
    """The object whose class and parts these are."""
    kind = getattr(importlib.import_module(module), name)
    if kind is TensorDataset:
        return TensorDataset(*parts["tensors"])
    if kind in (DataLoader, Subset):
        return kind(**parts)
    if issubclass(kind, nn.Module):
        built = kind.__new__(kind)
        nn.Module.__init__(built)
        vars(built).update(parts["own"])
        for part in MODULE_PARTS:
            vars(built)[part].update(parts[part[1:]])
        return built
    optimizer = kind(parts["groups"])
    if parts["state"]:
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": parts["state"], "param_groups": groups})
    return optimizer
