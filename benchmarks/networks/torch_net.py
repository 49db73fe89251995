"""The network in PyTorch, in its default layout or with channels last."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.programs import Job
from benchmarks.networks.program import NetworkProgram, weights


def versions() -> dict[str, str]:
    import torch

    return {"torch": torch.__version__}


def start(job: Job) -> NetworkProgram:
    return NetworkProgram(job, Net)


class Net:
    first_calls = 1

    def __init__(self, job: Job, dropout: bool) -> None:
        import torch

        torch.manual_seed(job["seed"])
        found = weights(job)
        model = torch.nn.Sequential(*(layer(row, found) for row in job["rows"]))
        self.layout = job.get("layout", "default")
        if self.layout == "channels_last":
            model = model.to(memory_format=torch.channels_last)
        self.model: Any = model
        self.dropout = dropout
        self.parameters = sum(p.numel() for p in model.parameters())
        self.optimiser = torch.optim.SGD(
            model.parameters(),
            lr=job["lr"],
            momentum=job["momentum"],
            weight_decay=job["weight_decay"],
        )

    def put(self, images: Any, labels: Any) -> Any:
        import torch

        x = torch.from_numpy(images)
        if self.layout == "channels_last":
            x = x.contiguous(memory_format=torch.channels_last)
        return x, torch.from_numpy(labels)

    def train(self, data: Any) -> object:
        import torch

        images, labels = data
        self.model.train(self.dropout)
        loss = torch.nn.functional.cross_entropy(self.model(images), labels)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return loss

    def infer(self, data: Any) -> Any:
        import torch

        self.model.eval()
        with torch.inference_mode():
            return self.model(data[0])

    def logits(self, data: Any) -> Any:
        return self.infer(data).numpy()

    def facts(self) -> dict[str, Any]:
        import torch

        return {
            "threads": torch.get_num_threads(),
            "settings": {"layout": self.layout, "onednn": torch.backends.mkldnn.is_available()},
        }


def layer(row: dict[str, Any], found: dict[str, Any]) -> Any:
    """Make one layer of a row, with its weights."""
    import torch

    nn = torch.nn
    if row["kind"] == "conv":
        conv = nn.Conv2d(row["in"], row["out"], row["kernel"], row["stride"], row["padding"])
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(found[f"{row['name']}.weight"]))
            conv.bias.copy_(torch.from_numpy(found[f"{row['name']}.bias"]))
        return conv
    if row["kind"] == "max_pool":
        return nn.MaxPool2d(row["kernel"], row["stride"], ceil_mode=row["ceil"])
    if row["kind"] == "dropout":
        return nn.Dropout(row["p"])
    if row["kind"] == "global_average":
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.ReLU()
