#pragma once
#include "models/query/filter.h"

/// Filters made by the program (filter for, filter out, a brush ...) instead of typed. All give what
/// parseFilter() would give for the same question, so that they print and compare alike. Any thread.
namespace faultline::filters {

FilterPtr all();
/// Substring of any text field; all() when the text is empty.
FilterPtr word(std::string text);
/// The value as a whole; for `message` a substring (Phrase).
FilterPtr equals(std::string field, std::string value);
/// As typed with `*`: see Filter::wildcard. A lone "*" is exists().
FilterPtr wildcard(std::string field, std::string pattern);
FilterPtr exists(std::string field);
FilterPtr compare(std::string field, Filter::Op op, std::string operand);
/// Both bounds included.
FilterPtr between(std::string field, std::string low, std::string high);
/// The caller has checked the expression; an empty field is any text field.
FilterPtr matches(std::string field, std::string expression);
FilterPtr negate(FilterPtr child);
/// Joins: without children all(), with one that child. all() among the children of allOf() is dropped, and
/// children that are themselves And are taken in.
FilterPtr allOf(std::vector<FilterPtr> children);
FilterPtr anyOf(std::vector<FilterPtr> children);

} // namespace faultline::filters
