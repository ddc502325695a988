#include "views/render/counts.h"

#include <QCoreApplication>
#include <QLocale>

namespace faultline {

QString counted(quint64 number, const QString& one, const QString& many)
{
    return QLocale().toString(static_cast<qulonglong>(number)) + QLatin1Char(' ') +
           (number == 1 ? one : many);
}

QString eventCount(quint64 number)
{
    return counted(number, QCoreApplication::translate("faultline", "event"),
                   QCoreApplication::translate("faultline", "events"));
}

} // namespace faultline
