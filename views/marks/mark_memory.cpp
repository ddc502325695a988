#include "views/marks/mark_memory.h"

#include "models/session/marks.h"
#include "models/session/state_keeper.h"
#include "views/investigate/investigate_page.h"

#include <QJsonDocument>

#include <memory>

namespace faultline {
namespace {

constexpr const char* kMarksDocument = "marks";

Result<std::vector<Mark>> marksOf(const QJsonObject& kept)
{
    return marksFromJson(QJsonDocument(kept).toJson(QJsonDocument::Compact).toStdString());
}

/// The document with these marks, and all else in it as it is.
QJsonObject withMarks(QJsonObject document, const std::vector<Mark>& marks)
{
    const QByteArray json = QByteArray::fromStdString(marksToJson(marks));
    const auto member = QStringLiteral("marks");
    document[member] = QJsonDocument::fromJson(json).object()[member];
    return document;
}

} // namespace

void keepMarks(StateKeeper* keeper, const std::string& store, InvestigatePage* page)
{
    // As the page had them when it last gave or got them.
    const auto seen = std::make_shared<std::vector<Mark>>(page->marks());
    const auto change = [keeper, store](const MarkEdit& edit) {
        keeper->change(store, kMarksDocument, [edit](const QJsonObject& before) -> Result<QJsonObject> {
            auto marks = marksOf(before);
            if (!marks) return std::move(marks).error();
            (void)applyEdit(edit, *marks); // those that do not fit go from the page when it is told
            return withMarks(before, *marks);
        });
    };
    QObject::connect(page, &InvestigatePage::marksChanged, page, [page, seen, change] {
        const MarkEdit edit = editBetween(*seen, page->marks());
        *seen = page->marks();
        if (!edit.empty()) change(edit);
    });
    QObject::connect(keeper, &StateKeeper::changed, page,
                     [page, seen, store, change](const std::string& of, const std::string& name,
                                                 const QJsonObject& document) {
                         if (of != store || name != kMarksDocument) return;
                         auto marks = marksOf(document);
                         if (!marks) return change({}); // puts it aside, and says so
                         *seen = *marks;
                         page->setMarks(std::move(marks).value());
                     });
    QObject::connect(page, &QObject::destroyed, keeper,
                     [keeper, store] { keeper->unfollow(store, kMarksDocument); });
    keeper->follow(store, kMarksDocument);
}

} // namespace faultline
