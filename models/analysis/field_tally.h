#pragma once
#include "models/analysis/compare_rows.h"
#include "models/analysis/number_bins.h"
#include "models/query/field_rows.h"
#include "models/query/value_table.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace faultline {

/// The values of one field on both sides, counted in one pass over the segments, and in a second one for a
/// field with many values.
///
/// Bounds   At most `held` values are held. A field that has more (ids) goes on in kSlots counters by the
/// hash
///          of the value: those are upper bounds of the counts of the values in them. The second pass counts
///          exactly the values of the slots that are large: every value that occurs more often on a side than
///          often() is among them, however rare it is on the other side.
/// Exact    What is given out does not depend on the order of the segments.
/// Threads  One.
class FieldTally
{
public:
    static constexpr std::size_t kHeld = 20'000;
    static constexpr std::size_t kSlots = 1u << 15;

    explicit FieldTally(std::string name, std::size_t held = kHeld) : m_name(std::move(name)), m_held(held) {}
    const std::string& name() const { return m_name; }

    void scan(SegmentScan& scan, const SegmentSides& sides);
    /// Whether a second pass is needed: then scan() takes all segments once more.
    bool again();

    std::uint64_t present(int side) const { return m_present[side]; }
    struct Value
    {
        std::string text;
        std::uint64_t count[2] = {0, 0};
    };
    /// Of texts, whole numbers and booleans, by text; of a field with many values those that occur often.
    std::vector<Value> values() const;
    const NumberBins& numbers() const { return m_numbers; }
    bool many() const { return m_texts.many || m_ints.many; }
    std::uint64_t distinct() const { return m_distinct; } ///< at least, when many()
    std::uint64_t often() const { return m_often; }
    /// Kinds of the values, a bit each (1 << ValueKind).
    std::uint32_t kinds() const { return m_kinds; }

private:
    /// Counters by hash.
    struct Slots
    {
        std::vector<std::uint64_t> counts[2];
        std::vector<bool> large;
        void make();
        static std::size_t of(std::uint64_t hash) { return hash >> 49; }
    };
    struct Texts
    {
        ValueTable table[2];
        Slots slots;
        bool many = false;
    };
    struct Ints
    {
        struct Counts
        {
            std::uint64_t count[2] = {0, 0};
        };
        std::unordered_map<std::int64_t, Counts> table;
        Slots slots;
        bool many = false;
    };
    class Out;
    void scanSide(SegmentScan& scan, const SelectedRows& rows, int side);
    void scanInts(SegmentScan& scan, const FieldRows::Part& part, int side);
    /// Whether a text is counted by itself: else it has been counted with those of its slot, or is passed
    /// over.
    bool isHeld(int side, std::uint64_t hash, std::uint64_t count);
    void addText(int side, const ValueKey& key, std::uint64_t count);
    void addText(int side, std::string_view text, std::uint64_t count);
    void addInt(int side, std::int64_t value, std::uint64_t count);
    void spillTexts();
    void spillInts();
    std::uint64_t markLarge(Slots& slots) const;

    std::string m_name;
    std::size_t m_held;
    std::uint64_t m_present[2] = {0, 0};
    std::uint32_t m_kinds = 0;
    Texts m_texts;
    Ints m_ints;
    NumberBins m_numbers;
    std::uint64_t m_distinct = 0, m_often = 0;
    bool m_second = false;
};

} // namespace faultline
