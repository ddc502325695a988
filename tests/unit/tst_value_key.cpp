#include "models/query/value_key.h"

#include <QTest>

#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace faultline;

/// A key stands for one text: texts come back as they were, and no two texts share a key.
class ValueKeyTest : public QObject
{
    Q_OBJECT
    static QByteArray show(const std::string& text)
    {
        return QByteArray::fromStdString(text).toPercentEncoding();
    }

private Q_SLOTS:
    void textsComeBack()
    {
        const std::vector<std::string> texts{"",
                                             "a",
                                             "ab",
                                             "abc",
                                             "abcd",
                                             "abcdefg",
                                             "abcdefgh",
                                             "abcdefghi",
                                             "abcdefghijklmno",
                                             std::string(1, '\0'),
                                             std::string(2, '\0'),
                                             std::string(15, '\0'),
                                             std::string("a\0", 2),
                                             "1234567890123456",
                                             "00103fa9416ea85a",
                                             "0011223344556677",
                                             "6f3324c8828b791f07a0fc45256417bb",
                                             "00000000000000000000000000000000",
                                             "6f3324c8-828b-791f-07a0-fc45256417bb",
                                             "2026-11-22T15:04:05Z",
                                             "2026-11-22T15:04:05.1Z",
                                             "2026-11-22T15:04:05.100Z",
                                             "2026-11-22T15:04:05.123456789Z",
                                             "9999-99-99T99:99:99.000000000Z"};
        std::map<std::tuple<std::uint64_t, std::uint64_t, int>, std::string> seen;
        for (const std::string& text : texts) {
            const auto key = ValueKey::of(text);
            QVERIFY2(key, show(text));
            std::string back = "before ";
            key->append(back);
            QVERIFY2(back == "before " + text, show(back));
            const auto [other, isNew] =
                seen.try_emplace({key->low, key->high, static_cast<int>(key->form)}, text);
            QVERIFY2(isNew, show(text + " has the key of " + other->second));
        }
    }

    void otherTextsHaveNone()
    {
        for (const char* text :
             {"sixteen letters!", "00103FA9416EA85A", "6F3324C8828B791F07A0FC45256417BB",
              "6f3324c8828b791f07a0fc45256417b", "6f3324c8_828b-791f-07a0-fc45256417bb",
              "6f3324c8-828b-791f-07a0-fc45256417bg", "6F3324C8-828B-791F-07A0-FC45256417BB",
              "2026-11-22T15:04:05.Z", "2026-11-22T15:04:05.1234567890Z", "2026-11-22T15:04:05+01:00",
              "2026-11-22T15:04:05,123Z", "2026-11-22T15-04:05.123Z", "2026-11-22T15:04:05.12aZ",
              "2026-11-22t15:04:05.123Z", "a text that is longer than a key"}) {
            QVERIFY2(!ValueKey::of(text), text);
        }
    }

    void bytesAreTheKeysOfTheirDigits()
    {
        std::mt19937_64 random(4);
        for (int i = 0; i < 500; ++i) {
            std::uint8_t bytes[16];
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : 0x11);
            for (const ValueKey& key : {ValueKey::ofHex8(bytes), ValueKey::ofBytes16(bytes, false),
                                        ValueKey::ofBytes16(bytes, true)}) {
                std::string text;
                key.append(text);
                const auto same = ValueKey::of(text);
                QVERIFY2(same && *same == key, show(text));
                QCOMPARE(same->hash(), key.hash());
            }
        }
    }
};

QTEST_APPLESS_MAIN(ValueKeyTest)
#include "tst_value_key.moc"
