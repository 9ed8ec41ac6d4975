"""Writes the tables that the tests read: the same rows in each way. Needs pyarrow and polars."""

import pathlib

import polars
import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
rows = range(40)
table = pa.table(
    {
        "id": pa.array([row * 1_000_000_007 - 9 for row in rows], pa.int64()),
        "url": [None if row == 4 else f"https://e.org/pictures/{row:04}.jpg" for row in rows],
        "sizes": [[row, {"a": 1}["a"]] for row in rows],
        "caption": [None if row % 3 == 1 else f"a hut — {row % 5}" for row in rows],
        "bytes": pa.array([b"\xff" for _ in rows], pa.binary()),
        "width": pa.array([640 - row for row in rows], pa.int32()),
        "score": [row / 8 - 1.5 for row in rows],
        "ratio": pa.array([row / 4 for row in rows], pa.float32()),
        "seen": [row % 7 < 3 for row in rows],
    }
)
plain = {"use_dictionary": False, "compression": "none"}
delta = {
    "id": "DELTA_BINARY_PACKED",
    "width": "DELTA_BINARY_PACKED",
    "url": "DELTA_BYTE_ARRAY",
    "caption": "DELTA_LENGTH_BYTE_ARRAY",
}
split = {name: "BYTE_STREAM_SPLIT" for name in ["id", "width", "score", "ratio"]}


def write(name, **settings):
    pq.write_table(table, here / f"{name}.parquet", row_group_size=16, store_schema=False, **settings)


write("plain", **plain)
write("snappy", compression="snappy")
write("gzip-v2", compression="gzip", data_page_version="2.0")
write("zstd-v2", compression="zstd", data_page_version="2.0", use_dictionary=False)
write("delta", column_encoding=delta, **plain)
write("split", column_encoding=split, **plain)
write("brotli", compression="brotli")
write("lz4", compression="lz4")
polars.from_arrow(table).write_parquet(here / "polars.parquet", row_group_size=16)
