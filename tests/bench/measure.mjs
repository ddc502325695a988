// Runs programs and measures them: wall time, CPU seconds of the process (bash's times, which is wait4), VmHWM.
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import os from 'node:os';

const SCRIPT = '"$@" 3>&- & pid=$!; echo $pid >&3; wait $pid; status=$?; times >&3; exit $status';

/// Runs a program to its end. Answers {status, wall (s), cpu (s), peak (bytes; 0 when it ended too soon to be seen), out, err}.
/// `while` is called every 20 ms or so with the process id.
export function run(program, args, { env = {}, during, ok = [0] } = {}) {
    return new Promise((resolve, reject) => {
        const begin = process.hrtime.bigint();
        const child = spawn('bash', ['-c', SCRIPT, 'bash', program, ...args],
                            { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env } });
        let out = '', err = '', side = '', peak = 0;
        child.stdout.on('data', (d) => { out += d; });
        child.stderr.on('data', (d) => { err += d; });
        child.stdio[3].on('data', (d) => { side += d; });
        const timer = setInterval(() => {
            const pid = parseInt(side, 10);
            if (!pid) return;
            try {
                const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
                if (found) peak = Math.max(peak, Number(found[1]) * 1024);
            } catch { /* it has ended */ }
            if (during) during(pid, Number(process.hrtime.bigint() - begin) / 1e9);
        }, 20);
        child.on('error', reject);
        child.on('close', (status) => {
            clearInterval(timer);
            const wall = Number(process.hrtime.bigint() - begin) / 1e9;
            // The second line of `times` is that of the children: user and system, as 0m1.234s.
            const spent = [...side.split('\n').at(-2).matchAll(/(\d+)m([\d.]+)s/g)];
            const cpu = spent.reduce((sum, m) => sum + Number(m[1]) * 60 + Number(m[2]), 0);
            if (!ok.includes(status))
                reject(new Error(`${program} ${args.join(' ')}: exit status ${status}: ${err.trim().slice(0, 2000)}`));
            else
                resolve({ status, wall, cpu, peak, out, err });
        });
    });
}

export const least = (values) => Math.min(...values);
export function median(values) {
    const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/// What the numbers were measured on: processor, cores, memory, system.
export function machine() {
    const cpus = os.cpus();
    let system = `${os.type()} ${os.release()}`;
    try { system = /^PRETTY_NAME="(.*)"/m.exec(readFileSync('/etc/os-release', 'utf8'))[1]; } catch { /* not there */ }
    return `${cpus.length} cores of ${cpus[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${system}`;
}

export const count = (n) => Math.round(n).toLocaleString('en-US');
export const mega = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
export function ms(value) {
    return value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}
export const ratio = (a, b) => (b > 0 ? (a / b < 0.1 ? (a / b).toFixed(3) : (a / b).toFixed(2)) : '-');
/// A row of a Markdown table.
export const row = (...cells) => `| ${cells.join(' | ')} |`;

/// Bytes of a SQLite store with what its write-ahead log still holds.
export function storeBytes(path) {
    return [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
