#!/usr/bin/env python3
"""Computes filters.txt: what independent implementations make of a small picture.

    python3 -m venv venv && venv/bin/pip install numpy scipy opencv-python-headless scikit-image
    venv/bin/python tests/reference/filters.py

The test in src/tests/reference.rs runs the same filters and compares. One line names a filter, its parameters, how
many pixels at the edges are left out (where the other implementation extends the picture differently) and the least
PSNR in dB; the next line holds 8-bit grey samples in hexadecimal. The first picture is the source."""

import pathlib

import cv2
import numpy as np
from scipy import ndimage
from skimage import morphology

WIDTH, HEIGHT = 96, 64

# of a custom kernel: not alike in any direction
WEIGHTS = np.outer([1, 2, 3, 2, 1], [1, 2, 0, -1, -2])
WEIGHTS[2, 2] = 1


def scene():
    """Slopes, edges in many directions, a texture, and noise."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    picture = 60 + x + 0.5 * y
    picture[(x - 30) ** 2 + (y - 28) ** 2 < 300] += 70
    picture[(x + 2 * y > 130) & (x > 50)] -= 55
    picture[10:22, 60:88] = 128 + 60 * np.sin(x[10:22, 60:88] * 1.1)
    picture += np.random.default_rng(7).normal(0, 4, picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


source = scene()
floats = source.astype(np.float64)


def gaussian(sigma):
    return ndimage.gaussian_filter(floats, sigma, mode="nearest", truncate=3.0)


def gradient(operator, share):
    return np.hypot(operator(floats, 0, mode="nearest"), operator(floats, 1, mode="nearest")) / share


def bilateral(sigma, levels):
    # its disc reaches one and a half standard deviations
    single = source.astype(np.float32)
    return cv2.bilateralFilter(single, 2 * round(1.5 * sigma) + 1, levels, sigma, borderType=cv2.BORDER_REPLICATE)


def median(radius):
    return ndimage.median_filter(source, 2 * radius + 1, mode="nearest")


def non_local_means(levels, patch, search):
    # the definition over whole pictures; scikit-image cuts weights off at exp(-5) and agrees to 43 dB
    room = patch + search
    padded = np.pad(floats, room, mode="edge")
    inner = np.s_[room:-room, room:-room]
    sums, total = np.zeros_like(floats), np.zeros_like(floats)
    for dy in range(-search, search + 1):
        for dx in range(-search, search + 1):
            moved = np.roll(padded, (-dy, -dx), (0, 1))
            distance = ndimage.uniform_filter((padded - moved) ** 2, 2 * patch + 1)[inner]
            weight = np.exp(-distance / levels**2)
            sums += weight * moved[inner]
            total += weight
    return sums / total


def custom():
    return ndimage.correlate(floats, WEIGHTS.astype(float), mode="nearest") / 9 + 30


disc = morphology.disk(3)
cases = [
    ("gaussian_blur sigma=1.5", 0, 50, gaussian(1.5)),
    ("gaussian_blur sigma=4", 0, 50, gaussian(4)),
    ("gaussian_blur sigma=10", 0, 50, gaussian(10)),
    ("unsharp_mask sigma=2,amount=1.2", 0, 50, floats + 1.2 * (floats - gaussian(2))),
    ("high_pass sigma=3", 0, 50, 127.5 + floats - gaussian(3)),
    ("box_blur radius=4", 0, 50, ndimage.uniform_filter(floats, 9, mode="nearest")),
    ("median radius=1", 0, 99, median(1)),
    ("median radius=2", 0, 99, median(2)),
    ("median radius=5", 0, 99, median(5)),
    ("bilateral sigma=4,range=25", 0, 45, bilateral(4, 25)),
    ("non_local_means strength=12,patch=2,search=5", 0, 50, non_local_means(12, 2, 5)),
    ("erode radius=3,shape=disc", 0, 99, ndimage.grey_erosion(source, footprint=disc, mode="nearest")),
    ("dilate radius=3,shape=disc", 0, 99, ndimage.grey_dilation(source, footprint=disc, mode="nearest")),
    ("opening radius=3,shape=disc", 0, 99, ndimage.grey_opening(source, footprint=disc, mode="nearest")),
    ("closing radius=2", 0, 99, ndimage.grey_closing(source, size=5, mode="nearest")),
    (f"custom_kernel kernel={';'.join(map(str, WEIGHTS.flat))},divisor=9,bias=30", 0, 50, custom()),
    ("edge_detect operator=sobel", 0, 50, gradient(ndimage.sobel, 4)),
    ("edge_detect operator=prewitt", 0, 50, gradient(ndimage.prewitt, 3)),
    ("laplacian neighbours=four", 0, 50, np.abs(ndimage.laplace(floats, mode="nearest"))),
    ("clahe clip_limit=3,tiles=2", 0, 45, cv2.createCLAHE(3.0, (2, 2)).apply(source)),
    ("canny sigma=0,low=9.80392,high=19.60784", 0, 45, cv2.Canny(source, 100, 200, L2gradient=True)),
]


def line(samples):
    return np.clip(np.rint(samples), 0, 255).astype(np.uint8).tobytes().hex()


with open(pathlib.Path(__file__).with_name("filters.txt"), "w", encoding="ascii") as file:
    print(f"source {WIDTH} {HEIGHT}\n{line(source)}", file=file)
    for name, margin, quality, samples in cases:
        print(f"{name} {margin} {quality}\n{line(samples)}", file=file)
