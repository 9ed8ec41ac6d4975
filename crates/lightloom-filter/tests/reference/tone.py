"""Reference values for the tone filters, from scipy and OpenCV.

Prints what src/filter/tone_curve.rs and equalize.rs compare with. Needs numpy, scipy and opencv-python-headless:

    python3 tests/reference/tone.py
"""

import cv2
import numpy as np
from scipy.interpolate import PchipInterpolator

curve = PchipInterpolator([0, 0.25, 0.6, 1], [0, 0.1, 0.75, 1])
print("PCHIP", [(x, round(float(curve(x)), 7)) for x in (0.05, 0.125, 0.3, 0.45, 0.59, 0.7, 0.95)])

source = np.array([[i * i // 23 + 30 for i in range(64)]], dtype=np.uint8)
print("EQUALIZED", cv2.equalizeHist(source)[0].tolist())
