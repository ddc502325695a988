#include "models/base/thread_priority.h"

#include <sys/resource.h>

namespace faultline {

void workInBackground()
{
    constexpr int kNice = 5;
    // Of this thread: Linux keeps the value by thread. Once for each, whoever calls it first.
    if (::getpriority(PRIO_PROCESS, 0) < kNice) (void)::setpriority(PRIO_PROCESS, 0, kNice);
}

} // namespace faultline
