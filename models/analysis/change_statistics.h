#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// The numbers behind "what changed": pure functions, deterministic, any thread.
///
/// Model     An item (a pattern, a value, a field above a cut) has x events in A and y in B. Where nothing
/// has
///           changed, A has `s` of them for one of B (the exposure, below), so that of x + y events a share
///           s / (1 + s) falls into A. The distance from that is the binomial deviance (McCullagh and Nelder,
///           Generalized Linear Models, 1989, 4.4.3)
///               D = 2 [ x ln(x / E_A) + y ln(y / E_B) ],  E_A = (x + y) s / (1 + s),  E_B = (x + y) - E_A,
///           which also holds where x or y is 0.
/// Bursts    Log lines come in bursts: their counts vary more than those of independent events, by a factor
///           phi, and D / phi is what is tested (quasi-likelihood: Wedderburn, Biometrika 61, 1974). phi
///           comes from the counts in blocks of time by the mean square of successive differences (von
///           Neumann, Ann. Math. Stat. 12, 1941), which neither a step nor a slow trend inflates, at several
///           lengths of block, the largest one counts: bursts that are longer than a block are seen in longer
///           ones. For a compound Poisson process phi is the mean size of a burst, weighted by size, so that
///           D / phi counts bursts instead of events: one burst that B happens not to have is no finding.
///           Where the windows of B differ by more than neighbouring ones do, a slow swing is added to phi.
/// Size      With enough events every difference is more than chance. What is tested is whether there are
/// more
///           than kLeastFactor times as many as expected, or fewer than that part of it (a test relative to a
///           threshold: McCarthy and Smyth, Bioinformatics 25, 2009).
/// Exposure  Traffic differs between A and B, and one flood of events must not make everything else look
///           rarer. So s is not n_A / n_B but, where they differ by more than chance, the median of x / y
///           over the message patterns (median of ratios: Anders and Huber, Genome Biology 11:R106, 2010).
/// Chance    sqrt(D / phi) is referred to Student's t with the degrees of freedom that phi has (two sided;
///           Wallace, Ann. Math. Stat. 30, 1959), and the p values of all tests made, not of those shown, are
///           adjusted by Benjamini and Hochberg (J. R. Stat. Soc. B 57, 1995). Items with fewer than
///           kLeastEvents events on both sides together are not tested, which leaves the level as it is,
///           since their number does not depend on the difference (Bourgon et al., PNAS 107, 2010).
/// Onset     The point in time that splits the counts into two rates with the largest likelihood (Poisson;
///           Page, Biometrika 41, 1954; Hinkley, Biometrika 57, 1970).
namespace faultline::statistics {

inline constexpr std::uint64_t kLeastEvents = 8;
inline constexpr double kLeastFactor = 1.1;

/// sqrt(D), with the sign of the difference. `s` > 0.
double signedRoot(double x, double y, double s);
/// The same against the nearest of the exposures from s / kLeastFactor to s x kLeastFactor; 0 between them.
double beyond(double x, double y, double s);

/// Counts of an item in buckets of one side, and the bucket's exposure: what of the side's traffic it has.
struct Series
{
    std::span<const std::uint32_t> counts;
    std::span<const double> exposure; ///< of the same size; 0: nothing is known of that time
};

/// Mean squares of successive differences, as sums: over their expectation for independent events.
struct Differences
{
    double squares = 0, expected = 0;
    std::size_t count = 0;
};
/// Of blocks of `block` buckets each; `rate` is the item's count for one of exposure.
Differences successiveDifferences(const Series& series, std::size_t block, double rate);

/// phi of an item, at least 1, and the degrees of freedom that it stands on.
struct Dispersion
{
    double phi = 1;
    double freedom = 1e6;
};
/// `blocksA` and `blocksB` are the lengths of blocks to look at, in buckets of the side, shortest first, of
/// equal number.
Dispersion dispersion(const Series& a, const Series& b, std::span<const std::size_t> blocksA,
                      std::span<const std::size_t> blocksB);

/// Two-sided tail of Student's t.
double tailOfT(double t, double freedom);

/// Median of ratios with its uncertainty.
struct Exposure
{
    double ratio = 1;     ///< events of A for one of B
    double deviation = 0; ///< standard error of its logarithm
};
struct Ratio
{
    std::uint64_t x = 0, y = 0;
};
/// `patterns`: counts of every pattern on both sides; `x`, `y`: all events of the sides.
Exposure exposureOf(std::span<const Ratio> patterns, std::uint64_t x, std::uint64_t y);

/// q values of p values; `tests` may be more than those given, the others count as 1.
std::vector<double> adjusted(std::span<const double> p, std::uint64_t tests);

/// The first bucket of the new rate: counts [0, result) have the old one. Nothing for fewer than two buckets
/// or no events. The split is looked for from `from` on.
std::optional<std::size_t> changePoint(const Series& series, std::size_t from);

} // namespace faultline::statistics
