"""Reference values for the colour filters, from colorsys, numpy and colour-science.

Prints what src/filter/hue.rs, lut.rs and white_balance.rs compare with. Needs numpy and colour-science:

    python3 tests/reference/hues_and_tables.py
"""

import colorsys

import colour
import numpy as np

turned = []
for rgb in [(0.2, 0.5, 0.3), (0.9, 0.7, 0.1), (0.4, 0.1, 0.6)]:
    h, l, s = colorsys.rgb_to_hls(*rgb)
    turned += [round(v, 6) for v in colorsys.hls_to_rgb((h + 50 / 360) % 1, l, s)]
print("TURNED", turned)

# a cube of side 5 whose points are far from linear, looked up tetrahedrally
n = 5
axis = np.linspace(0, 1, n)
r, g, b = np.meshgrid(axis, axis, axis, indexing="ij")
table = np.stack([r**2, np.sqrt(g) * (1 - b), (r + g * b) / 2], axis=-1)
colours = [(0.1, 0.2, 0.3), (0.9, 0.35, 0.6), (0.62, 0.77, 0.11), (0.5, 0.5, 0.99), (0.33, 0.02, 0.98), (0.8, 0.81, 0.05)]
looked = colour.algebra.table_interpolation_tetrahedral(np.array(colours), table)
print("LOOKED_UP", [(c, [round(float(v), 6) for v in e]) for c, e in zip(colours, looked)])

# Bradford from D65 to D50, both with the luminance of 1, on linear sRGB
d65, d50 = colour.xy_to_XYZ(np.array([0.31272, 0.32903])), colour.xy_to_XYZ(np.array([0.34567, 0.35851]))
adapt = colour.adaptation.matrix_chromatic_adaptation_VonKries(d65, d50, transform="Bradford")
print("BRADFORD_D50", np.round(adapt, 6).tolist())
