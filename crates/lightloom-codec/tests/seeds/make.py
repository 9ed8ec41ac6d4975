#!/usr/bin/env python3
"""Writes the small files that ../mutation.rs damages, with Pillow (pip install pillow) and jpegtran; with tifffile and imagecodecs, and
with libvips, where they are there. The picture is a computed gradient, so that the files are nobody's but the project's."""
import io
import math
import subprocess
import tempfile
from pathlib import Path
from PIL import Image, ImageFile

here = Path(__file__).parent
rgb = Image.new("RGB", (40, 30))
rgb.putdata([(x * 6 % 256, y * 8 % 256, (x * y) % 256) for y in range(30) for x in range(40)])
rgba = rgb.copy()
rgba.putalpha(Image.linear_gradient("L").resize((40, 30)))
grey = rgb.convert("L")



def unusual_jpegs():
    """JPEGs that ../jpeg.rs reads, and what libjpeg-turbo makes of them: inks as the channels of an RGBA picture."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    expected = here.parent / "expected"
    expected.mkdir(exist_ok=True)
    wave = lambda x, y, a, b: round(127 + 90 * math.sin(x / a + 1) * math.cos(y / b))
    picture = lambda mode, size, waves: Image.merge(mode, [
        Image.frombytes("L", size, bytes(wave(x, y, a, b) for y in range(size[1]) for x in range(size[0])))
        for a, b in waves])

    def write(name, data):
        (here / f"{name}.jpg").write_bytes(data)
        image = Image.open(io.BytesIO(data))
        image = Image.frombytes("RGBA", image.size, image.tobytes()) if image.mode == "CMYK" else image
        image.save(expected / f"{name}.png", optimize=True)

    def jpeg(image, **options):
        out = io.BytesIO()
        image.save(out, "JPEG", **options)
        return out.getvalue()

    inks = picture("CMYK", (37, 29), [(5, 7), (9, 4), (3, 11), (6, 6)])
    chroma_420 = jpeg(inks, subsampling=2)
    write("inks_420", chroma_420)
    write("inks_422_progressive", jpeg(inks, subsampling=1, progressive=True))
    adobe = chroma_420.index(b"Adobe") + 11
    write("ycck_420", chroma_420[:adobe] + b"\2" + chroma_420[adobe + 1:])
    whole = jpeg(picture("RGB", (83, 61), [(9, 14), (17, 8), (5, 21)]), progressive=True, quality=60)
    scans = [i for i in range(len(whole)) if whole[i:i + 2] == b"\xff\xda"]
    tables = whole.rindex(b"\xff\xc4", 0, scans[3])
    write("scans_1", whole[:whole.rindex(b"\xff\xc4", 0, scans[1])] + b"\xff\xd9")
    write("scans_3", whole[:tables] + b"\xff\xd9")
    write("scans_cut", whole[:(scans[1] + tables) // 2])
    # Sequential files whose components come in several scans.
    once = jpeg(picture("RGB", (75, 53), [(9, 14), (17, 8), (5, 21)]), subsampling=2, quality=80)
    for name, scans in [("components", "0; 1; 2;"), ("luma_and_chroma", "0; 1 2;")]:
        with tempfile.NamedTemporaryFile("w") as script:
            script.write(scans)
            script.flush()
            command = ["jpegtran", "-optimize", "-scans", script.name]
            write(name, subprocess.run(command, input=once, capture_output=True, check=True).stdout)


rgb.save(here / "plain.avif", quality=60)
rgba.save(here / "alpha.avif", quality=60)
rgb.save(here / "plain.jp2")
rgb.save(here / "plain.j2k")
rgba.save(here / "plain.dds")
rgba.save(here / "plain.ico", sizes=[(16, 16), (32, 24)])
for name in ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"]:
    rgb.save(here / f"{name}.tif", compression=name)
for name in ["group3", "group4", "tiff_ccitt"]:
    rgb.convert("1").save(here / f"{name}.tif", compression=name)
try:
    import numpy
    import tifffile

    gradient = numpy.asarray(rgb)
    for name in ["zstd", "lzma", "webp"]:
        options = {"level": -1, "lossless": True} if name == "webp" else {}
        tifffile.imwrite(here / f"{name}.tif", gradient, photometric="rgb", rowsperstrip=16, compression=name,
                         compressionargs=options, predictor=name != "webp", metadata=None)
except ImportError as error:
    print("not written:", error)
rgb.quantize(16).save(here / "palette.tif")
rgb.convert("CMYK").save(here / "inks.tif", compression="tiff_lzw")
rgb.convert("LAB").save(here / "lab.tif")
grey.convert("F").save(here / "floats.tif")
rgb.save(here / "progressive.jpg", progressive=True)
rgb.convert("CMYK").save(here / "inks.jpg")
unusual_jpegs()
rgb.quantize(8).save(here / "palette.png")
rgb.save(here / "frames.gif", save_all=True, append_images=[rgb.rotate(90), grey.convert("RGB")])
rgba.save(here / "frames.png", save_all=True, append_images=[rgba.rotate(90)])
rgba.save(here / "frames.webp", save_all=True, append_images=[rgba.rotate(90)])
rgb.quantize(16).save(here / "palette.tga")
rgb.quantize(16).save(here / "palette.bmp")
(here / "drawing.svg").write_text(
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><defs><linearGradient id="g">'
    '<stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue" stop-opacity="0.4"/></linearGradient>'
    '<clipPath id="c"><circle cx="20" cy="15" r="12"/></clipPath></defs><rect width="40" height="30" fill="url(#g)"/>'
    '<path d="M0 0 C 10 30 30 0 40 30 Z" clip-path="url(#c)" stroke="green"/></svg>')


def psd(mode, bits, channels, data):
    head = b"8BPS\0\1" + bytes(6) + channels.to_bytes(2, "big") + (30).to_bytes(4, "big") + (40).to_bytes(4, "big")
    return head + bits.to_bytes(2, "big") + mode.to_bytes(2, "big") + bytes(12) + data


planes = b"".join(band.tobytes() for band in rgb.split())
(here / "raw.psd").write_bytes(psd(3, 8, 3, b"\0\0" + planes))
row = lambda bytes_: b"\x27" + bytes_
packed = b"".join(row(planes[i:i + 40]) for i in range(0, len(planes), 40))
(here / "packed.psd").write_bytes(psd(3, 8, 3, b"\0\1" + (41).to_bytes(2, "big") * 90 + packed))
try:
    import pyvips
    image = pyvips.Image.pngload_buffer(pyvips.Image.new_from_memory(rgb.tobytes(), 40, 30, 3, "uchar").pngsave_buffer())
    image.jxlsave(str(here / "plain.jxl"))
    image.jxlsave(str(here / "lossless.jxl"), lossless=True)
    image.heifsave(str(here / "plain.heic"), compression="hevc")
except Exception as error:
    print("not written:", error)
