#include "views/sources/settings_form.h"

#include "models/tables/cell_text.h"
#include "models/tables/source_list_model.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"

#include <QComboBox>
#include <QCompleter>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStringListModel>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr int kTypingMs = 250;

/// What changes is bold: not told by colour alone.
class ChangeDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        option->font.setBold(index.data(SettingsPreviewModel::ChangedRole).toBool());
    }
};

QString roleLabel(std::string_view role)
{
    if (role == "timestamp") return SettingsForm::tr("Time");
    if (role == "severity") return SettingsForm::tr("Severity");
    if (role == "message") return SettingsForm::tr("Message");
    if (role == "service") return SettingsForm::tr("Service");
    return SettingsForm::tr("Host");
}

QLineEdit* makeEdit(QWidget* parent, const QString& name, const QString& title, const QString& hint)
{
    auto* const edit = new QLineEdit(parent);
    edit->setObjectName(name);
    edit->setAccessibleName(title);
    edit->setPlaceholderText(hint);
    edit->setMaxLength(static_cast<int>(kMostSettingPath));
    return edit;
}

} // namespace

SettingsForm::SettingsForm(SourceService* service, QWidget* parent)
    : QWidget(parent)
    , m_service(service)
    , m_format(new QComboBox(this))
    , m_fields(new QStringListModel(this))
    , m_model(new SettingsPreviewModel(this))
    , m_table(new QTableView(this))
    , m_note(new QLabel(this))
    , m_outcome(new QLabel(this))
    , m_apply(new QPushButton(tr("&Apply"), this))
    , m_undo(new QPushButton(tr("&Undo last change"), this))
    , m_cancel(new QPushButton(tr("Ca&ncel"), this))
    , m_progress(new QProgressBar(this))
    , m_wait(new QTimer(this))
{
    setObjectName(QStringLiteral("settingsForm"));
    makeLayout();
    m_wait->setSingleShot(true);
    m_wait->setInterval(kTypingMs);
    connect(m_wait, &QTimer::timeout, this, &SettingsForm::askPreview);
    connect(m_service, &SourceService::factsFound, this,
            [this](SourceId source, const QStringList& fields, int changes, const SourceSettings& inForce) {
                if (source != m_source) return;
                m_fields->setStringList(fields);
                m_changes = changes;
                if (!m_known) {
                    m_known = true;
                    m_kept = inForce;
                    fill(inForce);
                    askPreview();
                }
                updateButtons();
            });
    connect(m_service, &SourceService::previewed, this,
            [this](SourceId source, const SettingsPreview& preview) {
                if (source == m_source) showPreview(preview);
            });
    connect(m_service, &SourceService::previewFailed, this, [this](SourceId source, const Error& error) {
        if (source != m_source || error.kind == ErrorKind::Cancelled) return;
        say(m_note, tr("No preview: %1").arg(oneLine(error.why)), true);
    });
    connect(m_service, &SourceService::progressed, this, [this](quint64 done, quint64 total) {
        m_progress->setValue(total == 0 ? 0 : static_cast<int>(done * 1'000 / total));
        m_progress->setFormat(tr("%1 of %2").arg(eventCount(done), eventCount(total)));
    });
    connect(m_service, &SourceService::changed, this,
            [this](const SourceChangeRequest& request, const SourceChangeReport& report) {
                if (request.what > SourceChangeRequest::What::Undo) return updateButtons();
                changeEnded(tr("%1 read again, %2 of them with a time of their own")
                                .arg(eventCount(report.events), groupedNumber(report.timed)),
                            false);
                if (request.source == m_source) m_service->askFacts(m_source);
            });
    connect(m_service, &SourceService::changeFailed, this,
            [this](const SourceChangeRequest& request, const Error& error) {
                if (request.what > SourceChangeRequest::What::Undo) return updateButtons();
                changeEnded(error.kind == ErrorKind::Cancelled
                                ? tr("Stopped: nothing was changed")
                                : tr("Not changed: %1").arg(oneLine(error.why)),
                            error.kind != ErrorKind::Cancelled);
            });
    updateButtons();
}

void SettingsForm::makeLayout()
{
    m_format->setObjectName(QStringLiteral("sourceFormat"));
    m_format->setAccessibleName(tr("Format"));
    m_format->addItem(tr("as recognised"), QString());
    for (const FormatName& format : sourceFormats())
        m_format->addItem(QString::fromUtf8(format.name.data(), static_cast<qsizetype>(format.name.size())),
                          QString::fromUtf8(format.name.data(), static_cast<qsizetype>(format.name.size())));
    for (int i = 1; i < m_format->count(); ++i) {
        const std::string_view about = sourceFormats()[static_cast<std::size_t>(i - 1)].description;
        m_format->setItemData(i, QString::fromUtf8(about.data(), static_cast<qsizetype>(about.size())),
                              Qt::ToolTipRole);
    }
    m_zone =
        makeEdit(this, QStringLiteral("sourceZone"), tr("Zone of times that name none"), tr("UTC, +02:00"));
    m_offset = makeEdit(this, QStringLiteral("sourceOffset"), tr("Clock offset"), tr("+90s, -1h30m"));
    m_inner = makeEdit(this, QStringLiteral("sourceInner"), tr("Field with inner JSON"), tr("a field"));
    m_offset->setToolTip(
        tr("Added to every time that the events have: how far the source's clock is behind"));
    m_inner->setToolTip(tr("A field whose text holds a JSON object: its members become fields"));

    auto* const form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(4);
    form->addRow(tr("Forma&t"), m_format);
    form->addRow(tr("&Zone"), m_zone);
    form->addRow(tr("&Clock"), m_offset);
    form->addRow(tr("&Inner JSON"), m_inner);
    auto* const roles = new QFormLayout;
    roles->setContentsMargins(0, 0, 0, 0);
    roles->setVerticalSpacing(4);
    for (const std::string_view role : settingRoles().first(5)) {
        const QString name = QString::fromUtf8(role.data(), static_cast<qsizetype>(role.size()));
        auto* const edit = makeEdit(this, QStringLiteral("role_") + name,
                                    tr("Field that is the %1").arg(name), tr("by its name"));
        m_roles.emplace_back(role, edit);
        roles->addRow(roleLabel(role), edit);
    }
    for (QLineEdit* const edit : {m_roles[0].second, m_roles[1].second, m_roles[2].second, m_roles[3].second,
                                  m_roles[4].second, m_inner}) {
        auto* const completer = new QCompleter(m_fields, edit);
        completer->setCaseSensitivity(Qt::CaseInsensitive);
        completer->setFilterMode(Qt::MatchContains);
        edit->setCompleter(completer);
    }
    for (QLineEdit* const edit : findChildren<QLineEdit*>())
        connect(edit, &QLineEdit::textChanged, this, &SettingsForm::edited);
    for (QLineEdit* const edit : findChildren<QLineEdit*>())
        connect(edit, &QLineEdit::returnPressed, this, &SettingsForm::askPreview);
    connect(m_format, &QComboBox::currentIndexChanged, this, &SettingsForm::edited);

    m_table->setObjectName(QStringLiteral("settingsPreview"));
    m_table->setAccessibleName(tr("Twenty events before and after"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new ChangeDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_note->setObjectName(QStringLiteral("settingsNote"));
    m_outcome->setObjectName(QStringLiteral("settingsOutcome"));
    for (QLabel* const label : {m_note, m_outcome}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setMinimumWidth(1);
    }
    m_apply->setToolTip(tr("Reads all events of the source again out of the store; it can be undone"));
    m_apply->setObjectName(QStringLiteral("applySettings"));
    m_undo->setObjectName(QStringLiteral("undoSettings"));
    m_cancel->setObjectName(QStringLiteral("cancelSettings"));
    m_progress->setObjectName(QStringLiteral("settingsProgress"));
    m_progress->setAccessibleName(tr("Events read again"));
    m_progress->setRange(0, 1'000);
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (const auto settings = read()) request(SourceChangeRequest::What::Set, *settings);
    });
    connect(m_undo, &QPushButton::clicked, this, [this] { request(SourceChangeRequest::What::Undo, {}); });
    connect(m_cancel, &QPushButton::clicked, this, [this] { m_service->cancelChange(); });

    auto* const fields = new QHBoxLayout;
    fields->setSpacing(16);
    fields->addLayout(form, 1);
    fields->addLayout(roles, 1);
    auto* const buttons = new QHBoxLayout;
    buttons->addWidget(m_apply);
    buttons->addWidget(m_undo);
    buttons->addWidget(m_progress, 1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_outcome, 1);
    auto* const all = new QVBoxLayout(this);
    all->setContentsMargins(8, 8, 8, 8);
    all->addLayout(fields);
    all->addWidget(m_note);
    all->addWidget(m_table, 1);
    all->addLayout(buttons);
    setTabOrders();
}

void SettingsForm::setTabOrders()
{
    std::vector<QWidget*> order{m_format, m_zone, m_offset, m_inner};
    for (const auto& [role, edit] : m_roles) order.push_back(edit);
    order.insert(order.end(), {m_table, m_apply, m_undo, m_cancel});
    for (std::size_t i = 1; i < order.size(); ++i) setTabOrder(order[i - 1], order[i]);
}

void SettingsForm::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (QLabel* const label : {m_note, m_outcome})
        say(label, label->text(), label->property("failure").toBool());
}

void SettingsForm::setSource(const SourceView* source)
{
    const SourceId id = source != nullptr ? source->record.id : SourceId{};
    const bool removed = source != nullptr && source->removedUntil.has_value();
    const bool editable = source != nullptr && !removed && source->record.ledger.events > 0;
    const SourceSettings now = source != nullptr ? source->settings : SourceSettings();
    const bool same = id == m_source && now == m_listed && editable == m_editable;
    const bool other = id != m_source;
    m_source = id;
    m_editable = editable;
    if (same) return;
    m_listed = m_kept = now;
    // What was never stored, the events show: nothing can be set before that is known.
    m_known = source == nullptr || !source->record.settings.empty();
    if (other) {
        m_changes = 0;
        m_fields->setStringList({});
    }
    fill(now);
    if (other) {
        m_model->setPreview({});
        m_outcome->clear();
        say(m_note,
            removed                          ? tr("Removed: bring it back to change it.")
            : !editable && source != nullptr ? tr("It has no events: there is nothing to set.")
            : editable                       ? tr("Reading twenty of its events…")
                                             : QString(),
            false);
    }
    if (editable && (other || !m_known)) m_service->askFacts(id);
    if (editable && m_known) askPreview();
    updateButtons();
}

void SettingsForm::fill(const SourceSettings& settings)
{
    const QSignalBlocker noFormat(m_format);
    m_format->setCurrentIndex(std::max(0, m_format->findData(QString::fromStdString(settings.format))));
    const auto put = [](QLineEdit* edit, const std::string& text) {
        const QSignalBlocker quiet(edit);
        edit->setText(QString::fromStdString(text));
    };
    put(m_zone, settings.zoneOffsetMinutes ? zoneText(*settings.zoneOffsetMinutes) : std::string());
    put(m_offset, settings.clockOffset != 0 ? clockOffsetText(settings.clockOffset) : std::string());
    put(m_inner, settings.innerJson);
    for (const auto& [role, edit] : m_roles) put(edit, std::string(settings.field(role)));
}

std::optional<SourceSettings> SettingsForm::read()
{
    SourceSettings settings = m_kept;
    settings.format = m_format->currentData().toString().toStdString();
    const auto fault = [this](const Error& error) {
        QString text = oneLine(error.what + ": " + error.why);
        if (!error.hints.empty()) text += QStringLiteral(". ") + oneLine(error.hints.front());
        say(m_note, text, true);
        return std::nullopt;
    };
    settings.zoneOffsetMinutes.reset();
    if (const QString text = m_zone->text().trimmed(); !text.isEmpty()) {
        const auto zone = parseZone(text.toStdString());
        if (!zone) return fault(zone.error());
        settings.zoneOffsetMinutes = *zone;
    }
    settings.clockOffset = 0;
    if (const QString text = m_offset->text().trimmed(); !text.isEmpty()) {
        const auto offset = parseClockOffset(text.toStdString());
        if (!offset) return fault(offset.error());
        settings.clockOffset = *offset;
    }
    settings.innerJson = m_inner->text().trimmed().toStdString();
    for (const auto& [role, edit] : m_roles) settings.setField(role, edit->text().trimmed().toStdString());
    if (const Status valid = checkSettings(settings); !valid) return fault(valid.error());
    return settings;
}

void SettingsForm::edited()
{
    m_ready = false;
    m_outcome->clear();
    updateButtons();
    m_wait->start();
}

void SettingsForm::askPreview()
{
    m_wait->stop();
    if (!m_editable) return;
    const auto settings = read();
    m_ready = settings && *settings != m_kept;
    if (settings) m_service->askPreview(m_source, *settings);
    updateButtons();
}

void SettingsForm::showPreview(const SettingsPreview& preview)
{
    m_model->setPreview(preview);
    m_table->resizeColumnsToContents();
    m_table->horizontalHeader()->setStretchLastSection(true);
    const auto rows = static_cast<quint64>(preview.rows.size());
    say(m_note,
        preview.changed == 0
            ? tr("As it is: %1 of %2 have a time of their own.").arg(preview.timedAfter).arg(eventCount(rows))
            : tr("%1 of %2 would have a time of their own (now %3); %4 would change.")
                  .arg(preview.timedAfter)
                  .arg(eventCount(rows))
                  .arg(preview.timedBefore)
                  .arg(preview.changed),
        false);
}

void SettingsForm::say(QLabel* where, const QString& text, bool failure)
{
    where->setText(text);
    where->setProperty("failure", failure);
    QPalette colours;
    if (failure) colours.setColor(QPalette::WindowText, m_theme.failure);
    where->setPalette(colours);
}

void SettingsForm::changeEnded(const QString& outcome, bool failure)
{
    say(m_outcome, outcome, failure);
    const bool mine = m_cancel->hasFocus();
    updateButtons();
    if (mine) m_format->setFocus();
}

void SettingsForm::updateButtons()
{
    const bool changing = m_service->changing();
    const bool idle = m_editable && m_known && !changing;
    for (QLineEdit* const edit : findChildren<QLineEdit*>()) edit->setEnabled(idle);
    m_format->setEnabled(idle);
    m_apply->setEnabled(idle && m_ready);
    m_undo->setEnabled(idle && m_changes > 0);
    m_progress->setVisible(changing);
    m_outcome->setVisible(!changing);
    m_cancel->setVisible(changing);
}

void SettingsForm::request(SourceChangeRequest::What what, const SourceSettings& settings)
{
    SourceChangeRequest change;
    change.what = what;
    change.source = m_source;
    change.settings = settings;
    if (!m_service->change(change)) return;
    m_progress->setValue(0);
    m_progress->setFormat(QString());
    m_outcome->clear();
    updateButtons();
    m_cancel->setFocus();
}

} // namespace faultline
