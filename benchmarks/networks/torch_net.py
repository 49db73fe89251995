"""The network in PyTorch, in its default layout or with channels last."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.harness.programs import Job, Missing
from benchmarks.networks import program
from benchmarks.networks.program import NetworkProgram, weights


def versions() -> dict[str, str]:
    import torch

    return {"torch": torch.__version__}


class Net(program.Net):
    def __init__(self, job: Job, dropout: bool) -> None:
        import torch

        self.device = job.get("device", "cpu")
        if self.device != "cpu":
            use_cuda(job["tf32"])
        torch.manual_seed(job["seed"])
        found = weights(job)
        model = torch.nn.Sequential(*(layer(row, found) for row in job["rows"]))
        self.layout = job.get("layout", "default")
        if self.layout == "channels_last":
            model = model.to(memory_format=torch.channels_last)
        self.model: Any = model.to(self.device)
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
        return x.to(self.device), torch.from_numpy(labels).to(self.device)

    def train(self, data: Any) -> object:
        import torch

        images, labels = data
        self.model.train(self.dropout)
        loss = torch.nn.functional.cross_entropy(self.model(images), labels)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self._wait()
        return loss

    def infer(self, data: Any) -> Any:
        import torch

        self.model.eval()
        with torch.inference_mode():
            logits = self.model(data[0])
        self._wait()
        return logits

    def logits(self, data: Any) -> Any:
        return self.infer(data).cpu().numpy()

    def _wait(self) -> None:
        """Wait until a GPU has computed."""
        if self.device != "cpu":
            import torch

            torch.cuda.synchronize()

    def facts(self) -> dict[str, Any]:
        import torch

        settings = {"layout": self.layout, "onednn": torch.backends.mkldnn.is_available()}
        if self.device != "cpu":
            settings |= {
                "device": torch.cuda.get_device_name(),
                "tf32": torch.backends.cuda.matmul.allow_tf32,
            }
        return {"threads": torch.get_num_threads(), "settings": settings}


def use_cuda(tf32: bool) -> None:
    """Let products of float32 keep 10 bits of their numbers, or all.

    Raises:
        Missing: if there is no CUDA device.
    """
    import torch

    if not torch.cuda.is_available():
        raise Missing(f"this PyTorch {torch.__version__} can use no CUDA device")
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32


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


start = partial(NetworkProgram, make=Net)
