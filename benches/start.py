#!/usr/bin/env python3
"""How soon the program is there: `process` on one small picture, and the first frame of its window.

    benches/start.py PROGRAM [process] [window] [--starts N]

PROGRAM is a release build. Each figure is the median of N starts (30) with the page cache warm, and the smallest of them in
brackets. `process` decodes, resizes and encodes one picture of 640 × 427 pixels; results and journal are in memory where
/dev/shm is, so that no disk is measured. It also says what a start is made of: processor time, page faults, relocations,
threads. The window needs Xvfb and libX11, and takes openbox if it is there; its time ends when a pixel in the middle of the
screen is no longer what it was before the program began."""

import argparse
import ctypes
import ctypes.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None


def figures(times):
    return f"{statistics.median(times):6.1f} ms ({min(times):.1f})"


def started(command, environment):
    """Milliseconds until it has ended, and the resources that it used."""
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    begun = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=quiet)
    _, status, used = os.wait4(process, 0)
    spent = 1e3 * (time.perf_counter() - begun)
    if status != 0:
        sys.exit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return spent, used


def relocations(program, environment):
    """What the dynamic loader says of its own work."""
    loud = {**environment, "LD_DEBUG": "statistics"}
    said = subprocess.run([program, "--version"], env=loud, capture_output=True, text=True).stderr
    number = re.search(r"number of relative relocations: (\d+)", said)
    return number[1] if number else "?"


def threads(command, environment):
    """Threads that were started, counted by strace; None where that is missing."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile("r") as trace:
        traced = ["strace", "-f", "-qq", "-e", "trace=clone,clone3", "-o", trace.name, *command]
        subprocess.run(traced, env=environment, capture_output=True, check=True)
        return 1 + sum("CLONE_THREAD" in line for line in trace)


def process(program, starts, work, environment):
    picture = str(work / "small.jpg")
    sample = str(ROOT / "assets/samples/studies/tomatoes.jpg")
    small = [program, "process", sample, "--out", str(work), "--filter", "resize:mode=fit,width=640,height=640"]
    subprocess.run(small, env=environment, check=True, capture_output=True)
    (work / "tomatoes.jpg").rename(picture)
    resize = ["--filter", "resize:mode=fit,width=256,height=256"]
    for name, rest in (("--version", ["--version"]), ("process", ["process", picture, "--out", str(work / "out"), *resize])):
        command = [program, *rest]
        measured = []
        for _ in range(starts + 1):
            shutil.rmtree(work / "out", ignore_errors=True)
            measured.append(started(command, environment))
        # the first one warms up
        times, used = zip(*measured[1:])
        processor = [1e3 * (one.ru_utime + one.ru_stime) for one in used]
        faults = statistics.median(one.ru_minflt for one in used)
        shutil.rmtree(work / "out", ignore_errors=True)
        count = threads(command, environment)
        print(f"{name:<12}{figures(times)}, of the processor {figures(processor)}, {faults:.0f} page faults, "
              f"{count or '?'} threads, {used[-1].ru_maxrss / 1024:.0f} MB")
    print(f"{'loader':<12}{relocations(program, environment)} relative relocations")


class Screen:
    """A virtual display, and the colour in its middle."""

    WIDTH, HEIGHT = 1600, 1000

    def __init__(self, environment):
        self.read, write = os.pipe()
        screen = f"{self.WIDTH}x{self.HEIGHT}x24"
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp"]
        self.processes = [subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)]
        os.close(write)
        self.name = ":" + os.read(self.read, 16).decode().strip()
        self.x = ctypes.CDLL(ctypes.util.find_library("X11"))
        self.x.XOpenDisplay.restype = self.x.XDefaultRootWindow.restype = ctypes.c_void_p
        self.x.XGetImage.restype = ctypes.c_void_p
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(self.name.encode()))
        self.root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))
        if shutil.which("openbox"):
            with_display = {**environment, "DISPLAY": self.name}
            self.processes.append(subprocess.Popen(["openbox"], env=with_display, stdout=subprocess.DEVNULL,
                                                    stderr=subprocess.DEVNULL))
            time.sleep(1)

    def middle(self):
        """The pixel where any large window is."""
        plane, pixmap = ctypes.c_ulong(0xFFFFFF), 2
        image = ctypes.c_void_p(
            self.x.XGetImage(self.display, self.root, self.WIDTH // 2, self.HEIGHT // 2, 1, 1, plane, pixmap))
        # XImage: four numbers, then what points to the samples
        data = ctypes.cast(image, ctypes.POINTER(ctypes.c_void_p))[2]
        pixel = ctypes.cast(data, ctypes.POINTER(ctypes.c_uint32))[0] & 0xFFFFFF
        self.x.XDestroyImage(image)
        return pixel

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


def window(program, starts, work, environment):
    screen = Screen(environment)
    try:
        environment = {**environment, "DISPLAY": screen.name, "LIBGL_ALWAYS_SOFTWARE": "1", "XDG_RUNTIME_DIR": str(work)}
        environment.pop("WAYLAND_DISPLAY", None)
        times = []
        for _ in range(starts + 1):
            before = screen.middle()
            begun = time.perf_counter()
            process = subprocess.Popen([program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while screen.middle() == before:
                if process.poll() is not None or time.perf_counter() - begun > 30:
                    sys.exit("the window does not come")
                time.sleep(0.001)
            times.append(1e3 * (time.perf_counter() - begun))
            process.terminate()
            process.wait()
            time.sleep(0.3)
        print(f"{'first frame':<12}{figures(times[1:])}, drawn by the processor")
    finally:
        screen.close()


def main():
    parts = {"process": process, "window": window}
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("parts", nargs="*", default=[], help=", ".join(parts))
    parser.add_argument("--starts", type=int, default=30)
    given = parser.parse_args()
    program = str(Path(given.program).resolve())
    with tempfile.TemporaryDirectory(dir=MEMORY) as work:
        home = {"HOME": work, **{f"XDG_{kind}_HOME": f"{work}/{kind.lower()}" for kind in ("DATA", "CONFIG", "CACHE", "STATE")}}
        for part in given.parts or parts:
            parts[part](program, given.starts, Path(work), {**os.environ, **home})


main()
