"""What people try instead of an answer: none of it passes, and none reaches beyond its child.

Each text stands where an answer to `im2col` should, unless it says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest

import minin
from minin.exercises import find
from minin.exercises.child import MEMORY, REQUIRE, AnswerProcess
from minin.exercises.runner import check_source
from tests.choice import mostly_thorough
from tests.exercises.answers import solved, verdict

ROOT = Path(minin.__file__).parents[1]
ZEROS = (
    "import numpy as np\n"
    "def zeros(x, k, s, p):\n"
    "    n, c, h, w = x.shape\n"
    "    out = [(a + 2 * q - b) // t + 1 for a, q, b, t in zip((h, w), p, k, s)]\n"
    "    return np.zeros((n, c * k[0] * k[1], out[0] * out[1]))\n"
    "im2col = zeros\n"
)
# To the stub that runs beside the answer: from its frame to all it knows.
FRAME = "import sys\nf = sys._getframe()\nwhile f.f_code.co_name != 'main': f = f.f_back\n"
SEND = FRAME + "tell = f.f_locals['tell']\n"
# Files and processes of the parent, wherever they are.
PATH = f"import sys\nsys.path[:0] = [{str(ROOT)!r}, {str(Path(np.__file__).parents[1])!r}]\n"

TRICKS = {
    "zeros of the right shape": ZEROS,
    "the solution of the package": "from minin.exercises import find\n"
    "exec(find('im2col').solution())",
    "the op of the package": "from minin import ops\nim2col = ops.im2col",
    "the package by its path": f"{PATH}from minin.exercises import find\n"
    "exec(find('im2col').solution())",
    "the package by a loader": f"{PATH}import importlib.machinery as m\n"
    f"m.SourceFileLoader('minin', {str(ROOT / 'minin/__init__.py')!r}).load_module()\n",
    "the text of the solution": f"root = {str(ROOT)!r}\n"
    "exec(open(root + '/minin/exercises/sources/en/im2col.py').read())",
    "a link to the solution": "import os\n"
    f"os.symlink({str(ROOT)!r} + '/minin/exercises/sources/en/im2col.py', 'mine.py')\n"
    "exec(open('mine.py').read())",
    "the answer of a neighbour": "import glob\n"
    f"for name in glob.glob({tempfile.gettempdir()!r} + '/**/1_im2col.py', recursive=True):\n"
    "    exec(open(name).read())",
    "a word that is printed": "print('im2col: PASSED, 2 points')\nimport os\nos._exit(0)",
    "JSON that is printed": 'print(\'{"exercise": "im2col", "state": "passed", "ok": true}\')',
    "a good exit": "import sys\nsys.exit(0)",
    "an exit at the end": f"import atexit, os\n{ZEROS}atexit.register(os._exit, 0)",
    "an exit in a destructor": "import os\n"
    "class Last:\n"
    "    def __del__(self): os._exit(0)\n"
    f"last = Last()\n{ZEROS}",
    "comparison replaced": f"{ZEROS}np.isclose = np.allclose = lambda *a, **k: np.True_\n"
    "np.array_equal = lambda *a, **k: True",
    "arrays that are equal to all": f"{ZEROS}"
    "class Equal(np.ndarray):\n"
    "    __array_priority__ = 1e9\n"
    "    def __array_ufunc__(self, *a, **k): return np.True_\n"
    "    def __array_function__(self, *a, **k): return np.True_\n"
    "im2col = lambda *a: zeros(*a).view(Equal)",
    "an object that reduces to a call": "import os\n"
    "class Bomb:\n"
    "    def __reduce__(self): return os.system, ('true',)\n"
    "im2col = lambda *a: Bomb()",
    "an array of objects that reduce": f"{ZEROS}"
    "class Bomb:\n"
    "    def __reduce__(self): return exec, ('raise SystemExit(0)',)\n"
    "im2col = lambda *a: np.array([Bomb()], dtype=object)",
    "not a number": f"{ZEROS}im2col = lambda *a: zeros(*a) * np.nan",
    "infinity": f"{ZEROS}im2col = lambda *a: zeros(*a) + np.inf",
    "dimensions of a broadcast": f"{ZEROS}im2col = lambda *a: np.float64(0)",
    "a masked array": f"{ZEROS}im2col = lambda *a: np.ma.masked_all(zeros(*a).shape)",
    "the frame of the checker": "import sys\n"
    "def im2col(*a):\n"
    "    f = sys._getframe()\n"
    "    while f:\n"
    "        for v in f.f_locals.values():\n"
    "            if hasattr(v, 'right'): return v.right()\n"
    "        f = f.f_back\n",
    "a walk over all objects": f"{ZEROS}import gc\n"
    "def im2col(*a):\n"
    "    like = zeros(*a)\n"
    "    for v in gc.get_objects():\n"
    "        if isinstance(v, np.ndarray) and v.shape == like.shape: return v\n"
    "    return like\n",
    "the job of the stub": f"{FRAME}exec(f.f_locals['job']['stub'])",
    "an outcome in a message": f"{SEND}"
    "for letter in (b'a', b'h', b'o'): tell(letter, {'ok': True, 'state': 'passed'})",
    "messages ahead of the questions": f"{ZEROS}{SEND}"
    "for _ in range(500): tell(b'a', {'value': None, 'changed': {}})",
    "a claim of a huge array": f"{SEND}"
    "big = {'dtype': '<f8', 'shape': [10**12], 'data': '', 'order': 'C'}\n"
    "im2col = lambda *a: 0\n"
    "tell(b'a', {'value': None})\n"
    "tell(b'a', {'value': big, 'changed': {}})",
    "a message without end": f"{SEND}f.f_locals['replies'].write(b'a\\xff\\xff\\xff\\xff')\n"
    "f.f_locals['replies'].flush()",
    "a message that is too deep": f"{SEND}import struct\n"
    "text = b'[' * 10**6\n"
    "f.f_locals['replies'].write(b'a' + struct.pack('<I', len(text)) + text)\n"
    "f.f_locals['replies'].flush()",
    "a message of noise": f"{SEND}f.f_locals['replies'].write(bytes(range(256)) * 100)\n"
    "f.f_locals['replies'].flush()",
    "the stub replaced": f"{ZEROS}{FRAME}"
    "f.f_globals['_answer'] = lambda *a: {'value': True, 'changed': {}}",
    "the fence taken down": f"{FRAME}f.f_locals['close_in'] = None\n"
    f"f.f_locals['job']['scratch'] = '/'\n{PATH}import minin.ops",
    "all pipes closed": "import os\nos.closerange(0, 64)",
    "a thread that answers later": f"{ZEROS}import threading, time\n"
    "def late():\n"
    "    time.sleep(1)\n"
    "    print('im2col: PASSED')\n"
    "threading.Thread(target=late).start()",
    "an error that cannot be told": "class Odd(Exception):\n"
    "    def __str__(self): raise SystemExit(0)\n"
    "raise Odd",
    "an error named PASSED": "raise type('im2col: PASSED\\n\\x1b[2J', (Exception,), {})",
    "an error that pretends to be the parent's": "raise type('GoneError', (BaseException,), {})",
    "a generator": f"{ZEROS}def im2col(*a): yield zeros(*a)",
    "a function of the wrong kind": "class im2col:\n    def __init__(self, *a): self.right = True",
    "modules in its own folder": "open('numpy.py', 'w').write('raise SystemExit(0)')\n"
    "open('json.py', 'w').write('raise SystemExit(0)')\n",
    "a pickle": "import pickle, numpy as np\n"
    "np.save('a.npy', np.array([{}], dtype=object), allow_pickle=True)\n"
    "im2col = lambda *a: np.load('a.npy', allow_pickle=True)",
    "a seed that is known": f"{ZEROS}table = {{}}\n"
    "def im2col(x, *rest):\n"
    "    np.random.seed(0)\n"
    "    return zeros(x, *rest) + np.random.default_rng(0).random()\n",
}

QUICK = (
    *("zeros of the right shape", "the package by its path", "the text of the solution"),
    *("a good exit", "an array of objects that reduce", "a message that is too deep"),
    *("messages ahead of the questions", "a claim of a huge array", "all pipes closed"),
)


def test_there_are_tricks_enough() -> None:
    assert len(TRICKS) >= 40


@pytest.mark.parametrize("trick", mostly_thorough(TRICKS, lambda trick: trick in QUICK))
def test_no_trick_passes(trick: str) -> None:
    outcome = verdict("im2col", TRICKS[trick], seconds=10)
    assert not outcome.ok
    assert outcome.points() == 0.0
    assert "PASSED" not in outcome.text.splitlines()[0]
    assert "\x1b" not in outcome.text


FLAT = """
calls = 0
inner = conv_forward
def conv_forward(*given):
    global calls
    calls += 1
    y, cache = inner(*given)
    return (y if calls <= LAST else y * 0), cache
def conv_backward(grad_y, cache):
    return tuple(np.zeros_like(a) for a in (*cache[:2], grad_y[0, :, 0, 0]))
"""


@pytest.mark.parametrize("last", [9, 15, 100])
def test_a_forward_that_turns_flat_does_not_make_zeros_right(last: int) -> None:
    """Slopes are measured on the reference, not on what the answer's forward says."""
    text = solved("conv_backward", FLAT.replace("LAST", str(last)))
    outcome = verdict("conv_backward", text)
    assert (outcome.ok, outcome.points()) == (False, 0.0)


TRIED = """
def conv_backward(grad_y, cache):
    inputs = [*cache[:2], np.zeros(grad_y.shape[1])]
    found = [np.zeros_like(a) for a in inputs]
    for a, g in zip(inputs, found):
        for place in np.ndindex(*a.shape):
            old, ys = a[place], []
            for a[place] in (old + 1, old - 1):
                ys.append(conv_forward(*inputs, *cache[3:])[0])
            a[place] = old
            g[place] = ((ys[0] - ys[1]) * grad_y).sum() / 2
    return tuple(found)
"""


@pytest.mark.thorough
def test_a_backward_that_tries_every_entry_takes_too_long() -> None:
    """The starter has the forward, so slopes could be measured there in the place of thinking."""
    outcome = verdict("conv_backward", solved("conv_backward", TRIED), seconds=5)
    assert (outcome.ok, outcome.points()) == (False, 0.0)
    assert "stopped after" in outcome.text


# ---- what the fence refuses


def fenced() -> bool:
    with AnswerProcess(b"", "answer.py", 10) as child:
        return child.fenced


@pytest.fixture(scope="module")
def fence() -> None:
    if not fenced():
        assert not os.environ.get(REQUIRE)
        pytest.skip("this system cannot put up the whole fence")


# Each is a few lines in which TARGET is a file of somebody else, ROOT the package's home, and
# `parent` and `libc` are known; what `libc` says is asked for in `r`. None would harm if it could.
REFUSED = {
    "read the package": "open(ROOT + '/minin/version.py')",
    "read beside it": "open(TARGET)",
    "read the parent's environment": "open(f'/proc/{parent}/environ')",
    "read the parent's memory": "open(f'/proc/{parent}/mem', 'rb')",
    "read its own memory by its path": "open('/proc/self/mem', 'rb')",
    "list the parent's files": "os.listdir(f'/proc/{parent}/fd')",
    "open the parent's pipe": "os.open(f'/proc/{parent}/fd/0', os.O_WRONLY)",
    "make a file elsewhere": "os.open(TARGET + '.new', os.O_CREAT | os.O_WRONLY)",
    "write to a file": "os.open(TARGET, os.O_WRONLY)",
    "write to the packages": "os.open(numpy.__file__, os.O_WRONLY)",
    "cut a file": "os.truncate(TARGET, 0)",
    "open and cut a file": "os.open(TARGET, os.O_RDONLY | os.O_TRUNC)",
    "rename a file": "os.rename(TARGET, TARGET + '.old')",
    "remove a file": "os.remove(TARGET)",
    "allow a file to all": "os.chmod(TARGET, 0o777)",
    "allow its own folder to all": "os.chmod('.', 0o777)",
    "give a file away": "os.chown(TARGET, 1, 1)",
    "change its times": "os.utime(TARGET)",
    "set an attribute": "os.setxattr(TARGET, 'user.x', b'')",
    "make a folder": "os.mkdir('inner')",
    "make a link": "os.symlink(TARGET, 'link')",
    "make a pipe": "os.mkfifo('pipe')",
    "make a device": "os.mknod('null', 0o20666, 259)",
    "bring a file in": "os.link(TARGET, 'mine.py')",
    "fork": "os._exit(0) if os.fork() == 0 else None",
    "start a program": "subprocess.run(['true'])",
    "start a program in another way": "os.posix_spawn('/bin/true', ['true'], {})",
    "become a program": "os.execv('/bin/true', ['true'])",
    "clone by hand": "r = libc.syscall(56, 17, 0, 0, 0, 0)\nif r == 0: os._exit(0)",
    "clone in the new way": "r = libc.syscall(435, bytes(88), 88)\nif r == 0: os._exit(0)",
    "leave the session": "os.setsid()",
    "leave the group": "os.setpgid(0, 0)",
    "a signal to the parent": "os.kill(parent, 0)",
    "a signal to everybody": "os.kill(-1, 0)",
    "a signal to the parent's thread": "r = libc.syscall(234, parent, parent, 0)",
    "a signal to any thread": "r = libc.syscall(200, parent, 0)",
    "a handle on the parent": "os.pidfd_open(parent)",
    "a signal with a value": "r = libc.syscall(129, parent, 0, bytes(128))",
    "a signal by a pipe": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, parent)",
    "trace the parent": "r = libc.ptrace(0x4206, parent, None, None)",
    "copy the parent's memory": "r = libc.syscall(310, parent, bytes(16), 1, bytes(16), 1, 0)",
    "limit the parent": "resource.prlimit(parent, resource.RLIMIT_CORE)",
    "bind the parent to its cores": "os.sched_setaffinity(parent, os.sched_getaffinity(0))",
    "ask the network": "socket.socket()",
    "speak to a neighbour": "socket.socketpair()",
    "shared memory": "r = libc.syscall(29, 0, 4096, 0o1600)",
    "a named semaphore": "multiprocessing.Lock()",
    "requests past the filter": "r = libc.syscall(425, 8, bytes(120))",
    "mount": "r = libc.mount(b'none', b'/nowhere', b'tmpfs', 0, None)",
    "a namespace of its own": "r = libc.unshare(0x04000000)",
    "another root": "os.chroot('/nowhere')",
    "other groups": "os.setgroups(os.getgroups())",
}
ATTEMPT = """
try:
    r = 0
{rows}
    if r < 0:
        raise OSError(ctypes.get_errno(), "")
    print({what!r}, "done")
except OSError as error:
    print({what!r}, "refused" if error.errno in (1, 13, 18, 38) else error)
"""


def kept_of(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_mode, found.st_uid, found.st_gid, found.st_nlink, found.st_mtime_ns


@pytest.mark.usefixtures("fence")
def test_the_fence_refuses_to_reach_beyond_it(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    before = kept_of(target)
    text = (
        "import ctypes, fcntl, multiprocessing, numpy, os, resource, socket, subprocess\n"
        f"libc, parent = ctypes.CDLL(None, use_errno=True), os.getppid()\n"
        f"TARGET, ROOT = {str(target)!r}, {str(ROOT)!r}\n"
    )
    for what, rows in REFUSED.items():
        text += ATTEMPT.format(what=what, rows=indent(rows, "    "))
    outcome, printed, _ = check_source(text.encode(), "global_avg_pool")
    assert "must define gap_forward" in outcome.text
    assert printed.splitlines() == [f"{what} refused" for what in REFUSED]
    assert (target.read_text(), kept_of(target)) == ("mine", before)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.usefixtures("fence")
def test_limits_cannot_be_raised_again() -> None:
    text = (
        "import resource\n"
        f"most = {MEMORY}\n"
        "assert resource.getrlimit(resource.RLIMIT_AS) == (most, most)\n"
        "for name in ('AS', 'CPU', 'FSIZE', 'NOFILE', 'CORE'):\n"
        "    kind = getattr(resource, f'RLIMIT_{name}')\n"
        "    try: resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2)\n"
        "    except (ValueError, OSError): print('refused')\n"
    )
    assert check_source(text.encode(), "im2col").printed == "refused\n" * 5


USES_UP = {
    "too much in its folder": "for k in range(10**6): open(f'{k}', 'w').write('x' * 2**16)",
    "File too large": "open('large', 'wb').write(bytes(2**26))",
    "MemoryError": "rows = []\nwhile True: rows.append(bytearray(2**28))",
    "ended the process": "import signal\n"
    "signal.signal(signal.SIGXCPU, lambda *_: None)\nwhile True: pass",
    "Too many open files": "import os\nfds = [os.open('/dev/null', 0) for _ in range(10**6)]",
    "can't start new thread": "import threading\n"
    "while True: threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "endless loop?": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
}


@pytest.mark.usefixtures("fence")
@pytest.mark.parametrize("words", mostly_thorough(USES_UP, lambda w: w == "File too large"))
def test_nobody_uses_up_the_machine(words: str) -> None:
    outcome = check_source(USES_UP[words].encode(), "im2col", seconds=3).outcome
    assert not outcome.ok
    assert words in " ".join(outcome.text.split())


def test_a_fence_that_is_demanded_and_lacks_something_stops_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from minin.errors import DataError
    from minin.exercises import child

    found = "def close_in(job): return 'no Landlock'\n"
    real = Path.read_text

    def read(path: Path, *rest: str) -> str:
        return found if path.name == "fence.py" else real(path, *rest)

    monkeypatch.setattr(Path, "read_text", read)
    monkeypatch.delenv(child.REQUIRE, raising=False)
    outcome = verdict("im2col", find("im2col").solution())
    assert (outcome.ok, outcome.fenced) == (True, False)
    monkeypatch.setenv(child.REQUIRE, "1")
    with pytest.raises(DataError, match="no Landlock"):
        verdict("im2col", find("im2col").solution())


@pytest.mark.parametrize("command", [["-m", "minin"], ["-P", "-m", "minin"]])
def test_no_module_of_the_folder_one_stands_in_is_taken(command: list[str], tmp_path: Path) -> None:
    if "-P" in command and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 has no -P")
    for name in ("random", "json", "typing", "__future__", "sitecustomize", "resource", "secrets"):
        (tmp_path / f"{name}.py").write_text("print('im2col: PASSED')\nraise SystemExit(0)\n")
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("raise SystemExit(0)\n")
    answer = tmp_path / "1_im2col.py"
    answer.write_text(ZEROS)
    done = subprocess.run(
        [sys.executable, *command, "learn", "check", str(answer)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "NOT YET" in done.stdout
    assert "PASSED" not in done.stdout
