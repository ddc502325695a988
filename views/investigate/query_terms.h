#pragma once
#include "models/query/filter.h"

#include <QString>

namespace faultline {

/// Terms that a click adds to a query. Any thread.

/// field:value, or what is not it.
FilterPtr equalsTerm(const QString& field, const QString& value, bool exclude = false);
/// Events that have the field, or those without it.
FilterPtr existsTerm(const QString& field, bool absent);
/// Both; null when `filter` says the term already. `filter` may be null: everything.
FilterPtr withTerm(const FilterPtr& filter, FilterPtr term);

} // namespace faultline
