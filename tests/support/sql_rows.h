#pragma once
#include "models/store/sql_session.h"
#include "tests/support/store_fixture.h"

#include <QByteArray>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace faultline::testing {

inline std::string textOf(const SqlValue& value)
{
    switch (value.type) {
    case SqlValue::Type::Null: return "NULL";
    case SqlValue::Type::Integer: return std::to_string(value.integer);
    case SqlValue::Type::Real: return QByteArray::number(value.real, 'g', 12).toStdString();
    case SqlValue::Type::Text: return std::string(value.text);
    case SqlValue::Type::Blob: return "blob:" + std::string(value.text);
    }
    return {};
}

/// Keeps an answer as text; cells of a row are joined by "|".
class Rowwise final : public SqlSession::Sink
{
public:
    std::vector<std::string> names, rows;
    std::size_t most = SIZE_MAX;
    void columns(const std::vector<std::string>& all) override { names = all; }
    bool row(std::span<const SqlValue> values) override
    {
        std::string line;
        for (const SqlValue& value : values) line += (line.empty() ? "" : "|") + textOf(value);
        rows.push_back(line);
        return rows.size() < most;
    }
};

/// The rows of a statement.
inline Result<std::vector<std::string>> ask(SqlSession& session, const std::string& statement)
{
    Rowwise sink;
    if (auto done = session.run(statement, sink); !done) return done.error();
    return sink.rows;
}

/// One a line; the error's text when it failed.
inline std::string joined(const Result<std::vector<std::string>>& rows)
{
    if (!rows) return "error: " + describe(rows.error());
    std::string all;
    for (const std::string& row : *rows) all += (all.empty() ? "" : "\n") + row;
    return all;
}

} // namespace faultline::testing

/// Fails the test with both texts when the rows of a statement, one a line, are not `expected`.
#define COMPARE_ROWS(session, statement, expected)                                                           \
    do {                                                                                                     \
        const std::string found = joined(ask(session, statement));                                           \
        QVERIFY2(                                                                                            \
            found == (expected),                                                                             \
            (std::string(statement) + "\n--- found\n" + found + "\n--- expected\n" + (expected)).c_str());   \
    } while (false)
