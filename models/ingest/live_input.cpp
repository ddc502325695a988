#include "models/ingest/live_input.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace faultline {
namespace {

constexpr std::size_t kAhead = 1u << 20, kRead = 256u << 10;

class LiveInput final : public ByteInput
{
public:
    LiveInput(std::unique_ptr<ByteInput> input, std::stop_source source, const std::stop_token& outer,
              std::chrono::milliseconds quiet)
        : m_input(std::move(input))
        , m_quiet(quiet)
        , m_stop(std::move(source))
        , m_onStop(outer, Forward{m_stop})
        , m_thread([this] { take(); })
    {}
    ~LiveInput() override
    {
        m_stop.request_stop();
        m_thread.join();
    }
    LiveInput(const LiveInput&) = delete;
    LiveInput& operator=(const LiveInput&) = delete;

    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, m_quiet, [this] { return !m_held.empty() || m_done; });
        if (m_held.empty()) {
            if (m_error) return *m_error;
            return Chunk{0, m_ended};
        }
        const std::size_t given = std::min(capacity, m_held.size());
        std::memcpy(buffer, m_held.data(), given);
        m_held.erase(0, given);
        const bool last = m_held.empty() && m_ended;
        lock.unlock();
        m_changed.notify_all();
        return Chunk{given, last};
    }
    std::uint64_t consumed() const override
    {
        std::lock_guard lock(m_mutex);
        return m_consumed;
    }
    std::uint64_t size() const override { return 0; }

private:
    struct Forward
    {
        std::stop_source source;
        void operator()() { source.request_stop(); }
    };

    void take()
    {
        std::vector<char> buffer(kRead);
        const std::stop_token stop = m_stop.get_token();
        for (;;) {
            {
                std::unique_lock lock(m_mutex);
                if (!m_changed.wait(lock, stop, [this] { return m_held.size() < kAhead; })) break;
            }
            auto chunk = m_input->read(buffer.data(), buffer.size());
            std::lock_guard lock(m_mutex);
            m_consumed = m_input->consumed();
            if (!chunk) {
                m_error = chunk.error();
                break;
            }
            m_held.append(buffer.data(), chunk->bytes);
            m_ended = chunk->eof;
            m_changed.notify_all();
            if (chunk->eof || (chunk->bytes == 0 && stop.stop_requested())) break;
        }
        {
            std::lock_guard lock(m_mutex);
            m_done = true;
        }
        m_changed.notify_all();
    }

    std::unique_ptr<ByteInput> m_input;
    std::chrono::milliseconds m_quiet;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::string m_held;
    std::uint64_t m_consumed = 0;
    bool m_ended = false, m_done = false;
    std::optional<Error> m_error;
    std::stop_source m_stop;
    std::stop_callback<Forward> m_onStop;
    std::thread m_thread; // last: it uses all of the above
};

} // namespace

Result<std::unique_ptr<ByteInput>>
openLiveInput(const std::function<Result<std::unique_ptr<ByteInput>>(std::stop_token)>& open,
              const std::stop_token& stop, std::chrono::milliseconds quiet)
{
    std::stop_source source;
    // The opening itself waits for the first bytes.
    const std::stop_callback onStop(stop, [&source] { source.request_stop(); });
    auto input = open(source.get_token());
    if (!input) return std::move(input).error();
    return std::unique_ptr<ByteInput>(std::make_unique<LiveInput>(std::move(*input), source, stop, quiet));
}

} // namespace faultline
