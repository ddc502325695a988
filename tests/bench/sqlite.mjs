// The sqlite3 row design, through its shell: a row a line with the JSON text, canonical columns, three indexes, FULL.
import { rmSync, writeFileSync } from 'node:fs';
import { median, run, storeBytes } from './measure.mjs';
import { sqliteColumns as c } from './questions.mjs';

async function script(file, db, text) {
    writeFileSync(file, text);
    return run('sqlite3', ['-batch', '-init', file, db, '.quit']);
}

export async function load(lines, work) {
    const db = `${work}/rows.sqlite`;
    for (const end of ['', '-wal', '-shm']) rmSync(db + end, { force: true });
    const done = await script(`${work}/rows.sql`, db, `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE log(line TEXT, ts INTEGER, severity INTEGER, service TEXT, message TEXT, trace TEXT);
CREATE TEMP TABLE raw(line TEXT);
.mode ascii
.separator "\\037" "\\n"
.import ${lines} raw
BEGIN;
INSERT INTO log SELECT line, coalesce(${c.epoch}, ${c.ts}), ${c.severity}, ${c.service}, ${c.message}, ${c.trace} FROM raw;
CREATE INDEX log_ts ON log(ts); CREATE INDEX log_severity ON log(severity, ts); CREATE INDEX log_trace ON log(trace);
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
`);
    return { db, wall: done.wall, cpu: done.cpu, peak: done.peak, bytes: storeBytes(db) };
}

export async function ask(db, work, sql, repeats) {
    const done = await script(`${work}/ask.sql`, db, `.timer on\n${`${sql};\n`.repeat(repeats)}`);
    const runs = [...done.out.matchAll(/Run Time: real ([\d.]+) user ([\d.]+) sys ([\d.]+)/g)];
    const real = runs.map((r) => Number(r[1]) * 1000), cpu = runs.map((r) => (Number(r[2]) + Number(r[3])) * 1000);
    return { first: real[0], median: median(real.slice(1).length ? real.slice(1) : real), cpu: median(cpu) };
}
