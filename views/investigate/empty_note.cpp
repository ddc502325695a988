#include "views/investigate/empty_note.h"

#include "views/render/counts.h"
#include "views/render/plain_text.h"

#include <QApplication>
#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QTextDocument>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {
namespace {

constexpr qsizetype kMostTerm = 60;

QString label(const Remedy& remedy)
{
    const QString term = elidedMiddle(oneLine(remedy.term), kMostTerm);
    const QString events = eventCount(remedy.events);
    switch (remedy.kind) {
    case Remedy::Kind::AllTime: return EmptyNote::tr("Search all time: %1").arg(events);
    case Remedy::Kind::Replace: return EmptyNote::tr("With %1 instead: %2").arg(term, events);
    case Remedy::Kind::AsText: return EmptyNote::tr("As it stands, %1: %2").arg(term, events);
    case Remedy::Kind::DropTerm: break;
    }
    return EmptyNote::tr("Without %1: %2").arg(term, events);
}

} // namespace

EmptyNote::EmptyNote(QWidget* parent, int topMargin)
    : QWidget(parent)
    , m_topMargin(topMargin)
    , m_title(new QLabel(tr("No event matches"), this))
    , m_buttons(new QVBoxLayout)
    , m_clear(new QPushButton(tr("Clear the search"), this))
{
    setObjectName(QStringLiteral("emptyNote"));
    // Sentences, not columns: the list's own font is for those.
    setFont(QApplication::font());
    m_clear->setObjectName(QStringLiteral("emptyClear"));
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    m_title->setFont(large);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setAlignment(Qt::AlignCenter);
    auto* const layout = new QVBoxLayout(this);
    layout->addStretch();
    layout->addWidget(m_title);
    layout->addSpacing(6);
    layout->addLayout(m_buttons);
    layout->addWidget(m_clear, 0, Qt::AlignHCenter);
    layout->addStretch();
    connect(m_clear, &QPushButton::clicked, this, &EmptyNote::clearRequested);
    parent->installEventFilter(this);
    fill();
    hide();
}

void EmptyNote::showEmpty(bool canClear)
{
    qDeleteAll(m_remedies);
    m_remedies.clear();
    m_clear->setVisible(canClear);
    show();
    raise();
}

void EmptyNote::showRemedies(const std::vector<Remedy>& remedies)
{
    showEmpty(!m_clear->isHidden());
    for (const Remedy& remedy : remedies) {
        auto* const button = new QPushButton(this);
        button->setAccessibleName(label(remedy));
        button->setObjectName(QStringLiteral("remedy%1").arg(m_remedies.size()));
        connect(button, &QPushButton::clicked, this, [this, remedy] { Q_EMIT remedyChosen(remedy); });
        m_buttons->addWidget(button, 0, Qt::AlignHCenter);
        m_remedies.push_back(button);
    }
    fit();
}

void EmptyNote::fit()
{
    constexpr int kEdges = 48; // of the note, and of a button around its text
    for (QPushButton* const button : m_remedies) {
        const QString whole = button->accessibleName();
        const QString shown =
            button->fontMetrics().elidedText(whole, Qt::ElideMiddle, std::max(80, width() - kEdges));
        button->setText(menuText(shown));
        button->setToolTip(shown == whole ? QString()
                                          : Qt::convertFromPlainText(whole, Qt::WhiteSpaceNormal));
    }
}

void EmptyNote::fill()
{
    setGeometry(parentWidget()->rect().adjusted(0, m_topMargin, 0, 0));
    fit();
}

bool EmptyNote::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::Resize) fill();
    return QWidget::eventFilter(object, event);
}

} // namespace faultline
