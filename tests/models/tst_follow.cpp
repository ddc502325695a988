#include "models/ingest/discover.h"
#include "models/ingest/follow.h"
#include "models/ingest/open_input.h"
#include "models/ingest/resume.h"
#include "tests/support/packing.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

using namespace faultline;
using namespace faultline::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class HandClock final : public Clock
{
public:
    std::chrono::steady_clock::time_point at{1h};
    TimeNs now() const override { return 0; }
    std::chrono::steady_clock::time_point steady() const override { return at; }
};

/// As a kernel whose queue overflowed: it only knows that something happened.
class OverflowingSource final : public ChangeSource
{
public:
    Status watch(const std::string&) override { return {}; }
    Result<FileChanges> wait(std::chrono::milliseconds, std::stop_token) override
    {
        return FileChanges{true, {}};
    }
    bool sees() const override { return true; }
};

enum class Watching { Inotify, Polling, Overflow };

/// A pipeline in small: acts on the events as follow.h says, with the rules of resume.h, and keeps what it
/// stores.
class Tailer
{
public:
    Tailer(const std::string& path, Watching watching, Follower::Options options = {})
        : m_clock(std::make_shared<HandClock>())
        , follower({path}, options, m_clock,
                   watching == Watching::Inotify   ? makeInotifySource()
                   : watching == Watching::Polling ? makePollingSource()
                                                   : std::make_unique<OverflowingSource>())
    {}

    /// Takes what is known to have happened; then lets time pass and looks again.
    void look()
    {
        for (int quiet = 0; quiet < 4;) {
            auto events = follower.wait(0ms, {});
            if (!events) return;
            for (const FollowEvent& event : *events) act(event);
            if (!events->empty()) continue;
            ++quiet;
            m_clock->at += 600ms; // polls, and what is in the making settles
        }
    }
    void pass(std::chrono::milliseconds time) { m_clock->at += time; }

    std::string stored() const
    {
        std::string all;
        for (const auto& [id, bytes] : m_stored) all += bytes;
        return all;
    }
    std::ptrdiff_t lines() const
    {
        const std::string all = stored();
        return std::count(all.begin(), all.end(), '\n');
    }
    std::string log; // kinds of events, for messages
    std::vector<SourceRecord> sources;
    std::size_t streams() const { return m_streams.size(); }

private:
    struct Stream
    {
        std::uint32_t source = 0;
        std::unique_ptr<ByteInput> input;
        RunningHash hash;
        std::uint64_t position = 0;
    };
    std::shared_ptr<HandClock> m_clock;

public:
    Follower follower;

private:
    void act(const FollowEvent& event)
    {
        static const char* const names[] = {"appeared", "grown",      "renamed", "truncated",
                                            "removed",  "compressed", "ended"};
        log += std::string(names[static_cast<std::size_t>(event.kind)]) + " " +
               fs::path(event.path).filename().string() + "; ";
        switch (event.kind) {
        case FollowEvent::Kind::Truncated:
            m_streams.erase(event.previous);
            begin(event);
            break;
        case FollowEvent::Kind::Compressed:
            drain(event.previous);
            begin(event);
            break;
        case FollowEvent::Kind::Appeared: begin(event); break;
        case FollowEvent::Kind::Renamed:
            if (auto* stream = find(event.file)) sources[stream->source - 1].path = event.path;
            drain(event.file);
            break;
        case FollowEvent::Kind::Grown:
        case FollowEvent::Kind::Removed: drain(event.file); break;
        case FollowEvent::Kind::Ended:
            drain(event.file);
            m_streams.erase(event.file);
            break;
        }
    }
    Stream* find(FollowId id)
    {
        const auto at = m_streams.find(id);
        return at == m_streams.end() ? nullptr : &at->second;
    }

    void begin(const FollowEvent& event)
    {
        InputEntry entry;
        entry.path = event.path;
        entry.device = event.device;
        entry.inode = event.inode;
        entry.open = [this, id = event.file]() -> Result<std::unique_ptr<ByteInput>> {
            auto raw = follower.open(id);
            if (!raw) return std::move(raw).error();
            auto decoded = decodeStream(std::move(*raw), "followed");
            if (!decoded) return std::move(decoded).error();
            return std::move(decoded->input);
        };
        auto decision = decideWhatIsNew(entry, KnownSources(sources), {});
        if (!decision) {
            log += decision.error().line() + "; ";
            return;
        }
        if (decision->holder && decision->renameHolder)
            sources[decision->holder->value - 1].path += " (before)";
        if (decision->what == Newness::Duplicate) {
            log += "(duplicate) ";
            return;
        }
        if (decision->what == Newness::New) {
            sources.push_back({});
            sources.back().id = SourceId{static_cast<std::uint32_t>(sources.size())};
            sources.back().checkpoint = decision->checkpoint;
            decision->source = sources.back().id;
        }
        if (!decision->keepPath) sources[decision->source->value - 1].path = entry.path;
        std::erase_if(m_streams, [&](const auto& one) {
            return one.second.source == decision->source->value && one.first != event.file;
        });
        Stream& stream = m_streams[event.file];
        stream = {decision->source->value, std::move(decision->input), std::move(decision->hash),
                  decision->checkpoint.position};
        drain(event.file);
    }

    void drain(FollowId id)
    {
        Stream* stream = find(id);
        if (!stream) return;
        std::vector<char> buffer(1u << 16);
        for (;;) {
            auto chunk = stream->input->read(buffer.data(), buffer.size());
            if (!chunk) break;
            const std::string_view bytes(buffer.data(), chunk->bytes);
            stream->hash.add(bytes);
            stream->position += bytes.size();
            m_stored[stream->source] += bytes;
            if (chunk->eof) break;
        }
        SourceRecord& source = sources[stream->source - 1];
        if (source.checkpoint.position == stream->position) return;
        source.checkpoint = {stream->position, 0, 0, stream->hash.digest()};
        source.checkpoints.push_back(source.checkpoint);
    }

    std::map<FollowId, Stream> m_streams;
    std::map<std::uint32_t, std::string> m_stored;
};

/// A folder with a writer in it. Every line is its own; what it writes is remembered.
struct Scene
{
    fs::path folder;
    std::function<void()> look; ///< lets the tailer see what happened so far, in live runs
    int next = 0;
    std::vector<std::string> written;
    std::vector<std::string> destroyed; ///< gone before anyone could read them

    fs::path at(const std::string& name) const { return folder / name; }
    std::string batch(int lines = 20)
    {
        std::string text;
        for (int i = 0; i < lines; ++i) {
            const std::string line = "{\"line\":" + std::to_string(next++) + "}";
            written.push_back(line);
            text += line + "\n";
        }
        return text;
    }
    void append(const std::string& name) { put(name, batch()); }
    void put(const std::string& name, const std::string& bytes) const
    {
        std::ofstream(at(name), std::ios::binary | std::ios::app) << bytes;
    }
    std::string bytes(const std::string& name) const
    {
        std::ifstream file(at(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// What of a file the tailer cannot have read when it is `live` no longer: lines of the file now.
    void destroy(const std::string& name, bool live)
    {
        if (live) return;
        std::string text = bytes(name);
        for (const std::string& line : written)
            if (text.find(line + "\n") != std::string::npos) destroyed.push_back(line);
    }
};

using Kind = std::function<void(Scene&, bool live)>;

std::map<std::string, Kind> rotations()
{
    std::map<std::string, Kind> kinds;
    kinds["rename and create"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        fs::rename(s.at("a.log"), s.at("a.log.1"));
        s.append("a.log");
    };
    kinds["rename with late writes"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        fs::rename(s.at("a.log"), s.at("a.log.1"));
        s.append("a.log");
        s.look();
        s.append("a.log.1");
    };
    kinds["copy and truncate"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        s.put("a.log.1", s.bytes("a.log"));
        fs::resize_file(s.at("a.log"), 0);
        s.append("a.log");
    };
    kinds["copy, truncate, grow past the old place"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        s.put("a.log.1", s.bytes("a.log"));
        fs::resize_file(s.at("a.log"), 0);
        for (int i = 0; i < 5; ++i) s.append("a.log");
    };
    kinds["copy, truncate, hole of a writer that keeps its place"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        const auto size = fs::file_size(s.at("a.log"));
        s.put("a.log.1", s.bytes("a.log"));
        fs::resize_file(s.at("a.log"), 0);
        fs::resize_file(s.at("a.log"), size); // zeros
        s.append("a.log");
    };
    kinds["truncate to nothing"] = [](Scene& s, bool live) {
        s.append("a.log");
        s.look();
        s.destroy("a.log", live);
        fs::resize_file(s.at("a.log"), 0);
        s.look();
        s.append("a.log");
    };
    kinds["compressed at once"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        s.append("a.log");
        s.put("a.log.1.gz", packed(s.bytes("a.log"), "gzip"));
        fs::remove(s.at("a.log"));
        s.append("a.log");
    };
    kinds["compressed later, by zstd"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        fs::rename(s.at("a.log"), s.at("a.log.1"));
        s.append("a.log");
        s.look();
        s.put("a.log.1.zst", packed(s.bytes("a.log.1"), "zstd"));
        s.look();
        fs::remove(s.at("a.log.1"));
        s.append("a.log");
    };
    kinds["compressed in pieces"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        fs::rename(s.at("a.log"), s.at("a.log.1"));
        const std::string whole = packed(s.bytes("a.log.1"), "gzip");
        s.put("a.log.1.gz", whole.substr(0, whole.size() / 2));
        s.put("a.log.1.gz", whole.substr(whole.size() / 2));
        fs::remove(s.at("a.log.1"));
        s.append("a.log");
    };
    kinds["delete and create"] = [](Scene& s, bool live) {
        s.append("a.log");
        s.look();
        s.destroy("a.log", live);
        fs::remove(s.at("a.log"));
        s.append("a.log");
    };
    kinds["a link is switched"] = [](Scene& s, bool) {
        s.append("day1.log");
        fs::create_symlink("day1.log", s.at("a.log"));
        s.look();
        s.append("a.log");
        s.look();
        s.append("day2.log");
        fs::remove(s.at("a.log"));
        fs::create_symlink("day2.log", s.at("a.log"));
        s.append("a.log");
    };
    kinds["a numbered chain"] = [](Scene& s, bool) {
        for (int round = 0; round < 3; ++round) {
            s.append("a.log");
            s.look();
            for (int n = 3; n >= 1; --n)
                if (fs::exists(s.at("a.log." + std::to_string(n))))
                    fs::rename(s.at("a.log." + std::to_string(n)), s.at("a.log." + std::to_string(n + 1)));
            fs::rename(s.at("a.log"), s.at("a.log.1"));
            s.append("a.log");
        }
    };
    kinds["dated files"] = [](Scene& s, bool) {
        for (const char* day : {"a-2026-01-30.log", "a-2026-01-31.log", "a-2026-02-01.log"}) {
            s.append(day);
            s.look();
            s.append(day);
        }
    };
    kinds["replaced by a file with the same header"] = [](Scene& s, bool live) {
        const std::string header = std::string(300, 'h') + "\n";
        s.put("a.log", header + s.batch());
        s.look();
        s.destroy("a.log", live);
        s.put("new.tmp", header + s.batch());
        fs::rename(s.at("new.tmp"), s.at("a.log"));
        s.append("a.log");
    };
    kinds["unlinked while it is written"] = [](Scene& s, bool live) {
        s.append("a.log");
        s.look();
        const int descriptor = ::open(s.at("a.log").c_str(), O_WRONLY | O_APPEND);
        s.destroy("a.log", live);
        fs::remove(s.at("a.log"));
        s.look();
        const std::string late = s.batch();
        if (!live) s.destroyed.insert(s.destroyed.end(), s.written.end() - 20, s.written.end());
        QVERIFY(::write(descriptor, late.data(), late.size()) == ssize_t(late.size()));
        s.look();
        ::close(descriptor);
        s.append("a.log");
    };
    kinds["no end of line, then rotated"] = [](Scene& s, bool) {
        std::string text = s.batch();
        text.pop_back();
        s.put("a.log", text);
        s.look();
        fs::rename(s.at("a.log"), s.at("a.log.1"));
        s.append("a.log");
        s.put("a.log.1", "\n");
    };
    kinds["two files with the same first 4 KiB"] = [](Scene& s, bool) {
        const std::string header = std::string(4096, 'h') + "\n";
        s.put("a.log", header + s.batch());
        s.put("b.log", header + s.batch());
        s.look();
        s.append("a.log");
        s.append("b.log");
        s.look();
        fs::rename(s.at("a.log"), s.at("a.log.1"));
        s.append("a.log");
        s.append("b.log");
    };
    kinds["replaced by UTF-16"] = [](Scene& s, bool) {
        s.append("a.log");
        s.look();
        fs::rename(s.at("a.log"), s.at("a.log.1"));
        std::string wide = "\xff\xfe";
        for (const char c : s.batch()) wide += std::string{c, '\0'};
        s.put("a.log", wide);
    };
    return kinds;
}

} // namespace

class TestFollow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsLostOrDoubled_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<bool>("live");
        QTest::addColumn<bool>("writes");
        QTest::addColumn<int>("watching");
        const auto kinds = rotations();
        QCOMPARE(kinds.size(), std::size_t(18));
        for (const auto& [name, kind] : kinds)
            for (const bool live : {true, false})
                for (const bool writes : {false, true})
                    for (const Watching watching : {Watching::Inotify, Watching::Polling, Watching::Overflow})
                        QTest::addRow("%s, %s, %s, %d", name.c_str(), live ? "live" : "behind",
                                      writes ? "writes" : "idle", int(watching))
                            << QString::fromStdString(name) << live << writes << int(watching);
    }
    void nothingIsLostOrDoubled()
    {
        QFETCH(QString, kind);
        QFETCH(bool, live);
        QFETCH(bool, writes);
        QFETCH(int, watching);
        QTemporaryDir temporary;
        Scene scene;
        scene.folder = temporary.path().toStdString();
        Tailer tailer(scene.folder.string(), static_cast<Watching>(watching));
        tailer.look(); // follows before the first byte
        scene.look = [&] {
            if (live) tailer.look();
        };
        if (writes) scene.append("other.log");
        rotations().at(kind.toStdString())(scene, live);
        if (writes) scene.append("other.log");
        tailer.look();
        const std::string stored = tailer.stored();
        const auto count = [&](const std::string& line) {
            std::size_t found = 0;
            for (std::size_t at = stored.find(line); at != std::string::npos; at = stored.find(line, at + 1))
                ++found;
            return found;
        };
        for (const std::string& line : scene.written) {
            const bool mayBeLost =
                std::find(scene.destroyed.begin(), scene.destroyed.end(), line) != scene.destroyed.end();
            const std::size_t times = count(line);
            const std::string told = line + " " + std::to_string(times) + " times: " + tailer.log;
            QVERIFY2(times == 1 || (mayBeLost && times == 0), told.c_str());
        }
    }

    void descriptorsAreBounded()
    {
        QTemporaryDir temporary;
        Scene scene;
        scene.folder = temporary.path().toStdString();
        scene.look = [] {};
        for (int i = 0; i < 60; ++i) scene.append("f" + std::to_string(i) + ".log");
        const auto descriptors = [] {
            return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
        };
        const auto before = descriptors();
        Follower::Options options;
        options.maxOpen = 8;
        Follower follower({scene.folder.string()}, options, std::make_shared<HandClock>(),
                          makeInotifySource());
        auto events = follower.wait(0ms, {});
        QVERIFY(events);
        QCOMPARE(events->size(), std::size_t(60));
        QVERIFY(std::is_sorted(events->begin(), events->end(),
                               [](const auto& a, const auto& b) { return a.file < b.file; }));
        QVERIFY2(descriptors() - before <= 8 + 4, "descriptors are not given back");
        for (int i = 0; i < 60; ++i) scene.append("f" + std::to_string(i) + ".log");
        fs::rename(scene.at("f59.log"), scene.at("f59.log.1"));
        events = follower.wait(0ms, {});
        QVERIFY(events);
        QCOMPARE(std::count_if(events->begin(), events->end(),
                               [](const auto& one) { return one.kind == FollowEvent::Kind::Grown; }),
                 60);
        QCOMPARE(std::count_if(events->begin(), events->end(),
                               [](const auto& one) { return one.kind == FollowEvent::Kind::Renamed; }),
                 1);
        QVERIFY(descriptors() - before <= 8 + 4);
    }

    void aRemovedFileEndsAfterAWhile()
    {
        QTemporaryDir temporary;
        Scene scene;
        scene.folder = temporary.path().toStdString();
        scene.append("a.log");
        Tailer tailer(scene.at("a.log").string(), Watching::Inotify);
        tailer.look();
        QCOMPARE(tailer.streams(), std::size_t(1));
        fs::remove(scene.at("a.log"));
        tailer.look();
        QVERIFY2(tailer.log.find("removed a.log") != std::string::npos, tailer.log.c_str());
        tailer.pass(61s);
        tailer.look();
        QVERIFY2(tailer.log.find("ended a.log") != std::string::npos, tailer.log.c_str());
        QCOMPARE(tailer.streams(), std::size_t(0));
        scene.append("a.log");
        tailer.look();
        QCOMPARE(tailer.lines(), std::ptrdiff_t(40));
    }

    void aFileThatIsNamedIsFollowedOverItsRotation()
    {
        QTemporaryDir temporary;
        Scene scene;
        scene.folder = temporary.path().toStdString();
        scene.append("a.log");
        scene.append("b.log");
        Tailer tailer(scene.at("a.log").string(), Watching::Inotify);
        tailer.look();
        fs::rename(scene.at("a.log"), scene.at("a.log.1"));
        scene.append("a.log.1");
        scene.append("a.log");
        scene.append("b.log");
        tailer.look();
        QCOMPARE(QString::fromStdString(tailer.log),
                 QStringLiteral("appeared a.log; renamed a.log.1; grown a.log.1; appeared a.log; "));
        scene.put("a.log.1.gz", packed(scene.bytes("a.log.1"), "gzip"));
        fs::remove(scene.at("a.log.1"));
        tailer.look();
        QVERIFY2(tailer.log.ends_with("compressed a.log.1.gz; "), tailer.log.c_str());
        QCOMPARE(tailer.lines(), std::ptrdiff_t(60));
    }

    void newFoldersAndStop()
    {
        QTemporaryDir temporary;
        Scene scene;
        scene.folder = temporary.path().toStdString();
        Tailer tailer((scene.folder / "**/*.log").string(), Watching::Inotify);
        tailer.look();
        fs::create_directories(scene.folder / "x/y");
        scene.append("x/y/a.log");
        scene.append("x/y/a.txt");
        tailer.look();
        scene.append("x/y/a.log");
        tailer.look();
        QCOMPARE(QString::fromStdString(tailer.log), QStringLiteral("appeared a.log; grown a.log; "));
        std::stop_source stop;
        stop.request_stop();
        auto events = tailer.follower.wait(std::chrono::hours(1), stop.get_token());
        QVERIFY(events && events->empty());
        QVERIFY(!tailer.follower.polling());
    }
};

QTEST_APPLESS_MAIN(TestFollow)
#include "tst_follow.moc"
