#include "models/query/field_count.h"
#include "models/query/json_members.h"
#include "models/query/sink.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <unordered_map>

namespace faultline {

namespace {

// Values of 64 bytes that are held at a time, by all threads together, and what each has at least and at
// most.
constexpr std::size_t kHeldValues = 2'000'000;
constexpr std::size_t kHeldLeast = 250'000;
constexpr std::size_t kHeldMost = 1'000'000;
// Fields of overflow columns that one reading of those counts, and what each may hold at least.
constexpr std::size_t kTogether = 256;
constexpr std::size_t kHeldTogether = 4'096;
// Different names in overflow columns: each is a field in the answer.
constexpr std::size_t kNameLimit = 200'000;
// Values that the answer lists, of all fields together.
constexpr std::size_t kListedValues = 4'000'000;

/// Facets of every field: what is selected is found segment by segment; then the fields are counted one after
/// the other over all segments, so that each column is read once and the values of few fields are held at a
/// time.
class EveryFieldSink final : public Sink
{
public:
    EveryFieldSink(const FacetQuestion& question, const SinkContext& context)
        : m_top(question.top), m_context(context), m_selected(context.snapshot->segments.size())
    {
        m_held = context.heldValues != 0 ? context.heldValues
                                         : std::clamp(kHeldValues / std::max<std::size_t>(context.threads, 1),
                                                      kHeldLeast, kHeldMost);
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) override;
    bool inPieces() const override { return true; }
    std::size_t pieces() override
    {
        if (!m_planned) plan();
        m_planned = true;
        return m_tasks.size();
    }
    Status piece(std::size_t index) override;
    double done() const override
    {
        return m_cost > 0 ? static_cast<double>(m_costDone) / static_cast<double>(m_cost) : 0;
    }
    Result<Answer> answer() override;

private:
    using Segments = std::vector<std::uint32_t>; ///< numbers in the snapshot, ascending
    struct Task
    {
        std::vector<std::string> fields; ///< more than one: they stand in overflow columns too
        Segments segments;               ///< that have any of them
        std::uint64_t cost = 0;
        bool overflow = false;
        bool done = false;
    };
    struct Counting
    {
        Counting(const std::string& name, std::size_t top, std::size_t limit)
            : values(name, top, limit), batch(values.counter())
        {}
        FieldCount values;
        KeyCounter::Batch batch;
        FieldRows rows; ///< in the segment at hand
        bool again = true;
        RowIndex seenRow = 0; ///< + 1; of the last member
        std::size_t seenAt = 0;
    };
    using Countings = std::vector<std::unique_ptr<Counting>>;

    void plan();
    void noteNames(SegmentScan& scan, const SelectedRows& selected, std::size_t index);
    void countNewest(SegmentScan& scan, const SelectedRows& selected);
    Status countFields(const Task& task, const std::vector<std::string>& names, std::size_t limit,
                       std::vector<std::string>* left, std::vector<FieldSummary>& found);
    void countSegment(SegmentScan& scan, const SelectedRows& selected, const Task& task, Countings& fields,
                      bool first) const;
    static void countOverflow(SegmentScan& scan, Countings& fields, bool first);

    std::size_t m_top;
    SinkContext m_context;
    std::size_t m_held = 0;
    std::vector<std::unique_ptr<SelectedRows>> m_selected; ///< null where no row is
    std::atomic<std::uint64_t> m_total{0};
    bool m_planned = false;
    std::vector<Task> m_tasks;                ///< the longest first
    std::uint64_t m_cost = 0;                 ///< of all tasks
    std::atomic<std::uint64_t> m_costDone{0}; ///< as far as the first passes have come

    std::mutex m_mutex;
    std::unordered_map<std::string, Segments> m_overflowNames;
    std::vector<FieldSummary> m_found;
    std::size_t m_listed = 0; ///< values in m_found
    std::size_t m_tasksDone = 0;
    bool m_newestTaken = false;
    std::vector<FieldSummary> m_newest;
    std::uint64_t m_newestTotal = 0;
};

/// Fields that a segment has by its directory: calls body(name, cost).
template <class Body> void forEachField(const SegmentInfo& info, Body&& body)
{
    body(std::string_view("severity"), std::uint64_t{info.rows});
    for (std::size_t c = RowColumnCount; c < info.columns.size(); ++c) {
        const ColumnInfo& column = info.columns[c];
        if (column.present > 0) body(std::string_view(column.path), column.present + 4 * column.storedBytes);
    }
    for (std::size_t c = 0; c < kCanonicalCount; ++c) {
        std::vector<ColumnIndex> columns;
        std::uint64_t cost = 0;
        for (const Shape& shape : info.shapes) {
            const ColumnIndex column = shape.canonical[c];
            if (column >= info.columns.size()) continue;
            if (std::find(columns.begin(), columns.end(), column) != columns.end()) continue;
            columns.push_back(column);
            cost += info.columns[column].present + 4 * info.columns[column].storedBytes;
        }
        if (!columns.empty()) body(canonicalName(static_cast<Canonical>(c)), cost);
    }
}

void EveryFieldSink::scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    const RowIndex count = selected.count();
    if (count == 0) return;
    m_total += count;
    m_selected[index] = std::make_unique<SelectedRows>(selected);
    if (scan.info().columns[OverflowColumn].present > 0) noteNames(scan, selected, index);
    if (!m_context.partial || scan.stopped()) return;
    {
        std::lock_guard lock(m_mutex);
        if (std::exchange(m_newestTaken, true)) return;
    }
    countNewest(scan, selected);
}

void EveryFieldSink::noteNames(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    const ColumnPtr overflow = scan.column(OverflowColumn);
    if (!overflow) return;
    RowSet rows = selected.set;
    rows.keepRange(selected.begin, selected.end);
    rows &= overflow->presence.isAll() ? RowSet::all(scan.rows())
                                       : RowSet::of(overflow->presence.bits(), scan.rows());
    std::unordered_map<std::string, bool> names;
    std::string object, name;
    JsonMember member;
    forEachRow(rows, [&](RowIndex row) {
        if (scan.stopped() || names.size() > kNameLimit) return;
        object.clear();
        if (!overflow->appendText(row, object)) return;
        JsonMembers members(object);
        while (members.next(name, member)) names.try_emplace(name, true);
    });
    if (scan.stopped()) return;
    std::lock_guard lock(m_mutex);
    for (auto& [each, unused] : names) m_overflowNames[each].push_back(static_cast<std::uint32_t>(index));
    if (m_overflowNames.size() > kNameLimit)
        scan.fail(makeError(ErrorKind::Limit, "list every field",
                            "there are more than " + std::to_string(kNameLimit) + " different ones",
                            {"Name those that you want to see: fields --only A,B."}));
}

void EveryFieldSink::countNewest(SegmentScan& scan, const SelectedRows& selected)
{
    std::map<std::string, bool> names;
    forEachField(scan.info(),
                 [&](std::string_view name, std::uint64_t) { names.try_emplace(std::string(name), true); });
    std::vector<FieldSummary> found;
    for (const auto& [name, unused] : names) {
        FieldCount values(name, m_top, m_held);
        KeyCounter::Batch batch(values.counter());
        const ValueCount count = countValues(scan, name, findRows(scan, name, selected, false), batch);
        if (scan.stopped()) return;
        batch.flush();
        values.note(count);
        if (count.present > 0) found.push_back(values.summary());
    }
    std::lock_guard lock(m_mutex);
    m_newest = std::move(found);
    m_newestTotal = selected.count();
}

void EveryFieldSink::plan()
{
    struct Known
    {
        Segments segments;
        std::uint64_t cost = 0;
        bool overflow = false;
    };
    std::map<std::string, Known, std::less<>> fields;
    const auto& segments = m_context.snapshot->segments;
    for (std::uint32_t s = 0; s < segments.size(); ++s) {
        if (!m_selected[s]) continue;
        forEachField(*segments[s].info, [&](std::string_view name, std::uint64_t cost) {
            auto found = fields.find(name);
            if (found == fields.end()) found = fields.emplace(std::string(name), Known()).first;
            Known& known = found->second;
            if (known.segments.empty() || known.segments.back() != s) known.segments.push_back(s);
            known.cost += cost;
        });
    }
    // A field of these names is one of the rows themselves, wherever it stands in documents.
    for (const char* name : {"severity", "source", "timestamp"}) {
        const bool inOverflow = m_overflowNames.erase(name) > 0;
        if (inOverflow) fields.try_emplace(name);
        const auto found = fields.find(name);
        if (found == fields.end()) continue;
        found->second.segments.clear();
        for (std::uint32_t s = 0; s < segments.size(); ++s)
            if (m_selected[s]) found->second.segments.push_back(s);
    }
    for (auto& [name, where] : m_overflowNames) {
        Known& known = fields[name];
        known.overflow = true;
        known.segments.insert(known.segments.end(), where.begin(), where.end());
        std::sort(known.segments.begin(), known.segments.end());
        known.segments.erase(std::unique(known.segments.begin(), known.segments.end()), known.segments.end());
        for (const std::uint32_t s : where)
            known.cost += segments[s].info->columns[OverflowColumn].rawBytes / kTogether;
    }
    m_overflowNames.clear();
    Task together;
    together.overflow = true;
    const auto close = [&] {
        std::sort(together.segments.begin(), together.segments.end());
        together.segments.erase(std::unique(together.segments.begin(), together.segments.end()),
                                together.segments.end());
        m_tasks.push_back(std::exchange(together, Task()));
        together.overflow = true;
    };
    for (auto& [name, known] : fields) {
        if (known.overflow) {
            together.fields.push_back(name);
            together.segments.insert(together.segments.end(), known.segments.begin(), known.segments.end());
            together.cost += known.cost;
            if (together.fields.size() == kTogether) close();
            continue;
        }
        m_tasks.push_back({{name}, std::move(known.segments), known.cost, false, false});
    }
    if (!together.fields.empty()) close();
    std::stable_sort(m_tasks.begin(), m_tasks.end(),
                     [](const Task& a, const Task& b) { return a.cost > b.cost; });
    for (const Task& task : m_tasks) m_cost += task.cost;
}

Status EveryFieldSink::piece(std::size_t index)
{
    Task& task = m_tasks[index];
    if (task.done) return {};
    std::vector<FieldSummary> found;
    std::vector<std::string> alone = task.fields;
    if (alone.size() > 1) {
        const std::size_t limit =
            std::max(m_held / task.fields.size(), std::min<std::size_t>(m_held, kHeldTogether));
        if (auto status = countFields(task, std::exchange(alone, {}), limit, &alone, found); !status)
            return status;
    }
    for (std::string& name : alone) {
        if (auto status = countFields(task, {std::move(name)}, m_held, nullptr, found); !status)
            return status;
    }
    std::lock_guard lock(m_mutex);
    for (const FieldSummary& summary : found) m_listed += summary.top.size();
    if (m_listed > kListedValues) return FieldCount::tooMany("every field");
    std::move(found.begin(), found.end(), std::back_inserter(m_found));
    task.done = true;
    ++m_tasksDone;
    return {};
}

/// Counts fields of a task in as many passes as it takes, or, with `left`, in one: what has too many values
/// for that is named there.
Status EveryFieldSink::countFields(const Task& task, const std::vector<std::string>& names, std::size_t limit,
                                   std::vector<std::string>* left, std::vector<FieldSummary>& found)
{
    Countings fields;
    for (const std::string& name : names) fields.push_back(std::make_unique<Counting>(name, m_top, limit));
    const bool tells = names.size() == task.fields.size(); // else they have been counted together before
    std::uint64_t told = 0;
    bool more = true;
    for (bool first = true; more; first = false) {
        for (std::size_t i = 0; i < task.segments.size(); ++i) {
            const std::uint32_t s = task.segments[i];
            SegmentScan scan(m_context.snapshot->segments[s], *m_context.source, m_context.stop,
                             m_context.names);
            countSegment(scan, *m_selected[s], task, fields, first);
            if (auto status = scan.status(); !status) return status;
            if (first && tells) {
                const std::uint64_t now = task.cost * (i + 1) / task.segments.size();
                m_costDone += now - std::exchange(told, now);
            }
            if (m_context.tick) m_context.tick();
        }
        more = false;
        for (auto& field : fields) {
            field->batch.flush();
            KeyCounter& counter = field->values.counter();
            if (counter.tooMany() && left == nullptr) return FieldCount::tooMany(field->values.name());
            field->again = field->again && (counter.tooMany() || counter.nextPass());
            more = more || field->again;
        }
        if (left != nullptr) break;
    }
    for (auto& field : fields) {
        if (field->again && left != nullptr)
            left->push_back(field->values.name());
        else if (field->values.present() > 0)
            found.push_back(field->values.summary());
    }
    return {};
}

void EveryFieldSink::countSegment(SegmentScan& scan, const SelectedRows& selected, const Task& task,
                                  Countings& fields, bool first) const
{
    const bool overflow = task.overflow && scan.info().columns[OverflowColumn].present > 0;
    for (auto& field : fields) {
        if (!field->again) continue;
        field->rows = findRows(scan, field->values.name(), selected, overflow);
        // What is left for the overflow column is read for all fields at once.
        const ColumnPtr data = std::exchange(field->rows.overflowData, nullptr);
        const ValueCount count = countValues(scan, field->values.name(), field->rows, field->batch);
        if (scan.stopped()) return;
        if (first) field->values.note(count);
        field->rows.parts.clear();
        field->rows.overflowData = data;
    }
    if (overflow) countOverflow(scan, fields, first);
}

void EveryFieldSink::countOverflow(SegmentScan& scan, Countings& fields, bool first)
{
    std::unordered_map<std::string_view, Counting*> byName;
    RowSet rows = RowSet::none(scan.rows());
    for (auto& field : fields) {
        if (!field->again || !field->rows.overflowData) continue;
        byName.emplace(field->values.name(), field.get());
        rows |= field->rows.overflow;
        field->seenRow = 0;
    }
    if (byName.empty()) return;
    const ColumnPtr data = scan.column(OverflowColumn);
    if (!data) return;
    struct Member
    {
        Counting* field = nullptr;
        JsonMember value;
    };
    std::vector<Member> members;
    std::string object, name;
    JsonMember value;
    forEachRow(rows, [&](RowIndex row) {
        if (scan.stopped()) return;
        object.clear();
        if (!data->appendText(row, object)) return;
        members.clear();
        JsonMembers all(object);
        while (all.next(name, value)) {
            const auto known = byName.find(name);
            if (known == byName.end() || !known->second->rows.overflow.has(row)) continue;
            Counting& field = *known->second;
            if (field.seenRow == row + 1) { // the last of duplicates counts
                members[field.seenAt].value = value;
                continue;
            }
            field.seenRow = row + 1;
            field.seenAt = members.size();
            members.push_back({&field, value});
        }
        for (const Member& member : members) {
            member.field->batch.add(std::string_view(member.value.text), 1);
            if (first) member.field->values.note({1, 1u << static_cast<unsigned>(member.value.kind)});
        }
    });
}

Result<Answer> EveryFieldSink::answer()
{
    FacetAnswer answer;
    std::lock_guard lock(m_mutex);
    if (m_planned && m_tasksDone == m_tasks.size()) {
        answer.total = m_total;
        answer.fields = m_found;
    } else {
        answer.total = m_newestTotal;
        answer.fields = m_newest;
    }
    std::sort(answer.fields.begin(), answer.fields.end(),
              [](const auto& a, const auto& b) { return a.field < b.field; });
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makeEveryFieldSink(const FacetQuestion& question, const SinkContext& context)
{
    return std::make_unique<EveryFieldSink>(question, context);
}

} // namespace faultline
