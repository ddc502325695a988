// The folder of .gz files: node gz.mjs PROGRAM FOLDER WORK ROUNDS ENTROPY OUT
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { count, least, machine, median, mega, ratio, row, run, storeBytes } from './measure.mjs';

const [program, folder, work, roundsText, entropy, out] = process.argv.slice(2);
const rounds = Number(roundsText);
const files = readdirSync(folder).filter((f) => f.endsWith('.gz')).map((f) => `${folder}/${f}`);
const packed = files.reduce((sum, f) => sum + statSync(f).size, 0);
const store = `${work}/gz.faultline`;
const env = { FAULTLINE_STORE: '', XDG_DATA_HOME: `${work}/data` };
const say = (text) => process.stderr.write(`${text}\n`);

/// One `gzip -dc` a core, all files.
function inflate() {
    return run('bash', ['-c', 'cores=$1; shift; printf "%s\\0" "$@" | xargs -0 -n1 -P "$cores" gzip -dc >/dev/null', 'bash', String(os.cpus().length), ...files]);
}

/// An ingest; with `watch`, another process counts the rows again and again until it sees some: the time of the answer is kept.
async function ingest(watch) {
    for (const end of ['', '-wal', '-shm', '-lock', '.lock']) rmSync(store + end, { force: true });
    let busy = false, firstRows = null, seen = 0, whileReading = 0;
    const during = (pid, seconds) => {
        if (!watch || busy || (firstRows !== null && seconds < firstRows + 2 * (whileReading + 1))) return;
        busy = true;
        const begin = process.hrtime.bigint();
        run(program, ['count', '--store', store], { env, ok: [0, 1, 3] }).then((got) => {
            busy = false;
            const rows = parseInt(got.out, 10);
            if (!(rows > 0)) return;
            if (firstRows === null) { firstRows = seconds + Number(process.hrtime.bigint() - begin) / 1e9; seen = rows; }
            else ++whileReading;
        }, () => { busy = false; });
    };
    const done = await run(program, ['ingest', folder, '--store', store, '--json'], { env, during });
    const total = JSON.parse(done.out).total;
    if (total.stored.records !== total.received.records) throw new Error(`the ledger does not add up: ${JSON.stringify(total)}`);
    return { ...done, firstRows, seen, whileReading, events: total.events, bytes: total.received.bytes, size: storeBytes(store) };
}

async function ask(...words) {
    const done = await run(program, [...words, '--store', store, '--timing', '5'], { env, ok: [0, 1] });
    return { ...JSON.parse(done.err.split('\n').find((l) => l.startsWith('{'))), peak: done.peak, out: done.out };
}

for (const file of files) readFileSync(file).length; // into the page cache
const plain = [], ours = [];
let watched = null;
for (let r = 0; r < rounds; ++r) {
    say(`round ${r + 1} of ${rounds}`);
    plain.push(await inflate());
    ours.push(await ingest(false));
}
say('once more, with another process that asks');
watched = await ingest(true);
const page = await ask('search', '--newest', '--limit', '200', '--format', 'ndjson');
const word = await ask('count', 'timeout');
const histogram = await ask('count', '--by', 'severity', '--step', '5m');

const a = least(ours.map((o) => o.wall)), b = least(plain.map((p) => p.wall));
const c = least(ours.map((o) => o.cpu)), d = least(plain.map((p) => p.cpu));
const peak = Math.max(...ours.map((o) => o.peak), watched.peak);
const text = [];
const met = (value, limit) => (value <= limit ? 'met' : 'missed');
text.push(`Measured by \`tests/bench/gz\` on ${machine()}: ${count(ours[0].events)} events, ${mega(ours[0].bytes)} in ${files.length} .gz files of ${mega(packed)}, entropy ${entropy}; `
    + `${rounds} interleaved round${rounds === 1 ? '' : 's'}, minima, files in the page cache.`);
text.push('');
text.push(row('what', 'measured', 'target', ''), row('---', '---:', '---:', '---'));
text.push(row('parallel `gzip -dc`, wall / CPU', `${b.toFixed(2)} s / ${d.toFixed(2)} s`, '', ''));
text.push(row('ingest, wall / CPU', `${a.toFixed(2)} s / ${c.toFixed(2)} s (median ${median(ours.map((o) => o.wall)).toFixed(2)} s)`, '', ''));
text.push(row('ingest / gzip, wall', ratio(a, b), '1.5', met(a / b, 1.5)));
text.push(row('ingest / gzip, CPU', ratio(c, d), '1.5', met(c / d, 1.5)));
text.push(row('first rows in another process', watched.firstRows === null ? 'none before the end' : `${watched.firstRows.toFixed(2)} s (${count(watched.seen)} rows)`, '1 s', watched.firstRows === null ? 'missed' : met(watched.firstRows, 1)));
text.push(row('answers to another process while it reads', count(watched.whileReading + (watched.firstRows === null ? 0 : 1)), '', ''));
text.push(row('first page, newest 200, first / median', `${page.first_ms.toFixed(0)} ms / ${page.median_ms.toFixed(0)} ms`, '300 ms', met(page.first_ms, 300)));
text.push(row('word in any field, first / median', `${word.first_ms.toFixed(0)} ms / ${word.median_ms.toFixed(0)} ms`, '3 s', met(word.first_ms, 3000)));
text.push(row('severity x 5 minutes, first / median', `${histogram.first_ms.toFixed(0)} ms / ${histogram.median_ms.toFixed(0)} ms`, '', ''));
text.push(row('peak memory of the ingest (VmHWM)', mega(peak), '500 MB', met(peak, 500e6)));
text.push(row('peak memory of a question (VmHWM)', mega(Math.max(page.peak, word.peak, histogram.peak)), '350 MB', met(Math.max(page.peak, word.peak, histogram.peak), 350e6)));
text.push(row('store', mega(ours[0].size), '', ''));
writeFileSync(out, `${text.join('\n')}\n`);
process.stdout.write(`${text.join('\n')}\n`);
