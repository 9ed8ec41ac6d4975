#!/usr/bin/env python3
"""Writes benches/results/filters.txt: what every filter takes, beside what other libraries take for the same.

    python3 -m venv venv && venv/bin/pip install numpy opencv-python-headless pillow 'pyvips[binary]'
    venv/bin/python benches/catalogue.py [MEGAPIXELS] [ROUNDS]

The picture is 8-bit RGB, in memory, the same for all. Where there are peers, every round runs each of them and then us, so
that a machine that slows down slows all; the ratio is the median of the rounds' own ratios, the figures are the shortest
in milliseconds. A library that is not installed is left out."""

import datetime
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parent.parent
megapixels = int(sys.argv[1]) if len(sys.argv) > 1 else 24
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
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
        wide_disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
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
            ("median:radius=3", "OpenCV", lambda: cv2.medianBlur(picture, 7)),
            ("median:radius=5", "OpenCV", lambda: cv2.medianBlur(picture, 11)),
            ("bilateral:sigma=5,range=25", "OpenCV", lambda: cv2.bilateralFilter(picture, 15, 25, 5)),
            ("unsharp_mask:sigma=1,amount=0.8", "OpenCV", unsharp),
            ("box_blur:radius=5", "OpenCV", lambda: cv2.blur(picture, (11, 11))),
            ("erode:radius=2", "OpenCV", lambda: cv2.erode(picture, square)),
            ("dilate:radius=2,shape=disc", "OpenCV", lambda: cv2.dilate(picture, disc)),
            ("opening:radius=2,shape=disc", "OpenCV", lambda: cv2.morphologyEx(picture, cv2.MORPH_OPEN, disc)),
            ("closing:radius=3,shape=disc", "OpenCV", lambda: cv2.morphologyEx(picture, cv2.MORPH_CLOSE, wide_disc)),
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
        encoded = vips.copy(interpretation="srgb")
        yield from (
            ("resize:mode=percent,percent=50", "libvips", lambda: vips.resize(0.5).copy_memory()),
            ("gaussian_blur:sigma=3", "libvips", lambda: vips.gaussblur(3).copy_memory()),
            ("gaussian_blur:sigma=20", "libvips", lambda: vips.gaussblur(20).copy_memory()),
            (
                "resize:mode=percent,percent=50,linear=true",
                "libvips",
                lambda: encoded.colourspace("scrgb").resize(0.5).colourspace("srgb").copy_memory(),
            ),
            (
                "gaussian_blur:sigma=3,linear=true",
                "libvips",
                lambda: encoded.colourspace("scrgb").gaussblur(3).colourspace("srgb").copy_memory(),
            ),
            ("median:radius=1", "libvips", lambda: vips.median(3).copy_memory()),
            ("median:radius=2", "libvips", lambda: vips.median(5).copy_memory()),
            (
                "unsharp_mask:sigma=1,amount=0.8",
                "libvips",
                lambda: (vips * 1.8 - vips.gaussblur(1) * 0.8).cast("uchar").copy_memory(),
            ),
        )
    except ImportError:
        pass


def once(function):
    begin = time.perf_counter()
    function()
    return 1e3 * (time.perf_counter() - begin)


def ours(repeats, *names):
    """Shortest milliseconds on one thread and on two by case."""
    command = ["cargo", "bench", "-q", "--bench", "catalogue", "--no-default-features", "--", str(megapixels), str(repeats)]
    text = subprocess.run([*command, *names], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    figures = {}
    for line in text.splitlines():
        name, threads, best, _ = line.split("\t")
        figures.setdefault(name, {})[int(threads)] = float(best)
    return figures


RESIZE, ALONE = "resize:mode=percent,percent=50", "fast_image_resize alone"
theirs = {RESIZE: {}}
for case, library, function in peers():
    theirs.setdefault(case, {})[library] = function

figures = ours(3)
figures.pop(ALONE)
# for each case and library: the shortest time and the ratios of all rounds
found = {}
for case, libraries in theirs.items():
    for function in libraries.values():
        function()
    for number in range(rounds):
        print("round", number + 1, "of", rounds, case, file=sys.stderr)
        times = {library: once(function) for library, function in libraries.items()}
        mine = ours(1, f"={case}", *([f"={ALONE}"] if case == RESIZE else []))
        if case == RESIZE:
            times["fast_image_resize alone"] = mine[ALONE][1]
        for threads, best in mine[case].items():
            figures[case][threads] = min(figures[case][threads], best)
        for library, spent in times.items():
            best, ratios = found.setdefault(case, {}).setdefault(library, (spent, []))
            found[case][library] = (min(best, spent), [*ratios, spent / mine[case][1]])

version = next(l.split('"')[1] for l in open(ROOT / "Cargo.toml") if l.startswith("version"))
with open(ROOT / "benches/results/filters.txt", "w", encoding="utf-8") as file:
    print(f"lightloom {version}, {datetime.date.today()}: {width} × {height} 8-bit RGB, one thread unless said, ms", file=file)
    print(f"{os.cpu_count()} logical cores, load average {os.getloadavg()[0]:.1f} at the end", file=file)
    print(f"ratio: the peer's time over ours, median of {rounds} rounds in turns (lowest–highest); above 1 we are faster\n", file=file)
    print(f"{'filter':<64}{'ms':>9}{'2 threads':>11}{'gain':>7}  peers: ms, ratio", file=file)
    for name, times in figures.items():
        line = f"{name[:62]:<64}{times[1]:>9.1f}{times[2]:>11.1f}{times[1] / times[2]:>6.2f}×"
        for library, (best, ratios) in sorted(found.get(name, {}).items(), key=lambda peer: peer[1][0]):
            middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
            line += f"  {library} {best:.1f}, {middle:.2f}× ({low:.2f}–{high:.2f})"
        print(line, file=file)
