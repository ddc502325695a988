#include "views/marks/mark_memory.h"

#include "models/session/marks.h"
#include "models/session/state_keeper.h"
#include "views/investigate/investigate_page.h"
#include "views/render/plain_text.h"

#include <QJsonDocument>
#include <QPointer>

namespace faultline {
namespace {

constexpr const char* kMarksDocument = "marks";

} // namespace

void keepMarks(StateKeeper* keeper, const std::string& store, InvestigatePage* page)
{
    keeper->read(store, kMarksDocument, [keeper, store, page = QPointer(page)](const QJsonObject& kept) {
        if (page == nullptr) return;
        auto marks = marksFromJson(QJsonDocument(kept).toJson(QJsonDocument::Compact).toStdString());
        if (!marks) return Q_EMIT page->noticed(oneLine(marks.error().line()));
        const auto write = [keeper, store, page] {
            const QByteArray json = QByteArray::fromStdString(marksToJson(page->marks()));
            keeper->put(store, kMarksDocument, QJsonDocument::fromJson(json).object());
        };
        const bool before = !page->marks().empty(); // made while these were on their way
        page->setMarks(std::move(marks).value());
        QObject::connect(page, &InvestigatePage::marksChanged, keeper, write);
        if (before) write();
    });
}

} // namespace faultline
