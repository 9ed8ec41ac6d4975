"""Compares what Lightloom decodes with what other programs decode: every file of a folder.

    sweep.py LIGHTLOOM FOLDER [--only GLOB]... [--exceptions TSV] [--jobs N] [--details]

Each file is exported as PNG and read by every reader below that is installed. Where at least two readers agree among
themselves, Lightloom must agree with them. What they agree on and Lightloom does not is listed with the reason in
sweep-exceptions.tsv, whose first column is matched against the path below FOLDER; everything else is a failure, and so is
a row of the list that no longer holds. Ends with 0 if nothing failed.

Readers: Pillow with pillow-heif and pillow-jxl-plugin, OpenCV, imagecodecs, tifffile, libvips (pyvips-binary), and
ImageMagick 6 or 7 (`convert` or `magick`):

    python3 -m venv readers
    readers/bin/pip install numpy pillow pillow-heif pillow-jxl-plugin opencv-python-headless imagecodecs tifffile pyvips-binary
    cargo build --release && readers/bin/python tests/reference/sweep.py target/release/lightloom FOLDER

What is compared: the first picture of a file, turned upright, its code values without colour management, colours
multiplied by alpha. Two pictures of 8 bits agree if all samples are equal, of lossy formats if they differ by no more than
decoders of the standard may (see `agree`); where one reader has 8 bits of a picture of 16, within one level of 8 bits.
Not compared: samples in floating point, CMYK and Lab, whose conversion is a matter of choice, and drawings.
"""

import argparse
import csv
import fnmatch
import json
import multiprocessing
import multiprocessing.connection
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings

import numpy as np

# Seconds and bytes that one reader may take for one file: some files are made to take more.
SECONDS = 20
MEMORY = 6 << 30
# Formats in which a decoder may round otherwise than the next.
LOSSY = (".jpg", ".jpeg", ".mpo", ".jfif", ".webp", ".avif", ".avifs", ".heic", ".heif", ".hif", ".jxl", ".jp2", ".j2k", ".tif", ".tiff")


class NotCompared(Exception):
    """The reader has no samples that can be compared."""


def rgba(samples, orientation=1):
    """RGBA from 0 to 1 with colours multiplied by alpha, and the bits of a sample, of an array of rows."""
    samples = np.asarray(samples)
    if samples.dtype == bool:
        samples = samples.astype(np.uint8) * 255
    if samples.dtype not in (np.uint8, np.uint16):
        raise NotCompared(f"samples of type {samples.dtype}")
    if samples.ndim == 2:
        samples = samples[..., None]
    if samples.ndim != 3 or samples.shape[2] not in (1, 2, 3, 4) or 0 in samples.shape:
        raise NotCompared(f"an array of {samples.shape}")
    bits = samples.dtype.itemsize * 8
    unit = samples.astype(np.float32) / (2**bits - 1)
    colours, alpha = (unit, None) if unit.shape[2] in (1, 3) else (unit[..., :-1], unit[..., -1:])
    colours = np.repeat(colours, 3, axis=2) if colours.shape[2] == 1 else colours
    alpha = np.ones_like(colours[..., :1]) if alpha is None else alpha
    return upright(np.concatenate([colours * alpha, alpha], axis=2), orientation), bits


def upright(samples, orientation):
    """Rows turned as Exif's orientation says."""
    if orientation >= 5:
        samples = samples.transpose(1, 0, 2)
    flips = {2: (1,), 3: (0, 1), 4: (0,), 6: (1,), 7: (0, 1), 8: (0,)}.get(orientation, ())
    return np.flip(samples, flips)


def exif_orientation(path):
    """By Pillow, for readers that do not turn; 1 where there is none."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.getexif().get(0x0112, 1) if image.format != "TIFF" else 1
    except Exception:
        return 1


def not_scaled(path, samples):
    """Some readers hand out samples of 10 and 12 bits as numbers of 16 bits, which are not brought to their range."""
    if samples.dtype == np.uint16 and pathlib.Path(path).suffix.lower() in (".avif", ".avifs", ".heic", ".heif"):
        raise NotCompared("samples of 10 or 12 bits that are not scaled")


def by_pillow(path):
    from PIL import Image, ImageOps

    for plugin in ("pillow_heif", "pillow_jxl"):
        try:
            module = __import__(plugin)
            if plugin == "pillow_heif":
                module.register_heif_opener()
        except ImportError:
            pass
    with Image.open(path) as image:
        image.load()
        image = ImageOps.exif_transpose(image)
        if image.mode in ("I", "I;16", "I;16B", "I;16L"):
            return rgba(np.asarray(image).astype(np.uint16))
        if image.mode in ("F", "CMYK", "LAB", "YCbCr", "HSV"):
            raise NotCompared(f"mode {image.mode}")
        return rgba(np.asarray(image.convert("RGBA")))


def by_opencv(path):
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    samples = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError("not read")
    not_scaled(path, samples)
    if samples.ndim == 3 and samples.shape[2] >= 3:
        samples = samples[..., [2, 1, 0] + list(range(3, samples.shape[2]))]
    return rgba(samples, exif_orientation(path))


def by_imagecodecs(path):
    import imagecodecs

    if pathlib.Path(path).suffix.lower() in (".tif", ".tiff"):
        raise NotCompared("tifffile reads these")
    samples = imagecodecs.imread(str(path))
    not_scaled(path, samples)
    if samples.ndim == 4:
        samples = samples[0]
    # Containers that state a turn are turned by their library.
    turned = pathlib.Path(path).suffix.lower() in (".avif", ".avifs", ".heic", ".heif", ".jxl")
    return rgba(samples, 1 if turned else exif_orientation(path))


def by_tifffile(path):
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        samples, photometric = page.asarray(), page.photometric.name
        if page.planarconfig == 2 and samples.ndim == 3:
            samples = samples.transpose(1, 2, 0)
        top = 2**page.bitspersample - 1
        if photometric == "PALETTE":
            samples = page.colormap.transpose(1, 0)[samples]
            samples = samples if samples.max() > 255 else samples.astype(np.uint8)
        elif photometric not in ("MINISBLACK", "MINISWHITE", "RGB"):
            raise NotCompared(photometric)
        elif samples.dtype == bool:
            samples = samples.astype(np.uint8) * 255
        elif page.bitspersample < 8:
            samples = (samples.astype(np.uint32) * 255 // top).astype(np.uint8)
        elif 8 < page.bitspersample < 16:
            samples = (samples.astype(np.uint32) * 65535 // top).astype(np.uint16)
        if photometric == "MINISWHITE" and samples.dtype in (np.uint8, np.uint16):
            samples = np.iinfo(samples.dtype).max - samples
        # More than one extra sample, or one that is not alpha.
        extra = [int(kind) for kind in page.extrasamples or ()]
        colours = 1 if photometric.startswith("MINIS") else 3
        if samples.ndim == 3 and samples.shape[2] > colours and extra[:1] != [2]:
            samples = samples[..., :colours] if extra[:1] != [1] else samples[..., : colours + 1]
            if extra[:1] == [1]:
                raise NotCompared("multiplied by alpha")
        orientation = page.tags.get(274)
        return rgba(samples, orientation.value if orientation else 1)


def by_vips(path):
    import pyvips

    image = pyvips.Image.new_from_file(str(path), fail_on="error").autorot()
    if image.interpretation not in ("srgb", "b-w", "rgb16", "grey16", "rgb", "multiband"):
        raise NotCompared(image.interpretation)
    return rgba(image.numpy())


def by_imagemagick(path):
    program = shutil.which("magick") or shutil.which("convert-im6.q16") or shutil.which("convert")
    if program is None:
        raise ImportError("ImageMagick")
    command = [program, f"{path}[0]", "-auto-orient", "-depth", "16", "PAM:-"]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS)
    if done.returncode or done.stderr:
        raise ValueError(done.stderr.decode("utf8", "replace")[:200])
    head, _, samples = done.stdout.partition(b"ENDHDR\n")
    fields = dict(line.split(None, 1) for line in head.decode().splitlines() if " " in line)
    if fields["TUPLTYPE"].startswith("CMYK"):
        raise NotCompared("CMYK")
    width, height, depth = (int(fields[key]) for key in ("WIDTH", "HEIGHT", "DEPTH"))
    kind = ">u2" if int(fields["MAXVAL"]) > 255 else "u1"
    samples = np.frombuffer(samples, kind).reshape(height, width, depth).astype(kind[-2:].replace(">", ""))
    # A picture of 8 bits comes as one of 16 with each byte twice.
    if samples.dtype == np.uint16 and (samples % 257 == 0).all():
        samples = (samples // 257).astype(np.uint8)
    return rgba(samples)


READERS = {
    "Pillow": by_pillow,
    "OpenCV": by_opencv,
    "imagecodecs": by_imagecodecs,
    "tifffile": by_tifffile,
    "libvips": by_vips,
    "ImageMagick": by_imagemagick,
}


def agree(one, other, lossy):
    """Whether two pictures are the same, as far as decoders of their format have to agree."""
    (a, bits_a), (b, bits_b) = one, other
    if a.shape != b.shape:
        return False
    levels = np.abs(a - b) * 255
    if lossy:
        return levels.mean() <= 0.8 and np.quantile(levels, 0.995) <= 4
    # A reader that keeps the upper half of 16 bits is up to a level off.
    return levels.max() <= (0.01 if bits_a == bits_b else 1.01)


def difference(one, other):
    (a, _), (b, _) = one, other
    if a.shape != b.shape:
        return f"{a.shape[1]} x {a.shape[0]}, not {b.shape[1]} x {b.shape[0]}"
    levels = np.abs(a - b) * 255
    return f"by {levels.mean():.2f} levels on average, {levels.max():.0f} at most"


def read(reader, path, seconds=SECONDS):
    """What a reader sees, or why it sees nothing."""

    def late(*_):
        raise TimeoutError("too slow")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        with warnings.catch_warnings(action="ignore"):
            return READERS[reader](path)
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:120]
    finally:
        signal.alarm(0)


def compare(job):
    """One file: its verdict (`same`, `differs`, `refused` or `open`) and what is to be said."""
    name, path, result, reason = job
    lossy = path.lower().endswith(LOSSY)
    seen = {reader: read(reader, path) for reader in READERS}
    failed = {reader: why for reader, why in seen.items() if isinstance(why, str)}
    seen = {reader: picture for reader, picture in seen.items() if reader not in failed}
    friends = {a: [b for b in seen if agree(seen[a], seen[b], lossy)] for a in seen}
    best = max(friends.values(), key=len, default=[])
    if len(best) < 2:
        return name, "open", "; ".join([f"read by {', '.join(seen) or 'none'}"] + [f"{r}: {w}" for r, w in failed.items()])
    rivals = [group for group in friends.values() if len(group) == len(best) and not set(group) & set(best)]
    if rivals:
        return name, "open", f"{', '.join(best)} against {', '.join(rivals[0])}"
    said = f"{', '.join(best)} agree"
    if result is None:
        return name, "refused", f"{said}; {reason}"
    own = by_own_png(result)
    if isinstance(own, str):
        return name, "open", f"{said}; the result cannot be compared: {own}"
    if any(agree(own, seen[reader], lossy) for reader in best):
        return name, "same", said
    return name, "differs", f"{said}; {difference(own, seen[best[0]])}"


def by_own_png(path):
    """The result, or why it cannot be looked at."""
    import imagecodecs

    try:
        return rgba(imagecodecs.imread(str(path)))
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:120]


def export(program, files, out):
    """Exports every file; where the results are, and why others have none."""
    command = [program, "process", *files, "--out", out, "--format", "png", "--json"]
    done = subprocess.run(command, capture_output=True)
    report = json.loads(done.stdout)
    results, reasons = {}, {}
    for image in report["images"]:
        source = os.path.realpath(image["source"])
        if image["outputs"]:
            results[source] = image["outputs"][0]["path"]
        else:
            reasons[source] = f"{image['outcome']}: {image.get('reason')}"
    return results, reasons


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)


def work(pipe):
    """Compares files until there is none left."""
    limit()
    while (job := pipe.recv()) is not None:
        pipe.send(compare(job))


def compare_all(jobs, workers):
    """Compares files in processes. A reader that crashes ends its process and costs its own file only."""
    context = multiprocessing.get_context("forkserver")
    waiting, idle, running, found = jobs[::-1], [], {}, []
    while waiting or running:
        while waiting and len(running) < workers:
            if not idle:
                pipe, other = context.Pipe()
                process = context.Process(target=work, args=(other,), daemon=True)
                process.start()
                other.close()
                idle.append((process, pipe))
            process, pipe = idle.pop()
            pipe.send(waiting[-1])
            running[pipe] = (process, waiting.pop())
        for pipe in multiprocessing.connection.wait(list(running)):
            process, job = running.pop(pipe)
            try:
                found.append(pipe.recv())
                idle.append((process, pipe))
            except EOFError:
                found.append((job[0], "open", "a reader crashed"))
    return sorted(found)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", action="append", help="a pattern of paths below the folder; may be repeated")
    parser.add_argument("--exceptions", type=pathlib.Path, default=pathlib.Path(__file__).with_name("sweep-exceptions.tsv"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--details", action="store_true", help="also name the files on which readers do not agree")
    return parser.parse_args()


def main():
    options = arguments()
    folder = options.folder.resolve()
    wanted = options.only or ["*"]
    taken = lambda path: path.is_file() and any(fnmatch.fnmatch(str(path.relative_to(folder)), only) for only in wanted)
    files = sorted(filter(taken, folder.rglob("*")))
    with open(options.exceptions, encoding="utf8") as table:
        rows = [row for row in csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE) if row and not row[0].startswith("#")]
    exceptions = {row[0]: row[1] for row in rows}
    with tempfile.TemporaryDirectory(prefix="sweep-") as out:
        results, reasons = export(options.program, [str(p) for p in files], out)
        names = {str(p): str(p.relative_to(folder)) for p in files}
        jobs = [(names[p], p, results.get(p), reasons.get(p, "not taken for a picture")) for p in names]
        found = compare_all(jobs, options.jobs)
    bad, unused = [], set(exceptions) & set(names.values())
    for name, verdict, said in found:
        if verdict in ("differs", "refused"):
            unused.discard(name)
            print(f"{'LISTED' if name in exceptions else 'WRONG'}\t{name}\t{verdict}: {said}\t{exceptions.get(name, '')}")
            bad += [name] if name not in exceptions else []
        elif verdict == "open" and options.details:
            print(f"open\t{name}\t{said}")
    for name in sorted(unused):
        print(f"WRONG\t{name}\tis listed as an exception and is none")
    count = {kind: sum(verdict == kind for _, verdict, _ in found) for kind in ("same", "differs", "refused", "open")}
    agreed = len(found) - count["open"]
    print(f"{len(found)} files; two readers agree on {agreed}: the same {count['same']}, differs {count['differs']}, "
          f"refused {count['refused']}, of which listed {agreed - count['same'] - len(bad)}")
    return 1 if bad or unused else 0


if __name__ == "__main__":
    sys.exit(main())
