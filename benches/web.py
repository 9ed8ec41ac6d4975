#!/usr/bin/env python3
"""Pictures of a server that answers late, by every executor, beside the same pictures from the disk.

    web.py PROGRAM FOLDER [ROUNDS]

The program itself serves FOLDER on this machine, on the same cores, 100 ms late. Prints the median wall time, processor
time and memory of each choice; choices are run in turn.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

program, folder = sys.argv[1:3]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
edit = ["--filter", "resize:width=1600,height=1600", "--format", "jpeg", "--json", "--no-journal"]
late = ["--allow-private", "--no-web-cache", "--per-host", "64"]
choices = {
    "from the disk, hybrid": [folder, "--executor", "hybrid"],
    "hybrid": ["--executor", "hybrid", "--io-threads", "16"],
    "async": ["--executor", "async", "--io-threads", "16"],
    "threads": ["--executor", "threads", "--io-threads", "16"],
    "cores": ["--executor", "cores"],
    "sequential": ["--executor", "sequential"],
}


def run(arguments: list[str]) -> tuple[float, float, float]:
    out = tempfile.mkdtemp(dir=os.path.dirname(folder.rstrip("/")))
    begun = time.monotonic()
    process = subprocess.Popen([program, "process", *arguments, "--out", out, *edit], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    report = json.loads(process.stdout.read())
    _, _, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begun
    assert report["totals"]["failed"] == 0, report["totals"]
    shutil.rmtree(out)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


server = subprocess.Popen([program, "lab", folder, "--serve-sample", "--latency", "100"], stdout=subprocess.PIPE, text=True)
try:
    page = next(word for word in server.stdout.readline().split() if word.startswith("http"))
    figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in choices}
    for _ in range(rounds):
        for name, arguments in choices.items():
            figures[name].append(run(arguments if folder in arguments else [page, *late, *arguments]))
    for name, of_choice in figures.items():
        wall, cpu, memory = (statistics.median(column) for column in zip(*of_choice))
        print(f"{name:24} {wall:7.2f} s  {cpu:7.2f} s of processors  {memory:5.0f} MB")
finally:
    server.terminate()
