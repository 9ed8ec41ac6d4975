"""What becomes of every tag that exiftool reads: over a folder, before and after.

    metadata_sweep.py LIGHTLOOM FOLDER [--formats jpeg,png] [--most 100] [--show 40]

Every tag of a source is kept, or changed for a reason that is named here, or named in a warning of the report. What is none
of these is lost, and the exit code is 1. `--most` takes so many files, spread evenly over the folder. Needs exiftool.
"""

import argparse
import collections
import json
import math
import os
import re
import subprocess
import sys
import tempfile

FORMATS = "jpeg,png,tiff,webp,avif,gif"

# Groups that are about the file itself, or computed from other tags.
NO_METADATA = re.compile(r"^(ExifTool|System|File|Composite|SourceFile)(:|$)")

# Tags that the result states in its own way, or that no longer hold, with the reason.
REASONS = [
    (r"^PNG:(Image(Width|Height)|BitDepth|ColorType|Compression|Filter|Interlace|Gamma|SRGBRendering|Palette\w*|"
     r"BackgroundColor|Transparency|SignificantBits|Animation\w+|ModifyDate|ProfileName|PixelUnits|PixelsPerUnit[XY]|"
     r"(WhitePoint|Red|Green|Blue)[XY]|SuggestedPalette|VirtualPageUnits|VirtualImage(Width|Height)|ImageOffset|"
     r"OffsetUnits|[XY]Offset|FractalParameters|AppleDataOffsets|StereoMode)$", "describes how the source stores its samples"),
    (r"^(PNG-cICP|RIFF|VP8L|JFXX|BMP|PSD|Jpeg2000|JXL|QOI|Radiance|PFM|Meta|QuickTime|Meta Header|ICO|TGA|DDS|PGF|AVIF|HEIC):",
     "describes how the source stores its samples"),
    (r"^GIF:(?!Comment)", "describes how the source stores its samples"),
    (r"^(IFD0|IFD1|IFD2|SubIFD\d*|TIFF):(Image(Width|Height)|BitsPerSample|Compression|Photometric\w*|Strip\w+|Tile\w+|"
     r"SamplesPerPixel|RowsPerStrip|PlanarConfiguration|Predictor|ExtraSamples|SampleFormat|ColorMap|FillOrder|"
     r"SubfileType|OldSubfileType|PageNumber|T4Options|T6Options|JPEG\w+|YCbCr\w+|ReferenceBlackWhite|TransferFunction|"
     r"TransferRange|WhitePoint|PrimaryChromaticities|NumberofInks|InkSet|InkNames|DotRange|HalftoneHints|"
     r"GrayResponse\w+|Thresholding|Cell\w+|Free\w+|MinSampleValue|MaxSampleValue|SMinSampleValue|SMaxSampleValue|"
     r"Matteing|DataType|[XYZ]Position|BadFaxLines|CleanFaxData|ConsecutiveBadFaxLines|Group3Options|Padding|Pixel\w*|"
     r"Other\w+|Preview\w+|JpgFromRaw\w*|SubIFD\w*|Thumbnail(Offset|Length)|StoNits|ImageDepth|TileDepth)$",
     "describes how the source stores its samples"),
    (r":Orientation$", "applied to the pixels"),
    (r":(ExifImage|Image|PixelX|PixelY|RelatedImage)(Width|Height|Length|Dimension)$", "the size of the result"),
    (r":(X|Y)Resolution$|:ResolutionUnit$|:Displayed\w+$", "stated by the result in its own unit"),
    (r"^(JFIF|PNG-pHYs|Adobe|APP14|Ducky:Quality|MPF\d*|JFXX|PNG-tIME|CIFF)\b", "describes the coding of the source"),
    (r"^(IFD1|SubIFD\d*|IFD[2-9])", "a small copy, or another picture of the file"),
    (r":(Thumbnail|Preview)(Image|Offset|Length|ImageStart|ImageLength|Data|TIFF)?\w*$|^PreviewIFD",
     "a small copy of the picture"),
    (r"^Photoshop:(PhotoshopThumbnail|Photoshop(BGR)?Thumbnail|JPEG_Quality|PhotoshopQuality|PhotoshopFormat|"
     r"ProgressiveScans|IPTCDigest|XResolution|YResolution)", "a small copy, or describes the coding of the source"),
    (r"^XMP-xmp:Thumbnails|^XMP-xmp:Thumbnail", "a small copy of the picture"),
    (r"^XMP-(xmpNote|x):", "the packet was put together and written again"),
    (r"^(InteropIFD|ExifIFD:(ColorSpace|InteropIndex|InteropOffset|ExifOffset))", "stated for the colours of the result"),
    (r"^Photoshop:IPTCDigest|:CurrentIPTCDigest$", "holds for other bytes"),
    (r"^IPTC2?:(EnvelopeRecordVersion|ApplicationRecordVersion|CodedCharacterSet)$", "of the block, not the picture"),
    (r"^OpenEXR:(EXRVersion|Flags|Channels|Compression|(Data|Display)Window|LineOrder|PixelAspectRatio|ScreenWindow\w+|"
     r"Chromaticities|Chunk\w+|Tiles|Type|Name|View|WhiteLuminance|Preview\w*|Envmap|DWACompressionLevel)$",
     "describes how the source stores its samples"),
    (r"^MPImage\d|^XMP-Container:|^XMP-GContainer:", "where the parts of the file stand: written anew with those that are kept"),
    (r"^(Track\d|ItemList)", "of a video or an animation"),
]

# What a warning may say for tags of a group.
WARNINGS = [
    (r"^ICC[-_]", r"profile|CMYK|converted|dynamic range"),
    (r"^XMP-(hdrgm|HDRGainMap|apdi)", r"gain map"),
    (r"^XMP", r"XMP"),
    (r"^(IFD0|ExifIFD|GPS|InteropIFD|PrintIM)", r"Exif|tag |tags|offsets"),
    (r"^IPTC", r"IPTC"),
    (r"^Photoshop|^Adobe_", r"Photoshop|IPTC"),
    (r"^(GeoTiff|GDAL)", r"GeoTIFF|GDAL"),
    (r"^APP|^(FlashPix|RMETA|Meta|MetaIFD|PictureInfo|InfiRay|JUMBF|Ducky|AFCP|CanonVRD|SPIFF|Stim|HDR_RI|Kodak)",
     r"segment|C2PA|gain map"),
    (r"^(PNG|GIF|File)", r"texts? |comment|chunk|extension|colour profile"),
    (r"^OpenEXR", r"OpenEXR attribute"),
    (r"", r"maker note|Exif data"),
]

# Files whose metadata other readers do not agree on, with the reason.
EXCEPTIONS = {}


def exiftool(paths):
    with tempfile.NamedTemporaryFile("w", suffix=".args") as args:
        args.write("\n".join(paths))
        args.flush()
        command = ["exiftool", "-j", "-n", "-a", "-G1:4", "-struct", "-charset", "filename=utf8", "-@", args.name]
        out = subprocess.run(command, capture_output=True).stdout
    found = json.loads(out or b"[]")
    return {os.path.realpath(row["SourceFile"]): row for row in found}


def sources(folder, most):
    paths = sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)
    if most and len(paths) > most:
        paths = [paths[i * len(paths) // most] for i in range(most)]
    return paths


def process(lightloom, paths, form, out):
    results = {}
    for begin in range(0, len(paths), 200):
        command = [lightloom, "process", *paths[begin:begin + 200], "--out", out, "--format", form, "--json"]
        done = subprocess.run(command, capture_output=True)
        try:
            rows = json.loads(done.stdout)["images"]
        except (ValueError, KeyError):
            sys.exit(f"no report: {done.stderr.decode('utf8', 'replace')[:500]}")
        for row in rows:
            if row.get("outcome") in ("done", "partial") and row.get("outputs"):
                results[os.path.realpath(row["source"])] = (row["outputs"][0]["path"], row.get("warnings") or [])
    return results


def named(key):
    """A key of exiftool without the number of a copy."""
    return re.sub(r":Copy\d+", "", key)


def plain(value):
    """A text without what readers show differently: white space, and bytes of an unknown character set."""
    if isinstance(value, list):
        return " ".join(map(plain, value))
    return " ".join("".join(c if " " < c <= "~" and c != "?" else " " for c in str(value)).split())


def digits(value):
    """A date or a number without what stands between its digits."""
    return re.sub(r"\D", "", str(value))


def is_in(value, others):
    """Whether a text, a number or a date stands in another text, such as a comment; of a list, each of its items."""
    texts = [str(text) for other in others for text in (other if isinstance(other, list) else [other])]
    if isinstance(value, list):
        return all(str(item) in texts or is_in(item, others) for item in value)
    # IPTC has date and time of day apart, and the zone written otherwise than XMP.
    time = re.match(r"\d\d:\d\d:\d\d(?=[+-]\d\d:\d\d$|Z?$)", str(value))
    if time and any(re.search(rf"[ T]{time[0]}", text) for text in texts):
        return True
    if isinstance(value, str) and (plain(value) or value):
        if any((plain(value) or value) in (plain(text) if plain(value) else text) for text in texts):
            return True
    if len(digits(value)) >= 8:
        return any(digits(value) in digits(text) for text in texts)
    return any(re.search(rf": {re.escape(str(value))}$", text) for text in texts)


def alike(a, b):
    if a == b or plain(a) and plain(a) == plain(b):
        return True
    try:
        return math.isclose(float(a), float(b), rel_tol=1e-4, abs_tol=1e-6)
    except (TypeError, ValueError):
        pass
    # Structures may be written in another order, lists with one item as a value.
    flat = lambda value: re.sub(r"[\s\[\]]", "", json.dumps(value, sort_keys=True))
    return flat(a) == flat(b)


def reason(key):
    return next((why for pattern, why in REASONS if re.search(pattern, key)), None)


def says_srgb(key, tags):
    """Whether a tag is of a profile that says what holds without one."""
    described = tags.get("ICC_Profile:ProfileDescription", "")
    return key.startswith(("ICC_", "ICC-")) and "srgb" in str(described).lower()


def is_in_gain_map(key, path):
    """Whether a tag describes a gain map, which the result has in the form of ISO 21496-1, as a derived image."""
    with open(path, "rb") as file:
        return key.startswith("XMP-hdrgm") and path.endswith(".avif") and b"tmap" in file.read()


def warned(key, warnings):
    words = " / ".join(warnings)
    return any(re.search(group, key) and re.search(said, words) for group, said in WARNINGS)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lightloom")
    parser.add_argument("folder")
    parser.add_argument("--formats", default=FORMATS)
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--show", type=int, default=40)
    options = parser.parse_args()
    paths = sources(options.folder, options.most)
    before = exiftool(paths)
    lost_anywhere = False
    for form in options.formats.split(","):
        counts, lost = collections.Counter(), collections.defaultdict(list)
        with tempfile.TemporaryDirectory() as out:
            results = process(options.lightloom, paths, form, out)
            after = exiftool([path for path, _ in results.values()])
            for source, (path, warnings) in results.items():
                tags = before.get(source, {})
                found = after.get(os.path.realpath(path), {})
                values = collections.defaultdict(list)
                for key, value in found.items():
                    values[key.split(":")[-1].lower()].append(value)
                everything = [value for list_ in values.values() for value in list_]
                for key, value in ((named(key), value) for key, value in tags.items()):
                    if NO_METADATA.search(key) and key != "File:Comment":
                        continue
                    # Such as comments without a character, of which a file of the collection has a hundred thousand.
                    if value == "" and key == "File:Comment":
                        continue
                    name = key.split(":")[-1].lower()
                    if any(alike(value, other) for other in values[name]):
                        counts["kept"] += 1
                    elif is_in(value, everything) or is_in_gain_map(key, path):
                        counts["kept under another name"] += 1
                    elif reason(key) or says_srgb(key, tags):
                        counts["changed for a reason"] += 1
                    elif warned(key, warnings):
                        counts["named in a warning"] += 1
                    elif os.path.basename(source) in EXCEPTIONS:
                        counts["excepted"] += 1
                    else:
                        counts["lost"] += 1
                        lost[key].append((os.path.relpath(source, options.folder), str(value)[:60]))
        print(f"{form}: {len(results)} files;", ", ".join(f"{count} {what}" for what, count in counts.most_common()))
        for key, where in sorted(lost.items(), key=lambda item: -len(item[1]))[:options.show]:
            print(f"  lost {len(where):4} × {key}, for example {where[0][0]}: {where[0][1]!r}")
        lost_anywhere |= bool(lost)
    sys.exit(1 if lost_anywhere else 0)


if __name__ == "__main__":
    main()
