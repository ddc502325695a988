#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"
#include "views/render/theme.h"

#include <QWidget>

#include <memory>

class QLabel;

namespace faultline {

class KeyedList;
class PatternListModel;
class PatternRowDelegate;

/// The patterns of a view's messages with their counts; each is a filter. GUI thread.
class PatternPane final : public QWidget
{
    Q_OBJECT
public:
    PatternPane(std::shared_ptr<QueryService> queries, QWidget* parent);
    void setTheme(const Theme& theme);
    void setSelection(const Selection& selection);
    /// Nobody looks: stops asking; says whether an answer was on its way.
    bool forget();
    void focusList();

Q_SIGNALS:
    void patternRequested(quint64 id, const QString& text, bool exclude);
    void left(); ///< Esc

private:
    void showState();
    void showWhole();
    void take(int row, bool exclude);
    void copy(int row);
    void showMenu(int row, const QPoint& globalPosition);

    PatternListModel* m_model;
    PatternRowDelegate* m_rows;
    KeyedList* m_list;
    QLabel* m_whole;
    QLabel* m_note;
    quint64 m_current = 0; ///< id, while the rows change
};

} // namespace faultline
