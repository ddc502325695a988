#pragma once
#include <QDBusVariant>
#include <QObject>
#include <QVariant>

#include <optional>

namespace faultline {

/// Whether the desktop wants windows dark, as its settings portal says (org.freedesktop.appearance
/// color-scheme: 1 dark, 2 light, 0 no wish). Qt 6.4 has no means of its own. Asks once and hears of changes,
/// and never waits; where there is no session bus it never says anything.
/// Threads  GUI thread.
class SystemLook final : public QObject
{
    Q_OBJECT
public:
    explicit SystemLook(QObject* parent = nullptr);
    /// Nothing while it is not known.
    std::optional<bool> dark() const { return m_dark; }

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void settingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void take(const QVariant& value);
    std::optional<bool> m_dark;
};

} // namespace faultline
