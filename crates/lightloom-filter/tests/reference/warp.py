"""Reference values for the filters that draw through a projective map, from scikit-image.

Prints what src/filter/straighten.rs and perspective.rs compare with. Needs numpy and scikit-image:

    python3 tests/reference/warp.py
"""

import math

import numpy as np
from skimage.transform import ProjectiveTransform, warp

width, height = 12, 9
noise = np.array([i * 7919 % 101 / 100 for i in range(width * height)]).reshape(height, width)


def show(name, picture):
    print(name, (picture.shape[1], picture.shape[0]), [round(float(v), 5) for v in picture.ravel()])


# the largest rectangle inside, found by search: the widest of all heights whose corners stay inside
angle = math.radians(12)
c, s = math.cos(angle), math.sin(angle)


def fits(w, h):
    return w * c + h * s <= width + 1e-9 and w * s + h * c <= height + 1e-9


h = max(np.linspace(0, height, 90001), key=lambda h: h * max(0, min((width - h * s) / c, (height - h * c) / s)))
w = min((width - h * s) / c, (height - h * c) / s)
assert fits(w, h)
out_w, out_h = math.floor(w + 1e-3), math.floor(h + 1e-3)
x, y, u, v = (out_w - 1) / 2, (out_h - 1) / 2, (width - 1) / 2, (height - 1) / 2
matrix = np.array([[c, s, u - c * x - s * y], [-s, c, v + s * x - c * y], [0, 0, 1]])
show("TURNED", warp(noise, ProjectiveTransform(matrix), order=3, mode="edge", output_shape=(out_h, out_w), clip=False))

# keystone: 20 % cut on each side at the top, 10 % above and below at the left; corners are edges of pixels
corners = np.array([(0.2, 0.1), (0.8, 0), (1, 1), (0, 0.9)]) * (width, height) - 0.5
rectangle = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (width, height) - 0.5
transform = ProjectiveTransform.from_estimate(rectangle, corners)
show("KEYSTONE", warp(noise, transform, order=3, mode="edge", clip=False))
