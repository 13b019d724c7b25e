/**
 * Tables and functions of the store in PostgreSQL, and how a database gets them.
 *
 * A migration is never changed once it was published; what is to be otherwise is
 * one more. Servers of the version before go on working while a newer one
 * migrates, so a migration only adds.
 */
import type { ClientBase } from 'pg'

/** What the function says no with, inside itself. The class is one that PostgreSQL leaves to applications. */
const CONFLICT = 'EX409'

const RECORDS = `
CREATE TABLE exchequer_records (
  key text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL,
  version bigint NOT NULL,
  expires_at bigint
)`

const EXPIRY = 'CREATE INDEX exchequer_records_expiry ON exchequer_records (expires_at) WHERE expires_at IS NOT NULL'

/** A sequence never goes back, not even when a transaction does. */
const VERSIONS = 'CREATE SEQUENCE exchequer_versions'

/**
 * A batch, in one round trip. Each write states its expectation in the very
 * statement that writes, and so locks the row, or the place where the row would
 * be, until the end of the transaction: no expectation that held can be made
 * untrue by anybody else. Nothing else is read, so that is as good as
 * SERIALIZABLE, and nobody has to try again for want of luck.
 *
 * Writes are made in the order of their keys. Two batches therefore wait for
 * each other, and not in a circle.
 *
 * A batch whose expectation does not hold is undone here, by leaving the block,
 * and not by an error that the server would note in its log.
 */
const COMMIT = `
CREATE FUNCTION exchequer_commit(keys text[], contents bytea[], expects text[], expiries bigint[], moment bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  w record;
BEGIN
  FOR w IN
    SELECT * FROM unnest(keys, contents, expects, expiries) AS b(key, content, expect, expiry) ORDER BY b.key COLLATE "C"
  LOOP
    IF w.expect = 'any' AND w.content IS NULL THEN
      DELETE FROM exchequer_records r WHERE r.key = w.key;
      CONTINUE;
    ELSIF w.expect = 'any' THEN
      INSERT INTO exchequer_records AS r VALUES (w.key, w.content, nextval('exchequer_versions'), w.expiry)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, expires_at = excluded.expires_at;
    ELSIF w.expect = 'absent' THEN
      INSERT INTO exchequer_records AS r VALUES (w.key, coalesce(w.content, ''), nextval('exchequer_versions'), w.expiry)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, expires_at = excluded.expires_at
        WHERE r.expires_at <= moment;
    ELSE
      UPDATE exchequer_records r SET value = coalesce(w.content, ''), version = nextval('exchequer_versions'), expires_at = w.expiry
        WHERE r.key = w.key AND r.version = w.expect::bigint AND (r.expires_at IS NULL OR r.expires_at > moment);
    END IF;
    IF NOT FOUND THEN
      RAISE EXCEPTION USING ERRCODE = '${CONFLICT}';
    END IF;
    IF w.content IS NULL THEN
      DELETE FROM exchequer_records r WHERE r.key = w.key;
    END IF;
  END LOOP;
  RETURN true;
EXCEPTION WHEN SQLSTATE '${CONFLICT}' THEN
  RETURN false;
END $$`

/** Each is carried out whole, once, in this order. */
const MIGRATIONS: readonly (readonly string[])[] = [[RECORDS, EXPIRY, VERSIONS, COMMIT]]

const APPLIED = `
CREATE TABLE IF NOT EXISTS exchequer_migrations (
  version integer PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
)`

/** Of all servers that start at once, one migrates. The number is "exchequr" in ASCII. */
const LOCK = `SELECT pg_advisory_xact_lock(${0x6578_6368_6571_7572n})`

/** Brings the tables up to date. Needs no right to make tables where they are. */
export async function migrate(client: ClientBase): Promise<void> {
  if ((await applied(client)) === MIGRATIONS.length) return
  await client.query('BEGIN')
  try {
    await client.query(LOCK)
    await client.query(APPLIED)
    for (let version = (await applied(client)) + 1; version <= MIGRATIONS.length; version++) {
      for (const sql of MIGRATIONS[version - 1]!) await client.query(sql)
      await client.query('INSERT INTO exchequer_migrations (version) VALUES ($1)', [version])
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

/** How many migrations there were. */
async function applied(client: ClientBase): Promise<number> {
  const { rows: tables } = await client.query("SELECT to_regclass('exchequer_migrations') IS NOT NULL AS there")
  if (!tables[0].there) return 0
  const { rows } = await client.query('SELECT coalesce(max(version), 0) AS version FROM exchequer_migrations')
  const version: number = rows[0].version
  if (version > MIGRATIONS.length) {
    throw new Error(
      `the database was migrated by a newer version of Exchequer (to ${version}; this version knows ${MIGRATIONS.length}); run that version, or restore the backup made before it`,
    )
  }
  return version
}
