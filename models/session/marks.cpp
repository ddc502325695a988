#include "models/session/marks.h"

#include "models/records/time_text.h"
#include "models/session/view_link.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace faultline {
namespace {

/// A thousand marks of the longest texts, every byte an escape.
constexpr std::size_t kMostJson = 6 * kMostMarks * (kMostMarkLabel + kMostMarkText + 200);

bool isHash(std::string_view text)
{
    return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool readText(const nlohmann::json& from, const char* name, std::size_t most, std::string& to)
{
    const auto found = from.find(name);
    if (found == from.end()) return true;
    if (!found->is_string() || found->get_ref<const std::string&>().size() > most) return false;
    to = found->get<std::string>();
    return true;
}

/// How deep its brackets are nested, those in strings left out: reading it recurses.
int depthOf(std::string_view text)
{
    int depth = 0, deepest = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') inString = !inString;
        if (inString) {
            if (c == '\\') ++i;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return deepest;
}

/// Why it is none; empty: it is one.
std::string readMark(const nlohmann::json& json, Mark& mark)
{
    if (!json.is_object()) return "a mark is no object";
    const auto time = json.find("time"), nth = json.find("nth");
    if (time == json.end() || !time->is_string()) return "a mark has no time";
    const auto parsed = parseUserTime(time->get_ref<const std::string&>(), 0);
    if (!parsed) return "the time of a mark cannot be read";
    mark.anchor.time = *parsed;
    if (!readText(json, "hash", 32, mark.anchor.hash) || !isHash(mark.anchor.hash))
        return "the hash of a mark is not one of 32 hex digits";
    if (nth != json.end()) {
        if (!nth->is_number_unsigned() || nth->get<std::uint64_t>() > 0xffff'ffffu)
            return "\"nth\" of a mark is no number";
        mark.anchor.nth = nth->get<std::uint32_t>();
    }
    if (!readText(json, "label", kMostMarkLabel, mark.label) ||
        !readText(json, "text", kMostMarkText, mark.text))
        return "the label or the text of a mark is no text, or too long";
    return {};
}

/// Events of one time with their bytes, in the order of lists, until `visit` says false.
Status eachAt(QueryEngine& engine, TimeNs time, std::stop_token stop,
              const std::function<bool(const EventRow&)>& visit)
{
    PageQuestion question;
    question.order = Order::Ascending;
    // By key and not by range: an event without a time of its own is in none.
    question.after = EventKey{time, SourceId{0}, 0};
    question.inclusive = true;
    question.limit = 16;
    question.withDocument = true;
    for (;;) {
        auto answer = engine.ask(question, stop);
        if (!answer) return answer.error();
        const PageAnswer& page = std::get<PageAnswer>(*answer);
        for (const EventRow& row : page.rows)
            if (row.key.time != time || !visit(row)) return {};
        if (!page.more || page.rows.empty()) return {};
        question.after = page.rows.back().key;
        question.inclusive = false;
        question.limit = 256;
    }
}

} // namespace

std::string markText(std::string_view text, std::size_t most)
{
    if (text.size() > most) {
        while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
        text = text.substr(0, most);
    }
    return std::string(text);
}

std::string marksToJson(const std::vector<Mark>& marks)
{
    auto list = nlohmann::ordered_json::array();
    for (const Mark& mark : marks)
        list.push_back({{"time", formatRfc3339(mark.anchor.time)},
                        {"hash", mark.anchor.hash},
                        {"nth", mark.anchor.nth},
                        {"label", mark.label},
                        {"text", mark.text}});
    const nlohmann::ordered_json json{{"marks", std::move(list)}};
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::ignore);
}

Result<std::vector<Mark>> marksFromJson(std::string_view text)
{
    const auto fault = [](const std::string& why) { return makeError(ErrorKind::Input, "read marks", why); };
    if (text.size() > kMostJson) return fault("the document is too long");
    if (depthOf(text) > 16) return fault("it is nested too deep");
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return fault("it is no JSON object");
    const auto list = json.find("marks");
    std::vector<Mark> marks;
    if (list == json.end()) return marks;
    if (!list->is_array() || list->size() > kMostMarks)
        return fault("its marks are no list of at most " + std::to_string(kMostMarks));
    std::set<EventAnchor> seen;
    for (const auto& each : *list) {
        Mark mark;
        if (const std::string why = readMark(each, mark); !why.empty()) return fault(why);
        if (!seen.insert(mark.anchor).second) return fault("a mark is there twice");
        marks.push_back(std::move(mark));
    }
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.anchor < b.anchor; });
    return marks;
}

MarkEdit editBetween(const std::vector<Mark>& before, const std::vector<Mark>& after)
{
    std::map<EventAnchor, const Mark*> old;
    for (const Mark& mark : before) old.emplace(mark.anchor, &mark);
    MarkEdit edit;
    for (const Mark& mark : after) {
        const auto found = old.find(mark.anchor);
        if (found == old.end()) {
            edit.added.push_back(mark);
            continue;
        }
        if (found->second->label != mark.label) edit.relabelled.push_back(mark);
        old.erase(found);
    }
    for (const auto& [anchor, mark] : old) edit.removed.push_back(anchor);
    return edit;
}

std::size_t applyEdit(const MarkEdit& edit, std::vector<Mark>& marks)
{
    std::map<EventAnchor, Mark> all;
    for (Mark& mark : marks) all.emplace(mark.anchor, std::move(mark));
    for (const EventAnchor& anchor : edit.removed) all.erase(anchor);
    for (const Mark& mark : edit.relabelled)
        if (const auto found = all.find(mark.anchor); found != all.end()) found->second.label = mark.label;
    std::size_t left = 0;
    for (const Mark& mark : edit.added) {
        if (all.size() < kMostMarks)
            all.emplace(mark.anchor, mark);
        else if (!all.contains(mark.anchor))
            ++left;
    }
    marks.clear();
    for (auto& [anchor, mark] : all) marks.push_back(std::move(mark));
    return left;
}

Result<std::optional<Mark>> makeMark(QueryEngine& engine, const EventKey& key, std::stop_token stop)
{
    std::vector<std::string> before;
    std::optional<Mark> made;
    const Status status = eachAt(engine, key.time, std::move(stop), [&](const EventRow& row) {
        const std::string hash = contentHash(row.document);
        if (row.key != key) {
            before.push_back(hash);
            return row.key < key;
        }
        made.emplace();
        made->anchor = {key.time, hash,
                        static_cast<std::uint32_t>(std::count(before.begin(), before.end(), hash))};
        made->text = markText(row.message.empty() ? row.document : row.message, kMostMarkText);
        return false;
    });
    if (!status) return status.error();
    return made;
}

Result<std::optional<EventKey>> findAnchor(QueryEngine& engine, const EventAnchor& anchor,
                                           std::stop_token stop)
{
    std::optional<EventKey> found;
    std::uint32_t nth = 0;
    const Status status = eachAt(engine, anchor.time, std::move(stop), [&](const EventRow& row) {
        if (contentHash(row.document) != anchor.hash || nth++ != anchor.nth) return true;
        found = row.key;
        return false;
    });
    if (!status) return status.error();
    return found;
}

} // namespace faultline
