#include "models/query/filter.h"
#include "models/query/filter_build.h"
#include "models/query/number_text.h"

#include <QRegularExpression>
#include <QTest>

#include <cmath>
#include <random>

using namespace faultline;

namespace {

constexpr TimeNs kNow = 1'763'823'845'000'000'000; // 2025-11-22T15:04:05Z

FilterPtr parsed(std::string_view text)
{
    auto filter = parseFilter(text, kNow);
    if (!filter) {
        qWarning("%s", explainFilterError(text, filter.error()).c_str());
        return filters::all();
    }
    return *filter;
}

std::string difference(const Filter& a, const Filter& b)
{
    for (std::size_t i = 0; i < a.children.size() && i < b.children.size(); ++i)
        if (!(*a.children[i] == *b.children[i])) return difference(*a.children[i], *b.children[i]);
    return "kind " + std::to_string(static_cast<int>(a.kind)) + " is " +
           std::to_string(static_cast<int>(b.kind)) + ", field '" + a.field + "' is '" + b.field +
           "', text '" + a.text + "' is '" + b.text + "'";
}

/// Random trees of what the parser can give, with texts made to break the printer.
class RandomFilter
{
public:
    explicit RandomFilter(std::uint64_t seed) : m_random(seed) {}

    FilterPtr tree(int depth)
    {
        const auto kind = depth == 0 ? 0 : pick(5);
        if (kind == 1 || kind == 2) {
            auto filter = std::make_shared<Filter>();
            filter->kind = kind == 1 ? Filter::Kind::And : Filter::Kind::Or;
            const auto count = 2 + pick(3);
            for (std::size_t i = 0; i < count; ++i) filter->children.push_back(tree(depth - 1));
            return filter;
        }
        if (kind == 3) return filters::negate(tree(depth - 1));
        return leaf();
    }

private:
    std::size_t pick(std::size_t below) { return m_random() % below; }

    std::string text()
    {
        static const std::vector<std::string> parts{"a",
                                                    "Zz",
                                                    "0",
                                                    "-",
                                                    "5",
                                                    " ",
                                                    "\t",
                                                    "\n",
                                                    "\"",
                                                    "`",
                                                    "'",
                                                    "\\",
                                                    "*",
                                                    "(",
                                                    ")",
                                                    "[",
                                                    "]",
                                                    "{",
                                                    "}",
                                                    ":",
                                                    "::",
                                                    "=",
                                                    "=~",
                                                    "!",
                                                    "!~",
                                                    "<",
                                                    ">",
                                                    "&&",
                                                    "||",
                                                    "AND",
                                                    "OR",
                                                    "NOT",
                                                    "and",
                                                    "or",
                                                    "not",
                                                    "TO",
                                                    "/",
                                                    ".",
                                                    "+",
                                                    "@",
                                                    "\xff",
                                                    "\xc3",
                                                    "é",
                                                    "日本",
                                                    "~",
                                                    "\xc2\xa0",
                                                    ",",
                                                    "\xe2\x80\xae",
                                                    "\xe3\x80\x80",
                                                    "#",
                                                    "$",
                                                    "%",
                                                    ";",
                                                    "|",
                                                    "^",
                                                    "?",
                                                    "\x01",
                                                    "\xf0\x9f\x92\xa5",
                                                    "“",
                                                    "\x7f",
                                                    "\\n",
                                                    "\\*",
                                                    "\\\\",
                                                    "now",
                                                    "1e5",
                                                    "C:\\x",
                                                    "http://h/p?a=b&c=(d)"};
        std::string made;
        const auto count = 1 + pick(5);
        for (std::size_t i = 0; i < count; ++i) made += parts[pick(parts.size())];
        if (pick(40) == 0) made += '\0';
        return made;
    }

    std::string field()
    {
        return pick(3) == 0 ? text() : pick(4) == 0 ? "message" : pick(2) ? "http.status" : "@x-y";
    }

    std::string pattern()
    {
        std::string made = pick(2) ? "*" : "p*";
        bool run = true;
        for (std::size_t i = 0, count = pick(4); i < count; ++i) {
            for (const char c : text()) {
                if (c == '*' || c == '\\') made += '\\';
                made += c;
                run = false;
            }
            if (!run && pick(2)) made += '*', run = true;
        }
        return made == "*" ? "a*" : made;
    }

    std::string operand()
    {
        static const std::vector<std::string> operands{"5",
                                                       "-5",
                                                       "-0.5",
                                                       "1e-3",
                                                       "+7",
                                                       "1.5s",
                                                       "250ms",
                                                       "1h30m",
                                                       "10MiB",
                                                       "3 kB",
                                                       "warn",
                                                       "2026-11-22",
                                                       "2026-11-22T15:04:05Z",
                                                       "2026-11-22 15:04:05.123"};
        return operands[pick(operands.size())];
    }

    FilterPtr leaf()
    {
        switch (pick(9)) {
        case 0: return filters::all();
        case 1: return filters::word(text());
        case 2: {
            auto filter = std::make_shared<Filter>();
            filter->kind = Filter::Kind::Word;
            filter->text = pattern();
            filter->wildcard = true;
            return filter;
        }
        case 3: return filters::equals(field(), pick(9) ? text() : std::string());
        case 4: return filters::wildcard(field(), pattern());
        case 5: return filters::compare(field(), static_cast<Filter::Op>(pick(4)), operand());
        case 6: {
            auto filter = std::make_shared<Filter>(*filters::between(field(), "1", "5"));
            filter->lowOpen = pick(3) == 0;
            filter->highOpen = !filter->lowOpen && pick(3) == 0;
            if (filter->lowOpen) filter->low.clear();
            if (filter->highOpen) filter->high.clear();
            filter->lowExclusive = !filter->lowOpen && pick(2);
            filter->highExclusive = !filter->highOpen && pick(2);
            return filter;
        }
        case 7: return filters::exists(field());
        default: {
            static const std::vector<std::string> expressions{
                "a|b", "\\d{3,}ms", "`", "\"x\"", "(?i)é+", "[^)\"]*", "a\nb", "\\\\\"", "", "foo(bar)?"};
            return filters::matches(pick(3) ? field() : std::string(), expressions[pick(expressions.size())]);
        }
        }
    }

    std::mt19937_64 m_random;
};

} // namespace

class FilterTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFilterPrintsItself()
    {
        RandomFilter random(20261122);
        for (int i = 0; i < 5'000; ++i) {
            const FilterPtr filter = random.tree(i % 5);
            const std::string text = printFilter(*filter);
            const auto again = parseFilter(text, kNow);
            if (!again) QFAIL(("does not parse: " + explainFilterError(text, again.error())).c_str());
            if (!(**again == *filter))
                QFAIL((difference(*filter, **again) + " in another filter: " + text +
                       "\nprints: " + printFilter(**again))
                          .c_str());
            QCOMPARE(printFilter(**again), text);
        }
    }

    void neverCrashesOnHostileText()
    {
        const std::string alphabet = "ab5 \t()[]{}\"`'\\*:=!~<>&|-+/.,\xc3\xa9\xff"
                                     "ANDORTO";
        std::mt19937_64 random(7);
        std::size_t good = 0;
        for (int i = 0; i < 15'000; ++i) {
            std::string text(random() % 24, ' ');
            for (char& c : text) c = alphabet[random() % alphabet.size()];
            const auto filter = parseFilter(text, kNow);
            if (filter) {
                ++good;
                const std::string printed = printFilter(**filter);
                const auto again = parseFilter(printed, kNow);
                QVERIFY2(again && **again == **filter, (text + "  ->  " + printed).c_str());
                continue;
            }
            const Error& error = filter.error();
            QVERIFY2(error.place && error.place->offset <= text.size() && error.place->length > 0,
                     text.c_str());
            QVERIFY2(!error.why.empty(), text.c_str());
            const std::string shown = explainFilterError(text, error);
            QCOMPARE(std::count(shown.begin(), shown.end(), '\n'), 2);
        }
        QVERIFY(good > 250);
    }

    void depthIsBounded_data()
    {
        QTest::addColumn<QByteArray>("open");
        QTest::newRow("parentheses") << QByteArray("(");
        QTest::newRow("not") << QByteArray("NOT ");
        QTest::newRow("minus") << QByteArray("-");
        QTest::newRow("groups of fields") << QByteArray("NOT (f:(a) ");
    }
    void depthIsBounded()
    {
        QFETCH(QByteArray, open);
        const auto filter = parseFilter(open.repeated(1'000).toStdString(), kNow);
        QVERIFY(!filter);
        QCOMPARE(filter.error().kind, ErrorKind::Limit);
    }

    void depthInsideTheBoundParses()
    {
        std::string text(128, '(');
        text += "a" + std::string(128, ')');
        QVERIFY(*parsed(text) == *filters::word("a"));
        std::string odd(127, '-');
        QCOMPARE(printFilter(*parsed(odd + "a")).size(), std::size_t{126 * 4 + 2});
    }

    void longTextsAndManyTermsAreRefused()
    {
        const auto longText = parseFilter(std::string(70'000, 'a'), kNow);
        QVERIFY(!longText && longText.error().kind == ErrorKind::Limit);
        std::string terms;
        for (int i = 0; i < 10'000; ++i) terms += "ab ";
        const auto many = parseFilter(terms, kNow);
        QVERIFY(!many && many.error().kind == ErrorKind::Limit);
        const auto name = parseFilter(std::string(2'000, 'f') + ":1", kNow);
        QVERIFY(!name);
    }

    void quotingIsNoDifferenceForAValue()
    {
        QVERIFY(*parsed("a:b") == *parsed("a : \"b\""));
        QVERIFY(*parsed("message:b") == *parsed("message:`b`"));
        QVERIFY(!(*parsed("a:b*") == *parsed("a:\"b*\"")));
        QVERIFY(*parsed("a:b\\*") == *parsed("a:\"b*\""));
    }

    void relativeTimesBecomeAbsolute()
    {
        QCOMPARE(parsed("timestamp>now-15m")->text, std::string("2025-11-22T14:49:05.000000000Z"));
        QCOMPARE(printFilter(*parsed("timestamp:[now-1h TO now]")),
                 std::string(
                     "timestamp:[\"2025-11-22T14:04:05.000000000Z\" TO \"2025-11-22T15:04:05.000000000Z\"]"));
    }

    void exactNumbersCompareAsNumbers()
    {
        std::mt19937_64 random(3);
        for (int i = 0; i < 5'000; ++i) {
            const auto number = [&] {
                std::string text = random() % 2 ? "-" : "";
                for (std::size_t k = 0, n = 1 + random() % 4; k < n; ++k)
                    text += static_cast<char>('0' + random() % 3);
                if (random() % 2) text += "." + std::to_string(random() % 200);
                if (random() % 3 == 0) text += "e" + std::to_string(static_cast<int>(random() % 7) - 3);
                return text;
            };
            const std::string a = number(), b = number();
            const long double x = std::stold(a), y = std::stold(b);
            const bool equal = std::fabs(x - y) < 1e-12L;
            const auto order = *readNumber(a) <=> *readNumber(b);
            QVERIFY2(equal ? order == 0 : (order < 0) == (x < y), (a + " ? " + b).c_str());
            // bounds in steps of 10^-scale
            const auto scale = static_cast<std::uint8_t>(random() % 4);
            const std::int64_t first = *readNumber(a)->firstFrom(scale, false);
            QVERIFY2(ExactNumber::of(Decimal{first, scale}) >= *readNumber(a), a.c_str());
            QVERIFY2(ExactNumber::of(Decimal{first - 1, scale}) < *readNumber(a), a.c_str());
            const std::int64_t last = *readNumber(a)->lastTo(scale, true);
            QVERIFY2(ExactNumber::of(Decimal{last, scale}) < *readNumber(a), a.c_str());
            QVERIFY2(ExactNumber::of(Decimal{last + 1, scale}) >= *readNumber(a), a.c_str());
            const std::int64_t above = *readNumber(a)->firstFrom(scale, true);
            QVERIFY2(ExactNumber::of(Decimal{above, scale}) > *readNumber(a), a.c_str());
            QVERIFY2(ExactNumber::of(Decimal{above - 1, scale}) <= *readNumber(a), a.c_str());
        }
        QVERIFY(!readNumber("99999999999999999999")->firstFrom(0, false));
        QCOMPARE(*readNumber("99999999999999999999")->lastTo(0, false), INT64_MAX);
        QCOMPARE(*readNumber("-9223372036854775808")->firstFrom(0, false), INT64_MIN);
        QVERIFY(!readNumber("-9223372036854775809")->lastTo(0, false));
        QCOMPARE(*readNumber("1.5")->scaled(1000, 60).lastTo(0, false), std::int64_t{25});
        for (const char* none : {"", "-", ".", "1.", "1e", "0x5", " 1", "1 ", "inf", "nan", "1_000"})
            QVERIFY2(!readNumber(none), none);
    }
};

QTEST_APPLESS_MAIN(FilterTest)
#include "tst_filter.moc"
