#pragma once
#include "models/ingest/byte_input.h"

#include <utility>

namespace faultline {

/// Another input as it is: the base of those that change how it is read, and nothing else of it.
class ForwardedInput : public ByteInput
{
public:
    explicit ForwardedInput(std::unique_ptr<ByteInput> input) : m_input(std::move(input)) {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        return m_input->read(buffer, capacity);
    }
    std::uint64_t consumed() const override { return m_input->consumed(); }
    std::uint64_t size() const override { return m_input->size(); }
    bool seekable() const override { return m_input->seekable(); }
    Status seek(std::uint64_t position) override { return m_input->seek(position); }

private:
    std::unique_ptr<ByteInput> m_input;
};

} // namespace faultline
