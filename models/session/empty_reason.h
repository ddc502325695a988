#pragma once
#include "models/query/engine.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A name in a query that no event of the store has, whatever the time: most often a slip of the fingers.
struct UnknownName
{
    enum class What : std::uint8_t { Field, Level, Value };
    What what = What::Field;
    std::string field;             ///< as the query has it
    std::string text;              ///< Level, Value: what the field was to be
    std::vector<std::string> near; ///< what may have been meant, nearest first, at most 3
};

/// The unknown names of a filter, in order, each once, at most 8 of them: fields that no event has, names of
/// levels that are none, and values of service, host and logger that no event has. Their terms match nothing
/// (under NOT: everything), which is exact and yet not what was meant.
///
/// Threads  Asks the engine: a worker thread. Cost: the directories, and a count for each doubtful term.
Result<std::vector<UnknownName>> unknownNames(QueryEngine& engine, const FilterPtr& filter,
                                              std::stop_token stop = {});

/// "no event has a field named servce; near: service". Plain text; quotes the query.
std::string sentence(const UnknownName& name);

/// What would give events where a selection has none.
struct Remedy
{
    enum class Kind : std::uint8_t {
        DropTerm, ///< without `term`
        AllTime,  ///< the same query over all time
        Replace,  ///< with the name that was probably meant
        AsText,   ///< the query's own text as a phrase: it was pasted, and read as fields and terms
    };
    Kind kind = Kind::DropTerm;
    std::string term;         ///< DropTerm: the term; Replace: the new one; AsText: the phrase
    Selection selection;      ///< to be shown instead; the range of the question, or all time
    std::uint64_t events = 0; ///< that it gives; more than 0
};

/// Why a selection has no events: its unknown names, and what would help, best first, at most 4. Only whole
/// terms of the outermost AND are dropped, one at a time; a query of more than 6 terms is not tried. `text`
/// is the query as it was typed, empty when it is not known; a text that is more than one word or phrase is
/// also looked for as it stands (quotedText()).
struct EmptyReason
{
    std::vector<UnknownName> unknown;
    std::vector<Remedy> remedies;
};
/// Threads  Asks the engine: a worker thread. Cost: one pass, about one count for each term.
Result<EmptyReason> whyEmpty(QueryEngine& engine, const Selection& selection, std::string_view text = {},
                             std::stop_token stop = {});

} // namespace faultline
