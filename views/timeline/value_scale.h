#pragma once
#include <cmath>
#include <vector>

namespace faultline {

/// How high values stand in a chart: 0 at the bottom, `top` at the top. A value.
struct ValueScale
{
    double top = 1;
    bool logarithmic = false; ///< as log(1 + value), so that 0 has a place

    /// The share of the height, 0 to 1.
    double shareOf(double value) const
    {
        if (top <= 0 || value <= 0) return 0;
        return logarithmic ? std::log1p(value) / std::log1p(top) : value / top;
    }
    /// Values to draw lines at, besides 0 and the top: powers of ten, a fifth of the height apart at least.
    std::vector<double> marks() const
    {
        std::vector<double> found;
        double last = 0;
        for (double mark = 10; logarithmic && mark < top; mark *= 10) {
            const double share = shareOf(mark);
            if (share - last < 0.2 || 1 - share < 0.2) continue;
            found.push_back(mark);
            last = share;
        }
        return found;
    }
};

} // namespace faultline
