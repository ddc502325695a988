#include "models/session/demo/traffic.h"

#include <algorithm>

namespace faultline::demo {
namespace {

constexpr std::uint32_t kUsers = 40'000, kSkus = 900;

/// Around `base`, with the long tail that latencies have.
std::uint32_t latency(Rng& rng, std::uint32_t base)
{
    std::uint64_t value = std::uint64_t{base} * rng.between(600, 1500) / 1000;
    if (rng.below(40) == 0) value *= 3;
    if (rng.below(400) == 0) value *= 6;
    return static_cast<std::uint32_t>(value);
}

Kind chooseKind(Rng& rng)
{
    constexpr std::uint16_t kShares[] = {110, 300, 150, 130, 80, 80, 50, 60, 40};
    std::uint32_t pick = rng.below(1000);
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        if (pick < kShares[kind]) return static_cast<Kind>(kind);
        pick -= kShares[kind];
    }
    return Kind::Product;
}

/// Some shoppers come much more often than others.
std::uint32_t skewed(Rng& rng, std::uint32_t n)
{
    return std::min({rng.below(n), rng.below(n)});
}

} // namespace

struct Traffic::Walk
{
    Request request;
    Rng rng;
    std::vector<Event>& out;
    TimeNs now = 0; ///< where the request is
    std::uint64_t parent = 0;
    std::uint64_t spans = 0; ///< counts for requests without random ids
    bool randomIds = true;
};

std::span<const Traffic::Call> Traffic::calls(Kind kind)
{
    using S = Service;
    static constexpr Call home[] = {
        {S::Auth, 1800, false}, {S::Catalog, 9000, true}, {S::Pricing, 14'000, false}};
    static constexpr Call product[] = {
        {S::Catalog, 7000, true}, {S::Pricing, 11'000, false}, {S::Inventory, 5000, false}};
    static constexpr Call search[] = {
        {S::Search, 26'000, true}, {S::Catalog, 8000, true}, {S::Pricing, 15'000, false}};
    static constexpr Call add[] = {{S::Auth, 1500, true},
                                   {S::Cart, 4000, true},
                                   {S::Pricing, 10'000, false},
                                   {S::Inventory, 5000, true}};
    static constexpr Call view[] = {{S::Auth, 1500, true}, {S::Cart, 5000, true}, {S::Pricing, 13'000, true}};
    static constexpr Call buy[] = {{S::Auth, 1500, true},       {S::Cart, 5000, true},
                                   {S::Pricing, 16'000, true},  {S::Inventory, 9000, true},
                                   {S::OrdersDb, 7000, true},   {S::Payment, 180'000, true},
                                   {S::Checkout, 24'000, true}, {S::Shipping, 90'000, false}};
    static constexpr Call login[] = {{S::Auth, 70'000, true}};
    static constexpr Call track[] = {
        {S::Auth, 1500, true}, {S::Checkout, 8000, true}, {S::Shipping, 60'000, true}};
    switch (kind) {
    case Kind::Home: return home;
    case Kind::Product: return product;
    case Kind::Search: return search;
    case Kind::AddToCart: return add;
    case Kind::ViewCart: return view;
    case Kind::Checkout: return buy;
    case Kind::Login: return login;
    case Kind::Track: return track;
    case Kind::Background: break;
    }
    return {};
}

std::uint32_t Traffic::secondOf(TimeNs time) const
{
    return std::min(static_cast<std::uint32_t>((time - m_start) / kSecondNs), kDuration - 1);
}

Request Traffic::makeRequest(std::uint64_t number, std::uint32_t second, Rng& rng) const
{
    Request request;
    request.number = number;
    request.kind = chooseKind(rng);
    request.user = 10'000 + skewed(rng, kUsers);
    request.sku = static_cast<std::uint16_t>(skewed(rng, kSkus));
    const std::uint32_t few = rng.below(7),
                        many = rng.below(9); // one by one: the order of arguments is not given
    request.items = static_cast<std::uint8_t>(1 + std::min(few, many));
    request.cents = 199 + rng.below(9000) * request.items;
    request.order = static_cast<std::uint32_t>(500'000 + number);
    request.address = static_cast<std::uint32_t>(mix(request.user));
    request.agent = static_cast<std::uint8_t>(mix(request.user + 3) % 5);
    request.variant = Story::hasFlag(request.user, second);
    request.knowsVariant = second >= kFlag10;
    if (rng.chance(m_entropy)) {
        request.traceHigh = rng.next();
        request.traceLow = rng.next() | 1;
        request.session = static_cast<std::uint32_t>(rng.next());
    } else {
        request.traceHigh = mix(m_seed) | 1;
        request.traceLow = number + 1;
        request.session = request.user;
    }
    return request;
}

void Traffic::emit(Walk& walk, Service service, Phase phase, TimeNs time, std::uint32_t durationUs,
                   unsigned status, unsigned attempt)
{
    const std::uint32_t salt = static_cast<std::uint32_t>(walk.rng.next() >> 32);
    const int message = m_catalogue.choose(service, phase, walk.request.kind, salt >> 16);
    if (message < 0) return;
    Event event;
    event.time = time;
    event.request = walk.request;
    event.span =
        walk.randomIds ? mix(walk.request.traceLow + ++walk.spans) : walk.request.number * 32 + ++walk.spans;
    event.parent = walk.parent;
    event.durationUs = durationUs;
    event.salt = salt;
    event.status = static_cast<std::uint16_t>(status);
    event.message = static_cast<std::uint16_t>(message);
    event.service = service;
    event.attempt = static_cast<std::uint8_t>(attempt);
    const std::uint32_t second = secondOf(time);
    event.inUse = static_cast<std::uint8_t>(m_story.poolInUse(second));
    event.waiting = static_cast<std::uint8_t>(std::min<std::uint32_t>(m_story.poolWaiting(second), 250));
    walk.out.push_back(event);
}

bool Traffic::attempt(Walk& walk, const Call& step, unsigned number)
{
    Rng& rng = walk.rng;
    const std::uint32_t second = secondOf(walk.now);
    const std::uint32_t felt = m_story.felt(step.service, second);
    std::uint32_t duration = latency(rng, step.baseUs);
    // Whoever shares the overloaded pool waits for a connection before it works.
    if (felt > 0) duration += rng.below(felt * 900 + 1);
    std::uint32_t fail = m_story.failPermille(step.service, second);
    const bool slowQuery = step.service == Service::Pricing && walk.request.variant;
    if (slowQuery) {
        duration += rng.between(280'000, 1'600'000);
        fail = std::max<std::uint32_t>(fail, 90);
        emit(walk, Service::OrdersDb, Phase::Slow, walk.now + TimeNs{duration} * 1000 - 400'000,
             duration - 300, 0);
    }
    if (rng.below(8) == 0) emit(walk, step.service, Phase::Begin, walk.now + 200'000, 0, 0, number);
    if (rng.chance(fail)) {
        // A statement timeout of 2 s, a pool timeout of 1.5 s; on a good day failures are quick.
        duration =
            felt > 0 || slowQuery ? rng.between(1'500'000, 2'000'000) : duration + rng.between(5'000, 90'000);
        walk.now += TimeNs{duration} * 1000;
        emit(walk, step.service, Phase::Failed, walk.now, duration, 503, number);
        m_metrics.request(step.service, secondOf(walk.now), 503, duration);
        if (felt > 200 && rng.below(4) == 0)
            emit(walk, Service::OrdersDb, Phase::Failed, walk.now + 100'000, duration, 0);
        return false;
    }
    walk.now += TimeNs{duration} * 1000;
    if (rng.below(120) == 0) {
        emit(walk, step.service, Phase::Rejected, walk.now, duration,
             step.service == Service::Auth ? 401 : 409);
        m_metrics.request(step.service, secondOf(walk.now), 409, duration);
        return true;
    }
    const bool slow = duration > step.baseUs * 4 + 200'000;
    if (slow && rng.below(3) != 0)
        emit(walk, step.service, Phase::Slow, walk.now - 90'000, duration, 200, number);
    emit(walk, step.service, Phase::Done, walk.now, duration, 200, number);
    m_metrics.request(step.service, secondOf(walk.now), 200, duration);
    return true;
}

bool Traffic::call(Walk& walk, const Call& step)
{
    // Three tries within a budget of 8 s; callers back off 50, 100, 200 ms. Together the retries are the
    // storm.
    const TimeNs giveUp = walk.now + 5 * kSecondNs;
    const Service caller = step.service == Service::Payment || step.service == Service::Inventory
                               ? Service::Checkout
                           : step.service == Service::Shipping ? Service::Shipping
                                                               : Service::Storefront;
    for (unsigned number = 1; number <= 3; ++number) {
        if (attempt(walk, step, number)) return true;
        if (number == 3 || walk.now >= giveUp) return false;
        emit(walk, caller, Phase::Retry, walk.now + 300'000, 0, 503, number + 1);
        walk.now += TimeNs{latency(walk.rng, 50'000u << (number - 1))} * 1000;
    }
    return false;
}

void Traffic::simulate(std::uint64_t number, std::uint32_t second, std::vector<Event>& out)
{
    Rng rng(mix(m_seed * 0x9e3779b97f4a7c15u + number));
    const TimeNs within = rng.below(3) == 0 ? TimeNs{rng.below(60)} * 1'000'000 + 250'000'000
                                            : static_cast<TimeNs>(rng.below(1'000'000)) * 1000;
    Walk walk{makeRequest(number, second, rng),
              rng,
              out,
              m_start + second * kSecondNs + within + rng.below(1000),
              0,
              0,
              true};
    walk.randomIds = walk.request.traceHigh != (mix(m_seed) | 1);
    const TimeNs arrival = walk.now;
    if (walk.request.kind == Kind::Background) {
        const Service service = static_cast<Service>(walk.rng.below(kServices));
        emit(walk, service, Phase::Background, arrival, latency(walk.rng, 20'000), 200);
        return;
    }
    walk.now += 400'000;
    if (walk.rng.below(6) == 0) emit(walk, Service::Storefront, Phase::Begin, walk.now, 0, 0);
    bool failed = false, degraded = false;
    for (const Call& step : calls(walk.request.kind)) {
        if (walk.now - arrival > 6 * kSecondNs) {
            failed = true;
            break;
        }
        if (call(walk, step)) continue;
        if (step.critical) {
            failed = true;
            if (walk.request.kind == Kind::Checkout && step.service != Service::Checkout)
                emit(walk, Service::Checkout, Phase::Failed, walk.now + 150'000,
                     static_cast<std::uint32_t>((walk.now - arrival) / 1000), 503);
            break;
        }
        if (step.service == Service::Pricing) degraded = true;
    }
    walk.now += TimeNs{latency(walk.rng, 6'000)} * 1000;
    // The storefront may break down by itself once the cascade has reached it, and the edge in front of it.
    if (!failed && walk.rng.chance(m_story.failPermille(Service::Storefront, secondOf(walk.now))))
        failed = true;
    const std::uint32_t took = static_cast<std::uint32_t>((walk.now - arrival) / 1000);
    const unsigned status = failed ? 503 : walk.rng.below(90) == 0 ? 404 : 200;
    if (degraded && !failed) emit(walk, Service::Storefront, Phase::Degraded, walk.now - 50'000, took, 200);
    if (!failed && took > 1'200'000 && walk.rng.below(2) == 0)
        emit(walk, Service::Storefront, Phase::Slow, walk.now - 40'000, took, 200);
    emit(walk, Service::Storefront,
         failed          ? Phase::Failed
         : status == 404 ? Phase::Rejected
                         : Phase::Done,
         walk.now, took, status);
    m_metrics.request(Service::Storefront, secondOf(walk.now), status, took);
    walk.now += 900'000;
    unsigned answer = status;
    if (!failed && walk.rng.chance(m_story.failPermille(Service::Edge, secondOf(walk.now)))) answer = 502;
    if (failed) answer = walk.now - arrival > 4 * kSecondNs ? 504 : 503;
    emit(walk, Service::Edge,
         answer >= 500   ? Phase::Failed
         : answer == 404 ? Phase::Rejected
                         : Phase::Done,
         walk.now, took + 900, answer);
    m_metrics.request(Service::Edge, secondOf(walk.now), answer, took);
    m_metrics.evaluation(walk.request, secondOf(walk.now));
}

} // namespace faultline::demo
