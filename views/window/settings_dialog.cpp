#include "views/window/settings_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QLabel>
#include <QVBoxLayout>

namespace faultline {
namespace {

QString text(std::string_view ascii)
{
    return QString::fromUtf8(ascii.data(), static_cast<qsizetype>(ascii.size()));
}

} // namespace

SettingsDialog::SettingsDialog(const Settings& settings, QWidget* parent)
    : QDialog(parent), m_settings(settings)
{
    setObjectName(QStringLiteral("settingsDialog"));
    setWindowTitle(tr("Settings"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* const look = new QComboBox(this);
    look->setObjectName(QStringLiteral("lookBox"));
    look->setAccessibleName(tr("Colours"));
    look->addItems({tr("As the system"), tr("Dark"), tr("Light")});
    look->setCurrentIndex(static_cast<int>(m_settings.look));
    auto* const zone = new QComboBox(this);
    zone->setObjectName(QStringLiteral("zoneBox"));
    zone->setAccessibleName(tr("Times"));
    zone->addItem(tr("UTC"), QStringLiteral("utc"));
    zone->addItem(tr("Local"), QStringLiteral("local"));
    zone->addItem(tr("As each source wrote them"), QStringLiteral("source"));
    zone->setCurrentIndex(zone->findData(QString::fromStdString(m_settings.zone)));
    auto* const form = new QFormLayout;
    form->addRow(tr("&Colours:"), look);
    form->addRow(tr("&Times:"), zone);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(makeExperiments());
    layout->addStretch(1);
    layout->addWidget(buttons);
    connect(look, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_settings.look = static_cast<Settings::Look>(index);
        Q_EMIT changed(m_settings);
    });
    connect(zone, &QComboBox::currentIndexChanged, this, [this, zone] {
        m_settings.zone = zone->currentData().toString().toStdString();
        Q_EMIT changed(m_settings);
    });
    resize(460, sizeHint().height());
}

QWidget* SettingsDialog::makeExperiments()
{
    auto* const box = new QGroupBox(tr("Experiments: not yet trusted, and can be switched off again"), this);
    box->setObjectName(QStringLiteral("experimentsBox"));
    auto* const layout = new QVBoxLayout(box);
    for (const Experiment& each : experiments()) {
        auto* const check = new QCheckBox(text(each.title), box);
        check->setObjectName(QStringLiteral("experiment-") + text(each.name));
        check->setChecked(m_settings.experiments.on(each.name));
        QString said = text(each.sentence);
        check->setAccessibleDescription(said);
        if (m_settings.experiments.forThisRun(each.name)) {
            check->setEnabled(false);
            said += QLatin1Char(' ') + tr("Switched on for this run by --enable.");
        }
        auto* const sentence = new QLabel(said, box);
        sentence->setTextFormat(Qt::PlainText);
        sentence->setWordWrap(true);
        sentence->setIndent(22);
        layout->addWidget(check);
        layout->addWidget(sentence);
        connect(check, &QCheckBox::toggled, this, [this, name = std::string(each.name)](bool on) {
            m_settings.experiments.keep(name, on);
            Q_EMIT changed(m_settings);
        });
    }
    return box;
}

} // namespace faultline
