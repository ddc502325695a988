#include "models/base/hash.h"
#include "models/store/codecs.h"
#include "models/store/segment_builder.h"
#include "tests/unit/column_parts.h"
#include "tests/unit/one_column.h"

#include <QByteArray>
#include <QObject>
#include <QStringList>
#include <QTest>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>

using namespace faultline;

namespace {

OneColumn textColumn(const Texts& texts, ValueKind kind = ValueKind::Text, bool message = false)
{
    SegmentBuilder builder;
    const ColumnIndex column = builder.column("f", kind);
    if (message) {
        Shape shape;
        shape.literals = {"", ""};
        shape.slots = {{column, SlotStyle::Raw, {}}};
        shape.canonical[static_cast<std::size_t>(Canonical::Message)] = column;
        builder.shape(shape);
    }
    for (const auto& text : texts) {
        if (text) builder.addText(column, *text);
        endRow(builder, builder.rows());
    }
    return seal(builder);
}

std::string differences(const OneColumn& column, const Texts& expected)
{
    if (auto problem = differencesInParts(column, expected); !problem.empty()) return problem;
    const auto data = decodeColumn(column.info, column.rows, column.blob);
    if (!data) return data.error().line();
    if ((*data)->presence.rows() != expected.size()) return "another number of rows";
    std::string text;
    for (std::size_t row = 0; row < expected.size(); ++row) {
        text.clear();
        const bool present = (*data)->appendText(static_cast<RowIndex>(row), text);
        if (present != expected[row].has_value()) return "row " + std::to_string(row) + ": presence differs";
        if (present && text != *expected[row])
            return "row " + std::to_string(row) + ": '" + text + "' instead of '" + *expected[row] + "'";
    }
    std::uint64_t bytes = 0;
    for (const auto& each : expected) bytes += each ? each->size() : 0;
    if (column.info.rawBytes != bytes && column.info.kind != ValueKind::Time)
        return "rawBytes is not that of the texts";
    if (column.info.storedBytes != column.blob.size()) return "storedBytes is not that of the blob";
    return {};
}

std::string bytesOf(const char* hexDigits)
{
    std::string bytes;
    int high = -1;
    for (; *hexDigits != 0; ++hexDigits) {
        if (*hexDigits == ' ') continue;
        const int digit = *hexDigits <= '9' ? *hexDigits - '0' : *hexDigits - 'a' + 10;
        if (high < 0)
            high = digit;
        else {
            bytes.push_back(static_cast<char>(high * 16 + digit));
            high = -1;
        }
    }
    return bytes;
}

std::string withCheck(std::string body)
{
    const std::uint64_t check = hash64(body);
    for (unsigned i = 0; i < 4; ++i) body.push_back(static_cast<char>(check >> (8 * i)));
    return body;
}

std::string randomText(std::mt19937_64& random)
{
    std::string text(random() % 3 == 0 ? 0 : random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
}

std::string hexText(std::mt19937_64& random, std::size_t digits, const char* alphabet)
{
    std::string text(digits, '0');
    for (char& c : text) c = alphabet[random() % 16];
    return text;
}

} // namespace

class TestColumnCodecs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void integers_data();
    void integers();
    void decimals();
    void presenceOnly();
    void texts_data();
    void texts();
    void messageKeepsPatterns();
    void bounds();
    void fixtures_data();
    void fixtures();
    void damagedBlobs();
    void presenceRanks();
};

void TestColumnCodecs::integers_data()
{
    QTest::addColumn<int>("pattern");
    QTest::newRow("constant") << 0;
    QTest::newRow("full range") << 1;
    QTest::newRow("extremes alternate") << 2;
    QTest::newRow("ascending with a unit") << 3;
    QTest::newRow("small") << 4;
    QTest::newRow("three bytes") << 5;
    QTest::newRow("negative sequence") << 6;
    QTest::newRow("bool") << 7;
    QTest::newRow("sequence over the whole range") << 8;
    QTest::newRow("shuffled with a unit") << 9;
}

void TestColumnCodecs::integers()
{
    QFETCH(int, pattern);
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                           greatest = std::numeric_limits<std::int64_t>::max();
    for (const int rows : {1, 2, 15, 16, 17, 64, 1'000, 4'099}) {
        for (const unsigned sparse : {1u, 2u, 40u}) {
            for (const bool sorted : {true, false}) {
                std::mt19937_64 random(static_cast<unsigned>(rows) * 100 + static_cast<unsigned>(pattern) +
                                       sparse);
                SegmentBuilder builder;
                const ValueKind kind = pattern == 7 ? ValueKind::Bool : ValueKind::Int;
                const ColumnIndex column = builder.column("f", kind);
                std::vector<std::pair<TimeNs, std::optional<std::string>>> all;
                std::uint64_t step = 0;
                for (int row = 0; row < rows; ++row) {
                    const TimeNs time = sorted ? row : (row * 7'919) % 10'007;
                    all.emplace_back(time, std::nullopt);
                    if (random() % sparse == 0) {
                        std::int64_t value = -77;
                        step += random() % 5;
                        switch (pattern) {
                        case 1: value = static_cast<std::int64_t>(random()); break;
                        case 2: value = random() % 2 ? least : greatest; break;
                        case 3:
                            value = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(step) * 1'000'000;
                            break;
                        case 4: value = static_cast<std::int64_t>(random() % (1 + random() % 16)); break;
                        case 5: value = static_cast<std::int64_t>(random() % 0xff'ffff) - 9; break;
                        case 6: value = -1'000 - row; break;
                        case 7: value = random() % 2; break;
                        case 8:
                            value = static_cast<std::int64_t>(static_cast<std::uint64_t>(least) +
                                                              static_cast<std::uint64_t>(row) *
                                                                  (~std::uint64_t{0} / 5'000));
                            break;
                        case 9: value = static_cast<std::int64_t>(random() % 977) * 250 - 3; break;
                        default: break;
                        }
                        builder.addInt(column, value);
                        all.back().second =
                            kind == ValueKind::Bool ? (value ? "true" : "false") : std::to_string(value);
                    }
                    endRow(builder, time);
                }
                std::stable_sort(all.begin(), all.end(),
                                 [](const auto& a, const auto& b) { return a.first < b.first; });
                Texts expected;
                for (auto& each : all) expected.push_back(std::move(each.second));
                const std::string problem = differences(seal(builder), expected);
                QVERIFY2(problem.empty(),
                         (std::to_string(rows) + " rows, 1 in " + std::to_string(sparse) + ": " + problem)
                             .c_str());
            }
        }
    }
}

void TestColumnCodecs::decimals()
{
    for (const bool mixed : {false, true}) {
        std::mt19937_64 random(3);
        SegmentBuilder builder;
        const ColumnIndex column = builder.column("f", ValueKind::Decimal);
        const std::vector<std::pair<Decimal, const char*>> known{
            {{0, 1}, "0.0"},
            {{-5, 2}, "-0.05"},
            {{150, 2}, "1.50"},
            {{15, 1}, "1.5"},
            {{1, 18}, "0.000000000000000001"},
            {{std::numeric_limits<std::int64_t>::min(), 3}, "-9223372036854775.808"},
            {{std::numeric_limits<std::int64_t>::max(), 18}, "9.223372036854775807"}};
        Texts expected;
        for (int row = 0; row < 2'000; ++row) {
            expected.emplace_back();
            if (mixed && random() % 4 != 0) {
                const auto& [value, text] = known[random() % known.size()];
                builder.addDecimal(column, value);
                expected.back() = text;
            } else if (!mixed) {
                builder.addDecimal(column, {row, 2});
                expected.back() = std::to_string(row / 100) + "." + std::to_string(row / 10 % 10) +
                                  std::to_string(row % 10);
            }
            endRow(builder, row);
        }
        const OneColumn made = seal(builder);
        QCOMPARE(differences(made, expected), std::string());
        QCOMPARE(made.info.minInt > made.info.maxInt, mixed);
    }
}

void TestColumnCodecs::presenceOnly()
{
    for (const unsigned oneIn : {1u, 2u, 30u, 100'000u}) {
        std::mt19937_64 random(oneIn);
        SegmentBuilder builder;
        const ColumnIndex column = builder.column("f", ValueKind::Null);
        Texts expected;
        for (int row = 0; row < 3'000; ++row) {
            expected.emplace_back();
            if (random() % oneIn == 0) {
                builder.addPresent(column);
                expected.back() = "null";
            }
            endRow(builder, row);
        }
        const OneColumn made = seal(builder);
        QCOMPARE(differences(made, expected), std::string());
        if (oneIn == 1 || oneIn == 100'000) QVERIFY(made.blob.empty());
    }
}

void TestColumnCodecs::texts_data()
{
    QTest::addColumn<int>("pattern");
    QTest::addColumn<int>("codec"); // that a dense column of 6,000 must get; -1: any
    QTest::newRow("few values") << 0 << int(Codec::Dictionary);
    QTest::newRow("random bytes") << 1 << int(Codec::Heap);
    QTest::newRow("hex ids") << 2 << int(Codec::Fixed);
    QTest::newRow("upper-case hex ids") << 3 << int(Codec::Fixed);
    QTest::newRow("uuids") << 4 << int(Codec::Fixed);
    QTest::newRow("hex of mixed case") << 5 << int(Codec::Heap);
    QTest::newRow("repeated hex ids") << 6 << int(Codec::Dictionary);
    QTest::newRow("paths with numbers") << 7 << int(Codec::Templates);
    QTest::newRow("numbers as text") << 8 << int(Codec::Templates);
    QTest::newRow("empty") << 9 << int(Codec::Dictionary);
    QTest::newRow("one long text among short ones") << 10 << int(Codec::Dictionary);
    QTest::newRow("many values, then distinct ones") << 11 << -1;
    QTest::newRow("leading zeros and marks") << 12 << -1;
    QTest::newRow("almost uuids") << 13 << -1;
}

void TestColumnCodecs::texts()
{
    QFETCH(int, pattern);
    QFETCH(int, codec);
    for (const bool message : {false, true}) {
        for (const int rows : {1, 3, 200, 6'000}) {
            for (const unsigned sparse : {1u, 3u, 50u}) {
                std::mt19937_64 random(static_cast<unsigned>(rows) + sparse * 7 +
                                       static_cast<unsigned>(pattern));
                Texts all;
                for (int row = 0; row < rows; ++row) {
                    all.emplace_back();
                    if (random() % sparse != 0) continue;
                    std::string text;
                    switch (pattern) {
                    case 0: text = "value " + std::to_string(random() % 20); break;
                    case 1: text = randomText(random) + std::to_string(row); break;
                    case 2: text = hexText(random, 16, "0123456789abcdef"); break;
                    case 3: text = hexText(random, 10, "0123456789ABCDEF"); break;
                    case 4:
                    case 13:
                        text = hexText(random, 36, "0123456789abcdef");
                        for (const std::size_t dash : {8u, 13u, 18u, 23u}) text[dash] = '-';
                        if (pattern == 13 && row == rows - 1) text[13] = '0';
                        break;
                    case 5:
                        text = hexText(random, 12, row % 2 ? "0123456789abcdef" : "0123456789ABCDEF");
                        break;
                    case 6: text = hexText(random, 2, "0123456789abcdef") + std::string(30, 'e'); break;
                    case 7:
                        text = "/api/v1/orders/" + std::to_string(random() % 1'000'000) +
                               (random() % 2 ? "/items" : "");
                        break;
                    case 8: text = std::to_string(random() % 1'000'000'000); break;
                    case 10: text = row == rows / 2 ? std::string(300'000, 'x') : "short"; break;
                    case 11: text = row < rows * 3 / 4 ? "same" : "other " + std::to_string(row); break;
                    case 12:
                        text = "a" + std::string(random() % 3, '0') + std::to_string(random() % 99) +
                               (random() % 2 ? "\x1f" : "") + "z";
                        break;
                    default: break;
                    }
                    all.back() = text;
                }
                const OneColumn made = textColumn(all, ValueKind::Text, message);
                const std::string problem = differences(made, all);
                QVERIFY2(problem.empty(),
                         (std::to_string(rows) + " rows, 1 in " + std::to_string(sparse) + ": " + problem)
                             .c_str());
                if (codec >= 0 && rows == 6'000 && sparse == 1 && !message)
                    QCOMPARE(int(made.info.codec), codec);
                if (made.info.codec == std::uint8_t(Codec::Dictionary)) {
                    std::vector<std::string> distinct;
                    for (const auto& text : all)
                        if (text) distinct.push_back(*text);
                    std::sort(distinct.begin(), distinct.end());
                    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
                    QCOMPARE(made.info.distinct, static_cast<std::uint32_t>(distinct.size()));
                    const auto data = decodeColumn(made.info, made.rows, made.blob);
                    for (std::size_t i = 0; i < distinct.size(); ++i)
                        QCOMPARE(std::string((*data)->table.at(i)), distinct[i]);
                }
            }
        }
    }
}

void TestColumnCodecs::messageKeepsPatterns()
{
    std::mt19937_64 random(1);
    Texts all;
    for (int row = 0; row < 5'000; ++row) {
        all.emplace_back();
        if (random() % 20 == 0) continue;
        const std::string number = std::to_string(random() % 100'000);
        switch (random() % 4) {
        case 0:
            all.back() = "user " + number + " logged in from 10.0.0." + std::to_string(random() % 200);
            break;
        case 1: all.back() = "took " + number + " ms"; break;
        case 2: all.back() = "took " + hexText(random, 8, "0123456789abcdef") + " ms"; break;
        default: all.back() = "nothing variable here";
        }
    }
    const OneColumn made = textColumn(all, ValueKind::Text, true);
    QCOMPARE(int(made.info.codec), int(Codec::Patterns));
    const auto data = decodeColumn(made.info, made.rows, made.blob);
    QVERIFY(data.ok());
    std::vector<RowIndex> rowsOf((*data)->templates.size());
    for (std::size_t row = 0; row < all.size(); ++row) {
        const auto code = static_cast<std::size_t>((*data)->ints.at(row));
        QCOMPARE(code != 0, all[row].has_value());
        if (code == 0) continue;
        const TextTemplate& used = (*data)->templates[code - 1];
        QCOMPARE(used.pattern, patternOf(*all[row]));
        QCOMPARE(used.id, hash64(patternOf(*all[row])));
        QCOMPARE(static_cast<RowIndex>((*data)->nth.at(row)), rowsOf[code - 1]++);
    }
    for (std::size_t i = 0; i < rowsOf.size(); ++i) QCOMPARE((*data)->templates[i].rows, rowsOf[i]);
}

void TestColumnCodecs::bounds()
{
    const std::string longText(50, '\xff');
    const OneColumn texts = textColumn({std::string("pear"), std::nullopt, std::string("apple"),
                                        std::string("zebra") + std::string(40, '~')});
    QCOMPARE(texts.info.minText, std::string("apple"));
    QVERIFY(texts.info.maxText.size() <= 32);
    QVERIFY(texts.info.maxText > std::string("zebra") + std::string(40, '~'));
    QCOMPARE(textColumn({longText}).info.maxText, std::string());
    std::mt19937_64 random(9);
    Texts all;
    for (int i = 0; i < 5'000; ++i) all.push_back(randomText(random));
    const OneColumn heap = textColumn(all);
    for (const auto& text : all) {
        QVERIFY(*text >= heap.info.minText);
        QVERIFY(heap.info.maxText.empty() || *text <= heap.info.maxText);
    }
}

/// Bytes as they were written once: they must be read so for as long as the format exists. The check at the
/// end is added by the test for those without one.
void TestColumnCodecs::fixtures_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("blob");
    QTest::addColumn<bool>("checked");
    QTest::addColumn<qint64>("least");
    QTest::addColumn<qint64>("greatest");
    QTest::addColumn<QStringList>("expected"); // "-": the row has no value
    const auto row = [](const char* name, ValueKind kind, const char* blob, bool checked, qint64 least,
                        qint64 greatest, const QStringList& expected) {
        const std::string bytes = bytesOf(blob);
        QTest::newRow(name) << int(kind) << QByteArray(bytes.data(), qsizetype(bytes.size())) << checked
                            << least << greatest << expected;
    };
    const auto list = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char('|')); };
    row("constant", ValueKind::Int, "01 00 03 00 00 0d 16 8b b9 78", true, -7, -7, list("-7|-7|-7"));
    row("three bytes and a unit", ValueKind::Int,
        "01 00 16 00 01 ef 2e e8 07 18 00 04 08 00 73 00 00 00 00 11 00 00 00 00 01 cb ee 73 ae", true,
        -3'000, 70'000'000, list("1000|5000|-3000|70000000"));
    row("four bits", ValueKind::Int, "01 00 09 00 01 00 01 04 00 10 32 04 e2 80 5d 14", true, 0, 4,
        list("0|1|2|3|4"));
    QStringList sequence;
    for (int i = 0; i < 17; ++i)
        sequence << QString::number(1'700'000'000'000 + i * 1'000 + (i == 9 ? 1'000 : 0));
    row("differences", ValueKind::Int,
        "01 00 13 00 02 80 a0 ab fe f9 62 e8 07 01 00 00 02 00 55 55 52 55 09 7d 9b b8", true,
        1'700'000'000'000, 1'700'000'016'000, sequence);
    row("bool, one row absent", ValueKind::Bool, "01 00 0a 01 00 ef 01 01 00 01 01 00 29 3b 31 d6 32", true,
        0, 1, list("true|false|false|true|-|false|true|false|false"));
    row("decimals", ValueKind::Decimal, "02 00 0f 00 01 09 05 08 00 1f 00 04 01 02 01 02 00 09 ee 83 95 f4",
        true, 1, 0, list("1.50|-0.005|1.5"));
    row("dictionary", ValueKind::Text,
        "03 00 16 01 00 0b 02 00 00 08 00 69 6e 66 6f 77 61 72 6e 01 00 01 02 00 16 9a f9 7e b2", true, 0, 0,
        list("warn|info|-|info"));
    row("dictionary of hex", ValueKind::Text,
        "03 00 10 00 02 01 02 00 00 00 ff be ef 01 00 01 02 00 26 4a 82 fb f3", true, 0, 0,
        list("beef|00ff|beef"));
    row("heap", ValueKind::Text, "04 00 0c 00 01 00 01 02 00 31 00 61 62 63 64", false, 0, 0, list("a||bcd"));
    row("uuid", ValueKind::Text, "05 00 14 00 10 01 00 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff",
        false, 0, 0, list("00112233-4455-6677-8899-aabbccddeeff"));
    row("upper-case hex", ValueKind::Text, "05 00 08 00 02 02 00 be ef 00 ff", false, 0, 0,
        list("BEEF|00FF"));
    row("templates: numbers and texts", ValueKind::Text,
        "06 00 27 00 02 09 74 6f 6f 6b 20 1f 20 6d 73 01 03 78 3d 1f 02 01 00 01 02 00 25 00 01 0a 01 04 00 "
        "70 01 00 00 06 00 61 62 31",
        false, 0, 0, list("took 5 ms|took 12 ms|x=ab1"));
    row("templates: repeated texts", ValueKind::Text,
        "06 00 19 00 01 03 75 3d 1f 03 00 02 02 02 00 00 04 00 61 61 62 62 01 00 01 01 00 06", false, 0, 0,
        list("u=aa|u=bb|u=bb|u=aa"));
    QStringList two, most, odd;
    for (int i = 0; i < 40; ++i) {
        two << QLatin1String(i == 3 || i == 39 ? "null" : "-");
        most << QLatin1String(i == 3 || i == 20 ? "-" : "null");
    }
    for (int i = 0; i < 4'096; ++i) odd << QLatin1String(i % 2 ? "null" : "-");
    row("present rows", ValueKind::Null, "07 00 04 02 02 03 23 43 a0 66 de", true, 0, 0, two);
    row("absent rows", ValueKind::Null, "07 00 04 03 02 03 10 a2 ff 22 12", true, 0, 0, most);
    row("bitmap, compressed", ValueKind::Null,
        "07 00 03 01 02 13 28 b5 2f fd 60 00 01 4d 00 00 10 aa aa 01 00 fb 2a c0 02 2a 37 50 ac", true, 0, 0,
        odd);
}

void TestColumnCodecs::fixtures()
{
    QFETCH(int, kind);
    QFETCH(QByteArray, blob);
    QFETCH(bool, checked);
    QFETCH(qint64, least);
    QFETCH(qint64, greatest);
    QFETCH(QStringList, expected);
    ColumnInfo info;
    info.path = "f";
    info.kind = static_cast<ValueKind>(kind);
    info.codec = static_cast<std::uint8_t>(blob[0]);
    info.present = static_cast<std::uint32_t>(expected.size() - expected.count(QStringLiteral("-")));
    info.minInt = least;
    info.maxInt = greatest;
    const std::string bytes = checked ? blob.toStdString() : withCheck(blob.toStdString());
    const auto data = decodeColumn(info, static_cast<RowIndex>(expected.size()), bytes);
    QVERIFY2(data.ok(), data.ok() ? "" : data.error().line().c_str());
    for (qsizetype row = 0; row < expected.size(); ++row) {
        std::string text;
        const bool present = (*data)->appendText(static_cast<RowIndex>(row), text);
        QCOMPARE(present ? QString::fromStdString(text) : QStringLiteral("-"), expected[row]);
    }
}

void TestColumnCodecs::damagedBlobs()
{
    std::mt19937_64 random(77);
    std::vector<OneColumn> columns;
    for (int pattern = 0; pattern < 6; ++pattern) {
        for (const int rows : {5, 700}) {
            Texts texts;
            for (int row = 0; row < rows; ++row) {
                texts.emplace_back();
                if (row % 9 == 1) continue;
                switch (pattern) {
                case 0: texts.back() = "v" + std::to_string(random() % 9); break;
                case 1: texts.back() = randomText(random) + std::to_string(row); break;
                case 2: texts.back() = hexText(random, 16, "0123456789abcdef"); break;
                case 3: texts.back() = "/a/" + std::to_string(random() % 9'999); break;
                case 4:
                    texts.back() =
                        "took " + std::to_string(random() % 999) + " ms by u" + std::to_string(random() % 5);
                    break;
                default: texts.back() = "x"; break;
                }
            }
            columns.push_back(textColumn(texts, ValueKind::Text, pattern == 4));
        }
    }
    for (const ValueKind kind : {ValueKind::Int, ValueKind::Bool, ValueKind::Decimal, ValueKind::Null}) {
        for (const bool ascending : {false, true}) {
            SegmentBuilder builder;
            const ColumnIndex column = builder.column("f", kind);
            for (int row = 0; row < 300; ++row) {
                if (row % 5 != 2) {
                    if (kind == ValueKind::Null)
                        builder.addPresent(column);
                    else if (kind == ValueKind::Decimal)
                        builder.addDecimal(column, {static_cast<std::int64_t>(random() % 10'000),
                                                    static_cast<std::uint8_t>(1 + row % 4)});
                    else
                        builder.addInt(column, kind == ValueKind::Bool ? row % 2
                                               : ascending             ? row * 1'000'000LL
                                                                       : static_cast<std::int64_t>(random()));
                }
                endRow(builder, row);
            }
            columns.push_back(seal(builder));
        }
    }
    int refused = 0, read = 0;
    for (const OneColumn& column : columns) {
        QVERIFY(decodeColumn(column.info, column.rows, column.blob).ok());
        for (int round = 0; round < 150; ++round) {
            OneColumn bad = column;
            std::string body = bad.blob.substr(0, bad.blob.size() - 4);
            for (unsigned changes = 1 + random() % 3; changes > 0 && !body.empty(); --changes) {
                const std::size_t at = random() % body.size();
                switch (random() % 6) {
                case 0: body.erase(at, 1 + random() % 4); break;
                case 1: body.insert(at, 1 + random() % 4, static_cast<char>(random())); break;
                case 2: body[at] = static_cast<char>(random() % 2 ? 0xff : 0x7f); break;
                case 3: body.resize(at); break;
                default: body[at] = static_cast<char>(body[at] ^ (1 << (random() % 8))); break;
                }
            }
            if (random() % 20 == 0) bad.info.present = static_cast<std::uint32_t>(random() % 80'000);
            if (random() % 20 == 0) bad.info.codec = static_cast<std::uint8_t>(random() % 9);
            if (random() % 20 == 0) bad.info.kind = static_cast<ValueKind>(random() % 10);
            if (random() % 20 == 0) bad.rows = static_cast<RowIndex>(random() % 80'000);
            if (body + bad.blob.substr(bad.blob.size() - 4) != bad.blob &&
                bad.info.codec != 0) // the check alone finds it
                QVERIFY(!decodeColumn(bad.info, bad.rows, body + bad.blob.substr(bad.blob.size() - 4)).ok());
            const auto data =
                decodeColumn(bad.info, bad.rows, withCheck(body)); // and without its help nothing breaks
            if (auto parts = TextParts::open(bad.info, bad.rows, withCheck(body))) {
                Texts texts;
                textsOf(**parts, texts);
                QVERIFY((*parts)->bytes() < std::size_t{64} << 20);
            }
            if (!data) {
                ++refused;
                continue;
            }
            ++read;
            std::string text;
            for (RowIndex row = 0; row < bad.rows; ++row) {
                text.clear();
                (*data)->appendText(row, text);
            }
            QVERIFY((*data)->bytes() < std::size_t{64} << 20);
        }
    }
    QVERIFY2(refused > 300 && read > 10,
             (std::to_string(refused) + " refused, " + std::to_string(read) + " read").c_str());
}

void TestColumnCodecs::presenceRanks()
{
    std::mt19937_64 random(4);
    for (const RowIndex rows : {0u, 1u, 63u, 64u, 65u, 1'000u}) {
        std::vector<std::uint64_t> bits((rows + 63) / 64);
        for (std::uint64_t& word : bits)
            word = random() & random(); // bits past the end too: they must not count
        const Presence presence = Presence::of(bits, rows);
        RowIndex rank = 0;
        for (RowIndex row = 0; row < rows; ++row) {
            QCOMPARE(presence.has(row), (bits[row / 64] >> (row % 64) & 1) != 0);
            QCOMPARE(presence.rank(row), rank);
            rank += presence.has(row);
        }
        QCOMPARE(presence.count(), rank);
        QCOMPARE(presence.rank(rows), rank);
    }
}

QTEST_APPLESS_MAIN(TestColumnCodecs)
#include "tst_column_codecs.moc"
