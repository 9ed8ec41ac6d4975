"""Times whole jobs of the program and of its peers in turns, and writes the table of docs/speed.md.

    compare.py PROGRAM PHOTOS PNGS [--rounds N] [--workloads a,b] [--write FILE]

PHOTOS are JPEG files of 12 megapixels or more, PNGS are PNG files. They are copied to memory first; results go there.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

EDIT = "--filter brightness_contrast:brightness=10,contrast=15 --filter saturation:factor=1.2 --filter gaussian_blur:sigma=3"
FIT = "--filter resize:mode=fit,width={0},height={0}"
# What it is called; which files it is about; our filters and format.
WORKLOADS = {
    "web": ("JPEG → 1920 px, sharpened → JPEG 85", "photos",
            FIT.format(1920) + " --filter unsharp_mask:sigma=1,amount=0.8 --format jpeg --quality 85"),
    "thumbnail": ("JPEG → 256 px → JPEG 80", "photos", FIT.format(256) + " --format jpeg --quality 80"),
    "edit": ("JPEG → brightness, contrast, saturation, Gaussian σ 3 → JPEG 90", "photos",
             EDIT + " --format jpeg --quality 90"),
    "png": ("PNG → grey, 50 % → PNG", "pngs",
            "--filter greyscale --filter resize:mode=percent,percent=50 --format png"),
    "webp": ("JPEG → 1600 px → WebP 80", "photos", FIT.format(1600) + " --format webp --quality 80"),
}
PEERS = ("pyvips", "opencv")


def resident(session):
    """Bytes held in memory by all processes of a session."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return total


def measured(command, out, expected):
    """Seconds, peak megabytes and megabytes written."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    begin = time.monotonic()
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = [0]
    ended = threading.Event()

    def look():
        while not ended.wait(0.02):
            peak[0] = max(peak[0], resident(process.pid))

    looking = threading.Thread(target=look)
    looking.start()
    errors = process.communicate()[1]
    seconds = time.monotonic() - begin
    ended.set()
    looking.join()
    written = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    if process.returncode != 0 or len(written) != expected:
        sys.exit(f"{command} wrote {len(written)} files of {expected}:\n{errors.decode()}")
    return seconds, peak[0] / 1e6, sum(written) / 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("photos", type=Path)
    parser.add_argument("pngs", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    memory = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        rows = compared(given, memory)
    finally:
        shutil.rmtree(memory)
    table = "\n".join([
        "| job | Lightloom, pictures/s | " + " | ".join(PEERS) + " | against the better one | memory, MB | written, MB |",
        "| --- | ---: | " + "---: | " * len(PEERS) + "---: | ---: | ---: |", *rows])
    print(table)
    if given.write:
        text = given.write.read_text()
        before, after = text.split("<!-- table -->\n")[0], text.split("<!-- end of the table -->\n")[1]
        machine = f"{os.cpu_count()} cores, {time.strftime('%F')}, median of {given.rounds} rounds in turns."
        given.write.write_text(f"{before}<!-- table -->\n{machine}\n\n{table}\n<!-- end of the table -->\n{after}")


def compared(given, memory):
    inputs = {}
    for name, folder in (("photos", given.photos), ("pngs", given.pngs)):
        inputs[name] = memory / name
        shutil.copytree(folder, inputs[name])
    jobs = Path(__file__).with_name("jobs.py")
    out = memory / "out"
    rows = []
    for workload in given.workloads.split(","):
        title, name, options = WORKLOADS[workload]
        commands = {"Lightloom": [given.program, "process", str(inputs[name]), "--out", str(out), "--flat", "--no-journal", *options.split()]}
        for peer in PEERS:
            commands[peer] = [sys.executable, str(jobs), peer, workload, str(inputs[name]), str(out)]
        count = len(list(inputs[name].iterdir()))
        runs = {who: [] for who in commands}
        for _ in range(given.rounds):
            for who, command in commands.items():
                runs[who].append(measured(command, out, count))
        middle = {who: [statistics.median(run[i] for run in of) for i in range(3)] for who, of in runs.items()}
        best = min(PEERS, key=lambda peer: middle[peer][0])
        ratios = [theirs[0] / ours[0] for ours, theirs in zip(runs["Lightloom"], runs[best])]
        of = lambda i, form: " / ".join(form.format(middle[who][i]) for who in ("Lightloom", best))
        rows.append(f"| {title} | " + " | ".join(f"{count / middle[who][0]:.1f}" for who in commands)
                    + f" | {statistics.median(ratios):.2f}× ({min(ratios):.2f}–{max(ratios):.2f}) | {of(1, '{:.0f}')} | {of(2, '{:.2f}')} |")
        print(rows[-1], file=sys.stderr)
    return rows


main()
