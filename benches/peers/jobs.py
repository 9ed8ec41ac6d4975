"""One peer's job over every file of a folder: jobs.py PEER WORKLOAD IN OUT

As many processes as there are cores, each with one thread, which is the quickest way for a batch with these libraries.
"""
import multiprocessing
import os
import sys
from pathlib import Path


class Pyvips:
    """libvips as its authors advise: shrinking while loading, one pipeline a file."""

    def __init__(self):
        os.environ["VIPS_CONCURRENCY"] = "1"
        import pyvips
        pyvips.cache_set_max(0)
        self.image = pyvips.Image

    def sharpened(self, image):
        return (image * 1.8 - image.gaussblur(1) * 0.8).cast("uchar")

    def web(self, source, target):
        small = self.image.thumbnail(source, 1920, height=1920, size="down")
        self.sharpened(small).jpegsave(f"{target}.jpg", Q=85)

    def thumbnail(self, source, target):
        self.image.thumbnail(source, 256, height=256, size="down").jpegsave(f"{target}.jpg", Q=80)

    def edit(self, source, target):
        image = self.image.new_from_file(source, access="sequential").autorot()
        image = image.linear(1.1 * 1.15, 128 * (1 - 1.15), uchar=True)
        luma = (0.2126, 0.7152, 0.0722)
        rows = [[1.2 * (i == j) - 0.2 * luma[j] for j in range(3)] for i in range(3)]
        image.recomb(rows).cast("uchar").gaussblur(3).jpegsave(f"{target}.jpg", Q=90, subsample_mode="on")

    def png(self, source, target):
        image = self.image.new_from_file(source, access="sequential").colourspace("b-w")
        image.resize(0.5, kernel="lanczos3").pngsave(f"{target}.png", compression=6)

    def webp(self, source, target):
        self.image.thumbnail(source, 1600, height=1600, size="down").webpsave(f"{target}.webp", Q=80)


class OpenCv:
    """OpenCV has no Lanczos filter that averages; its area filter stands in."""

    def __init__(self):
        import cv2
        cv2.setNumThreads(1)
        self.cv2 = cv2

    def fit(self, source, side):
        image = self.cv2.imread(source, self.cv2.IMREAD_COLOR)
        factor = min(1, side / max(image.shape[:2]))
        return self.cv2.resize(image, None, fx=factor, fy=factor, interpolation=self.cv2.INTER_AREA)

    def jpeg(self, image, target, quality):
        self.cv2.imwrite(f"{target}.jpg", image, [self.cv2.IMWRITE_JPEG_QUALITY, quality])

    def web(self, source, target):
        small = self.fit(source, 1920)
        self.jpeg(self.cv2.addWeighted(small, 1.8, self.cv2.GaussianBlur(small, (0, 0), 1), -0.8, 0), target, 85)

    def thumbnail(self, source, target):
        self.jpeg(self.fit(source, 256), target, 80)

    def edit(self, source, target):
        import numpy
        image = self.cv2.imread(source, self.cv2.IMREAD_COLOR)
        image = self.cv2.convertScaleAbs(image, alpha=1.1 * 1.15, beta=128 * (1 - 1.15))
        luma = numpy.array([0.0722, 0.7152, 0.2126])
        image = self.cv2.transform(image, 1.2 * numpy.eye(3) - 0.2 * numpy.tile(luma, (3, 1)))
        self.jpeg(self.cv2.GaussianBlur(image, (0, 0), 3), target, 90)

    def png(self, source, target):
        image = self.cv2.imread(source, self.cv2.IMREAD_GRAYSCALE)
        image = self.cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=self.cv2.INTER_AREA)
        self.cv2.imwrite(f"{target}.png", image, [self.cv2.IMWRITE_PNG_COMPRESSION, 6])

    def webp(self, source, target):
        self.cv2.imwrite(f"{target}.webp", self.fit(source, 1600), [self.cv2.IMWRITE_WEBP_QUALITY, 80])


PEERS = {"pyvips": Pyvips, "opencv": OpenCv}


def start(peer, workload, to):
    global work
    job = getattr(PEERS[peer](), workload)
    work = lambda source: job(str(source), str(to / source.stem))


def run(source):
    work(source)


if __name__ == "__main__":
    peer, workload, folder, to = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), start, (peer, workload, to)) as pool:
        pool.map(run, sorted(folder.iterdir()), chunksize=1)
