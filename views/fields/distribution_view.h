#pragma once
#include "models/tables/number_facts.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <optional>

namespace faultline {

/// How the numbers of a field are distributed, as bars; what lies past the last bar is one bar apart. The
/// pointer, or Left and Right, choose a bar, which pointed() describes.
class DistributionView final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    explicit DistributionView(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    void setDistribution(const Distribution& distribution);
    QString keysTitle() const override { return tr("Distribution"); }
    const KeyTable& keys() const override { return m_keys; }
    const Distribution& distribution() const { return m_shown; }

Q_SIGNALS:
    void pointed(const QString& text);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    /// The bars, and that of the rest when there is one.
    int bars() const;
    QRectF slot(int bar) const;
    std::uint64_t count(int bar) const;
    void setCursor(int bar);

    Theme m_theme = Theme::darkTheme();
    KeyTable m_keys;
    Distribution m_shown;
    int m_cursor = -1;
};

} // namespace faultline
