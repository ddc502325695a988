#include "models/query/field_count.h"

namespace faultline {

namespace {

std::string_view typeOf(ValueKind kind)
{
    switch (kind) {
    case ValueKind::Text: return "text";
    case ValueKind::Int: return "int";
    case ValueKind::Decimal:
    case ValueKind::Number: return "decimal";
    case ValueKind::Bool: return "bool";
    case ValueKind::Null: return "null";
    case ValueKind::Json: return "json";
    case ValueKind::Time: break;
    }
    return "text";
}

} // namespace

std::string typeOfKinds(std::uint32_t kinds)
{
    std::string_view type;
    for (unsigned kind = 1; kind <= 8; ++kind) {
        if ((kinds >> kind & 1) == 0) continue;
        const std::string_view each = typeOf(static_cast<ValueKind>(kind));
        if (!type.empty() && type != each) return "mixed";
        type = each;
    }
    return std::string(type);
}

FieldSummary FieldCount::summary()
{
    FieldSummary summary;
    summary.field = m_name;
    summary.kinds = m_kinds;
    summary.type = typeOfKinds(summary.kinds);
    summary.present = m_present;
    summary.distinct = m_counter.distinct();
    for (auto& item : m_counter.top()) summary.top.push_back({std::move(item.key), item.count});
    return summary;
}

Error FieldCount::tooMany(const std::string& field)
{
    return makeError(ErrorKind::Limit, "list all values of " + field,
                     "there are more than an answer with all of them can hold",
                     {"Ask for the most frequent ones (--top 1000): exact for any number of values.",
                      "Or narrow the query or its time."});
}

} // namespace faultline
