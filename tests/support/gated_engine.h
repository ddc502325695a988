#pragma once
#include "models/query/engine.h"

#include <condition_variable>
#include <mutex>

namespace faultline::testing {

/// An engine whose next questions wait until the test lets them go on, or fail. Any thread.
class GatedEngine final : public QueryEngine
{
public:
    explicit GatedEngine(std::shared_ptr<QueryEngine> engine) : m_engine(std::move(engine)) {}
    /// So many further questions (several asked at once are one) wait for release().
    void hold(int questions)
    {
        const std::lock_guard lock(m_mutex);
        m_toHold = questions;
    }
    void release()
    {
        const std::lock_guard lock(m_mutex);
        ++m_released;
        m_toHold = 0;
        m_wake.notify_all();
    }
    /// From now on every question fails, or none.
    void fail(bool failing)
    {
        const std::lock_guard lock(m_mutex);
        m_failing = failing;
    }
    int held() const
    {
        const std::lock_guard lock(m_mutex);
        return m_held;
    }
    /// Of those that waited, how many were given up before they were let go on.
    int givenUp() const
    {
        const std::lock_guard lock(m_mutex);
        return m_givenUp;
    }

    Result<Answer> ask(const Question& question, std::stop_token stop, const Partial& partial) override
    {
        if (auto error = pass(stop)) return std::move(*error);
        return m_engine->ask(question, std::move(stop), partial);
    }
    Result<std::vector<Answer>> askAll(const std::vector<Question>& questions, std::stop_token stop,
                                       const Partial& partial) override
    {
        if (auto error = pass(stop)) return std::move(*error);
        return m_engine->askAll(questions, std::move(stop), partial);
    }
    Result<std::vector<std::string>> fieldNames(std::stop_token stop) override
    {
        return m_engine->fieldNames(std::move(stop));
    }
    void forget() override { m_engine->forget(); }

private:
    std::optional<Error> pass(const std::stop_token& stop)
    {
        std::unique_lock lock(m_mutex);
        if (m_toHold > 0) {
            --m_toHold;
            ++m_held;
            const int before = m_released;
            if (!m_wake.wait(lock, stop, [&] { return m_released != before; })) ++m_givenUp;
            --m_held;
        }
        if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, "ask", "it was stopped");
        if (m_failing) return makeError(ErrorKind::Store, "read the events", "the disk does not answer");
        return std::nullopt;
    }
    std::shared_ptr<QueryEngine> m_engine;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    int m_toHold = 0, m_held = 0, m_released = 0, m_givenUp = 0;
    bool m_failing = false;
};

} // namespace faultline::testing
