#pragma once
#include "models/ingest/byte_input.h"
#include "models/ingest/preflight.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

namespace faultline {

class PieceParser;

/// The parts of preflight(): looks into single files. Any thread.

/// Whether this is read from a pipe, which nobody opens for a look.
bool isPipeEntry(const InputEntry& entry);

/// Fills what the first bytes of a file (the last ones too, of a plain one) say: format, times, bytes an
/// event. Of a member of an archive what InputEntry::head has. A file that cannot be read stays without a
/// look.
void probeFile(const InputEntry& entry, const Normaliser& normaliser, TimeNs now, PreflightFile& file,
               const std::stop_token& stop);

/// What a part of a file became when it was parsed.
struct SamplePart
{
    std::uint64_t diskBytes = 0, decodedBytes = 0; ///< taken from the disk; of them unpacked
    std::uint64_t parsedBytes = 0, storedBytes = 0;
};

/// Parses parts of files as an ingest does, and throws away what they became.
class Sampler
{
public:
    static constexpr std::size_t kPartBytes = 1u << 20;
    Sampler(std::shared_ptr<const Normaliser> normaliser, TimeNs now);
    ~Sampler();
    /// The part from about byte `offset` on; of a compressed file, and of documents, the first. Any thread.
    SamplePart take(const PreflightFile& file, std::uint64_t offset, const std::stop_token& stop);

private:
    std::unique_ptr<PieceParser> borrow();
    std::shared_ptr<const Normaliser> m_normaliser;
    TimeNs m_now;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<PieceParser>> m_idle; ///< with what they have learnt
};

} // namespace faultline
