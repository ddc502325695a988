#include "models/records/json_escapes.h"
#include "models/records/json_tape.h"
#include "models/records/json_text.h"
#include "models/records/units.h"
#include "models/records/utf8.h"
#include "tests/support/shared_data.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

using namespace faultline;

namespace {

std::string escaped(std::string_view text)
{
    std::string out;
    appendJsonEscaped(text, out);
    return out;
}

std::string terminalSafe(std::string_view text, bool keepNewlines = false)
{
    std::string out;
    appendTerminalSafe(text, out, keepNewlines);
    return out;
}

std::string fromHex(const std::string& hex)
{
    std::string out;
    std::string digits;
    for (const char c : hex)
        if (c != ' ') digits += c;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return out;
}

/// True when no byte of it acts on a terminal and it is UTF-8.
bool isHarmless(const std::string& text, bool newlines)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && !(newlines && c == '\n')) || byte == 0x7f) return false;
    }
    for (const char* bad :
         {"\u202a", "\u202e", "\u2066", "\u2069", "\u200e", "\u200f", "\u2028", "\u2029", "\xc2\x9b"})
        if (text.find(bad) != std::string::npos) return false;
    return isValidUtf8(text);
}

} // namespace

class TestJsonText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Byte by byte, at every length and place, against the table in words.
    void canonicalEscapes()
    {
        std::mt19937 random(41);
        std::string out, scratch;
        for (int i = 0; i < 4'000; ++i) {
            std::string text, expected;
            const std::size_t length = random() % (i % 10 == 0 ? 1'500 : 40), rare = 1 + random() % 60;
            while (text.size() < length) {
                const auto byte =
                    static_cast<char>(random() % rare == 0 ? random() % 256 : 'a' + random() % 26);
                text += byte;
                const auto code = static_cast<unsigned char>(byte);
                static const std::string_view names = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
                if (const std::size_t at = names.find(byte); at != std::string_view::npos)
                    (expected += '\\') += letters[at];
                else if (code < 0x20)
                    (expected += "\\u00") +=
                        std::string{"0123456789abcdef"[code >> 4], "0123456789abcdef"[code & 15]};
                else
                    expected += byte;
            }
            out = "x";
            appendJsonEscaped(text, out);
            QCOMPARE(QByteArray::fromStdString(out), QByteArray::fromStdString("x" + expected));
            out = "x" + text;
            escapeJsonFrom(1, JsonEscapes(), out, scratch);
            QCOMPARE(QByteArray::fromStdString(out), QByteArray::fromStdString("x" + expected));
        }
    }

    void escapes()
    {
        QCOMPARE(escaped("a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f\xc3\xa9"),
                 std::string("a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9"));
        QCOMPARE(escaped(std::string_view("\0", 1)), std::string("\\u0000"));
        QCOMPARE(escaped(""), std::string());
    }

    void unescapes()
    {
        std::string out = "old";
        QVERIFY(unescapeJson(R"(\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00x)", out));
        QCOMPARE(out, std::string("\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x"));
        for (const char* bad :
             {"\\", "a\\", "\\x41", "\\u", "\\u12", "\\u12g4", "\\ud800", "\\ud800\\u0041", "\\udc00",
              "\\ud800\\", "\\ud83d\\ude0", "\\U0041", "\\u+041", "\\ud83dx\\ude00"})
            QVERIFY2(!unescapeJson(bad, out), bad);
    }

    void roundTrips()
    {
        std::mt19937 random(1);
        std::string back;
        for (int i = 0; i < 20'000; ++i) {
            std::string text;
            for (std::size_t n = random() % 30; n > 0; --n)
                text += static_cast<char>(random() % 3 == 0 ? random() % 256 : random() % 0x30);
            const std::string once = escaped(text);
            QVERIFY(unescapeJson(once, back));
            QCOMPARE(back, text);
            QCOMPARE(escaped(back), once);
            QVERIFY(isHarmless(terminalSafe(text), false));
            QVERIFY(isHarmless(terminalSafe(text, true), true));
        }
    }

    /// Loggers' habits, as they write them, and the set of bits that stands for each.
    void habits()
    {
        using E = JsonEscapes;
        const struct
        {
            const char* inside;
            unsigned bits;
        } known[] = {
            {R"(a<b>&)", 0},
            {R"(\\u003c is text)", 0},
            {R"(\"\\\n\u001b)", 0},
            {R"(a \u003cb\u003e \u0026 \u2028)", E::Html | E::Separators}, // Go
            {R"(\u0008\u000c\u003c)", E::Html | E::LongControls},          // Go before 1.22
            {R"(https:\/\/x\/)", E::Slash},                                // PHP
            {R"(caf\u00e9 \ud83d\ude00 \u007f)", E::Ascii},                // Python
            {R"(\u00E9 \u003C\u0022\u002B\u0027)", E::Ascii | E::Html | E::Marks | E::Upper}, // .NET
            {R"(it\u0027s a=b)", E::Marks | E::Upper},
            {R"(it\u0027s \u003d)", E::Marks}, // Gson
            {R"(\u001B[31m)", E::Upper},       // Jackson
            {R"(bad \ufffd byte)", E::Separators},
        };
        std::string text, scratch;
        for (const auto& one : known) {
            QVERIFY2(unescapeJson(one.inside, text), one.inside);
            const auto found = escapesFor(text, one.inside, {}, scratch);
            QVERIFY2(found.has_value(), one.inside);
            QVERIFY2(found->bits() == one.bits, one.inside);
            scratch.clear();
            appendJsonEscaped(text, *found, scratch);
            QCOMPARE(scratch, std::string(one.inside));
        }
        for (const char* none : {R"(\u0041)", R"(\u000a)", R"(\u003c<)", R"(\u00e9\u00E9)", R"(\/ /)",
                                 R"(\u00e9é)", R"(\u005c)", R"(\ud800)"}) {
            text.clear();
            unescapeJsonLenient(none, text);
            QVERIFY2(!escapesFor(text, none, {}, scratch), none);
        }
        QVERIFY(!E::ofStyle(SlotStyle::Raw) && !E::ofStyle(static_cast<SlotStyle>(0x80)));
        for (unsigned bits = 0; bits < 128; ++bits) QCOMPARE(E::ofStyle(E(bits).style())->bits(), bits);
    }

    /// Any text in any habit comes back, whatever the writer's strings before it were.
    void habitsRoundTrip()
    {
        static const char* const parts[] = {
            "a",      "/",      "<",      "&",          "'",      "=",           "+",    "`",
            "\"",     "\\",     "\b",     "\f",         "\n",     "\x01",        "\x7f", "\u00e9",
            "\u2028", "\ufffd", "\u4e2d", "\U0001f600", "\u2026", "plain words "};
        std::mt19937 random(2);
        std::string text, inside, back, scratch;
        for (int i = 0; i < 40'000; ++i) {
            text.clear();
            for (std::size_t n = random() % 8; n > 0; --n) text += parts[random() % std::size(parts)];
            const JsonEscapes habit(random());
            inside.clear();
            appendJsonEscaped(text, habit, inside);
            QVERIFY2(unescapeJson(inside, back) && back == text, inside.c_str());
            QCOMPARE(isWrittenPlain(text, habit) || inside != text, true);
            std::string whole = "\"a\":\"" + text;
            escapeJsonFrom(5, habit, whole, scratch);
            QCOMPARE(whole, "\"a\":\"" + inside);
            const auto found = escapesFor(text, inside, JsonEscapes(random()), scratch);
            QVERIFY2(found.has_value(), (text + " as " + inside).c_str());
            scratch.clear();
            appendJsonEscaped(text, *found, scratch);
            QCOMPARE(scratch, inside);
        }
    }

    void terminals()
    {
        QCOMPARE(terminalSafe("\x1b[31mred\x07"), std::string("\\x1b[31mred\\x07"));
        QCOMPARE(terminalSafe("a\nb\tc\rd"), std::string("a\\nb\\tc\\rd"));
        QCOMPARE(terminalSafe("a\nb", true), std::string("a\nb"));
        QCOMPARE(terminalSafe("x\u202ey\u2028\xc2\x9bz\x7f"), std::string("x\\u202ey\\u2028\\u009bz\\x7f"));
        QCOMPARE(terminalSafe("\xff\xc3(\xe2\x82"), std::string("\\xff\\xc3(\\xe2\\x82"));
        QCOMPARE(terminalSafe("gr\xc3\xbc\xc3\x9f \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"),
                 std::string("gr\xc3\xbc\xc3\x9f \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"));
        QCOMPARE(terminalSafe("\xf3\xa0\x81\x81"), std::string("\\U000e0041"));
    }

    void naughtyStrings()
    {
        const auto path = test::sharedData("text-hazards/naughty-strings.json");
        if (!path) QSKIP("data/text-hazards is not here");
        int strings = 0;
        for (const auto& category : nlohmann::json::parse(test::readFile(*path)))
            for (const auto& entry : category["strings"]) {
                const std::string text = entry;
                const std::string once = escaped(text);
                std::string back;
                QVERIFY2(unescapeJson(once, back) && back == text, once.c_str());
                // Another reader agrees.
                QCOMPARE(nlohmann::json::parse("\"" + once + "\"").get<std::string>(), text);
                QVERIFY2(isHarmless(terminalSafe(text), false), once.c_str());
                QVERIFY(isValidUtf8(text));
                ++strings;
            }
        QCOMPARE(strings, 459);
    }

    /// Replacement of malformed UTF-8, as the suite has it: one U+FFFD for each maximal part.
    void utf8Suite()
    {
        const auto path = test::sharedData("text-hazards/utf8tests/utf8tests.txt");
        if (!path) QSKIP("data/text-hazards is not here");
        std::istringstream lines(test::readFile(*path));
        std::string line;
        int cases = 0;
        while (std::getline(lines, line)) {
            const std::size_t invalid = line.find(":invalid hex:");
            const std::size_t valid = line.find(":valid hex:");
            if (line.empty() || line[0] == '#' ||
                (invalid == std::string::npos && valid == std::string::npos))
                continue;
            ++cases;
            if (valid != std::string::npos) {
                QVERIFY2(isValidUtf8(fromHex(line.substr(valid + 11))), line.c_str());
                continue;
            }
            const std::string rest = line.substr(invalid + 13);
            const std::size_t first = rest.find(':');
            const std::size_t second = rest.find(':', first + 1);
            QVERIFY2(first != std::string::npos && second != std::string::npos, line.c_str());
            const std::string text = fromHex(rest.substr(0, first));
            QVERIFY2(!isValidUtf8(text), line.c_str());
            std::string replaced;
            appendReplacingInvalid(text, replaced);
            QVERIFY2(replaced == fromHex(rest.substr(second + 1)), line.c_str());
            QVERIFY2(isHarmless(terminalSafe(text), false), line.c_str());
        }
        QVERIFY2(cases > 50, std::to_string(cases).c_str());
    }

    void stressFile()
    {
        const auto path = test::sharedData("text-hazards/UTF-8-test.txt");
        if (!path) QSKIP("data/text-hazards is not here");
        const std::string text = test::readFile(*path);
        QVERIFY(!isValidUtf8(text));
        std::string replaced;
        appendReplacingInvalid(text, replaced);
        QVERIFY(isValidUtf8(replaced));
        QVERIFY(isHarmless(terminalSafe(text, true), true));
        std::string back;
        QVERIFY(unescapeJson(escaped(text), back));
        QCOMPARE(back, text);
    }

    void codePoints()
    {
        for (char32_t code = 0; code < 0x110000; code += code < 0x3000 ? 1 : 97) {
            std::string text;
            appendUtf8(code, text);
            const Utf8Step step = decodeUtf8(text);
            const bool surrogate = code >= 0xd800 && code <= 0xdfff;
            QVERIFY(step.valid && step.length == text.size() &&
                    step.codePoint == (surrogate ? U'\uFFFD' : code));
        }
        QCOMPARE(utf8Prefix("a\xe2\x82\xac", 3), std::string_view("a"));
        QCOMPARE(utf8Prefix("a\xe2\x82\xac", 4), std::string_view("a\xe2\x82\xac"));
        QCOMPARE(utf8Prefix("\x80\x80\x80\x80\x80", 2), std::string_view("\x80\x80"));
    }

    void quantities()
    {
        const std::pair<const char*, double> good[] = {{"250", 250},
                                                       {"-1.5", -1.5},
                                                       {"1.5e3", 1500},
                                                       {"+7", 7},
                                                       {"250ms", 250e6},
                                                       {"1h30m", 5400e9},
                                                       {"10KB", 10e3},
                                                       {"10kb", 10e3},
                                                       {"1.5MiB", 1.5 * 1048576},
                                                       {"3 GB", 3e9},
                                                       {"2 s", 2e9},
                                                       {"-5ms", -5e6},
                                                       {"12B", 12},
                                                       {"1TiB", 1099511627776.0}};
        for (const auto& [text, value] : good) {
            const auto parsed = parseQuantity(text);
            QVERIFY2(parsed, text);
            QCOMPARE(*parsed, value);
        }
        for (const char* bad : {"", "-", "ms", "5M", "5 parsecs", "5  ms", "nan", "inf", "0x10", "1h 30m",
                                "--5", "1e999", "5KiBs", " 5"})
            QVERIFY2(!parseQuantity(bad), bad);
        QVERIFY(parseQuantityWithKind("5ms")->kind == QuantityKind::Duration);
        QVERIFY(parseQuantityWithKind("5MB")->kind == QuantityKind::Size);
        QVERIFY(parseQuantityWithKind("5")->kind == QuantityKind::Number);
    }
};

QTEST_APPLESS_MAIN(TestJsonText)
#include "tst_json_text.moc"
