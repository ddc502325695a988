#include "views/start/preflight_page.h"

#include "models/records/time_text.h"
#include "models/records/user_time.h"
#include "models/tables/preflight_model.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/window/ingest_bar.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>

#include <cmath>
#include <map>

namespace faultline {
namespace {

constexpr qsizetype kMostName = 80;
constexpr std::size_t kMostFormats = 6;

/// Rows that will not be read, or all.
class Rows final : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setOnlySkipped(bool only)
    {
        m_only = only;
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override
    {
        return !m_only || sourceModel()->index(row, 0, parent).data(PreflightModel::SkippedRole).toBool();
    }

private:
    bool m_only = false;
};

QString bytesText(std::uint64_t bytes)
{
    return formatBytes(static_cast<double>(bytes));
}

QString fieldText(TimeNs time)
{
    std::string text = formatRfc3339(time);
    if (text.substr(19) == ".000000000Z") text = text.substr(0, 19) + "Z";
    return QString::fromStdString(text);
}

} // namespace

PreflightPage::PreflightPage(std::shared_ptr<const Clock> clock, QWidget* parent)
    : QWidget(parent)
    , m_clock(std::move(clock))
    , m_model(new PreflightModel(this))
    , m_sorted(new Rows(this))
    , m_title(new QLabel(this))
    , m_formats(new QLabel(this))
    , m_totals(new QLabel(this))
    , m_warning(new QLabel(this))
    , m_rangeNote(new QLabel(this))
    , m_busy(new QProgressBar(this))
    , m_table(new QTableView(this))
    , m_onlySkipped(new QCheckBox(this))
    , m_from(new QLineEdit(this))
    , m_to(new QLineEdit(this))
    , m_found(new QWidget(this))
    , m_quick(new QHBoxLayout)
    , m_all(new QPushButton(tr("&Read all"), this))
    , m_first(new QPushButton(tr("Only this &time range first"), this))
    , m_cancel(new QPushButton(tr("Cancel"), this))
{
    setObjectName(QStringLiteral("preflightPage"));
    setAccessibleName(tr("Before reading"));
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(PreflightModel::SortRole);
    m_table->setModel(m_sorted);
    makeLayout();
    connect(m_onlySkipped, &QCheckBox::toggled, this,
            [this](bool only) { static_cast<Rows*>(m_sorted)->setOnlySkipped(only); });
    for (QLineEdit* const field : {m_from, m_to}) {
        connect(field, &QLineEdit::textChanged, this, &PreflightPage::rangeChanged);
        connect(field, &QLineEdit::returnPressed, m_first, [this] {
            if (m_first->isEnabled()) m_first->click();
        });
    }
    connect(m_all, &QPushButton::clicked, this, &PreflightPage::readAllChosen);
    connect(m_first, &QPushButton::clicked, this, [this] {
        QString why;
        if (const auto range = typedRange(why)) Q_EMIT rangeFirstChosen(*range);
    });
    connect(m_cancel, &QPushButton::clicked, this, &PreflightPage::cancelled);
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_Return)}, tr("Read all"), [this] {
        if (m_all->isEnabled()) m_all->click();
    });
    m_keys.add({Qt::Key_Escape}, tr("Read nothing of it"), [this] { Q_EMIT cancelled(); });
}

void PreflightPage::makeLayout()
{
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.3);
    m_title->setFont(large);
    for (QLabel* const label : {m_title, m_formats, m_totals, m_warning, m_rangeNote}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_title->setObjectName(QStringLiteral("preflightTitle"));
    m_formats->setObjectName(QStringLiteral("preflightFormats"));
    m_totals->setObjectName(QStringLiteral("preflightTotals"));
    m_warning->setObjectName(QStringLiteral("preflightWarning"));
    m_rangeNote->setObjectName(QStringLiteral("preflightRangeNote"));
    m_busy->setObjectName(QStringLiteral("preflightBusy"));
    m_busy->setRange(0, 0);
    m_busy->setTextVisible(false);
    m_busy->setAccessibleName(tr("Looking at the files"));
    m_onlySkipped->setObjectName(QStringLiteral("preflightSkipped"));
    m_onlySkipped->setToolTip(tr("Lists only the files that will not be read, with the reason"));
    m_table->setObjectName(QStringLiteral("preflightTable"));
    m_table->setAccessibleName(tr("Files found"));
    m_table->setSortingEnabled(true);
    m_table->setAlternatingRowColors(true);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->setTextElideMode(Qt::ElideMiddle); // files of a folder differ at their ends
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setAccessibleName(tr("Columns: a click sorts"));
    m_from->setObjectName(QStringLiteral("preflightFrom"));
    m_from->setAccessibleName(tr("Begin of the time range"));
    m_to->setObjectName(QStringLiteral("preflightTo"));
    m_to->setAccessibleName(tr("End of the time range"));
    for (QLineEdit* const field : {m_from, m_to})
        field->setToolTip(Qt::convertFromPlainText(
            QString::fromUtf8(kUserTimeForms.data(), static_cast<qsizetype>(kUserTimeForms.size())),
            Qt::WhiteSpaceNormal));
    m_all->setObjectName(QStringLiteral("readAllButton"));
    m_all->setToolTip(tr("Reads all files in their order (Ctrl+Enter)"));
    m_first->setObjectName(QStringLiteral("readRangeButton"));
    m_first->setToolTip(tr("Reads the files that have something of this range first, then all others; "
                           "the window shows the range"));
    m_cancel->setObjectName(QStringLiteral("preflightCancel"));
    m_cancel->setToolTip(tr("Reads nothing (Escape)"));

    auto* const fromLabel = new QLabel(tr("&From"), this);
    fromLabel->setBuddy(m_from);
    auto* const toLabel = new QLabel(tr("t&o"), this);
    toLabel->setBuddy(m_to);
    auto* const range = new QHBoxLayout;
    range->addWidget(fromLabel);
    range->addWidget(m_from, 1);
    range->addWidget(toLabel);
    range->addWidget(m_to, 1);
    auto* const buttons = new QHBoxLayout;
    buttons->addWidget(m_all);
    buttons->addWidget(m_first);
    buttons->addStretch();
    buttons->addWidget(m_cancel);

    auto* const found = new QVBoxLayout(m_found);
    found->setContentsMargins(0, 0, 0, 0);
    found->addWidget(m_formats);
    found->addWidget(m_totals);
    found->addWidget(m_warning);
    found->addWidget(m_onlySkipped);
    found->addWidget(m_table, 1);
    found->addLayout(range);
    found->addLayout(m_quick);
    found->addWidget(m_rangeNote);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 12);
    layout->addWidget(m_title);
    layout->addWidget(m_busy);
    layout->addWidget(m_found, 1);
    layout->addStretch(0);
    layout->addLayout(buttons);
}

void PreflightPage::setTheme(const Theme& theme)
{
    m_theme = theme;
    colour();
}

void PreflightPage::colour()
{
    QPalette dim = palette();
    dim.setColor(QPalette::WindowText, m_theme.dim);
    m_rangeNote->setPalette(dim);
    QPalette bad = palette();
    bad.setColor(QPalette::WindowText, m_theme.failure);
    m_warning->setPalette(bad);
}

void PreflightPage::showLooking(const QString& what)
{
    m_preflight.reset();
    m_model->setPreflight({});
    m_title->setText(
        tr("Looking at what is in %1…").arg(elidedMiddle(oneLine(what.toStdString()), kMostName)));
    m_busy->show();
    m_found->hide();
    m_all->setEnabled(true); // who knows what is there need not wait
    m_first->setEnabled(false);
    m_all->setFocus();
}

QString PreflightPage::formatsText() const
{
    std::map<std::string, std::pair<std::size_t, std::uint64_t>> kinds;
    for (const PreflightFile& file : m_preflight->files) {
        if (!file.skipReason.empty() || !file.looked) continue;
        auto& [files, bytes] = kinds[file.format];
        ++files;
        bytes += file.bytes;
    }
    std::vector<std::pair<std::uint64_t, QString>> parts;
    for (const auto& [format, kind] : kinds)
        parts.emplace_back(kind.second,
                           tr("%1: %2, %3")
                               .arg(QString::fromStdString(format),
                                    counted(kind.first, tr("file"), tr("files")), bytesText(kind.second)));
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    QStringList texts;
    for (const auto& part : parts) texts.push_back(part.second);
    if (parts.size() > kMostFormats) {
        texts = texts.mid(0, kMostFormats);
        texts.push_back(counted(parts.size() - kMostFormats, tr("other format"), tr("other formats")));
    }
    if (m_preflight->unlooked > 0)
        texts.push_back(tr("not looked at: %1").arg(counted(m_preflight->unlooked, tr("file"), tr("files"))));
    return texts.join(QStringLiteral("  ·  "));
}

QString PreflightPage::totalsText() const
{
    const Preflight& found = *m_preflight;
    QStringList lines;
    if (found.span)
        lines.push_back(tr("Times: %1 to %2, from first and last records")
                            .arg(PreflightModel::timeText(found.span->begin),
                                 PreflightModel::timeText(found.span->end - 1)));
    QString size = tr("About %1").arg(eventCount(found.events));
    if (found.decodedBytes > found.bytes) size += tr(", %1 unpacked").arg(bytesText(found.decodedBytes));
    if (found.sampleBytes > 0) {
        size += tr("; a store of about %1").arg(bytesText(found.storeBytes));
        if (found.freeBytes) size += tr(", %1 are free").arg(bytesText(*found.freeBytes));
        const double minutes = found.seconds / 60;
        const QString time = found.seconds < 60
                                 ? tr("%1 s").arg(std::max(1, static_cast<int>(std::ceil(found.seconds))))
                                 : tr("%1 min").arg(QLocale().toString(minutes, 'f', minutes < 10 ? 1 : 0));
        size += tr("; about %1 at %2/s, as a sample of %3 took")
                    .arg(time, formatBytes(found.bytesPerSecond), bytesText(found.sampleBytes));
    }
    lines.push_back(size);
    return lines.join(QLatin1Char('\n'));
}

void PreflightPage::showPreflight(std::shared_ptr<const Preflight> preflight)
{
    m_preflight = std::move(preflight);
    m_model->setPreflight(m_preflight);
    m_busy->hide();
    m_found->show();
    m_title->setText(
        tr("Before reading: %1, %2")
            .arg(counted(m_preflight->toRead, tr("file"), tr("files")), bytesText(m_preflight->bytes)));
    m_formats->setText(formatsText());
    m_totals->setText(totalsText());
    QStringList warnings;
    if (!m_preflight->fits()) warnings.push_back(tr("⚠ The store would not fit on its disk."));
    if (!m_preflight->listedAll)
        warnings.push_back(tr("⚠ There are more files: there was no time to list them all."));
    if (m_preflight->toRead == 0) warnings.push_back(tr("⚠ None of these files is a log."));
    m_warning->setText(warnings.join(QLatin1Char('\n')));
    m_warning->setVisible(!warnings.isEmpty());
    m_onlySkipped->setText(
        tr("Only &skipped files (%1)").arg(QLocale().toString(qulonglong(m_preflight->skipped))));
    m_onlySkipped->setEnabled(m_preflight->skipped > 0);
    m_onlySkipped->setChecked(false);
    m_table->sortByColumn(PreflightModel::Size, Qt::DescendingOrder);
    const QFontMetrics metrics = m_table->fontMetrics();
    const int time = metrics.horizontalAdvance(QStringLiteral("from 2026-01-02 03:00:00Z")) + 18;
    // The note says why a file is skipped: in a narrow window it gets the room of the others.
    const int unit = metrics.averageCharWidth();
    const bool narrow = m_table->viewport()->width() < 150 * unit;
    m_table->setColumnWidth(PreflightModel::Name, unit * (narrow ? 29 : 34));
    m_table->setColumnWidth(PreflightModel::Format, unit * (narrow ? 8 : 12));
    m_table->setColumnWidth(PreflightModel::Size, unit * (narrow ? 10 : 13));
    m_table->setColumnWidth(PreflightModel::First, time);
    m_table->setColumnWidth(PreflightModel::Last, time - metrics.horizontalAdvance(QStringLiteral("from ")));
    offerRanges();
    m_all->setEnabled(m_preflight->toRead > 0);
    m_all->setFocus();
    rangeChanged();
}

void PreflightPage::offerRanges()
{
    while (QLayoutItem* const item = m_quick->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_from->clear();
    m_to->clear();
    const auto& span = m_preflight->span;
    for (QLineEdit* const field : {m_from, m_to}) field->setEnabled(span.has_value());
    if (!span) return;
    m_from->setPlaceholderText(fieldText(span->begin));
    m_to->setPlaceholderText(fieldText(span->end - 1));
    constexpr std::int64_t kMinute = 60 * kSecondNs;
    struct Choice
    {
        std::int64_t length;
        QString text;
        const char* name;
    };
    const Choice choices[] = {{15 * kMinute, tr("Last 15 min"), "last15m"},
                              {60 * kMinute, tr("Last hour"), "last1h"},
                              {360 * kMinute, tr("Last 6 h"), "last6h"},
                              {1440 * kMinute, tr("Last day"), "last1d"},
                              {10'080 * kMinute, tr("Last week"), "last7d"}};
    const auto length = static_cast<std::uint64_t>(span->end) - static_cast<std::uint64_t>(span->begin);
    for (const Choice& choice : choices) {
        if (static_cast<std::uint64_t>(choice.length) >= length) continue;
        auto* const button = new QPushButton(choice.text, m_found);
        button->setObjectName(QLatin1String(choice.name));
        button->setToolTip(tr("Counted back from the last record"));
        connect(button, &QPushButton::clicked, this,
                [this, begin = span->end - 1 - choice.length, end = span->end] {
                    setRange({begin, end});
                });
        m_quick->addWidget(button);
    }
    m_quick->addStretch();
}

void PreflightPage::setRange(const TimeRange& range)
{
    m_from->setText(fieldText(range.begin));
    m_to->setText(fieldText(range.end - 1));
    m_first->setFocus();
}

std::optional<TimeRange> PreflightPage::typedRange(QString& why) const
{
    TimeRange range;
    const TimeNs now = m_clock->now();
    for (const QLineEdit* const field : {m_from, m_to}) {
        const std::string text = field->text().trimmed().toStdString();
        if (text.empty()) continue;
        const auto time = readUserTime(text, now);
        if (!time) {
            const std::string hint = userTimeHint(text);
            why = QString::fromStdString(hint.empty() ? std::string(kUserTimeForms) : hint);
            return std::nullopt;
        }
        if (field == m_from)
            range.begin = time->first;
        else
            range.end = time->last == kTimeMax ? time->last : time->last + 1;
    }
    if (range.unbounded() || range.begin >= range.end) {
        if (!range.unbounded()) why = tr("The range ends before it begins.");
        return std::nullopt;
    }
    return range;
}

void PreflightPage::rangeChanged()
{
    if (m_preflight == nullptr) return;
    QString why;
    const auto range = typedRange(why);
    m_first->setEnabled(range.has_value() && m_preflight->toRead > 0);
    if (!range) {
        m_rangeNote->setText(why.isEmpty() ? tr("Times are UTC unless they say otherwise.") : why);
        return;
    }
    const std::size_t files = filesFirst(*m_preflight, *range).size();
    m_rangeNote->setText(tr("%1 may have something of it and are read first, then the other %2.")
                             .arg(counted(files, tr("file"), tr("files")),
                                  QLocale().toString(qulonglong(m_preflight->toRead - files))));
}

void PreflightPage::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) QWidget::keyPressEvent(event);
}

} // namespace faultline
