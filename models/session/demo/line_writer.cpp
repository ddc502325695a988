#include "models/session/demo/line_writer.h"

namespace faultline::demo {

std::string isoSecond(std::int64_t second)
{
    // Civil date from days, as in H. Hinnant's "chrono-compatible low-level date algorithms".
    const std::int64_t days = second / 86'400 + 719'468, ofDay = second % 86'400;
    const std::int64_t era = days / 146'097, dayOfEra = days % 146'097;
    const std::int64_t yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36'524 - dayOfEra / 146'096) / 365;
    const std::int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::int64_t shifted = (5 * dayOfYear + 2) / 153;
    const std::int64_t day = dayOfYear - (153 * shifted + 2) / 5 + 1;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    const std::int64_t year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    std::string text = "0000-00-00T00:00:00";
    const auto set = [&text](std::size_t at, std::int64_t value, std::size_t width) {
        for (std::size_t i = width; i-- > 0; value /= 10) text[at + i] = static_cast<char>('0' + value % 10);
    };
    set(0, year, 4);
    set(5, month, 2);
    set(8, day, 2);
    set(11, ofDay / 3600, 2);
    set(14, ofDay / 60 % 60, 2);
    set(17, ofDay % 60, 2);
    return text;
}

std::string_view variantName(const Request& request)
{
    return request.variant ? "treatment" : "control";
}

LineBuffer& LineWriter::stamp(TimeNs time, unsigned digits, LineBuffer& out)
{
    const std::int64_t second = time / kSecondNs;
    if (second != m_second) {
        m_second = second;
        m_secondText = isoSecond(second);
    }
    out.text(m_secondText).put('.');
    std::uint64_t fraction = static_cast<std::uint64_t>(time % kSecondNs);
    for (unsigned i = digits; i < 9; ++i) fraction /= 10;
    return out.padded(fraction, digits);
}

std::string_view LineWriter::version(const Event& event) const
{
    return Story::version(event.service, static_cast<std::uint32_t>((event.time - m_start) / kSecondNs));
}

void LineWriter::write(const Event& event, LineBuffer& out)
{
    const MessageRow& row = m_catalogue.row(event.message);
    switch (event.service) {
    case Service::Edge: edge(event, row, out); break;
    case Service::Storefront: storefront(event, row, out); break;
    case Service::Auth: auth(event, row, out); break;
    case Service::Catalog: catalog(event, row, out); break;
    case Service::Search: search(event, row, out); break;
    case Service::Cart: cart(event, row, out); break;
    case Service::Pricing: pricing(event, row, out); break;
    case Service::Checkout: checkout(event, row, out); break;
    case Service::Payment: payment(event, row, out); break;
    case Service::Inventory: inventory(event, row, out); break;
    case Service::Shipping: shipping(event, row, out); break;
    case Service::OrdersDb: ordersDb(event, row, out); break;
    }
    out.put('\n');
}

} // namespace faultline::demo
