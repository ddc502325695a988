#include "models/analysis/pattern_clusters.h"
#include "models/records/mask.h"
#include "tests/support/shared_data.h"

#include <QTest>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace faultline;

namespace {

/// The accuracy reached, minus 0.01: a rule that costs more than that has to say so here.
constexpr double kLeastMean = 0.937, kLeastClustered = 0.85;

constexpr const char* kSystems[] = {"Apache", "BGL",     "HDFS",      "HPC",      "Hadoop",
                                    "Linux",  "OpenSSH", "Proxifier", "Zookeeper"};

/// The records of a CSV text with quoted fields (RFC 4180).
std::vector<std::vector<std::string>> readCsv(const std::string& text)
{
    std::vector<std::vector<std::string>> records;
    std::vector<std::string> record;
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
                field += text[++i];
            else if (c == '"')
                quoted = false;
            else
                field += c;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',' || c == '\n') {
            record.push_back(std::move(field));
            field.clear();
            if (c == '\n') records.push_back(std::move(record));
            if (c == '\n') record.clear();
        } else if (c != '\r') {
            field += c;
        }
    }
    return records;
}

struct Line
{
    std::string event;
    std::string content;
};

std::vector<Line> readSystem(const std::string& path)
{
    std::vector<Line> lines;
    const auto records = readCsv(test::readGzip(path));
    if (records.empty()) return lines;
    const auto& header = records.front();
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
    };
    const std::size_t event = column("EventId");
    const std::size_t content = column("Content");
    for (std::size_t i = 1; i < records.size(); ++i)
        if (records[i].size() == header.size()) lines.push_back({records[i][event], records[i][content]});
    return lines;
}

/// The share of lines whose group holds exactly the lines of their event.
double groupingAccuracy(const std::vector<Line>& lines, std::size_t& groups, bool clustered)
{
    std::set<std::string> distinct;
    for (const Line& line : lines) distinct.insert(patternForDisplay(patternOf(line.content)));
    const std::vector<std::string> patterns(distinct.begin(), distinct.end());
    const std::vector<std::size_t> clusters = clusterPatterns(patterns);
    const auto groupOf = [&](const std::string& content) {
        const std::string pattern = patternForDisplay(patternOf(content));
        const auto place = std::lower_bound(patterns.begin(), patterns.end(), pattern);
        const auto number = static_cast<std::size_t>(place - patterns.begin());
        return clustered ? clusters[number] : number;
    };
    std::map<std::string, std::vector<std::size_t>> byEvent;
    std::map<std::size_t, std::vector<std::size_t>> byPattern;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        byEvent[lines[i].event].push_back(i);
        byPattern[groupOf(lines[i].content)].push_back(i);
    }
    groups = byPattern.size();
    std::size_t right = 0;
    for (const auto& [pattern, members] : byPattern)
        if (byEvent[lines[members.front()].event] == members) right += members.size();
    return static_cast<double>(right) / static_cast<double>(lines.size());
}

} // namespace

class TestPatternGrouping : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accuracy()
    {
        if (!test::sharedData("loghub-2k")) QSKIP("SKIPPED ALL: data/loghub-2k is not here");
        double sum = 0, clusteredSum = 0;
        for (const char* const system : kSystems) {
            const auto path =
                test::sharedData(("loghub-2k/" + std::string(system) + "_2k.structured.csv.gz").c_str());
            QVERIFY2(path, system);
            const auto lines = readSystem(*path);
            QVERIFY2(lines.size() == 2000, system);
            std::size_t groups = 0, clusters = 0;
            const double accuracy = groupingAccuracy(lines, groups, false);
            const double clustered = groupingAccuracy(lines, clusters, true);
            // Read by tests/conformance/update-grouping.
            std::printf("GROUPING %s %.4f %zu %.4f %zu\n", system, accuracy, groups, clustered, clusters);
            sum += accuracy;
            clusteredSum += clustered;
        }
        const double mean = sum / static_cast<double>(std::size(kSystems));
        const double clusteredMean = clusteredSum / static_cast<double>(std::size(kSystems));
        std::printf("GROUPING mean %.4f 0 %.4f 0\n", mean, clusteredMean);
        std::fflush(stdout);
        QVERIFY2(mean >= kLeastMean, std::to_string(mean).c_str());
        QVERIFY2(clusteredMean >= kLeastClustered, std::to_string(clusteredMean).c_str());
    }

    /// Lines of all systems in two orders: the same patterns. (Nothing may be kept from message to message.)
    void orderDoesNotMatter()
    {
        const auto path = test::sharedData("loghub-2k/Linux_2k.structured.csv.gz");
        if (!path) QSKIP("data/loghub-2k is not here");
        auto lines = readSystem(*path);
        std::map<std::string, std::string> patterns;
        for (const Line& line : lines) patterns[line.content] = patternOf(line.content);
        std::shuffle(lines.begin(), lines.end(), std::mt19937(5));
        for (const Line& line : lines) QCOMPARE(patternOf(line.content), patterns[line.content]);
    }
};

QTEST_APPLESS_MAIN(TestPatternGrouping)
#include "tst_pattern_grouping.moc"
