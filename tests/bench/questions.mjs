// The questions of the benchmark: each in Faultline's words and in SQL that gives the same answer, with a function a side that
// turns what comes out into one text, so that the driver can compare them. The canonical columns (time, severity, service,
// message, trace) are spread over the names that twelve loggers use; SQL has to name them all.

const text = (column) => `CASE WHEN json_type(${column}) = 'VARCHAR' THEN ${column}->>'$' END`;

/// Canonical columns over the table that DuckDB's read_ndjson_auto makes.
export const columns = {
    c_ts: `coalesce(try_cast("@timestamp" AS TIMESTAMP), try_cast("timestamp" AS TIMESTAMP), try_cast("@t" AS TIMESTAMP),
        make_timestamp(CAST(ts * 1e6 AS BIGINT)), try_cast(time->>'$' AS TIMESTAMP), epoch_ms(try_cast(time->>'$' AS BIGINT)))`,
    c_severity: `CASE lower(coalesce(level->>'$', "log.level", log['level'], severity, "@l", severityText))
        WHEN 'debug' THEN 'debug' WHEN '20' THEN 'debug' WHEN 'warn' THEN 'warn' WHEN 'warning' THEN 'warn' WHEN '40' THEN 'warn'
        WHEN 'error' THEN 'error' WHEN '50' THEN 'error' WHEN 'fatal' THEN 'fatal' WHEN '60' THEN 'fatal' ELSE 'info' END`,
    c_service: `coalesce(${text('service')}, "service.name", service->>'$.name', "name", Application, resource['service.name'], logger)`,
    c_message: `coalesce(message, msg, "@m", body, ${text('event')})`,
    c_trace: `coalesce(trace_id, "trace.id", trace['id'], traceId, "@tr", split_part("logging.googleapis.com/trace", '/', 4))`,
};

/// The same over SQLite's JSON functions, for the row design: one table, a row a line.
const path = (name) => `json_extract(line, '$.${name}')`;
export const sqliteColumns = {
    ts: `CAST(round((julianday(coalesce(${path('"@timestamp"')}, ${path('timestamp')}, ${path('"@t"')},
        CASE typeof(${path('time')}) WHEN 'text' THEN ${path('time')} END)) - 2440587.5) * 86400000) AS INTEGER)`,
    epoch: `coalesce(CAST(${path('ts')} * 1000 AS INTEGER), CASE typeof(${path('time')}) WHEN 'integer' THEN ${path('time')} END)`,
    severity: `CASE lower(coalesce(${path('level')}, ${path('"log.level"')}, ${path('log.level')}, ${path('severity')}, ${path('"@l"')}, ${path('severityText')}))
        WHEN 'debug' THEN 5 WHEN '20' THEN 5 WHEN 'warn' THEN 13 WHEN 'warning' THEN 13 WHEN '40' THEN 13
        WHEN 'error' THEN 17 WHEN '50' THEN 17 WHEN 'fatal' THEN 21 WHEN '60' THEN 21 ELSE 9 END`,
    service: `coalesce(CASE json_type(line, '$.service') WHEN 'text' THEN ${path('service')} END, ${path('"service.name"')}, ${path('service.name')},
        ${path('name')}, ${path('Application')}, ${path('resource."service.name"')}, ${path('logger')})`,
    message: `coalesce(${path('message')}, ${path('msg')}, ${path('"@m"')}, ${path('body')}, CASE json_type(line, '$.event') WHEN 'text' THEN ${path('event')} END)`,
    trace: `coalesce(${path('trace_id')}, ${path('"trace.id"')}, ${path('trace.id')}, ${path('traceId')}, ${path('"@tr"')},
        substr(${path('"logging.googleapis.com/trace"')}, 27))`,
};

const number = (out) => out.trim();
const single = (rows) => String(rows[0][0]);
const csvRows = (out) => out.trim().split(/\r?\n/).slice(1).map((line) => line.split(','));
const rounded = (value) => Number(value).toPrecision(9);

/// `context`: the trace id to look for, and the text leaves of DuckDB's table.
export function questions({ trace, texts }) {
    return [
        {
            name: 'count by severity x 5 minutes',
            ours: ['count', '--by', 'severity', '--step', '5m', '--format', 'csv'],
            oursAnswer: (out) => csvRows(out).map(([s, b, n]) => `${s} ${b.slice(0, 19)} ${n}`).sort().join('\n'),
            sql: `SELECT c_severity, strftime(time_bucket(INTERVAL 5 MINUTE, c_ts), '%Y-%m-%dT%H:%M:%S'), count(*) FROM ev GROUP BY 1, 2`,
            sqlAnswer: (rows) => rows.map((r) => r.join(' ')).sort().join('\n'),
            sqlite: `SELECT severity, ts / 300000, count(*) FROM log GROUP BY 1, 2`,
        },
        {
            name: 'facet of a field (service)',
            ours: ['count', '--by', 'service', '--top', '10', '--format', 'csv'],
            oursAnswer: (out) => csvRows(out).map((r) => r.join(' ')).join('\n'),
            sql: `SELECT c_service, count(*) FROM ev GROUP BY 1 ORDER BY 2 DESC LIMIT 10`,
            sqlAnswer: (rows) => rows.map((r) => r.join(' ')).join('\n'),
            sqlite: `SELECT service, count(*) FROM log GROUP BY 1 ORDER BY 2 DESC LIMIT 10`,
        },
        {
            name: 'percentiles of duration_ms, exact',
            ours: ['stats', 'duration_ms', '--quantiles', '0.5,0.95,0.99', '--format', 'json'],
            oursAnswer: (out) => { const a = JSON.parse(out); return [a.count, a.min, a.max, a.mean, a.p50, a.p95, a.p99].map(rounded).join(' '); },
            sql: `SELECT count(duration_ms), min(duration_ms), max(duration_ms), avg(duration_ms), quantile_cont(duration_ms, [0.5, 0.95, 0.99]) FROM ev`,
            sqlAnswer: (rows) => rows[0].flat().map(rounded).join(' '),
            sqlite: `SELECT count(d), min(d), max(d), avg(d) FROM (SELECT json_extract(line, '$.duration_ms') AS d FROM log)`,
        },
        {
            name: 'top 10 of a field with many values (trace_id)',
            ours: ['count', 'trace_id:*', '--by', 'trace_id', '--top', '10', '--format', 'csv'],
            oursAnswer: (out) => csvRows(out).map((r) => r[1]).join(' '), // ties are free to differ in their ids
            sql: `SELECT c_trace, count(*) FROM ev WHERE c_trace IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 10`,
            sqlAnswer: (rows) => rows.map((r) => r[1]).join(' '),
            sqlite: `SELECT trace, count(*) FROM log WHERE trace IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 10`,
        },
        {
            name: 'substring in message ("timeout after")',
            ours: ['count', 'message:"timeout after"'],
            oursAnswer: number,
            sql: `SELECT count(*) FROM ev WHERE c_message ILIKE '%timeout after%'`,
            sqlAnswer: single,
            sqlite: `SELECT count(*) FROM log WHERE message LIKE '%timeout after%'`,
        },
        {
            name: 'substring in message, in its variable part ("u-152")',
            ours: ['count', 'message:"u-152"'],
            oursAnswer: number,
            sql: `SELECT count(*) FROM ev WHERE c_message ILIKE '%u-152%'`,
            sqlAnswer: single,
            sqlite: `SELECT count(*) FROM log WHERE message LIKE '%u-152%'`,
        },
        {
            name: 'word in any text field ("timeout")',
            ours: ['count', 'timeout'],
            oursAnswer: number,
            sql: `SELECT count(*) FROM ev WHERE ${texts.map((t) => `${t} ILIKE '%timeout%'`).join(' OR ')}`,
            sqlAnswer: single,
            sqlite: `SELECT count(*) FROM log WHERE line LIKE '%timeout%'`,
        },
        {
            name: 'regular expression on message (`took [0-9]{4,} ?ms`)',
            ours: ['count', 'message=~`took [0-9]{4,} ?ms`'],
            oursAnswer: number,
            sql: `SELECT count(*) FROM ev WHERE regexp_matches(c_message, 'took [0-9]{4,} ?ms')`,
            sqlAnswer: single,
        },
        {
            name: 'one trace id, all its lines',
            ours: ['search', `trace_id:${trace}`, '--limit', '10000', '--format', 'ndjson'],
            oursAnswer: (out) => String(out.trim().split('\n').length),
            sql: `SELECT * FROM ev WHERE c_trace = '${trace}' ORDER BY c_ts`,
            sqlAnswer: (rows) => String(rows.length),
            sqlite: `SELECT line FROM log WHERE trace = '${trace}' ORDER BY ts`,
        },
        {
            name: 'newest 200 matches (level:>=warn), whole documents',
            ours: ['search', 'level:>=warn', '--newest', '--limit', '200', '--format', 'ndjson'],
            oursAnswer: (out) => String(out.trim().split('\n').length),
            sql: `SELECT * FROM ev WHERE c_severity IN ('warn', 'error', 'fatal') ORDER BY c_ts DESC LIMIT 200`,
            sqlAnswer: (rows) => String(rows.length),
            sqlite: `SELECT line FROM log WHERE severity >= 13 ORDER BY ts DESC LIMIT 200`,
        },
    ];
}

/// The canonical columns as a view's worth of SQL: the question on `ev` with them computed on the way.
export function computed(sql) {
    const all = Object.entries(columns).map(([name, expression]) => `${expression} AS ${name}`).join(', ');
    return sql.replace(/\bFROM ev\b/, () => `FROM (SELECT *, ${all} FROM ev) ev`);
}
