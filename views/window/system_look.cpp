#include "views/window/system_look.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

namespace faultline {
namespace {

constexpr const char *kService = "org.freedesktop.portal.Desktop", *kPath = "/org/freedesktop/portal/desktop",
                     *kInterface = "org.freedesktop.portal.Settings", *kGroup = "org.freedesktop.appearance",
                     *kKey = "color-scheme";

QString text(const char* ascii)
{
    return QString::fromLatin1(ascii);
}

} // namespace

SystemLook::SystemLook(QObject* parent) : QObject(parent)
{
    // Without an address a connection would start a bus of its own.
    if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")) return;
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(text(kService), text(kPath), text(kInterface), QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
    QDBusMessage question =
        QDBusMessage::createMethodCall(text(kService), text(kPath), text(kInterface), QStringLiteral("Read"));
    question << text(kGroup) << text(kKey);
    auto* const answer = new QDBusPendingCallWatcher(bus.asyncCall(question, 2'000), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* watcher) {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (reply.isValid()) take(reply.value().variant());
        watcher->deleteLater();
    });
}

void SystemLook::settingChanged(const QString& group, const QString& key, const QDBusVariant& value)
{
    if (group == QLatin1String(kGroup) && key == QLatin1String(kKey)) take(value.variant());
}

void SystemLook::take(const QVariant& value)
{
    // Read wraps its answer twice.
    const QVariant inside = value.canConvert<QDBusVariant>() ? value.value<QDBusVariant>().variant() : value;
    const uint wish = inside.toUInt();
    const auto dark = wish == 1 ? std::optional(true) : wish == 2 ? std::optional(false) : std::nullopt;
    if (dark == m_dark) return;
    m_dark = dark;
    Q_EMIT changed();
}

} // namespace faultline
