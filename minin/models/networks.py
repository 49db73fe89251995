"""Eight Networks in Network, as tables to hold beside the paper.

    Block(maps, kernel, stride, padding)     an mlpconv; its first layer has the kernel
    MaxPool(kernel, stride, ceil)            3, 2, True: 3x3 every 2 pixels, 32 -> 16
    Drop(p)                                  p is the probability to drop
    GlobalAverage()                          class maps -> logits

The paper (Lin, Chen and Yan 2013, arXiv 1312.4400) draws its networks in figure 2 but
prints no sizes; those are in the definitions that its authors released for cuda-convnet and
Caffe. All pooling there rounds up. Between blocks, cuda-convnet's definitions take maxima; the
Caffe network for CIFAR-10 averages in its second pool, and many later programs have that from
there. Here it is maxima everywhere, as in cuda-convnet, whose results the paper tells. The
authors end with ReLU on the class maps as well; what that can do is told in `build`.
"""

from __future__ import annotations

from typing import Final

from minin.models.rows import Block, Drop, GlobalAverage, MaxPool, Row, Table

CONVNET: Final = "Lin, Chen and Yan 2013, section 4; cuda-convnet definition NIN/{}_def"
D2L: Final = "Zhang, Lipton, Li and Smola, Dive into Deep Learning, section 8.3"


def cifar(name: str, classes: int, first: tuple[float, ...]) -> Table:
    """Write the table of both CIFAR networks; only the classes and the start differ."""
    rows: tuple[Row, ...] = (
        Block((192, 160, 96), 5, padding=2, std=first),
        MaxPool(3, 2, ceil=True),
        Drop(0.5),
        Block((192, 192, 192), 5, padding=2, std=0.05),
        MaxPool(3, 2, ceil=True),
        Drop(0.5),
        Block((192, 192, "classes"), 3, padding=1, std=0.05),
        GlobalAverage(),
    )
    return Table(f"nin-{name.replace('-', '')}", (3, 32, 32), classes, rows, CONVNET.format(name))


CIFAR10 = cifar("cifar-10", 10, first=(0.05, 0.05, 0.05))
CIFAR100 = cifar("cifar-100", 100, first=(0.001, 0.01, 0.01))

SVHN = Table(
    name="nin-svhn",
    image=(3, 32, 32),
    classes=10,
    rows=(
        Block((128, 96, 64), 5, padding=2, std=0.05),
        MaxPool(3, 2, ceil=True),
        Drop(0.5),
        Block((320, 256, 128), 5, padding=2, std=0.05),
        MaxPool(3, 2, ceil=True),
        Drop(0.5),
        Block((384, 256, "classes"), 5, padding=2, std=0.05),
        GlobalAverage(),
    ),
    source=CONVNET.format("svhn"),
)

MNIST = Table(
    name="nin-mnist",
    image=(1, 28, 28),
    classes=10,
    rows=(
        Block((96, 64, 48), 5, padding=2, std=0.05),
        MaxPool(3, 2, ceil=True),
        Drop(0.5),
        Block((128, 96, 48), 5, padding=2, std=0.05),
        MaxPool(3, 2, ceil=True),
        Drop(0.5),
        Block((128, 96, "classes"), 5, padding=2, std=0.05),
        GlobalAverage(),
    ),
    source=CONVNET.format("mnist"),
)

IMAGENET = Table(
    name="nin-imagenet",
    image=(3, 224, 224),
    classes=1000,
    rows=(
        Block((96, 96, 96), 11, stride=4, std=(0.01, 0.05, 0.05)),
        MaxPool(3, 2, ceil=True),
        Block((256, 256, 256), 5, padding=2, std=0.05),
        MaxPool(3, 2, ceil=True),
        Block((384, 384, 384), 3, padding=1, std=(0.01, 0.05, 0.05)),
        MaxPool(3, 2, ceil=True),
        Drop(0.5),
        Block((1024, 1024, "classes"), 3, padding=1, std=(0.05, 0.05, 0.01)),
        GlobalAverage(),
    ),
    source="Lin, Caffe model zoo, NIN-Imagenet (2014)",
)

# NB: this one rounds down: 54 -> 26 -> 12 -> 5, where the others round up.
DIVE = Table(
    name="nin-d2l",
    image=(1, 224, 224),
    classes=10,
    rows=(
        Block((96, 96, 96), 11, stride=4),
        MaxPool(3, 2),
        Block((256, 256, 256), 5, padding=2),
        MaxPool(3, 2),
        Block((384, 384, 384), 3, padding=1),
        MaxPool(3, 2),
        Drop(0.5),
        Block(("classes", "classes", "classes"), 3, padding=1),
        GlobalAverage(),
    ),
    source=D2L,
    init="xavier",
)

# The variant of introductory texts: no stride in the convolutions, so 12 times the work of
# nin-imagenet. It is here to be looked at, counted and run, not to be trained on a CPU.
EXAMPLE224 = Table(
    name="nin-example224",
    image=(3, 224, 224),
    classes=10,
    rows=(
        Block((96, 96, 96), 5, padding=2),
        MaxPool(2, 2),
        Block((256, 256, 256), 5, padding=2),
        MaxPool(2, 2),
        Block((384, 384, 384), 3, padding=1),
        MaxPool(2, 2),
        Block(("classes", "classes", "classes"), 3, padding=1),
        GlobalAverage(),
    ),
    source="introductory texts on Network in Network",
    init="xavier",
)

# Small enough to learn 8x8 digits within a minute on two cores, and still the real thing:
# three mlpconv blocks, max pooling between them, one map a class, global average pooling.
# Nobody published it, so it may leave out the last ReLU, which can silence a class.
DIGITS = Table(
    name="nin-digits",
    image=(1, 8, 8),
    classes=10,
    rows=(
        Block((32, 24, 24), 3, padding=1),
        MaxPool(2, 2),
        Drop(0.3),
        Block((64, 48, 48), 3, padding=1),
        MaxPool(2, 2),
        Drop(0.3),
        Block((64, 48, "classes"), 3, padding=1),
        GlobalAverage(),
    ),
    source="minin",
    init="he",
    final_relu=False,
)

TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (DIGITS, MNIST, CIFAR10, CIFAR100, SVHN, IMAGENET, DIVE, EXAMPLE224)
}
