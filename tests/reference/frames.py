"""Prints what Pillow sees in animations and writes every composed frame as raw RGBA: the reference of tests/second_reader.rs.

Usage: frames.py FILE... ; for each frame a line 'FILE NUMBER WIDTH HEIGHT MILLISECONDS LOOP', pixels in FILE.NUMBER.rgba.
With 'make FOLDER' as arguments it writes animations that use every kind of disposal and blending.
"""
import sys

from PIL import Image, ImageDraw


def show(path):
    image = Image.open(path)
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frame = image.convert("RGBA")
        # Of WebP, Pillow knows how long a frame takes only once it is decoded.
        print(path, number, frame.width, frame.height, int(image.info.get("duration", 0)), image.info.get("loop", -1))
        with open(f"{path}.{number}.rgba", "wb") as out:
            out.write(frame.tobytes())


def make(folder):
    frames = []
    for number in range(6):
        frame = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
        draw = ImageDraw.Draw(frame)
        draw.rectangle([number * 5, 4, number * 5 + 9, 14], fill=(250, number * 40, 10, 255))
        draw.rectangle([20, 16 + number, 35, 20 + number], fill=(10, 200, number * 30, 255))
        frames.append(frame)
    rest = dict(save_all=True, append_images=frames[1:], duration=[40, 50, 60, 70, 80, 90])
    for disposal in (1, 2, 3):
        frames[0].save(f"{folder}/disposal{disposal}.gif", disposal=disposal, loop=disposal - 1, **rest)
    frames[0].save(f"{folder}/once.gif", disposal=2, **rest)
    # Several frames in a row that are taken back (disposal 2) are composed by Pillow as if each had stayed.
    for disposal in (0, 1):
        for blend in (0, 1):
            name = f"{folder}/disposal{disposal}blend{blend}.png"
            frames[0].save(name, disposal=disposal, blend=blend, loop=disposal, **rest)
    # Opaque or not: what is half transparent Pillow interpolates, where the PNG standard lays it over (Porter and Duff).
    half = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    ImageDraw.Draw(half).rectangle([0, 0, 19, 29], fill=(90, 30, 200, 255))
    frames[0].save(f"{folder}/over.png", blend=1, disposal=0, loop=0, save_all=True, append_images=[half, frames[1], half])
    frames[0].save(f"{folder}/lossless.webp", lossless=True, loop=4, **rest)
    frames[0].save(f"{folder}/lossy.webp", quality=80, loop=0, **rest)
    opaque = [Image.new("RGB", (40, 30), (number * 40, 90, 200 - number * 20)) for number in range(6)]
    opaque_rest = dict(rest, append_images=opaque[1:])
    opaque[0].save(f"{folder}/opaque.webp", lossless=True, loop=0, **opaque_rest)
    # A veil of every transparency that moves over the rest.
    veils = []
    for number in range(6):
        veil = frames[0].copy()
        for x in range(40):
            for y in range(number, 30, 2):
                veil.putpixel((x, y), (5 * x, 250 - 8 * y, 40 * number, (6 * x + 3 * y + 20 * number) % 256))
        veils.append(veil)
    veil_rest = dict(rest, append_images=veils[1:])
    veils[0].save(f"{folder}/half.webp", lossless=True, exact=True, loop=0, **veil_rest)


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    for path in sys.argv[1:]:
        show(path)
