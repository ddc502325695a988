#include "models/ingest/content_kind.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/open_input.h"
#include "tests/support/packing.h"

#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <fstream>
#include <random>
#include <thread>

using namespace faultline;
using namespace faultline::test;

namespace {

struct Drained
{
    std::string bytes;
    std::string why; // of the Error, empty without one
};

Drained drain(ByteInput& input, std::size_t piece = 100'000)
{
    Drained result;
    std::vector<char> buffer(piece);
    for (;;) {
        auto chunk = input.read(buffer.data(), buffer.size());
        if (!chunk) {
            result.why = chunk.error().why;
            return result;
        }
        result.bytes.append(buffer.data(), chunk->bytes);
        if (chunk->eof) return result;
    }
}

std::string lines(std::size_t count, unsigned seed = 1)
{
    std::mt19937 random(seed);
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "{\"n\":" + std::to_string(i) + ",\"id\":\"" + std::to_string(random()) +
                "\",\"msg\":\"done\"}\n";
    return text;
}

/// Bytes given in pieces, as a slow disk would.
class Memory final : public ByteInput
{
public:
    Memory(std::string bytes, std::size_t piece) : m_bytes(std::move(bytes)), m_piece(piece) {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        const std::size_t given = std::min({capacity, m_piece, m_bytes.size() - m_at});
        m_bytes.copy(buffer, given, m_at);
        m_at += given;
        return Chunk{given, m_at == m_bytes.size()};
    }
    std::uint64_t consumed() const override { return m_at; }
    std::uint64_t size() const override { return std::max<std::size_t>(1, m_bytes.size()); }

private:
    std::string m_bytes;
    std::size_t m_piece, m_at = 0;
};

Drained decode(const std::string& bytes, std::size_t rawPiece = 1u << 20, std::size_t piece = 100'000)
{
    auto stream = decodeStream(std::make_unique<Memory>(bytes, rawPiece), "test");
    if (!stream) return {{}, stream.error().why};
    return drain(*stream->input, piece);
}

} // namespace

class TestInputs : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::string write(const std::string& name, const std::string& bytes)
    {
        const std::string path = m_folder.filePath(QString::fromStdString(name)).toStdString();
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

private Q_SLOTS:
    void everyCompressionGivesItsBytes_data()
    {
        QTest::addColumn<QString>("filter");
        for (const char* filter : {"none", "gzip", "zstd", "xz", "bzip2", "lz4"})
            QTest::newRow(filter) << QString::fromLatin1(filter);
    }
    void everyCompressionGivesItsBytes()
    {
        QFETCH(QString, filter);
        for (const std::size_t count : {1u, 3u, 20'000u}) {
            const std::string text = lines(count);
            const std::string bytes = packed(text, filter.toStdString());
            QVERIFY(!bytes.empty());
            for (const std::size_t rawPiece : {1u << 20, 4096u, 7u}) {
                if (rawPiece == 7 && count > 3) continue;
                const Drained got = decode(bytes, rawPiece, rawPiece == 4096 ? 777 : 100'000);
                QCOMPARE(QString::fromStdString(got.why), QString());
                QVERIFY2(got.bytes == text, "the decoded bytes are not the original ones");
            }
        }
    }

    void membersAndFramesFollowOneAnother_data() { everyCompressionGivesItsBytes_data(); }
    void membersAndFramesFollowOneAnother()
    {
        QFETCH(QString, filter);
        std::string bytes, text;
        for (unsigned part = 0; part < 40; ++part) {
            const std::string piece = part % 5 == 0 ? std::string() : lines(part * 3, part);
            text += piece;
            if (piece.empty() && filter != u"gzip" && filter != u"zstd") continue;
            bytes += packed(piece, filter.toStdString());
        }
        for (const std::size_t rawPiece : {1u << 20, 11u}) {
            const Drained got = decode(bytes, rawPiece);
            QCOMPARE(QString::fromStdString(got.why), QString());
            QVERIFY(got.bytes == text);
        }
    }

    void aCutStreamGivesWhatItHasAndThePlace_data()
    {
        QTest::addColumn<QString>("filter");
        for (const char* filter : {"gzip", "zstd", "xz", "bzip2", "lz4"})
            QTest::newRow(filter) << QString::fromLatin1(filter);
    }
    void aCutStreamGivesWhatItHasAndThePlace()
    {
        QFETCH(QString, filter);
        const std::string text = lines(60'000);
        const std::string bytes = packed(text, filter.toStdString());
        const std::string cut = bytes.substr(0, bytes.size() * 9 / 10);
        const Drained got = decode(cut);
        QVERIFY2(text.starts_with(got.bytes), "bytes before the fault are not the original ones");
        // bzip2 and lz4 work in large blocks (900 kB, 4 MiB): only whole ones can be had.
        const std::size_t expected = filter == u"lz4"     ? 0
                                     : filter == u"bzip2" ? text.size() / 3
                                                          : text.size() * 8 / 10;
        QVERIFY2(got.bytes.size() >= expected, qPrintable(QString::number(got.bytes.size())));
        QVERIFY2(got.why.find("byte ") != std::string::npos, got.why.c_str());
        if (filter == u"gzip" || filter == u"zstd")
            QCOMPARE(QString::fromStdString(got.why).section(u' ', -1).toULongLong(), qulonglong(cut.size()));
    }

    void bytesAfterTheEndAreSaid()
    {
        const std::string text = lines(100);
        for (const char* filter : {"gzip", "zstd"}) {
            const std::string bytes = packed(text, filter);
            const Drained got = decode(bytes + "not compressed");
            QVERIFY(got.bytes == text);
            const std::string place = "compressed byte " + std::to_string(bytes.size());
            QVERIFY2(got.why.find(place) != std::string::npos, got.why.c_str());
        }
        const Drained padded = decode(packed(text, "gzip") + std::string(3000, '\0'));
        QVERIFY2(padded.why.empty() && padded.bytes == text, "zeros after gzip are padding");
    }

    void everyTruncationAndCorruptionIsSurvived_data()
    {
        QTest::addColumn<QByteArray>("packed");
        QTest::addColumn<QByteArray>("text");
        const std::string text = lines(400);
        for (const char* filter : {"gzip", "zstd", "lz4", "xz", "bzip2"})
            QTest::newRow(filter) << QByteArray::fromStdString(packed(text, filter))
                                  << QByteArray::fromStdString(text);
    }
    void everyTruncationAndCorruptionIsSurvived()
    {
        QFETCH(QByteArray, packed);
        QFETCH(QByteArray, text);
        const std::string bytes = packed.toStdString(), whole = text.toStdString();
        std::mt19937 random(20261122);
        for (int round = 0; round < 150; ++round) {
            const std::size_t cut = 9 + random() % (bytes.size() - 9);
            const Drained got = decode(bytes.substr(0, cut), 1 + random() % 5000);
            QVERIFY2(whole.starts_with(got.bytes), "a cut stream invents bytes");
            QVERIFY2(!got.why.empty(), "a cut stream goes unnoticed");
            std::string spoilt = bytes;
            for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
                spoilt[random() % spoilt.size()] ^= static_cast<char>(1u << (random() % 8));
            const Drained other = decode(spoilt, 1 + random() % 5000);
            QVERIFY2(other.bytes.size() < 64u << 20, "a spoilt stream grows without end");
        }
    }

    void spoiltArchivesAreSurvived_data()
    {
        QTest::addColumn<QString>("format");
        QTest::newRow("zip") << QStringLiteral("zip");
        QTest::newRow("tar") << QStringLiteral("tar");
    }
    void spoiltArchivesAreSurvived()
    {
        QFETCH(QString, format);
        const std::string first = lines(200), second = lines(300, 2);
        const std::string bytes = archived({{"a.log", first}, {"b.log", second}}, format.toStdString());
        std::mt19937 random(5);
        for (int round = 0; round < 120; ++round) {
            std::string spoilt = bytes;
            if (round % 2)
                spoilt.resize(random() % bytes.size());
            else
                for (unsigned flips = 1 + random() % 6; flips > 0; --flips)
                    spoilt[random() % spoilt.size()] = static_cast<char>(random());
            const std::string path = write("spoilt", spoilt);
            for (const char* member : {"!a.log", "!b.log"}) {
                auto input = openInput(path + member);
                if (!input) continue; // said, not crashed
                const Drained got = drain(**input);
                const std::string& whole = member[1] == 'a' ? first : second;
                if (round % 2) QVERIFY2(whole.starts_with(got.bytes), "a cut archive invents bytes");
            }
        }
    }

    void compressionOverCompression()
    {
        std::string bytes = lines(50);
        const std::string text = bytes;
        for (int layer = 0; layer < 4; ++layer) bytes = packed(bytes, layer % 2 ? "gzip" : "zstd");
        QVERIFY(decode(bytes).bytes == text);
        const Drained deeper = decode(packed(bytes, "gzip"));
        QVERIFY2(deeper.bytes.empty() && deeper.why.find("more than 4") != std::string::npos,
                 deeper.why.c_str());
    }

    void aBombIsStopped()
    {
        // Blocks of the RLE type (RFC 8878 3.1.1.2): 128 KiB of one value out of 4 bytes.
        std::string bomb("\x28\xb5\x2f\xfd\x00\x58", 6);
        for (int block = 0; block < 16'000; ++block) {
            const std::uint32_t header = (128u << 10) << 3 | 1u << 1;
            for (int i = 0; i < 3; ++i) bomb.push_back(static_cast<char>(header >> (8 * i)));
            bomb.push_back('x');
        }
        auto stream = decodeStream(std::make_unique<Memory>(bomb, 1u << 14), "bomb");
        QVERIFY(stream);
        std::vector<char> buffer(4u << 20);
        std::uint64_t total = 0;
        for (;;) {
            auto chunk = stream->input->read(buffer.data(), buffer.size());
            if (!chunk) {
                QVERIFY2(chunk.error().kind == ErrorKind::Limit, chunk.error().why.c_str());
                break;
            }
            total += chunk->bytes;
            QVERIFY2(!chunk->eof && total < 2ull << 30, "the bomb was not noticed");
        }
    }

    void utf16BecomesUtf8_data()
    {
        QTest::addColumn<bool>("bigEndian");
        QTest::addColumn<bool>("mark");
        QTest::newRow("LE mark") << false << true;
        QTest::newRow("BE mark") << true << true;
        QTest::newRow("LE") << false << false;
        QTest::newRow("BE") << true << false;
    }
    void utf16BecomesUtf8()
    {
        QFETCH(bool, bigEndian);
        QFETCH(bool, mark);
        const QString text =
            QString::fromUtf8("{\"message\":\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"}\r\n").repeated(5000);
        std::string bytes;
        const auto put = [&](char16_t unit) {
            const char low = static_cast<char>(unit & 0xff), high = static_cast<char>(unit >> 8);
            bytes += bigEndian ? std::string{high, low} : std::string{low, high};
        };
        if (mark) put(0xfeff);
        for (const QChar c : text) put(c.unicode());
        const std::string utf8 = (mark ? "\xef\xbb\xbf" : "") + text.toStdString();
        for (const std::size_t piece : {1u << 20, 3u, 4097u}) QVERIFY(decode(bytes, piece).bytes == utf8);
        // What has no place in UTF-8 keeps bytes of its own: halves of pairs, and half a unit at the end.
        put(0xde00);
        put(u'a');
        put(0xd83d);
        bytes.push_back('\xe4');
        const std::string odd = utf8 + "\xed\xb8\x80"
                                       "a\xed\xa0\xbd\xff\xc3\xa4";
        QVERIFY(decode(bytes).bytes == odd);
        QVERIFY(decode(packed(bytes, "gzip")).bytes == odd);
    }

    void contentSaysWhatItIs_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<QString>("reason"); // empty: text
        const auto row = [](const char* name, const std::string& head, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(head) << QString::fromLatin1(reason);
        };
        std::string noise;
        std::mt19937 random(7);
        for (int i = 0; i < 4096; ++i) noise.push_back(static_cast<char>(random()));
        noise[0] = 'x';
        std::string core(64, '\0');
        core.replace(0, 5,
                     "\x7f"
                     "ELF\x02");
        core[16] = 4;
        std::string program = core;
        program[16] = 2;
        using namespace std::string_literals;
        row("json", "{\"a\":1}\n", "");
        row("latin-1",
            "Stra\xdf"
            "e m\xfcnchen \xe4\xf6\xfc\n",
            "");
        row("utf-8", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe3\x83\xad\xe3\x82\xb0\n", "");
        row("bom", "\xef\xbb\xbf{\"a\":1}\n", "");
        row("colours", "\x1b[31mERROR\x1b[0m \x1b[1mboom\x1b[0m\n", "");
        row("stray NULs", "text with \0 in it, and more text after it, of a usual length\n"s, "");
        row("hole", std::string(4000, '\0') + "{\"a\":1}\n", "");
        row("one byte", "x", "");
        row("starts like bzip2", "BZhello world\n", "");
        row("starts with MZ",
            "MZ is how this line starts, and it is text that goes on and on past 64 bytes\n", "");
        row("png", "\x89PNG\r\n\x1a\n....", "a PNG image");
        row("core", core, "a core dump");
        row("program", program, "an executable");
        row("sqlite", "SQLite format 3\0"s, "a SQLite database");
        row("font", "wOF2....", "a font");
        row("pgp", "-----BEGIN PGP MESSAGE-----\n", "encrypted (PGP)");
        row("noise", noise, "binary data");
        row("utf-32", "\xff\xfe\0\0a\0\0\0"s, "text in UTF-32, which is not read; convert it to UTF-8");
    }
    void contentSaysWhatItIs()
    {
        QFETCH(QByteArray, head);
        QFETCH(QString, reason);
        const ContentGuess guess = guessContent(head.toStdString());
        QCOMPARE(QString::fromStdString(guess.reason), reason);
        QVERIFY(guess.kind == (reason.isEmpty() ? ContentKind::Text : ContentKind::NotALog));
    }

    void membersOpenByPath()
    {
        const std::string text = lines(2000), other = lines(1000, 9);
        const std::string inner = archived({{"deep/b.log", other}, {"c.log", "c\n"}}, "tar", "gzip");
        for (const char* format : {"zip", "tar"}) {
            const std::string path =
                write(std::string("a.") + format,
                      archived({{"a.log", text}, {"in.tgz", inner}, {"z.gz", packed(text, "gzip")}}, format));
            const auto read = [&](const std::string& member) {
                auto input = openInput(path + "!" + member);
                return input ? drain(**input) : Drained{{}, "open: " + input.error().line()};
            };
            QVERIFY2(read("a.log").bytes == text, read("a.log").why.c_str());
            QVERIFY2(read("z.gz").bytes == text, read("z.gz").why.c_str());
            QVERIFY2(read("in.tgz!deep/b.log").bytes == other, read("in.tgz!deep/b.log").why.c_str());
            QVERIFY(read("nothing").why.find("no such member") != std::string::npos);
            QVERIFY(read("a.log!x").why.find("not an archive") != std::string::npos);
            auto whole = openInput(path);
            QVERIFY(!whole && whole.error().kind == ErrorKind::Unsupported);
        }
        const std::string odd = write("a!b.log", text); // a name with "!" is still a file
        auto input = openInput(odd);
        QVERIFY(input && drain(**input).bytes == text);
    }

    void aFileGrowsAfterItsEnd()
    {
        const std::string path = write("grow.log", "one\n");
        auto input = openInput(path);
        QVERIFY(input);
        QCOMPARE(drain(**input).bytes, std::string("one\n"));
        std::ofstream(path, std::ios::app) << "two\n";
        QCOMPARE(drain(**input).bytes, std::string("two\n"));
        QCOMPARE((*input)->consumed(), std::uint64_t(8));
        auto missing = openInput(path + "x");
        QVERIFY(!missing && missing.error().kind == ErrorKind::NotFound);
    }

    void aPipeGivesWhatIsThereAndStops()
    {
        int ends[2] = {};
        QCOMPARE(::pipe(ends), 0);
        std::stop_source stop;
        auto pipe = makePipeInput(ends[0], true, "pipe", stop.get_token());
        QCOMPARE(::write(ends[1], "hello", 5), ssize_t(5));
        char buffer[100];
        auto chunk = pipe->read(buffer, sizeof buffer);
        QVERIFY(chunk && chunk->bytes == 5 && !chunk->eof);
        std::jthread stopper([&] { stop.request_stop(); });
        chunk = pipe->read(buffer, sizeof buffer);
        QVERIFY(chunk && chunk->bytes == 0 && !chunk->eof);
        ::close(ends[1]);
        auto ended = makePipeInput(::dup(ends[0]), true, "pipe", {});
        chunk = ended->read(buffer, sizeof buffer);
        QVERIFY(chunk && chunk->bytes == 0 && chunk->eof);
    }
};

QTEST_APPLESS_MAIN(TestInputs)
#include "tst_inputs.moc"
