#include "models/base/hash.h"
#include "models/records/mask.h"

#include <QTest>

#include <chrono>
#include <random>
#include <string>

using namespace faultline;

namespace {

struct Known
{
    const char* message;
    const char* pattern; ///< as people see it
    std::uint64_t id;
};
/// Columns store patterns by these rules: a rule that changes one of these needs a new codec (see Codec), not
/// only a new number here.
const Known kKnown[] = {
    {R"x(user alice logged in from 10.0.0.7:51544)x", R"x(user alice logged in from <*>)x",
     0x6b168df8fe8c863eULL},
    {R"x(Connection to db-3.internal:5432 timed out after 30000ms)x",
     R"x(Connection to <*> timed out after <*>)x", 0x3edfa87ba70a1376ULL},
    {R"x(GET /api/cart/8812?full=1 200 in 12ms)x", R"x(GET <*> <*> in <*>)x", 0x1d086cbbfcc12b50ULL},
    {R"x(order 7f9c2b1e-93b4-4a55-8d6e-0123456789ab rejected: amount=19.99 currency=EUR)x",
     R"x(order <*> rejected: amount=<*> currency=<*>)x", 0xab81f6fafe668e98ULL},
    {R"x(pod checkout-7d9f8b6c5-x2x9z restarted 3 times)x", R"x(pod checkout-<*> restarted <*> times)x",
     0x3e97b5f8ae3c6e1dULL},
    {R"x(cache miss for key "session:42" (shard 7))x", R"x(cache miss for key "<*>" (shard <*>))x",
     0xbe7bba645f15ba8bULL},
    {R"x(read 403 bytes, wrote 1072 bytes (1.04 KB))x", R"x(read <*>, wrote <*>)x", 0xb38a4816973607c4ULL},
    {R"x(job [12, 13, 14] done at 2026-11-22 15:04:05,123)x", R"x(job [<*>] done at <*>)x",
     0x31d48a326d76f1b4ULL},
    {R"x(Can't open 'a b.txt': No such file or directory)x",
     R"x(Can't open '<*>': No such file or directory)x", 0x591d6e964fb33296ULL},
    {R"x(retrying in 1m30s (attempt 2/5))x", R"x(retrying in <*> (attempt <*>))x", 0xfccb2c891b220ecfULL},
    {R"x(blk_-1608999687919862906 added to blk_3 blk_4)x", R"x(blk_<*> added to blk_<*>)x",
     0x735899f859a726beULL},
    {R"x(panic at main.go:42: index out of range [5])x",
     R"x(panic at main.go:<*>: index out of range [<*>])x", 0xa7c0e0259d595aa0ULL},
    {R"x(Trip(id=1, name=Z 12 x, stations=[a, b]))x", R"x(Trip(id=<*>, name=<*>, stations=[<*>]))x",
     0x9e289f91c635c795ULL},
    {R"x(request failed for root from 192.0.2.1 port 22)x", R"x(request failed for <*> from <*> port <*>)x",
     0x9cb9c57182fbc65eULL},
    {R"x(0xdeadbeef 0x10 deadbeef cafebabe1 facade)x", R"x(0x<*> 0x<*> <*> <*> facade)x",
     0x439b8687958f80b4ULL},
    {R"x(plain words, nothing else)x", R"x(plain words, nothing else)x", 0xf775c5870950d72aULL},
    {R"x(log4j and k8s and utf8 stay words)x", R"x(log4j and k8s and utf<*> stay words)x",
     0x6183db0b57e31f29ULL},
    {R"x(mail to jo@example.org bounced; see https://example.org/a?b=1#c)x",
     R"x(mail to <*> bounced; see <*>)x", 0xb779f738879cc93eULL},
    {R"x(Class@33557fe4 freed)x", R"x(Class@<*> freed)x", 0x31d2d9be44815374ULL},
    {R"x(saved [OrderId:5d2a46c7-71cb-4cf1-abd5-edcb68e2f0f1 , Price: 50])x",
     R"x(saved [OrderId:<*> , Price: <*>])x", 0xce765fd3139ebd5eULL},
    {R"x(TraceID: 6f3cbf058c2765548a39ad724905d6a1 SpanID: c9ac8c13f578a0b6 [getToken] OrderId:5d2a46c7-71cb-4cf1-abd5-edcb68e2f0f1)x",
     R"x(TraceID: <*> SpanID: <*> [getToken] OrderId:<*>)x", 0x06c089a2470468c7ULL},
    {R"x(token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmZHNlIn0.Dif_Uhq_Cu2y-Zd9kQ-xx USER)x", R"x(token <*> USER)x",
     0x55cb825778c6e7bdULL},
    {R"x({"user":"jo","n":5})x", R"x({"user":"<*>","n":<*>})x", 0x11e98bd2767b13f7ULL},
};

bool kindHolds(std::string_view text, VariableKind kind)
{
    const auto only = [text](std::string_view set) {
        return text.find_first_not_of(set) == std::string_view::npos;
    };
    switch (kind) {
    case VariableKind::Digits:
        return !text.empty() && text.size() <= 18 && only("0123456789") &&
               (text == "0" || text.front() != '0');
    case VariableKind::Hex:
        return only("0123456789abcdef") && text.find_first_of("0123456789") != std::string_view::npos;
    case VariableKind::Text: return !text.empty();
    }
    return false;
}

/// What must hold for any message; an empty text when it does.
std::string broken(std::string_view message)
{
    std::vector<Variable> variables;
    maskMessage(message, variables);
    std::size_t at = 0;
    std::string pattern;
    for (const Variable& v : variables) {
        if (v.begin < at || v.end <= v.begin || v.end > message.size()) return "out of order or outside";
        if (!kindHolds(message.substr(v.begin, v.end - v.begin), v.kind)) return "kind is not true";
        pattern.append(message, at, v.begin - at);
        if (pattern.find(kVariableMark, pattern.empty() ? 0 : pattern.size() - (v.begin - at)) !=
            std::string::npos)
            return "a literal mark is left";
        pattern += kVariableMark;
        at = v.end;
    }
    if (message.substr(at).find(kVariableMark) != std::string_view::npos)
        return "a literal mark is left at the end";
    pattern.append(message, at);
    if (pattern != patternOf(message)) return "the pattern is not what the variables leave";
    std::vector<Variable> again;
    maskMessage(message, again);
    if (again.size() != variables.size()) return "not the same twice";
    return {};
}

} // namespace

class TestMask : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knownPatterns()
    {
        for (const Known& known : kKnown) {
            const std::string pattern = patternOf(known.message);
            QCOMPARE(patternForDisplay(pattern), std::string(known.pattern));
            QCOMPARE(hash64(pattern), known.id);
            QVERIFY2(broken(known.message).empty(), known.message);
        }
    }

    /// Pairs that must be one pattern.
    void together()
    {
        const std::pair<const char*, const char*> pairs[] = {
            {"took 5ms", "took 1.25s"},
            {"took 5", "took -7"},
            {"sent 403 bytes", "sent 1072 bytes (1.04 KB)"},
            {"lifetime <1 sec", "lifetime 00:12"},
            {"from 10.0.0.1:80", "from example.org:8443"},
            {"from 10.0.0.1 (host.example.org) at x", "from 10.0.0.1 () at x"},
            {"from fe80::1", "from 2001:db8:0:0::17"},
            {"pod api-7d9f8b6c5-x2x9z gone", "pod api-5f6d7c8b9-xkzvw gone"},
            {"trace 00ab34cd ended", "trace 12345678 ended"},
            {"trace abcdefab ended", "trace 0123abcd ended"},
            {"ids [1, 2, 3]", "ids [4]"},
            {"names: [a, b]", "names: [c]"},
            {"on 2026-11-22 15:04:05,123 x", "on 2026-11-22T15:04:05.5Z x"},
            {"on 2026-11-22 x", "on 2026-11-22 15:04:05 x"},
            {"at Fri Jul 01 08:16:53 PDT 2005 x", "at Sat Jul  2 18:16:53 UTC 2005 x"},
            {"open \"a b\": no", "open \"c\": no"},
            {"state=RUNNING now", "state=idle now"},
            {"(status=1, msg=Seat is taken, data=null)", "(status=0, msg=ok, data=7)"},
            {"delete blk_1", "delete blk_-2 blk_3, blk_4"},
            {"see /a/b.c", "see ./d"},
            {"get http://a/b?c=d", "get https://e.org:80/"},
            {"total 1,234,567 rows", "total 12 rows"},
            {"login for user root by x", "login for user guest by x"},
            {"order 7f9c2b1e-93b4-4a55-8d6e-0123456789ab", "order 00000000-0000-0000-0000-000000000000"},
            {"mac 00:0D:60:E9:1D:DC up", "mac FF:F2:9F:16:E2:23 up"},
        };
        for (const auto& [a, b] : pairs)
            QVERIFY2(patternOf(a) == patternOf(b),
                     (patternForDisplay(patternOf(a)) + " / " + patternForDisplay(patternOf(b))).c_str());
    }

    /// Pairs that must stay apart, since words tell them apart.
    void apart()
    {
        const std::pair<const char*, const char*> pairs[] = {
            {"started worker", "stopped worker"},
            {"user request failed", "user session failed"},
            {"closed for user request", "closed for user session"},
            {"node12 up", "rack12 up"},
            {"can't open", "won't open"},
            {"log4j loaded", "k8s loaded"},
            {"it's in, that's out", "it's up, that's out"},
            {"read/write error", "read/only error"},
            {"java.io.IOException: x", "java.lang.Error: x"},
            {"main.go:12: a", "main.c:12: a"},
            {"trip=Trip(id=1)", "trip=Tour(id=1)"},
            {"{\"a\":1}", "{\"b\":1}"},
            {"facade added", "decade added"},
            {"[main] x", "[pool] x"},
            {"", " "},
        };
        for (const auto& [a, b] : pairs)
            QVERIFY2(patternOf(a) != patternOf(b), (std::string(a) + " / " + b).c_str());
    }

    void kinds()
    {
        const auto kindsOf = [](std::string_view message) {
            std::vector<Variable> variables;
            maskMessage(message, variables);
            std::string out;
            for (const Variable& v : variables) out += "?dht"[static_cast<int>(v.kind)];
            return out;
        };
        QCOMPARE(kindsOf("a 12 b 0 c 007 d 0x1f e 0xb f 12ms"), std::string("ddhhtt"));
        QCOMPARE(kindsOf("123456789012345678 1234567890123456789"), std::string("dh"));
        QCOMPARE(kindsOf("worker7 7f9c2b1e DEADBEEF01 1.5 -3"), std::string("dhttt"));
    }

    void hostileBytes()
    {
        for (int c = 0; c < 256; ++c)
            for (const char* around : {"", "a", "1", " ", "x=", "/", "\"", "[", "key: [1, "}) {
                std::string text = around;
                text += static_cast<char>(c);
                text += around;
                const std::string why = broken(text);
                QVERIFY2(why.empty(), (why + ": byte " + std::to_string(c) + " in " + around).c_str());
            }
        // Random text out of the bytes that the rules look at.
        static constexpr char kAlphabet[] =
            "0123456789abcxzAZ \t\n.,:;-_/\\'\"`()[]{}<>=|@#%\x1f\0\x80\xff\xe2\x80";
        std::mt19937 random(42);
        for (int i = 0; i < 60'000; ++i) {
            std::string text;
            for (std::size_t n = random() % 40; n > 0; --n)
                text += kAlphabet[random() % (sizeof kAlphabet - 1)];
            if (const std::string why = broken(text); !why.empty()) QFAIL((why + ": " + text).c_str());
        }
        // Damaged real messages.
        for (int i = 0; i < 20'000; ++i) {
            std::string text = kKnown[random() % std::size(kKnown)].message;
            text[random() % text.size()] = static_cast<char>(random());
            text.resize(random() % (text.size() + 1));
            if (const std::string why = broken(text); !why.empty()) QFAIL((why + ": " + text).c_str());
        }
    }

    /// 1 MiB of the same thing takes about 16 times as long as 64 KiB of it; and the pattern stays small
    /// enough to keep. Work is counted in time, with a bound that only another order of growth can break.
    void longLines()
    {
        const char* const units[] = {"a",     "1",       " ",      "1 ",   "'a ",  "a' ",    "\"",   "[",
                                     "=[",    ":[a, ",   "x=",     "/",    "/a",   "a:/",    "a.b",  "a1-",
                                     "0x",    "user ",   "for a ", "\x1f", "\xff", "blk_1 ", "1,",   "<1 ",
                                     "(a=b ", "{\"a\":", "Jan ",   "a@",   "://",  "1.",     "\\\"", "1 B ("};
        for (const char* const unit : units) {
            const auto timeOf = [unit](std::size_t size) {
                std::string text;
                while (text.size() < size) text += unit;
                std::vector<Variable> variables;
                auto best = std::chrono::steady_clock::duration::max();
                for (int run = 0; run < 3; ++run) {
                    const auto start = std::chrono::steady_clock::now();
                    maskMessage(text, variables);
                    best = std::min(best, std::chrono::steady_clock::now() - start);
                }
                if (variables.size() > 251) return std::chrono::steady_clock::duration::max();
                return best;
            };
            const auto large = timeOf(1 << 20);
            QVERIFY2(large < std::chrono::milliseconds(500), unit);
            const std::string why = broken(std::string(70'000, unit[0]));
            QVERIFY2(why.empty(), why.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TestMask)
#include "tst_mask.moc"
