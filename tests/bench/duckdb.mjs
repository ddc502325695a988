// DuckDB as one process a job: node duckdb.mjs PEERS '{"job": ...}' prints one JSON object. A job is a load, a normalisation or
// a question asked several times; CPU seconds are those of the job without the start of node.
import { createRequire } from 'node:module';
import { statSync, rmSync } from 'node:fs';

const require = createRequire(`${process.argv[2]}/`);
const { DuckDBInstance, version } = require('@duckdb/node-api');
const job = JSON.parse(process.argv[3]);
const quote = (text) => `'${text.replaceAll("'", "''")}'`;

const now = () => Number(process.hrtime.bigint()) / 1e6;
async function timed(body) {
    const cpu = process.cpuUsage(), begin = now();
    const result = await body();
    const wall = now() - begin, spent = process.cpuUsage(cpu);
    return { result, ms: wall, cpu: (spent.user + spent.system) / 1e6 };
}
const plain = (value) => (typeof value === 'bigint' ? Number(value) : value === null || typeof value !== 'object' ? value : value.items ? value.items.map(plain) : String(value));

/// Text leaves of a column, as expressions, for a word in any field.
function leaves(expression, type) {
    const name = type.toString();
    if (name === 'VARCHAR' || name === 'JSON') return [name === 'JSON' ? `${expression}::VARCHAR` : expression];
    if (type.entryNames) return type.entryNames.flatMap((n, i) => leaves(`${expression}[${quote(n)}]`, type.entryTypes[i]));
    if (type.valueType) return leaves(`array_to_string(${expression}, ' ')`, type.valueType);
    return [];
}

const open = (path, options = {}) => DuckDBInstance.create(path, options);

async function load() {
    rmSync(job.db, { force: true });
    rmSync(`${job.db}.wal`, { force: true });
    const done = await timed(async () => {
        const instance = await open(job.db);
        const connection = await instance.connect();
        await connection.run(`CREATE TABLE ev AS SELECT * FROM ${job.reader}`);
        await connection.run('CHECKPOINT');
        connection.closeSync();
        instance.closeSync();
    });
    return { ms: done.ms, cpu: done.cpu, bytes: statSync(job.db).size, peak: process.resourceUsage().maxRSS * 1024 };
}

/// A second file with the canonical columns computed once, as an importer would.
async function normalise() {
    rmSync(job.to, { force: true });
    const done = await timed(async () => {
        const instance = await open(job.to);
        const connection = await instance.connect();
        await connection.run(`ATTACH ${quote(job.db)} AS raw (READ_ONLY)`);
        await connection.run(`CREATE TABLE ev AS SELECT *, ${job.columns} FROM raw.ev`);
        await connection.run('CHECKPOINT');
        connection.closeSync();
        instance.closeSync();
    });
    return { ms: done.ms, cpu: done.cpu, bytes: statSync(job.to).size };
}

async function describe() {
    const instance = await open(job.db, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll('SELECT * FROM ev LIMIT 0');
    const types = reader.columnTypes();
    const texts = reader.columnNames().flatMap((n, i) => leaves(`"${n.replaceAll('"', '""')}"`, types[i]));
    const columns = (await connection.runAndReadAll("SELECT column_name, column_type FROM (DESCRIBE ev)")).getRows();
    const release = (await connection.runAndReadAll('SELECT version()')).getRows()[0][0];
    return { texts, columns, version: release };
}

async function ask() {
    const instance = await open(job.db, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const statement = await connection.prepare(job.sql);
    const times = [];
    let rows = [], cpuRest = 0, cpuFirst = 0;
    for (let i = 0; i < job.repeats; ++i) {
        const done = await timed(async () => (await statement.runAndReadAll()).getRows());
        times.push(done.ms);
        if (i === 0) cpuFirst = done.cpu; else cpuRest += done.cpu;
        rows = done.result;
    }
    const sorted = [...times].sort((a, b) => a - b);
    return { first: times[0], median: sorted[sorted.length >> 1], min: sorted[0], cpuFirst, cpu: cpuRest / Math.max(1, job.repeats - 1),
             rows: job.keep ? rows.map((r) => r.map(plain)) : rows.length };
}

const result = await { load, normalise, describe, ask }[job.job]();
process.stdout.write(JSON.stringify(result));
