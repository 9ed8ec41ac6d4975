#!/usr/bin/env python3
"""Writes colour.txt: what LittleCMS (through Pillow) makes of some colours between our own profiles.

Usage: colour.py FOLDER > colour.txt
FOLDER holds srgb.icc, display-p3.icc and adobe-rgb.icc, which the ignored test
`write_profiles` of tests/colour.rs writes. Needs Pillow.
"""
import itertools
import sys
from pathlib import Path

from PIL import Image, ImageCms

names = ["srgb", "display-p3", "adobe-rgb"]
folder = Path(sys.argv[1])
levels = [0, 37, 128, 200, 255]
print("# from, to, samples, samples by LittleCMS", ImageCms.core.littlecms_version, "(relative, 8 bits)")
for source, target in itertools.permutations(names, 2):
    transform = ImageCms.buildTransform(
        str(folder / f"{source}.icc"), str(folder / f"{target}.icc"), "RGB", "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    for pixel in itertools.product(levels, repeat=3):
        if sum(pixel) % 3:
            continue
        out = ImageCms.applyTransform(Image.new("RGB", (1, 1), pixel), transform).getpixel((0, 0))
        print(source, target, " ".join(map(str, pixel)), " ".join(map(str, out)), sep="\t")
