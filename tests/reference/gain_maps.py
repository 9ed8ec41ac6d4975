"""What other readers make of a JPEG with a gain map: where the map is, its size, and the HDR picture at some places.

    gain_maps.py FILE X,Y ...

Prints JSON: `map` (its sides), and for each reader the light of red, green and blue at each place, where 1 is the white of
SDR. Readers: `adobe` and `iso`, the two forms of metadata as their specifications have them, with the parts found by the
multi-picture index and decoded by Pillow; and libultrahdr (imagecodecs) and libvips (pyvips), where they are installed.
"""

import io
import json
import struct
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

ADOBE = "{http://ns.adobe.com/hdr-gain-map/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def segments(data):
    """Application segments of a JPEG file: number, place of its content, content."""
    at = 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        if 0xE0 <= data[at + 1] <= 0xEF:
            yield data[at + 1] - 0xE0, at + 4, data[at + 4 : at + 2 + length]
        at += 2 + length


def parts(data):
    """The two files that the multi-picture index of CIPA DC-007 names."""
    start, index = next((at + 4, body[4:]) for number, at, body in segments(data) if number == 2 and body[:4] == b"MPF\0")
    order = "<" if index[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", index, 4)
    (count,) = struct.unpack_from(order + "H", index, at)
    tags = [struct.unpack_from(order + "HHII", index, at + 2 + 12 * i) for i in range(count)]
    entries, size = next((value, number) for tag, _, number, value in tags if tag == 0xB002)
    found = [struct.unpack_from(order + "IIIHH", index, entries + 16 * i) for i in range(size // 16)]
    # The offset of the first is 0, those of the others count from the index.
    return [data[offset + start if offset else 0 :][:length] for _, length, offset, _, _ in found]


def adobe(part):
    """Base and alternate headroom, and a dictionary for each colour, of the map's XMP."""
    packet = next(body for number, _, body in segments(part) if number == 1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"))
    description = next(ElementTree.fromstring(packet.split(b"\0", 1)[1]).iter(RDF + "Description"))

    def values(name, usual):
        one = description.get(ADOBE + name)
        many = description.find(ADOBE + name)
        found = [float(item.text) for item in many.iter(RDF + "li")] if many is not None else [float(one or usual)]
        return (found * 3)[:3]

    names = {"min": ("GainMapMin", 0), "max": ("GainMapMax", 0), "gamma": ("Gamma", 1)}
    names |= {"base": ("OffsetSDR", 1 / 64), "alternate": ("OffsetHDR", 1 / 64)}
    read = {key: values(*name) for key, name in names.items()}
    return [{key: value[colour] for key, value in read.items()} for colour in range(3)]


def iso(part):
    """The same of the block of ISO 21496-1."""
    name = b"urn:iso:std:iso:ts:21496:-1\0"
    block = next(body for number, _, body in segments(part) if number == 2 and body.startswith(name))[len(name) :]
    assert struct.unpack_from(">H", block)[0] == 0, "the version"
    numbers = [over / under for over, under in struct.iter_unpack(">iI", block[5:])][2:]
    keys = ("min", "max", "gamma", "base", "alternate")
    channels = [dict(zip(keys, numbers[at : at + 5])) for at in range(0, len(numbers), 5)]
    return (channels * 3)[:3]


def linear(level):
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def light(base, gains, curves, x, y):
    """Light at a place by ISO 21496-1, with the nearest sample of the map."""
    level = np.asarray(base, float)[y, x] / 255
    share = np.asarray(gains.convert("RGB"), float)[y * gains.height // base.height, x * gains.width // base.width] / 255
    out = []
    for v, s, curve in zip(linear(level), share, curves):
        stops = curve["min"] + (curve["max"] - curve["min"]) * s ** (1 / curve["gamma"])
        out.append((v + curve["base"]) * 2**stops - curve["alternate"])
    return out


def main():
    path, places = sys.argv[1], [tuple(map(int, place.split(","))) for place in sys.argv[2:]]
    with open(path, "rb") as file:
        data = file.read()
    first, second = parts(data)[:2]
    base, gains = Image.open(io.BytesIO(first)).convert("RGB"), Image.open(io.BytesIO(second))
    readers = {form.__name__: [light(base, gains, form(second), x, y) for x, y in places] for form in (adobe, iso)}
    try:
        import imagecodecs

        picture = imagecodecs.ultrahdr_decode(data, dtype="float16")
        readers["libultrahdr"] = [picture[y, x, :3].tolist() for x, y in places]
    except ImportError:
        pass
    try:
        import pyvips

        picture = pyvips.Image.uhdrload_buffer(data).uhdr2scRGB()
        readers["libvips"] = [picture(x, y) for x, y in places]
    except (ImportError, AttributeError):
        pass
    print(json.dumps({"map": [gains.width, gains.height], "readers": readers}))


if __name__ == "__main__":
    main()
