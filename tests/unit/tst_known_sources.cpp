#include "models/ingest/head_index.h"
#include "models/ingest/known_sources.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>

using namespace faultline;

namespace {

Checkpoint checkpointAt(std::uint64_t position, std::uint8_t content)
{
    Checkpoint checkpoint;
    checkpoint.position = position;
    checkpoint.hash.bytes[0] = content;
    return checkpoint;
}

SourceRecord sourceOf(std::uint32_t id, const std::string& path)
{
    SourceRecord source;
    source.id = SourceId{id};
    source.path = path;
    return source;
}

} // namespace

class TestKnownSources : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // Against a plain list, under random changes.
    void indexIsTheList()
    {
        std::mt19937 random(20'261'122);
        KnownSources known;
        std::map<std::uint32_t, SourceRecord> list;
        for (int round = 0; round < 3'000; ++round) {
            const std::uint32_t id = 1 + random() % 40;
            switch (random() % 4) {
            case 0: {
                SourceRecord source = sourceOf(id, "/" + std::to_string(random() % 30));
                if (const auto old = list.find(id); old != list.end()) {
                    source.checkpoints = old->second.checkpoints;
                    source.checkpoint = old->second.checkpoint;
                }
                list[id] = source;
                known.put(std::move(source));
                break;
            }
            case 1:
                list.erase(id);
                known.erase(SourceId{id});
                break;
            default: {
                const auto checkpoint =
                    checkpointAt(1 + random() % 50, static_cast<std::uint8_t>(random() % 3));
                const KnownSources::Ptr held = random() % 2 == 0 ? known.find(SourceId{id}) : nullptr;
                const std::size_t before = held ? held->checkpoints.size() : 0;
                known.note(SourceId{id}, {}, checkpoint, {}, {}, {});
                if (held) QCOMPARE(held->checkpoints.size(), before); // what was handed out never changes
                const auto source = list.find(id);
                if (source == list.end()) break;
                auto& all = source->second.checkpoints;
                std::erase_if(all, [&](const Checkpoint& c) { return c.position == checkpoint.position; });
                all.push_back(checkpoint);
                std::sort(all.begin(), all.end(),
                          [](const Checkpoint& a, const Checkpoint& b) { return a.position < b.position; });
                source->second.checkpoint = all.back();
                break;
            }
            }
            const std::uint64_t position = 1 + random() % 50;
            const auto hash = checkpointAt(0, static_cast<std::uint8_t>(random() % 3)).hash;
            std::vector<std::uint32_t> expected, got;
            for (const auto& [number, source] : list)
                if (!source.checkpoints.empty() && source.checkpoints.front().position == position &&
                    source.checkpoints.front().hash == hash)
                    expected.push_back(number);
            for (const auto& source : known.beginningWith(position, hash)) got.push_back(source->id.value);
            QCOMPARE(got, expected);
            const std::string path = "/" + std::to_string(random() % 30);
            expected.clear();
            got.clear();
            for (const auto& [number, source] : list)
                if (source.path == path) expected.push_back(number);
            for (const auto& source : known.withPath(path)) got.push_back(source->id.value);
            QCOMPARE(got, expected);
        }
    }

    void whatIsNewIsHiddenUntilItIsRevealed()
    {
        KnownSources known;
        known.put(sourceOf(1, "/a"));
        known.put(sourceOf(2, "/b"));
        known.hideNew(true);
        const auto checkpoint = checkpointAt(10, 1);
        known.note(SourceId{1}, {}, checkpoint, {}, {}, {});
        known.note(SourceId{2}, {}, checkpoint, {}, {}, {});
        known.put(*known.find(SourceId{2})); // stays hidden
        QVERIFY(!known.anyContent());
        known.reveal(SourceId{1});
        QCOMPARE(known.beginningWith(10, checkpoint.hash).size(), std::size_t{1});
        known.hideNew(false);
        QCOMPARE(known.beginningWith(10, checkpoint.hash).size(), std::size_t{2});
        known.erase(SourceId{1});
        known.erase(SourceId{2});
        QVERIFY(!known.anyContent());
    }

    void headsThatBeginAlike()
    {
        const std::string a = "{\"n\":1}", b = "{\"n\":1}\n{\"n\":2}", c = "x";
        HeadIndex heads;
        heads.add(b);
        heads.add({});
        QVERIFY(heads.hasTwin(a));
        QVERIFY(heads.hasTwin(b));
        QVERIFY(heads.hasTwin(b + "\nmore"));
        QVERIFY(!heads.hasTwin(c));
        QVERIFY(!heads.hasTwin({}));
        heads.add(c);
        QVERIFY(heads.hasTwin("xyz"));
    }
};

QTEST_APPLESS_MAIN(TestKnownSources)
#include "tst_known_sources.moc"
