#include "views/investigate/search_bar.h"

#include "models/query/filter_text.h"
#include "views/render/plain_text.h"
#include "views/search/query_completer.h"
#include "views/search/query_edit.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr qsizetype kMostOffered = 100, kMostPast = 200;

} // namespace

SearchBar::SearchBar(QWidget* parent)
    : QWidget(parent), m_input(new QueryEdit(this)), m_draft(new QLabel(this)), m_error(new QLabel(this))
{
    m_input->setObjectName(QStringLiteral("searchInput"));
    m_input->setAccessibleName(tr("Search"));
    m_input->setAccessibleDescription(
        tr("Words, field:value, field>number, \"phrases\", -not, field=~\"regex\""));
    m_input->setPlaceholderText(tr("Search: timeout service:checkout level:>=warn duration_ms>500"));
    m_input->setClearButtonEnabled(true);
    m_input->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_input->installEventFilter(this);
    m_error->setObjectName(QStringLiteral("searchError"));
    m_error->setTextFormat(Qt::PlainText);
    m_error->setFont(m_input->font());
    m_error->setWordWrap(false);
    m_error->setAccessibleName(tr("Error in the search"));
    m_error->hide();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    m_draft->setObjectName(QStringLiteral("draftCount"));
    m_draft->setTextFormat(Qt::PlainText);
    m_draft->hide();
    auto* const row = new QHBoxLayout;
    row->addWidget(m_input, 1);
    row->addWidget(m_draft);
    m_views = new QToolButton(this);
    m_views->setObjectName(QStringLiteral("viewsButton"));
    m_views->setText(tr("Views"));
    m_views->setToolTip(tr("Saved views: open, save, rename, delete"));
    m_views->setPopupMode(QToolButton::InstantPopup);
    m_views->setFocusPolicy(Qt::TabFocus);
    m_views->setMenu(new QMenu(m_views));
    m_views->menu()->setObjectName(QStringLiteral("viewsMenu"));
    row->addWidget(m_views);
    layout->addLayout(row);
    layout->addWidget(m_error);
    m_offersLayout = new QVBoxLayout;
    m_offersLayout->setSpacing(2);
    layout->addLayout(m_offersLayout);
    setFocusProxy(m_input);
    m_keys.add({Qt::Key_Return}, tr("Search"), [this] {
        const QString text = m_input->text();
        m_past.removeAll(text);
        if (!text.trimmed().isEmpty()) m_past.push_back(text);
        if (m_past.size() > kMostPast) m_past.pop_front();
        m_at = -1;
        if (!text.trimmed().isEmpty()) Q_EMIT asked(text);
        Q_EMIT submitted(text);
        // The answer is what is wanted next, unless there is a fault to mend.
        if (m_error->isHidden() || m_isHint) Q_EMIT left();
    });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_R)}, tr("Search in the searches before"),
               [this] { Q_EMIT historyRequested(); });
    m_keys.add({Qt::Key_Up}, tr("The search before"), [this] { step(-1); });
    m_keys.add({Qt::Key_Down}, tr("To the list, or the search after"), [this] {
        if (m_at < 0)
            Q_EMIT left();
        else
            step(1);
    });
    m_keys.add({Qt::Key_Escape}, tr("To the list; the search in force stands here again"), [this] {
        const QString typed = m_input->text();
        Q_EMIT left();
        Q_EMIT abandoned();
        // What was typed is not lost: Up has it.
        if (typed != m_input->text() && !typed.trimmed().isEmpty()) {
            m_past.removeAll(typed);
            m_past.push_back(typed);
        }
    });
    connect(m_input, &QLineEdit::textEdited, this, [this](const QString& edited) {
        clearError();
        Q_EMIT this->edited(edited);
        // The clear button is an answer of its own: all events again.
        if (edited.isEmpty()) Q_EMIT submitted(edited);
    });
}

void SearchBar::setCompletion(std::shared_ptr<QueryService> queries)
{
    m_completer = new QueryCompleter(m_input, std::move(queries));
    m_completer->setTheme(m_theme);
    connect(m_completer, &QueryCompleter::taken, this, [this](const QString& text) {
        clearError();
        Q_EMIT edited(text);
    });
}

void SearchBar::setRange(const TimeRange& range)
{
    if (m_completer != nullptr) m_completer->setRange(range);
}

void SearchBar::refreshNames()
{
    if (m_completer != nullptr) m_completer->refreshNames();
}

void SearchBar::showDraft(const QString& text)
{
    m_draft->setText(text);
    m_draft->setVisible(!text.isEmpty());
}

void SearchBar::step(int by)
{
    if (m_past.isEmpty()) return;
    qsizetype at = m_at;
    if (at < 0) {
        // What was typed and not asked is at the end of the walk.
        m_typed = m_input->text();
        at = m_past.size();
        if (m_past.last() == m_typed) --at;
    }
    m_at = std::clamp<qsizetype>(at + by, 0, m_past.size());
    m_input->setText(m_at < m_past.size() ? m_past[m_at] : m_typed);
    if (m_at == m_past.size()) m_at = -1;
    clearError();
    Q_EMIT edited(m_input->text());
}

void SearchBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_input->setTheme(theme);
    if (m_completer != nullptr) m_completer->setTheme(theme);
    QPalette dim = m_draft->palette();
    dim.setColor(QPalette::WindowText, theme.dim);
    m_draft->setPalette(dim);
    colour();
}

void SearchBar::colour()
{
    QPalette colors = m_error->palette();
    colors.setColor(QPalette::WindowText, m_isHint ? m_theme.text : m_theme.failure);
    m_error->setPalette(colors);
}

void SearchBar::showHint(const QString& text)
{
    clearOffers();
    m_isHint = true;
    colour();
    m_error->setIndent(6);
    m_error->setText(text);
    m_error->setVisible(!text.isEmpty());
}

void SearchBar::setHistory(const QStringList& queries)
{
    m_past = queries;
    m_at = -1;
}

QMenu* SearchBar::viewsMenu() const
{
    return m_views->menu();
}

QString SearchBar::text() const
{
    return m_input->text();
}

void SearchBar::setText(const QString& text)
{
    if (m_completer != nullptr) m_completer->hide();
    m_at = -1;
    m_input->setText(text);
    clearError();
}

void SearchBar::showError(const QString& query, const Error& error)
{
    // The caret stands under the place, counted in characters of the same fixed font.
    QString shown;
    if (error.place) {
        const QByteArray bytes = query.toUtf8();
        const auto before = QString::fromUtf8(bytes.left(static_cast<qsizetype>(error.place->offset))).size();
        const auto length =
            std::max<qsizetype>(1, QString::fromUtf8(bytes.mid(static_cast<qsizetype>(error.place->offset),
                                                               static_cast<qsizetype>(error.place->length)))
                                       .size());
        const int inset = m_input->fontMetrics().horizontalAdvance(QLatin1Char('0'));
        m_error->setIndent(std::max(0, 6 - inset / 2));
        if (before < 200)
            shown = QString(before, QLatin1Char(' ')) +
                    QString(std::min<qsizetype>(length, 80), QLatin1Char('^')) + QLatin1Char(' ');
    }
    shown += QString::fromStdString(error.why.empty() ? error.what : error.why);
    for (const std::string& hint : error.hints)
        if (offeredQuery(hint).empty()) shown += QLatin1Char('\n') + QString::fromStdString(hint);
    m_isHint = false;
    colour();
    m_error->setText(shown);
    m_error->show();
    offer(error);
    m_input->setFocus();
    if (error.place)
        m_input->setCursorPosition(static_cast<int>(
            QString::fromUtf8(query.toUtf8().left(static_cast<qsizetype>(error.place->offset))).size()));
}

void SearchBar::offer(const Error& error)
{
    clearOffers();
    QWidget* before = m_input;
    for (const std::string& hint : error.hints) {
        const std::string_view offered = offeredQuery(hint);
        if (offered.empty()) continue;
        const QString query = QString::fromUtf8(offered.data(), static_cast<qsizetype>(offered.size()));
        const QString label = QString::fromStdString(hint).chopped(query.size());
        auto* const button = new QPushButton(
            menuText(label + elidedMiddle(oneLine(offered, kOfferedLimit), kMostOffered)), this);
        button->setObjectName(QStringLiteral("searchOffer%1").arg(m_offers.size()));
        connect(button, &QPushButton::clicked, this, [this, query] {
            setText(query);
            Q_EMIT submitted(query);
        });
        m_offersLayout->addWidget(button, 0, Qt::AlignLeft);
        setTabOrder(before, button);
        before = button;
        m_offers.push_back(button);
    }
}

void SearchBar::clearOffers()
{
    // One of them may be what was clicked.
    for (QPushButton* const button : m_offers) {
        button->hide();
        button->deleteLater();
    }
    m_offers.clear();
}

void SearchBar::clearError()
{
    m_error->hide();
    clearOffers();
}

void SearchBar::focusInput()
{
    m_input->setFocus(Qt::ShortcutFocusReason);
    m_input->selectAll();
}

bool SearchBar::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_input && event->type() == QEvent::KeyPress &&
        m_keys.handle(*static_cast<QKeyEvent*>(event)))
        return true;
    return QWidget::eventFilter(object, event);
}

} // namespace faultline
