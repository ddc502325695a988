#pragma once
#include <QString>

namespace faultline {

/// Numbers with their noun, as people say them. Any thread.

/// "1 source", "2,000 sources".
QString counted(quint64 number, const QString& one, const QString& many);

/// "1 event", "2,000 events".
QString eventCount(quint64 number);

} // namespace faultline
