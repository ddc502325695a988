#include "models/query/filter.h"
#include "models/query/filter_spans.h"

#include <QTest>

#include <random>

using namespace faultline;

namespace {

/// "level:>=warn" as "level[f] :>=[o] warn[v]".
QString spelled(const std::string& text)
{
    QStringList parts;
    for (const FilterSpan& span : filterSpans(text))
        parts.push_back(QString::fromStdString(text.substr(span.begin, span.end - span.begin)) +
                        QLatin1Char("wpfovkb"[static_cast<int>(span.kind)]));
    return parts.join(QLatin1Char('|'));
}

} // namespace

/// What a query looks like while it is typed.
class TestFilterSpans : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void spans_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("kinds"); // of each part: its text, then w p f o v k b
        const auto row = [](const char* text, const char* kinds) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(kinds);
        };
        row("", "");
        row("timeout service:checkout -level:debug", "timeoutw|servicef|:o|checkoutv|-o|levelf|:o|debugv");
        row("a>=5 b:<3 c=~\"x y\" d!=4", "af|>=o|5v|bf|:<o|3v|cf|=~o|\"x y\"v|df|!=o|4v");
        row("s:[500 TO 599] \"a phrase\"", "sf|:o|[b|500v|TOk|599v|]b|\"a phrase\"p");
        row("f:(a OR \"b c\") AND NOT (x)", "ff|:o|(b|av|ORk|\"b c\"v|)b|ANDk|NOTk|(b|xw|)b");
        row("service: cart x", "servicef|:o|cartv|xw");
        row("f:", "ff|:o");
        row("\"open", "\"openp");
        row("f:\"open x", "ff|:o|\"open xv");
        row("=~x", "=~o|xv");
        row("a - b", "aw|-w|bw");
        row("\xc3\xbc:\xc3\xa4", "\xc3\xbc"
                                 "f|:o|\xc3\xa4v");
    }
    void spans()
    {
        QFETCH(QString, text);
        QFETCH(QString, kinds);
        QCOMPARE(spelled(text.toStdString()), kinds);
    }
    void anyBytesAreOfOnePartAtMost()
    {
        std::mt19937 random(5);
        const std::string_view alphabet = "ab:<>=!~()[]{}\"`\\*- \tTOANDR\xc3\xbc\xe2\x80\x9c";
        for (int i = 0; i < 4'000; ++i) {
            std::string text;
            for (unsigned n = random() % 24; n > 0; --n) text += alphabet[random() % alphabet.size()];
            std::size_t at = 0;
            for (const FilterSpan& span : filterSpans(text)) {
                QVERIFY2(span.begin >= at && span.end > span.begin && span.end <= text.size(), text.c_str());
                at = span.end;
            }
            if (parseFilter(text, 0) && text.find_first_not_of(" \t") != std::string::npos)
                QVERIFY2(at > text.find_last_not_of(" \t"), text.c_str()); // nothing is left out
            for (std::size_t cursor = 0; cursor <= text.size(); ++cursor) {
                const auto place = completionPlace(text, cursor);
                if (!place) continue;
                QVERIFY2(place->begin <= place->end && place->end == cursor, text.c_str());
                std::size_t then = 0;
                complete(text, *place, "x y", then);
            }
        }
    }
    void places_data()
    {
        QTest::addColumn<QString>("text"); // | is the cursor
        QTest::addColumn<QString>("place");
        const auto row = [](const char* text, const char* place) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(place);
        };
        row("|", "field ''");
        row("ser|", "field 'ser'");
        row("a ser|", "field 'ser'");
        row("-ser|", "not field 'ser'");
        row("-|", "not field ''");
        row("a |", "field ''");
        row("(ser|", "field 'ser'");
        row("service:|", "value of service ''");
        row("service:ca|", "value of service 'ca'");
        row("service: ca|", "value of service 'ca'");
        row("service:\"ca r|", "value of service 'ca r'");
        row("-service:ca|", "value of service 'ca'");
        row("service:(cart OR pa|", "value of service 'pa'");
        row("service:(cart |", "value of service ''");
        row("service:(cart) x|", "field 'x'");
        row("service:cart |", "field ''");
        row("service:cart x|", "field 'x'");
        row("ser|vice", "none");
        row("|service", "none");
        row("d>5|", "none");
        row("d:>|", "none");
        row("s:[5|", "none");
        row("m=~ab|", "none");
        row("\"phr|", "none");
        row("service:cart| level:error", "value of service 'cart'");
    }
    void places()
    {
        QFETCH(QString, text);
        QFETCH(QString, place);
        const auto cursor = text.indexOf(QLatin1Char('|'));
        text.remove(cursor, 1);
        const auto found = completionPlace(text.toStdString(), static_cast<std::size_t>(cursor));
        QString seen = QStringLiteral("none");
        if (found) {
            const bool value = found->what == CompletionPlace::What::Value;
            seen = QLatin1String(found->negated ? "not " : "") +
                   (value ? QStringLiteral("value of ") + QString::fromStdString(found->field)
                          : QStringLiteral("field")) +
                   QStringLiteral(" '") + QString::fromStdString(found->prefix) + QStringLiteral("'");
        }
        QCOMPARE(seen, place);
    }
    void completing()
    {
        const auto done = [](const char* text, std::size_t at, const char* chosen) {
            const auto place = completionPlace(text, at);
            if (!place) return std::string("none");
            std::size_t cursor = 0;
            std::string whole = complete(text, *place, chosen, cursor);
            return whole.insert(cursor, "|");
        };
        QCOMPARE(done("-ser", 4, "service"), std::string("-service:|"));
        QCOMPARE(done("ser", 3, "odd name"), std::string("\"odd name\":|"));
        QCOMPARE(done("service:ca x", 10, "cart"), std::string("service:cart |x"));
        QCOMPARE(done("service:ca", 10, "ca rt \"1\""), std::string("service:\"ca rt \\\"1\\\"\" |"));
        QCOMPARE(done("service:\"ca", 11, "cart"), std::string("service:cart |"));
    }
};

QTEST_APPLESS_MAIN(TestFilterSpans)
#include "tst_filter_spans.moc"
