#pragma once
#include <stop_token>

namespace faultline {

/// Turns the first SIGINT or SIGTERM into a stop request, so that work ends in order; the second ends the
/// program. Made in main() before any other thread.
class Interrupt
{
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    std::stop_token token() const;

private:
    struct State;
    State* m_state; ///< lives as long as the program: the handler may run at any time
};

} // namespace faultline
