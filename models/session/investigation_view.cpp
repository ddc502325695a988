#include "models/session/investigation_view.h"

#include "models/query/filter_build.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faultline {
namespace {

constexpr std::size_t kMostJson = 64 * 1024;
constexpr std::size_t kMostChips = 256;

nlohmann::ordered_json timeJson(TimeNs time)
{
    if (time == kTimeMin || time == kTimeMax) return nullptr;
    return formatRfc3339(time);
}

bool readTime(const nlohmann::json& value, TimeNs& time)
{
    if (value.is_null()) return true;
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    const auto parsed = parseTime(text, {});
    if (parsed) time = parsed->ns;
    if (text == formatRfc3339(0)) time = 0; // parseTime() takes it for no time
    return parsed.has_value() || time == 0;
}

} // namespace

std::string FilterChip::effective() const
{
    return negated ? "NOT (" + text + ")" : text;
}

std::vector<FilterChip> InvestigationView::active() const
{
    std::vector<FilterChip> found;
    if (!chipsOn) return found;
    std::copy_if(chips.begin(), chips.end(), std::back_inserter(found),
                 [](const FilterChip& chip) { return chip.enabled; });
    return found;
}

InvestigationView InvestigationView::pinned() const
{
    InvestigationView kept;
    kept.chipsOn = chipsOn;
    std::copy_if(chips.begin(), chips.end(), std::back_inserter(kept.chips),
                 [](const FilterChip& chip) { return chip.pinned; });
    return kept;
}

InvestigationView InvestigationView::without(std::size_t chip) const
{
    InvestigationView copy = *this;
    if (chip < copy.chips.size()) copy.chips.erase(copy.chips.begin() + static_cast<std::ptrdiff_t>(chip));
    return copy;
}

void InvestigationView::addChip(FilterChip chip)
{
    chipsOn = true;
    const auto same = std::find_if(chips.begin(), chips.end(),
                                   [&](const FilterChip& each) { return each.text == chip.text; });
    if (same == chips.end()) {
        chips.push_back(std::move(chip));
        return;
    }
    same->enabled = true;
    same->negated = chip.negated;
}

Result<FilterPtr> filterOf(std::string_view query, TimeNs now)
{
    auto parsed = parseFilter(query, now);
    if (!parsed) return parsed;
    return (*parsed)->kind == Filter::Kind::All ? FilterPtr() : *parsed;
}

Result<FilterPtr> filterOf(const InvestigationView& view, TimeNs now)
{
    auto typed = filterOf(view.query, now);
    if (!typed) return typed;
    std::vector<FilterPtr> parts;
    if (*typed) parts.push_back(*typed);
    for (const FilterChip& chip : view.active()) {
        auto filter = filterOf(chip.text, now);
        if (!filter) {
            Error error = filter.error();
            error.what += " of the filter \"" + chip.text + "\"";
            return error;
        }
        FilterPtr one = *filter ? *filter : filters::all();
        parts.push_back(chip.negated ? filters::negate(std::move(one)) : std::move(one));
    }
    FilterPtr whole = filters::allOf(std::move(parts));
    return whole->kind == Filter::Kind::All ? FilterPtr() : whole;
}

bool ViewHistory::go(InvestigationView next)
{
    if (next == m_now) return false;
    m_past.push_back(std::move(m_now));
    if (m_past.size() > kMostSteps) m_past.erase(m_past.begin());
    m_future.clear();
    m_now = std::move(next);
    return true;
}

bool ViewHistory::back()
{
    if (m_past.empty()) return false;
    m_future.push_back(std::move(m_now));
    m_now = std::move(m_past.back());
    m_past.pop_back();
    return true;
}

bool ViewHistory::forward()
{
    if (m_future.empty()) return false;
    m_past.push_back(std::move(m_now));
    m_now = std::move(m_future.back());
    m_future.pop_back();
    return true;
}

std::string viewToJson(const InvestigationView& view)
{
    nlohmann::ordered_json json;
    json["query"] = view.query;
    auto chips = nlohmann::ordered_json::array();
    for (const FilterChip& chip : view.chips) {
        nlohmann::ordered_json each{{"text", chip.text},
                                    {"enabled", chip.enabled},
                                    {"negated", chip.negated},
                                    {"pinned", chip.pinned}};
        if (!chip.label.empty()) each["label"] = chip.label;
        chips.push_back(std::move(each));
    }
    json["chips"] = std::move(chips);
    json["chips_on"] = view.chipsOn;
    json["from"] = timeJson(view.range.begin);
    json["to"] = timeJson(view.range.end);
    if (view.whole) json["whole"] = true;
    if (!view.relative.empty()) json["relative"] = view.relative;
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<InvestigationView> viewFromJson(std::string_view text)
{
    const auto fault = [](const std::string& why) {
        return makeError(ErrorKind::Input, "read a saved view", why);
    };
    if (text.size() > kMostJson) return fault("it is longer than 64 KiB");
    if (std::count(text.begin(), text.end(), '[') + std::count(text.begin(), text.end(), '{') > 2'000)
        return fault("it is nested too deep");
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return fault("it is no JSON object");
    InvestigationView view;
    const auto textOf = [](const nlohmann::json& from, const char* name, std::string& to) {
        const auto found = from.find(name);
        if (found == from.end()) return true;
        if (!found->is_string()) return false;
        to = found->get<std::string>();
        return true;
    };
    const auto flagOf = [](const nlohmann::json& from, const char* name, bool& to) {
        const auto found = from.find(name);
        if (found == from.end()) return true;
        if (!found->is_boolean()) return false;
        to = found->get<bool>();
        return true;
    };
    if (!textOf(json, "query", view.query) || !textOf(json, "relative", view.relative))
        return fault("its query or its relative time is no text");
    if (!flagOf(json, "chips_on", view.chipsOn) || !flagOf(json, "whole", view.whole))
        return fault("\"chips_on\" or \"whole\" is neither true nor false");
    if (const auto chips = json.find("chips"); chips != json.end()) {
        if (!chips->is_array() || chips->size() > kMostChips)
            return fault("its filters are no list of at most 256");
        for (const auto& each : *chips) {
            FilterChip chip;
            if (!each.is_object() || !textOf(each, "text", chip.text) ||
                !flagOf(each, "enabled", chip.enabled) || !flagOf(each, "negated", chip.negated) ||
                !flagOf(each, "pinned", chip.pinned) || !textOf(each, "label", chip.label) ||
                chip.text.empty())
                return fault("one of its filters cannot be read");
            view.chips.push_back(std::move(chip));
        }
    }
    const auto from = json.find("from"), to = json.find("to");
    if ((from != json.end() && !readTime(*from, view.range.begin)) ||
        (to != json.end() && !readTime(*to, view.range.end)))
        return fault("its times cannot be read");
    if (view.range.end < view.range.begin) return fault("it ends before it begins");
    return view;
}

} // namespace faultline
