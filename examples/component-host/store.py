"""The import `store`, in SQLite: what the engine keeps, without knowing what it is.

A row id that is never used again is the version of a record. A batch is one
transaction, so that of two with the same expectation one finds it broken.
"""

import sqlite3
import time

from wasmtime.component import Record, Variant

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  value BLOB NOT NULL,
  expires_at INTEGER
)
"""
LIVE = "(expires_at IS NULL OR expires_at > ?)"


def record(row):
    made = Record()
    made.key, made.value, made.version = row
    return made


class Store:
    """One connection; the file may have others, in this process or another."""

    def __init__(self, path, now=time.time):
        self._now = now
        self._db = sqlite3.connect(path, timeout=2, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        # Committed is committed: what was spent stays spent.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(SCHEMA)

    def functions(self):
        """What the interface has, by name."""
        return {"read": self.read, "list": self.list, "commit": self.commit}

    def read(self, keys):
        return [self._live(key) for key in keys]

    def list(self, page):
        select = f"SELECT key, value, version FROM records WHERE substr(key, 1, ?) = ? AND key > ? AND {LIVE} ORDER BY key LIMIT ?"
        after = page.cursor or ""
        rows = self._db.execute(select, (len(page.prefix), page.prefix, after, self._now(), page.limit + 1)).fetchall()
        made = Record()
        made.records = [record(row) for row in rows[: page.limit]]
        made.next = rows[page.limit - 1][0] if len(rows) > page.limit else None
        return made

    def commit(self, batch):
        self._db.execute("BEGIN IMMEDIATE")
        try:
            done = all(self._holds(write) for write in batch)
            for write in batch if done else []:
                self._write(write)
            self._db.execute("COMMIT" if done else "ROLLBACK")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return Variant("ok", "committed" if done else "conflict")

    def _live(self, key):
        select = f"SELECT key, value, version FROM records WHERE key = ? AND {LIVE}"
        row = self._db.execute(select, (key, self._now())).fetchone()
        return None if row is None else record(row)

    def _holds(self, write):
        if write.expect.tag == "any":
            return True
        found = self._live(write.key)
        if write.expect.tag == "absent":
            return found is None
        return found is not None and found.version == write.expect.payload

    def _write(self, write):
        self._db.execute("DELETE FROM records WHERE key = ?", (write.key,))
        if write.value is not None:
            insert = "INSERT INTO records (key, value, expires_at) VALUES (?, ?, ?)"
            self._db.execute(insert, (write.key, write.value, getattr(write, "expires-at")))
