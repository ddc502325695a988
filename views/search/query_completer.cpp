#include "views/search/query_completer.h"

#include "models/query/filter_build.h"
#include "views/render/plain_text.h"
#include "views/search/query_edit.h"

#include <QKeyEvent>
#include <QListWidget>
#include <QLocale>
#include <QTimer>

#include <algorithm>

namespace faultline {
namespace {

constexpr std::size_t kMostOffers = 12;
constexpr int kPauseMs = 60; ///< of typing, before values are asked for

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return text;
}

} // namespace

QueryCompleter::QueryCompleter(QueryEdit* edit, std::shared_ptr<QueryService> queries)
    : QObject(edit)
    , m_edit(edit)
    , m_queries(std::move(queries))
    , m_list(new QListWidget(edit->window()))
    , m_pause(new QTimer(this))
{
    m_list->setObjectName(QStringLiteral("completions"));
    m_list->setAccessibleName(tr("Completions"));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameStyle(QFrame::Box | QFrame::Plain); // it lies over other rows: see setTheme()
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->hide();
    m_pause->setSingleShot(true);
    m_pause->setInterval(kPauseMs);
    connect(m_pause, &QTimer::timeout, this, &QueryCompleter::askValues);
    connect(m_edit, &QLineEdit::textEdited, this, &QueryCompleter::look);
    connect(m_list, &QListWidget::itemClicked, this,
            [this](QListWidgetItem* item) { take(m_list->row(item)); });
    m_edit->installEventFilter(this);
}

QueryCompleter::~QueryCompleter()
{
    delete m_list.data();
}

void QueryCompleter::setTheme(const Theme& theme)
{
    // The style's own frame is darker than what it stands on: in the dark nobody sees it.
    QPalette palette = theme.palette();
    palette.setColor(QPalette::WindowText, theme.dim);
    m_list->setPalette(palette);
}

void QueryCompleter::setRange(TimeRange range)
{
    m_range = range;
}

void QueryCompleter::refreshNames()
{
    m_namesKnown = false;
}

bool QueryCompleter::visible() const
{
    return !m_list->isHidden();
}

QStringList QueryCompleter::offered() const
{
    QStringList found;
    if (!visible()) return found;
    for (const Offer& offer : m_offers) found.push_back(QString::fromStdString(offer.text));
    return found;
}

void QueryCompleter::look()
{
    m_pause->stop();
    m_valuesTicket.cancel();
    m_place = completionPlace(m_edit->text().toStdString(), m_edit->cursorByte());
    if (!m_place) return hide();
    if (m_place->what == CompletionPlace::What::Value) {
        m_pause->start();
        return;
    }
    // An empty line offers nothing: the whole list of names is in the way of who only looks.
    if (m_place->prefix.empty()) return hide();
    if (m_namesKnown)
        offerNames();
    else
        askNames();
}

void QueryCompleter::askNames()
{
    m_namesTicket =
        m_queries->run([this](QueryEngine& engine, std::stop_token stop) -> std::function<void()> {
            auto names = engine.fieldNames(std::move(stop));
            return [this, names = names ? std::move(*names) : std::vector<std::string>()]() mutable {
                m_names = std::move(names);
                m_namesKnown = true;
                if (m_place && m_place->what == CompletionPlace::What::Field) offerNames();
            };
        });
}

void QueryCompleter::offerNames()
{
    const std::string typed = lower(m_place->prefix);
    std::vector<Offer> begins, holds;
    for (const std::string& name : m_names) {
        const std::size_t at = lower(name).find(typed);
        if (at == std::string::npos || name == m_place->prefix) continue;
        (at == 0 ? begins : holds).push_back({name, 0});
    }
    // Short names before the long ones that begin alike.
    std::stable_sort(begins.begin(), begins.end(),
                     [](const Offer& a, const Offer& b) { return a.text.size() < b.text.size(); });
    begins.insert(begins.end(), holds.begin(), holds.end());
    if (begins.size() > kMostOffers) begins.resize(kMostOffers);
    show(std::move(begins));
}

void QueryCompleter::askValues()
{
    if (!m_place || m_place->what != CompletionPlace::What::Value) return;
    // Escaped, so that what is typed is no pattern itself.
    std::string pattern;
    for (const char c : m_place->prefix) {
        if (c == '*' || c == '\\') pattern += '\\';
        pattern += c;
    }
    FacetQuestion question;
    question.selection.range = m_range;
    question.selection.filter = m_place->prefix.empty() ? filters::exists(m_place->field)
                                                        : filters::wildcard(m_place->field, pattern + "*");
    question.fields = {m_place->field};
    question.top = kMostOffers;
    question.exactDistinct = false;
    m_valuesTicket = m_queries->ask({question}, [this](const auto& answers, const ScanProgress& progress) {
        if (!answers || !progress.exact || !m_place) return;
        const auto& fields = std::get<FacetAnswer>(answers->front()).fields;
        std::vector<Offer> offers;
        if (!fields.empty())
            for (const FieldSummary::Value& value : fields.front().top)
                if (value.value != m_place->prefix) offers.push_back({value.value, value.count});
        show(std::move(offers));
    });
}

void QueryCompleter::show(std::vector<Offer> offers)
{
    m_offers = std::move(offers);
    m_list->clear();
    if (m_offers.empty() || !m_edit->hasFocus()) return hide();
    for (const Offer& offer : m_offers) {
        QString text = oneLine(offer.text, 300);
        if (offer.count != 0)
            text += QStringLiteral("   ") + QLocale().toString(static_cast<qulonglong>(offer.count));
        m_list->addItem(text);
    }
    QWidget* const window = m_edit->window();
    if (m_list->parentWidget() != window) m_list->setParent(window);
    const QPoint below = m_edit->mapTo(window, QPoint(0, m_edit->height() + 1));
    const int rows = std::min(m_list->count(), static_cast<int>(kMostOffers));
    const int height = rows * m_list->sizeHintForRow(0) + 2 * m_list->frameWidth();
    const int width = std::min(std::max(m_list->sizeHintForColumn(0) + 30, 240), m_edit->width());
    m_list->setGeometry(below.x(), below.y(), width, std::min(height, window->height() - below.y()));
    m_list->setCurrentRow(-1);
    m_list->raise();
    m_list->show();
}

void QueryCompleter::hide()
{
    m_pause->stop();
    m_valuesTicket.cancel();
    m_namesTicket.cancel();
    m_place.reset();
    m_list->hide();
    m_offers.clear();
}

void QueryCompleter::take(int row)
{
    if (!m_place || row < 0 || row >= static_cast<int>(m_offers.size())) return;
    std::size_t cursor = 0;
    const std::string whole = complete(m_edit->text().toStdString(), *m_place,
                                       m_offers[static_cast<std::size_t>(row)].text, cursor);
    m_edit->setText(QString::fromStdString(whole));
    m_edit->setCursorByte(cursor);
    hide();
    Q_EMIT taken(m_edit->text());
    look(); // behind the colon of a name stand its values
}

bool QueryCompleter::key(int pressed)
{
    const bool entered = pressed == Qt::Key_Return || pressed == Qt::Key_Enter;
    if (!visible()) {
        if (entered || pressed == Qt::Key_Escape) hide();
        return false;
    }
    const int row = m_list->currentRow();
    switch (pressed) {
    case Qt::Key_Down: m_list->setCurrentRow(std::min(row + 1, m_list->count() - 1)); return true;
    case Qt::Key_Up: m_list->setCurrentRow(row - 1); return true;
    case Qt::Key_Escape: hide(); return true;
    case Qt::Key_Tab: take(std::max(row, 0)); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (row < 0) {
            hide();
            return false;
        }
        take(row);
        return true;
    default: return false;
    }
}

bool QueryCompleter::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress && key(static_cast<QKeyEvent*>(event)->key())) return true;
    // Tab would move the keyboard on before it is a key press.
    if (event->type() == QEvent::ShortcutOverride && visible()) event->accept();
    if (event->type() == QEvent::FocusOut) hide();
    return QObject::eventFilter(object, event);
}

} // namespace faultline
