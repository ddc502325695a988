// Drives the comparison and writes the table: node compare.mjs PROGRAM LINES WORK PEERS ROUNDS REPEATS EVENTS ENTROPY OUT
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { count, least, machine, median, mega, ms, ratio, row, run, storeBytes } from './measure.mjs';
import { columns, computed, questions } from './questions.mjs';
import * as sqlite from './sqlite.mjs';

const [program, lines, work, peerList, roundsText, repeatsText, wanted, entropy, out] = process.argv.slice(2);
const rounds = Number(roundsText), repeats = Number(repeatsText);
const peers = new Set(peerList.split(',').filter(Boolean));
const bytes = statSync(lines).size;
const say = (text) => process.stderr.write(`${text}\n`);
const worker = fileURLToPath(new URL('./duckdb.mjs', import.meta.url));
const notes = [];

const store = `${work}/bench.faultline`, raw = `${work}/raw.duckdb`, norm = `${work}/normalised.duckdb`;
const quiet = { FAULTLINE_STORE: '', XDG_DATA_HOME: `${work}/data` };

async function duck(job) {
    const done = await run(process.execPath, [worker, `${work}/peers`, JSON.stringify(job)]);
    return JSON.parse(done.out);
}

async function oursIngest() {
    for (const end of ['', '-wal', '-shm', '-lock', '.lock']) rmSync(store + end, { force: true });
    const done = await run(program, ['ingest', lines, '--store', store, '--json', '--timing'], { env: quiet });
    const total = JSON.parse(done.out).total;
    if (total.received.bytes !== bytes || total.stored.records !== total.received.records)
        throw new Error(`the ledger does not add up: ${JSON.stringify(total)} of ${bytes} bytes`);
    return { ...done, size: storeBytes(store), events: total.events };
}

async function oursAsk(question, n) {
    const done = await run(program, [...question.ours, '--store', store, '--timing', String(n)], { env: quiet, ok: [0, 1] });
    const times = JSON.parse(done.err.split('\n').find((l) => l.startsWith('{')));
    return { first: times.first_ms, median: times.median_ms, process: done.cpu, out: done.out, peak: done.peak };
}

/// How DuckDB is told to read the lines: by itself where that works, else after a look at all of them; and, in its best case, with
/// the columns given beforehand.
async function readers() {
    const file = `'${lines.replaceAll("'", "''")}'`;
    const tries = [['read_ndjson_auto', `read_ndjson_auto(${file})`], ['read_ndjson_auto, sample_size=-1', `read_ndjson_auto(${file}, sample_size=-1)`]];
    for (const [name, sql] of tries) {
        try {
            const load = await duck({ job: 'load', db: raw, reader: sql });
            const known = await duck({ job: 'describe', db: raw });
            const list = known.columns.map(([n, t]) => `'${n.replaceAll("'", "''")}': '${t.replaceAll("'", "''")}'`).join(', ');
            return { known, load, auto: { name, sql }, told: { name: 'columns told', sql: `read_ndjson(${file}, columns={${list}})` } };
        } catch (error) {
            notes.push(`DuckDB's \`${name}\` refuses these lines: ${/Error: (.*?)(\n|$)/.exec(error.message)?.[1]?.replace(/in file ".*?",? ?/, '').slice(0, 140) ?? 'see its message'}`);
        }
    }
    throw new Error(notes.join('; '));
}

const ingest = { ours: [], auto: [], told: [] };
let duckSetup = null;
say('lines: into the page cache');
readFileSync(lines).length;
if (peers.has('duckdb')) {
    say('DuckDB: how it can read these lines');
    duckSetup = await readers();
}

for (let r = 0; r < rounds; ++r) {
    say(`ingest, round ${r + 1} of ${rounds}`);
    ingest.ours.push(await oursIngest());
    if (duckSetup) {
        ingest.told.push(await duck({ job: 'load', db: raw, reader: duckSetup.told.sql }));
        // The load that found out how to read is the first of its kind: on a quiet machine it costs a minute for a million lines.
        ingest.auto.push(r === 0 ? duckSetup.load : await duck({ job: 'load', db: raw, reader: duckSetup.auto.sql }));
    }
}
const events = ingest.ours[0].events;
let normalised = null;
if (duckSetup) {
    say('DuckDB: canonical columns computed once');
    normalised = await duck({ job: 'normalise', db: raw, to: norm, columns: Object.entries(columns).map(([n, e]) => `${e} AS ${n}`).join(', ') });
}
let rows = null, lnav = null;
if (peers.has('sqlite')) {
    say('sqlite3: a row a line');
    rows = await sqlite.load(lines, work);
}
if (peers.has('lnav')) {
    say('lnav: open, filter');
    const env = { HOME: work };
    const open = await run('lnav', ['-n', '-c', ':goto 0', '-c', ':hide-lines-before 2100-01-01', lines], { env, ok: [0, 1] });
    const word = await run('lnav', ['-n', '-c', ':filter-in timeout', lines], { env, ok: [0, 1] });
    lnav = { open, word, version: (await run('lnav', ['-V'])).out.trim() };
}

const trace = JSON.parse((await run(program, ['count', 'trace_id:*', '--by', 'trace_id', '--top', '1', '--format', 'json', '--store', store], { env: quiet })).out)[0].trace_id;
const asked = questions({ trace, texts: duckSetup?.known.texts ?? ["''"] });
const results = asked.map((question) => ({ question, ours: [], computed: [], stored: [], rows: [], differs: [] }));
let askPeak = 0;
for (let r = 0; r < rounds; ++r) {
    say(`questions, round ${r + 1} of ${rounds}`);
    for (const result of results) {
        const { question } = result;
        const many = await oursAsk(question, repeats), once = await oursAsk(question, 1);
        askPeak = Math.max(askPeak, many.peak);
        result.ours.push({ first: Math.min(many.first, once.first), median: many.median, cpu: Math.max(0, many.process - once.process) * 1000 / (repeats - 1) });
        if (duckSetup) {
            for (const [kind, db, sql] of [['computed', raw, computed(question.sql)], ['stored', norm, question.sql]]) {
                const got = await duck({ job: 'ask', db, sql, repeats, keep: true });
                result[kind].push({ first: got.first, median: got.median, cpu: got.cpu * 1000 });
                if (r > 0) continue;
                const theirs = question.sqlAnswer(got.rows), mine = question.oursAnswer(many.out);
                if (theirs !== mine) result.differs.push({ kind, mine, theirs });
            }
        }
        if (rows && r === 0 && question.sqlite) result.rows.push(await sqlite.ask(rows.db, work, question.sqlite, 3));
    }
}

// The table.
const text = [];
const version = (await run(program, ['--version'], { ok: [0, 2] })).out.trim().split('\n')[0] || 'faultline';
text.push(`Measured by \`tests/bench/run\` on ${machine()}: ${version}` + (duckSetup ? `, DuckDB ${duckSetup.known.version}` : '') +
    (rows ? `, sqlite3 ${(await run('sqlite3', ['--version'])).out.split(' ')[0]}` : '') + (lnav ? `, ${lnav.version}` : '') + '.');
text.push(`Lines: \`faultline demo --merged --logs-only --events ${wanted} --entropy ${entropy}\`: ${count(events)} lines of twelve loggers in ${mega(bytes)}, `
    + `entropy ${entropy} (the share of requests with random ids; sizes depend on it). ${rounds} interleaved round${rounds === 1 ? '' : 's'}, all files in the page cache. `
    + `Ratios are those of minima; CPU is user + system seconds over all threads.`);
text.push('');
const line = (...cells) => text.push(row(...cells));
line('ingest, durable', 'MB/s', 'CPU s', 'file', 'peak memory', 'median MB/s');
line('---', '---:', '---:', '---:', '---:', '---:');
const speed = (seconds) => (bytes / 1e6 / seconds).toFixed(0);
const ours = { wall: least(ingest.ours.map((i) => i.wall)), cpu: least(ingest.ours.map((i) => i.cpu)), size: least(ingest.ours.map((i) => i.size)), peak: Math.max(...ingest.ours.map((i) => i.peak)) };
line('Faultline', speed(ours.wall), ours.cpu.toFixed(2), mega(ours.size), mega(ours.peak), speed(median(ingest.ours.map((i) => i.wall))));
for (const kind of ['auto', 'told']) {
    if (!duckSetup) break;
    const list = ingest[kind];
    const wall = least(list.map((i) => i.ms)) / 1000, cpu = least(list.map((i) => i.cpu)), size = least(list.map((i) => i.bytes));
    line(`DuckDB, ${duckSetup[kind].name}`, speed(wall), cpu.toFixed(2), mega(size), mega(Math.max(...list.map((i) => i.peak))), speed(median(list.map((i) => i.ms)) / 1000));
    line('*Faultline / this*', `**${ratio(wall, ours.wall)}**`, `**${ratio(ours.cpu, cpu)}**`, `**${ratio(ours.size, size)}**`, '', '');
}
if (normalised)
    line('DuckDB, then canonical columns stored', `+ ${(normalised.ms / 1000).toFixed(1)} s`, `+ ${normalised.cpu.toFixed(2)}`, mega(normalised.bytes), '', '');
if (rows) line('sqlite3, a row a line (once)', speed(rows.wall), rows.cpu.toFixed(2), mega(rows.bytes), mega(rows.peak), '');
if (lnav) line('lnav, opens the file (once; no store)', speed(lnav.open.wall), lnav.open.cpu.toFixed(2), '', mega(lnav.open.peak), '');
text.push('');
text.push('Questions, in ms: the first after opening / the median of the repeats in one process / CPU of a repeat. DuckDB twice: over the '
    + 'table that `read_ndjson_auto` makes, and over one in which time, severity, service, message and trace id are stored as columns '
    + 'of their own. Ratios are Faultline / DuckDB in the same order; below 1 Faultline is faster.');
text.push('');
line('question', 'Faultline', 'DuckDB', 'ratios', 'DuckDB, columns stored', 'ratios', 'sqlite3 rows, median');
line('---', ...Array(6).fill('---:'));
const best = (list) => (list.length ? { first: least(list.map((l) => l.first)), median: least(list.map((l) => l.median)), cpu: least(list.map((l) => l.cpu)) } : null);
const cell = (x) => (x ? [x.first, x.median, x.cpu].map(ms).join(' / ') : '');
const ratios = (x, y) => (y ? [ratio(x.first, y.first), `**${ratio(x.median, y.median)}**`, ratio(x.cpu, y.cpu)].join(' / ') : '');
for (const { question, ours: o, computed: c, stored: s, rows: q, differs } of results) {
    const a = best(o), b = best(c), d = best(s), e = best(q);
    line(question.name, cell(a), cell(b), ratios(a, b), cell(d), ratios(a, d), e ? ms(e.median) : '');
    for (const { kind, mine, theirs } of differs) {
        const left = mine.split('\n'), right = theirs.split('\n');
        const at = Math.max(0, left.findIndex((l, i) => l !== right[i]));
        notes.push(`${question.name}: answers differ (DuckDB, ${kind}), from piece ${at + 1} on: "${left[at]?.slice(0, 100)}" against "${right[at]?.slice(0, 100)}"`);
        say(notes.at(-1));
    }
}
text.push('');
if (lnav) notes.push(`lnav opens the file and filters for "timeout" in ${lnav.word.wall.toFixed(1)} s (${lnav.word.cpu.toFixed(1)} s CPU); it keeps no store, so every start reads again.`);
notes.push(`Peak memory of a question: ${mega(askPeak)}.`);
notes.push(results.some((r) => r.differs.length) ? 'Not all answers are equal, see above.' : duckSetup ? 'Both programs gave the same answers to every question.' : 'No peer to compare answers with.');
for (const note of notes) text.push(`- ${note}`);
writeFileSync(out, `${text.join('\n')}\n`);
process.stdout.write(`${text.join('\n')}\n`);
