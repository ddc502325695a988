#include "models/tables/event_list_model.h"

#include "models/records/severity.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <limits>

namespace faultline {
namespace {

QString text(const std::string& bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

} // namespace

EventListModel::EventListModel(std::shared_ptr<QueryService> queries, QObject* parent)
    : QAbstractTableModel(parent), m_queries(std::move(queries))
{}

EventListModel::~EventListModel() = default;

void EventListModel::setSelection(const Selection& selection)
{
    m_selection = selection;
    m_locate.cancel();
    dropPages(false);
    setTotal(0, false);
    askTotal();
}

void EventListModel::refresh()
{
    askTotal();
}

void EventListModel::setFields(std::vector<std::string> fields)
{
    beginResetModel();
    m_fields = std::move(fields);
    m_pages.clear();
    m_recent.clear();
    endResetModel();
}

void EventListModel::askTotal()
{
    CountQuestion question;
    question.selection = m_selection;
    m_count = m_queries->ask(
        {question},
        [this](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            if (!answers) {
                if (answers.error().kind != ErrorKind::Cancelled) Q_EMIT pageFailed(answers.error());
                return;
            }
            const auto count = std::get<CountAnswer>(answers->front()).count;
            // A partial count is a lower bound: it never takes rows away.
            if (!progress.exact && static_cast<qint64>(count) < m_rows) return;
            if (progress.exact && static_cast<qint64>(count) != m_rows) dropPages(true);
            setTotal(static_cast<qint64>(count), progress.exact);
        },
        true);
}

void EventListModel::dropPages(bool keepReady)
{
    // After more events came, rows may have moved: pages are read again when looked at, and what is shown
    // stays until then.
    if (!keepReady) {
        m_pages.clear();
        m_recent.clear();
        return;
    }
    for (auto& held : m_pages)
        if (held->state != LoadState::Loading) held->state = LoadState::Failed;
    m_pages.removeIf([](const auto& entry) { return entry.value()->state == LoadState::Failed; });
    m_recent.remove_if([this](int number) { return !m_pages.contains(number); });
}

void EventListModel::setTotal(qint64 total, bool exact)
{
    const int rows = static_cast<int>(std::min<qint64>(total, std::numeric_limits<int>::max()));
    if (rows > m_rows) {
        beginInsertRows({}, m_rows, rows - 1);
        m_rows = rows;
        endInsertRows();
    } else if (rows < m_rows) {
        beginRemoveRows({}, rows, m_rows - 1);
        m_rows = rows;
        endRemoveRows();
    }
    if (m_rows > 0) Q_EMIT dataChanged(index(0, 0), index(m_rows - 1, columnCount() - 1));
    Q_EMIT totalChanged(total, exact);
}

const EventListModel::Page& EventListModel::page(int number) const
{
    if (const auto held = m_pages.constFind(number); held != m_pages.constEnd()) {
        m_recent.remove(number);
        m_recent.push_front(number);
        return **held;
    }
    while (m_pages.size() >= kWindowPages) {
        m_pages.remove(m_recent.back());
        m_recent.pop_back();
    }
    PageQuestion question;
    question.selection = m_selection;
    question.order = Order::Ascending;
    question.limit = kPageRows;
    question.fields = m_fields;
    const auto before = m_pages.constFind(number - 1);
    if (before != m_pages.constEnd() && (*before)->rows.size() == kPageRows)
        question.after = (*before)->rows.back().key;
    else
        question.skip = static_cast<std::uint64_t>(number) * kPageRows;
    auto fresh = std::make_shared<Page>();
    auto* const self = const_cast<EventListModel*>(this);
    fresh->ticket =
        m_queries->ask({question}, [self, number](const Result<std::vector<Answer>>& answers,
                                                  const ScanProgress&) { self->accept(number, answers); });
    m_recent.push_front(number);
    return **m_pages.insert(number, std::move(fresh));
}

void EventListModel::accept(int number, const Result<std::vector<Answer>>& answers)
{
    const auto held = m_pages.constFind(number);
    if (held == m_pages.constEnd()) return;
    Page& page = **held;
    if (answers) {
        page.rows = std::get<PageAnswer>(answers->front()).rows;
        page.state = LoadState::Ready;
    } else {
        page.state = LoadState::Failed;
    }
    const int first = number * kPageRows;
    const int last = std::min(first + kPageRows, m_rows) - 1;
    if (first <= last) Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    if (!answers) Q_EMIT pageFailed(answers.error());
}

const EventRow* EventListModel::event(int row) const
{
    if (row < 0 || row >= m_rows) return nullptr;
    const Page& held = page(row / kPageRows);
    const auto at = static_cast<std::size_t>(row % kPageRows);
    return held.state == LoadState::Ready && at < held.rows.size() ? &held.rows[at] : nullptr;
}

EventListModel::LoadState EventListModel::loadState(int row) const
{
    if (row < 0 || row >= m_rows) return LoadState::Ready;
    return page(row / kPageRows).state;
}

void EventListModel::locate(const EventKey& key)
{
    CountQuestion question;
    question.selection = m_selection;
    question.before = key;
    m_locate = m_queries->ask(
        {question}, [this, key](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers) return;
            Q_EMIT located(key, static_cast<qint64>(std::get<CountAnswer>(answers->front()).count));
        });
}

int EventListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

int EventListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : FirstFieldColumn + static_cast<int>(m_fields.size());
}

QVariant EventListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    if (role == LoadStateRole) return QVariant::fromValue(loadState(index.row()));
    const EventRow* const row = event(index.row());
    if (row == nullptr) return {};
    switch (role) {
    case TimeNsRole: return static_cast<qint64>(row->key.time);
    case SeverityRole: return row->severity;
    case FlagsRole: return row->flags;
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (index.column()) {
    case TimeColumn: return text(formatRfc3339(row->key.time));
    case SeverityColumn: {
        const std::string_view name = severityName(row->severity);
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    }
    case ServiceColumn: return text(row->service);
    case MessageColumn: return text(row->message);
    default: break;
    }
    const auto field = static_cast<std::size_t>(index.column() - FirstFieldColumn);
    if (field >= row->columns.size() || !row->columns[field]) return {};
    return text(*row->columns[field]);
}

QVariant EventListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    switch (section) {
    case TimeColumn: return tr("Time (UTC)");
    case SeverityColumn: return tr("Severity");
    case ServiceColumn: return tr("Service");
    case MessageColumn: return tr("Message");
    default: return text(m_fields[static_cast<std::size_t>(section - FirstFieldColumn)]);
    }
}

} // namespace faultline
