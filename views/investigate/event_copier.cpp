#include "views/investigate/event_copier.h"

#include "models/records/json_compact.h"
#include "models/records/severity.h"
#include "models/tables/event_rows.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QClipboard>
#include <QGuiApplication>

#include <algorithm>

namespace faultline {
namespace {

constexpr std::size_t kMostValue = 256 * 1024;

/// An event's own bytes on one line, as `faultline search --format ndjson` writes them.
void appendDocument(const std::string& document, std::string& out)
{
    const bool lines = document.find('\n') != std::string::npos;
    if (!lines || appendCompactJson(document, out) == 0) out += document;
    out += '\n';
}

struct Copied
{
    QString text;
    std::uint64_t events = 0;
    bool cut = false;
};

/// What a ticket needs of one event besides its columns.
QString factsOf(const EventRow& event, const ListLayout& layout)
{
    const std::vector<std::string> shown = layout.fields();
    QStringList facts;
    for (const auto& [name, value] : {std::pair<const char*, const std::string&>{"host", event.host},
                                      {"logger", event.logger},
                                      {"trace_id", event.traceId},
                                      {"span_id", event.spanId}})
        if (!value.empty() && std::find(shown.begin(), shown.end(), name) == shown.end())
            facts.push_back(QLatin1String(name) + QLatin1Char('=') + oneLine(value));
    return facts.isEmpty() ? QString() : QStringLiteral("\n    ") + facts.join(QStringLiteral("  "));
}

Result<Copied> gather(QueryEngine& engine, PageQuestion question, EventCopier::Form form,
                      const ListLayout& layout, ViewLink link, const std::stop_token& stop)
{
    // In pieces: events can be a megabyte each.
    constexpr std::uint64_t kPiece = 64;
    Copied copied;
    std::string json;
    std::uint64_t left = question.limit;
    const bool alone = left == 1;
    while (left > 0 && !copied.cut) {
        question.limit = std::min(left, kPiece);
        auto answer = engine.ask(question, stop);
        if (!answer) return answer.error();
        const PageAnswer& page = std::get<PageAnswer>(*answer);
        for (const EventRow& event : page.rows) {
            if (form == EventCopier::Form::Json)
                appendDocument(event.document, json);
            else
                copied.text += eventAsText(event, layout) + QLatin1Char('\n');
            if (form == EventCopier::Form::Markdown && copied.events == 0) {
                if (alone) copied.text.insert(copied.text.size() - 1, factsOf(event, layout));
                link.selection = contentHash(event.document);
                link.at = event.key.time;
            }
            const std::size_t size = std::max(json.size(), 2 * static_cast<std::size_t>(copied.text.size()));
            ++copied.events;
            if (size > EventCopier::kMostBytes) {
                copied.cut = true;
                break;
            }
        }
        if (page.rows.size() < question.limit) break;
        left -= question.limit;
        question.after = page.rows.back().key;
        question.inclusive = false;
        question.skip = 0;
    }
    if (form == EventCopier::Form::Json) {
        // A line alone goes where a line is wanted, without an end.
        if (copied.events == 1) json.pop_back();
        copied.text = QString::fromUtf8(json.data(), static_cast<qsizetype>(json.size()));
    } else if (copied.events == 1) {
        copied.text.chop(1);
    }
    if (form != EventCopier::Form::Markdown) return copied;
    copied.text = fenced(copied.text);
    const std::string url = printLink(link);
    if (copied.events > 0 && url.size() <= kMostLinkBytes)
        copied.text += QStringLiteral("\n<%1>\n").arg(QString::fromStdString(url));
    return copied;
}

} // namespace

QString eventAsText(const EventRow& event, const ListLayout& layout)
{
    using Kind = ListLayout::Column::Kind;
    QStringList cells;
    std::size_t field = 0;
    for (const ListLayout::Column& column : layout.columns) {
        const auto text = [](std::string_view bytes) {
            return severalLines(bytes, kMostValue).replace(QLatin1Char('\n'), QStringLiteral("\n    "));
        };
        switch (column.kind) {
        case Kind::Time:
            cells.push_back((event.flags & FlagTimeMissing) != 0
                                ? QStringLiteral("(no time)")
                                : formatTimeForPeople(event.key.time, 9) + QLatin1Char('Z'));
            break;
        case Kind::Level: {
            const std::string_view name = severityName(event.severity);
            cells.push_back(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
            break;
        }
        case Kind::Service:
            cells.push_back(event.service.empty() ? QStringLiteral("-") : text(event.service));
            break;
        case Kind::Message:
            cells.push_back(event.message.empty() ? fieldSummary(event) : text(event.message));
            break;
        case Kind::Field: {
            const bool has = field < event.columns.size() && event.columns[field];
            const QString name = oneLine(column.field);
            cells.push_back(name + QLatin1Char('=') +
                            (has ? text(*event.columns[field]) : QStringLiteral("-")));
            ++field;
            break;
        }
        }
    }
    return cells.join(QStringLiteral("  ")).trimmed();
}

QString fenced(const QString& text)
{
    qsizetype longest = 0, run = 0;
    for (const QChar c : text) {
        run = c == QLatin1Char('`') ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const QString fence(std::max<qsizetype>(3, longest + 1), QLatin1Char('`'));
    const QString end = text.endsWith(QLatin1Char('\n')) ? QString() : QStringLiteral("\n");
    return fence + QLatin1Char('\n') + text + end + fence + QLatin1Char('\n');
}

EventCopier::EventCopier(std::shared_ptr<QueryService> queries, QObject* parent)
    : QObject(parent), m_queries(std::move(queries))
{}

void EventCopier::copy(const Rows& rows, Form form, const ListLayout& layout, const ViewLink& link)
{
    PageQuestion question;
    question.selection = rows.selection;
    question.order = Order::Ascending;
    question.after = rows.first;
    question.inclusive = rows.first.has_value();
    question.skip = rows.first ? 0 : rows.skip;
    question.limit = rows.count;
    question.withDocument = form != Form::Text; // of Markdown for the link's hash
    question.withFields = form != Form::Json;   // in place of a message that is missing
    if (form != Form::Json) question.fields = layout.fields();
    m_ticket = m_queries->run([this, question, form, layout,
                               link](QueryEngine& engine, std::stop_token stop) -> std::function<void()> {
        auto copied = gather(engine, question, form, layout, link, stop);
        if (!copied) return [this, error = copied.error()] { Q_EMIT said(oneLine(error.line())); };
        return [this, form, copied = std::move(copied).value(), wanted = question.limit] {
            if (copied.events == 0) return Q_EMIT said(tr("Nothing was copied: the events are gone"));
            QGuiApplication::clipboard()->setText(copied.text);
            const QString events =
                copied.cut
                    ? tr("the first %1 of %2, all that fits,").arg(copied.events).arg(eventCount(wanted))
                    : eventCount(copied.events);
            switch (form) {
            case Form::Json: Q_EMIT said(tr("Copied %1: the original lines").arg(events)); break;
            case Form::Text: Q_EMIT said(tr("Copied %1 as text").arg(events)); break;
            case Form::Markdown: Q_EMIT said(tr("Copied %1 as Markdown").arg(events)); break;
            }
        };
    });
}

} // namespace faultline
