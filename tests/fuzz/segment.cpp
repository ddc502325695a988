// Directories and columns of a segment with any bytes in them: an Error, or data that can be used; never a
// crash, and memory within the limits of models/store/codecs.h. The checks of the blobs are made to fit, so
// that the bytes behind them are read.
//
// An input is a list of blobs, each behind its length in two bytes (little-endian): the directory, then one
// blob a column, all without their check. tests/fuzz/make_segments writes such files.
#include "models/store/segment.h"

#include "models/base/hash.h"
#include "models/store/text_parts.h"
#include "tests/fuzz/target.h"

#include <memory>
#include <vector>

using namespace faultline;
using faultline::fuzz::require;

namespace {

std::string withCheck(std::string_view blob)
{
    std::string checked(blob);
    const auto check = static_cast<std::uint32_t>(hash64(blob));
    for (unsigned i = 0; i < 4; ++i) checked.push_back(static_cast<char>(check >> (8 * i)));
    return checked;
}

class Columns final : public ColumnSource
{
public:
    explicit Columns(std::vector<std::string> blobs) : m_blobs(std::move(blobs)) {}
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        return decodeColumn(segment.columns[index], segment.rows,
                            index < m_blobs.size() ? m_blobs[index] : "");
    }

    Result<std::shared_ptr<TextParts>> texts(const SegmentInfo& segment, ColumnIndex index) override
    {
        return TextParts::open(segment.columns[index], segment.rows,
                               index < m_blobs.size() ? m_blobs[index] : "");
    }

private:
    std::vector<std::string> m_blobs;
};

/// Every part of a column of texts, one by one, as a search would unpack them.
void useParts(TextParts& parts)
{
    const ColumnData& data = parts.data();
    switch (data.form) {
    case ColumnData::Form::Dictionary:
        require(!parts.needCodes() || data.table.size() > 0, "a dictionary has texts");
        break;
    case ColumnData::Form::Heap: (void)parts.needTable(); break;
    case ColumnData::Form::Fixed: (void)parts.needFixed(); break;
    case ColumnData::Form::Templates:
        if (!parts.needTemplates() || !parts.needCodes()) break;
        for (std::size_t i = 0; i < data.templates.size(); ++i) {
            for (std::size_t v = data.templates[i].kinds.size(); v-- > 0;) {
                if (!parts.needValues(i, v)) continue;
                std::string text;
                for (RowIndex n = 0; n < data.templates[i].rows && text.size() < (1u << 20); ++n)
                    data.templates[i].values[v].append(n, text);
            }
        }
        break;
    default: break;
    }
}

void useColumn(const ColumnData& column, RowIndex rows)
{
    require(column.presence.rows() == rows || column.presence.rows() == 0,
            "a column has the rows of its segment");
    require(column.presence.count() <= rows, "at most every row has a value");
    std::string text;
    RowIndex present = 0;
    for (RowIndex row = 0; row < rows && text.size() < (1u << 22); ++row) {
        const bool there = column.appendText(row, text);
        require(!there || column.presence.has(row), "only a present row has a value");
        present += there ? 1 : 0;
    }
    require(present <= column.presence.count(), "as many values as rows that have one");
    (void)column.bytes();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view bytes = fuzz::viewOf(data, size);
    std::vector<std::string> blobs;
    while (bytes.size() >= 2 && blobs.size() < 64) {
        const std::size_t length =
            static_cast<std::uint8_t>(bytes[0]) | std::size_t{static_cast<std::uint8_t>(bytes[1])} << 8;
        bytes.remove_prefix(2);
        const std::string_view blob = bytes.substr(0, length);
        bytes.remove_prefix(blob.size());
        blobs.push_back(blob.empty() ? std::string() : withCheck(blob));
    }
    if (blobs.empty()) return 0;
    auto info = decodeDirectory(blobs.front());
    if (!info) return 0;
    // A directory that reads is one that can be written, and then reads to the same bytes.
    const std::string once = encodeDirectory(*info);
    const auto again = decodeDirectory(once);
    require(again.ok(), "a directory that was read can be written");
    require(encodeDirectory(*again) == once, "a directory is stable");

    blobs.erase(blobs.begin());
    auto segment = std::make_shared<const SegmentInfo>(std::move(*info));
    Columns columns(std::move(blobs));
    const std::size_t looked = std::min<std::size_t>(segment->columns.size(), 64);
    for (std::size_t i = 0; i < looked; ++i) {
        const auto column = columns.column(*segment, static_cast<ColumnIndex>(i));
        if (column) useColumn(**column, segment->rows);
        if (auto parts = columns.texts(*segment, static_cast<ColumnIndex>(i))) useParts(**parts);
    }
    DocumentBuilder documents(segment, columns);
    std::string document;
    for (RowIndex row = 0; row < std::min<RowIndex>(segment->rows, 64) && document.size() < (1u << 22); ++row)
        (void)documents.append(row, document);
    return 0;
}
