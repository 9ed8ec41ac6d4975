#!/usr/bin/env python3
"""Writes benches/results/filters.txt: what every filter takes, beside what other libraries take for the same.

    python3 -m venv venv && venv/bin/pip install numpy opencv-python-headless pillow 'pyvips[binary]'
    venv/bin/python benches/catalogue.py [MEGAPIXELS] [REPEATS]

The picture is 8-bit RGB, in memory, the same for all; figures are the shortest of the repeats in milliseconds, one
thread and two. A library that is not installed is left out. Only ratios on a machine that does nothing else mean
anything; the load while it ran stands in the table."""

import datetime
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parent.parent
megapixels = int(sys.argv[1]) if len(sys.argv) > 1 else 24
repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
os.environ["VIPS_CONCURRENCY"] = "1"
import numpy as np

height = int((megapixels * 1e6 / 1.5) ** 0.5)
width = height * 3 // 2
noise = np.random.default_rng(1).integers(0, 32, (height, width, 3))
picture = ((np.arange(height * width * 3).reshape(height, width, 3) // 97 % 256 // 2) + noise).astype(np.uint8)


def peers():
    """For each of our cases what libraries call the same: (case, library, function)."""
    try:
        import cv2

        cv2.setNumThreads(1)

        def unsharp():
            return cv2.addWeighted(picture, 1.8, cv2.GaussianBlur(picture, (0, 0), 1), -0.8, 0)

        square = np.ones((5, 5), np.uint8)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 6, 1)
        table = np.arange(256, dtype=np.uint8)[::-1].copy()
        kernel = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], np.float32)
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        yield from (
            ("gaussian_blur:sigma=3", "OpenCV", lambda: cv2.GaussianBlur(picture, (0, 0), 3)),
            ("gaussian_blur:sigma=20", "OpenCV", lambda: cv2.GaussianBlur(picture, (0, 0), 20)),
            ("gaussian_blur:sigma=4", "OpenCV", lambda: cv2.GaussianBlur(picture, (0, 0), 4)),
            ("median:radius=1", "OpenCV", lambda: cv2.medianBlur(picture, 3)),
            ("median:radius=2", "OpenCV", lambda: cv2.medianBlur(picture, 5)),
            ("median:radius=5", "OpenCV", lambda: cv2.medianBlur(picture, 11)),
            ("bilateral:sigma=5,range=25", "OpenCV", lambda: cv2.bilateralFilter(picture, 15, 25, 5)),
            ("unsharp_mask:sigma=1,amount=0.8", "OpenCV", unsharp),
            ("box_blur:radius=5", "OpenCV", lambda: cv2.blur(picture, (11, 11))),
            ("erode:radius=2", "OpenCV", lambda: cv2.erode(picture, square)),
            ("dilate:radius=2,shape=disc", "OpenCV", lambda: cv2.dilate(picture, disc)),
            ("opening:radius=2,shape=disc", "OpenCV", lambda: cv2.morphologyEx(picture, cv2.MORPH_OPEN, disc)),
            ("custom_kernel:kernel=-2 -1 0 -1 1 1 0 1 2", "OpenCV", lambda: cv2.filter2D(picture, -1, kernel)),
            ("invert", "OpenCV", lambda: cv2.bitwise_not(picture)),
            ("gamma:gamma=1.5", "OpenCV", lambda: cv2.LUT(picture, table)),
            ("greyscale", "OpenCV", lambda: cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)),
            ("rotate", "OpenCV", lambda: cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE)),
            ("flip", "OpenCV", lambda: cv2.flip(picture, 1)),
            ("straighten:angle=6", "OpenCV", lambda: cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_CUBIC)),
            ("clahe:clip_limit=3", "OpenCV (grey)", lambda: cv2.createCLAHE(3.0, (8, 8)).apply(grey)),
            ("canny", "OpenCV (grey)", lambda: cv2.Canny(grey, 50, 100)),
        )
    except ImportError:
        pass
    try:
        from PIL import Image, ImageFilter

        image = Image.fromarray(picture)
        yield from (
            ("resize:mode=percent,percent=50", "Pillow", lambda: image.resize((width // 2, height // 2), Image.LANCZOS)),
            ("gaussian_blur:sigma=3", "Pillow (3 boxes)", lambda: image.filter(ImageFilter.GaussianBlur(3))),
            ("gaussian_blur:sigma=20", "Pillow (3 boxes)", lambda: image.filter(ImageFilter.GaussianBlur(20))),
            ("unsharp_mask:sigma=1,amount=0.8", "Pillow", lambda: image.filter(ImageFilter.UnsharpMask(1, 80, 0))),
        )
    except ImportError:
        pass
    try:
        import pyvips

        pyvips.cache_set_max(0)
        vips = pyvips.Image.new_from_array(picture).copy_memory()
        yield from (
            ("resize:mode=percent,percent=50", "libvips", lambda: vips.resize(0.5).copy_memory()),
            ("gaussian_blur:sigma=3", "libvips", lambda: vips.gaussblur(3).copy_memory()),
            ("gaussian_blur:sigma=20", "libvips", lambda: vips.gaussblur(20).copy_memory()),
        )
    except ImportError:
        pass


def shortest(function):
    times = []
    for i in range(repeats + 1):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
        if times[-1] > 8:
            break
    return 1e3 * min(times[1:] or times)


theirs = {}
for case, library, function in peers():
    print("peer:", library, case, file=sys.stderr)
    theirs.setdefault(case, []).append((shortest(function), library))

command = ["cargo", "bench", "--bench", "catalogue", "--no-default-features", "--", str(megapixels), str(repeats)]
lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
ours = {}
for line in lines:
    name, threads, best, _ = line.split("\t")
    ours.setdefault(name, {})[int(threads)] = float(best)

version = next(l.split('"')[1] for l in open(ROOT / "Cargo.toml") if l.startswith("version"))
with open(ROOT / "benches/results/filters.txt", "w", encoding="utf-8") as file:
    print(f"lightloom {version}, {datetime.date.today()}: {width} × {height} 8-bit RGB, shortest of {repeats} runs", file=file)
    print(f"{os.cpu_count()} logical cores, load average {os.getloadavg()[0]:.1f} at the end; ms, one thread unless said\n", file=file)
    print(f"{'filter':<64}{'ms':>9}{'2 threads':>11}{'gain':>7}{'best peer':>11}{'ratio':>7}", file=file)
    for name, figures in ours.items():
        one, two = figures[1], figures[2]
        line = f"{name[:62]:<64}{one:>9.1f}{two:>11.1f}{one / two:>6.2f}×"
        if name in theirs:
            peer, library = min(theirs[name])
            line += f"{peer:>11.1f}{peer / one:>6.2f}×  {library}"
        print(line, file=file)
