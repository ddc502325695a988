// The message catalogue: what each service says, by phase. Text only; how a line looks is in style_*.cpp.
#include "models/session/demo/catalogue.h"

namespace faultline::demo {
namespace {

constexpr std::uint16_t bit(Kind kind)
{
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(kind));
}
constexpr std::uint16_t kAny = 0;
constexpr std::uint16_t kBuying = bit(Kind::Checkout);
constexpr std::uint16_t kTracking = bit(Kind::Track);
constexpr std::uint16_t kAdding = bit(Kind::AddToCart);

constexpr std::string_view kPoolStack =
    "java.sql.SQLTransientConnectionException: HikariPool-orders - Connection is not available, request "
    "timed out "
    "after 1500ms.\\n\\tat "
    "com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)\\n\\tat "
    "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:197)\\n\\tat "
    "com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:100)\\n\\tat "
    "org.springframework.jdbc.datasource.DataSourceUtils.fetchConnection(DataSourceUtils.java:160)\\n\\tat "
    "com.shop.checkout.OrderRepository.insert(OrderRepository.java:88)\\n\\tat "
    "com.shop.checkout.OrderService.place(OrderService.java:143)\\n\\t... 47 common frames omitted\\n";
constexpr std::string_view kCatalogStack =
    "java.util.concurrent.TimeoutException: no stock answer within 1500 ms\\n\\tat "
    "com.shop.catalog.StockClient.await(StockClient.java:71)\\n\\tat "
    "com.shop.catalog.ProductController.show(ProductController.java:52)\\n\\tat "
    "java.base/java.lang.Thread.run(Thread.java:840)\\n";
constexpr std::string_view kNodeStack =
    "UpstreamTimeoutError: upstream did not answer within 2000 ms\\n    at Timeout.<anonymous> "
    "(/srv/storefront/lib/upstream.js:118:21)\\n    at listOnTimeout (node:internal/timers:573:17)\\n    at "
    "process.processTimers (node:internal/timers:514:7)\\n    at async renderPage "
    "(/srv/storefront/routes/page.js:64:18)";
constexpr std::string_view kGoStack =
    "shop/pricing/quote.(*Engine).load\\n\\t/src/pricing/quote/engine.go:231\\nshop/pricing/"
    "quote.(*Engine).Quote\\n\\t"
    "/src/pricing/quote/engine.go:187\\nshop/pricing/api.(*Handler).PostQuote\\n\\t/src/pricing/api/"
    "handler.go:74\\n"
    "net/http.HandlerFunc.ServeHTTP\\n\\t/usr/local/go/src/net/http/server.go:2166";
constexpr std::string_view kNetStack =
    "Npgsql.NpgsqlException (0x80004005): The connection pool has been exhausted, either raise 'Max Pool "
    "Size' "
    "(currently 20) or 'Timeout' (currently 2 seconds)\\n   at "
    "Npgsql.PoolingDataSource.<Get>g__RentAsync|33_0() in "
    "/_/src/Npgsql/PoolingDataSource.cs:line 236\\n   at Shop.Payment.Ledger.Append(Entry entry) in "
    "/src/Payment/Ledger.cs:line 57\\n   at Shop.Payment.AuthorizeHandler.Handle(AuthorizeCommand command) "
    "in "
    "/src/Payment/AuthorizeHandler.cs:line 41";
constexpr std::string_view kPyStack =
    "Traceback (most recent call last):\\n  File \\\"/app/shipping/carriers.py\\\", line 93, in book\\n    "
    "answer = "
    "self._session.post(url, json=parcel, timeout=2.0)\\n  File \\\"/usr/lib/python3/dist-packages/requests/"
    "adapters.py\\\", line 532, in send\\n    raise ReadTimeout(e, "
    "request=request)\\nrequests.exceptions.ReadTimeout: "
    "HTTPSConnectionPool(host='api.parcelbird.example', port=443): Read timed out. (read timeout=2.0)";

using S = Service;
using P = Phase;
constexpr MessageRow kRows[] = {
    // edge: access log of a reverse proxy
    {S::Edge, P::Done, kAny, 'I', "handled request", "http.log.access.shop", 0},
    {S::Edge, P::Rejected, kAny, 'I', "handled request", "http.log.access.shop", 0},
    {S::Edge, P::Failed, kAny, 'E', "dial storefront: upstream answered {status} after {ms}ms",
     "http.log.error.shop", 0, "bad_gateway"},
    {S::Edge, P::Failed, kAny, 'E', "no healthy upstream for {method} {path}", "http.log.error.shop", 0,
     "no_upstreams_available"},
    {S::Edge, P::Background, kAny, 'I', "storage cleaned, {number} certificates checked",
     "tls.cache.maintenance", 0},
    {S::Edge, P::Background, kAny, 'D', "upstream health: {number} of 3 storefront pods ready",
     "http.reverse_proxy.health", 0},

    // storefront: server-side rendering in Node
    {S::Storefront, P::Begin, kAny, 'D', "incoming request", "http", 0},
    {S::Storefront, P::Done, kAny, 'I', "request completed", "http", 0},
    {S::Storefront, P::Done, bit(Kind::Home), 'I', "rendered home with {items} recommendations", "pages", 0},
    {S::Storefront, P::Slow, kAny, 'W', "slow page: {path} took {ms} ms", "pages", 0},
    {S::Storefront, P::Rejected, kAny, 'W', "request refused with {status}", "http", 0},
    {S::Storefront, P::Retry, kAny, 'W', "upstream call failed, retry {attempt} of 3 in {number} ms",
     "upstream", 0},
    {S::Storefront, P::Degraded, kAny, 'W', "pricing unavailable, serving cached price for {sku}", "pages",
     0},
    {S::Storefront, P::Failed, kAny, 'E', "request errored: upstream did not answer within 2000 ms", "http",
     0, "UpstreamTimeoutError", kNodeStack},
    {S::Storefront, P::Failed, kAny, 'E', "event loop lag {number} ms, shedding load", "health", 0,
     "OverloadError"},
    {S::Storefront, P::Background, kAny, 'I', "heap {number} MB used, event loop p99 {ms} ms", "health", 0},

    // auth: Go, zerolog
    {S::Auth, P::Done, kAny, 'I', "token verified", "auth/verify.go", 118},
    {S::Auth, P::Done, bit(Kind::Login), 'I', "user {user} signed in", "auth/login.go", 67},
    {S::Auth, P::Begin, bit(Kind::Login), 'D', "password check for user {user} from {ip}", "auth/login.go",
     41},
    {S::Auth, P::Slow, kAny, 'W', "session store answered after {ms} ms", "auth/session.go", 90},
    {S::Auth, P::Rejected, kAny, 'W', "token expired for session {session}", "auth/verify.go", 131},
    {S::Auth, P::Rejected, bit(Kind::Login), 'W', "wrong password for user {user}, attempt {attempt}",
     "auth/login.go", 74},
    {S::Auth, P::Failed, kAny, 'E', "session lookup failed: pool timeout after {ms} ms", "auth/session.go",
     96, "context deadline exceeded"},
    {S::Auth, P::Background, kAny, 'I', "rotated signing keys, {number} active", "auth/keys.go", 33},

    // catalog: Java, ECS with dotted keys
    {S::Catalog, P::Begin, kAny, 'D', "cache miss for {sku}, loading from replica",
     "com.shop.catalog.ProductCache", 61},
    {S::Catalog, P::Done, kAny, 'I', "product {sku} served in {ms} ms", "com.shop.catalog.ProductController",
     48},
    {S::Catalog, P::Done, bit(Kind::Home), 'I', "shelf \\\"new in\\\" served with {items} products",
     "com.shop.catalog.ShelfController", 39},
    {S::Catalog, P::Slow, kAny, 'W', "slow product load: {sku} took {ms} ms",
     "com.shop.catalog.ProductController", 55},
    {S::Catalog, P::Rejected, kAny, 'I', "product {sku} not found", "com.shop.catalog.ProductController", 58},
    {S::Catalog, P::Failed, kAny, 'E', "could not load stock of {sku}: no answer within 1500 ms",
     "com.shop.catalog.StockClient", 71, "java.util.concurrent.TimeoutException", kCatalogStack},
    {S::Catalog, P::Background, kAny, 'I', "evicted {number} entries from product cache",
     "com.shop.catalog.ProductCache", 112},

    // search: Java, ECS nested
    {S::Search, P::Done, kAny, 'I', "query answered: {number} hits in {ms} ms", "search.query", 0},
    {S::Search, P::Slow, kAny, 'W', "slow query: took {ms} ms over 5 shards", "search.slowlog", 0},
    {S::Search, P::Rejected, kAny, 'I', "query refused: fewer than two letters", "search.query", 0},
    {S::Search, P::Failed, kAny, 'E', "query failed: rejected execution, queue capacity {number} reached",
     "search.executor", 0, "EsRejectedExecutionException"},
    {S::Search, P::Background, kAny, 'I', "merged segments of shard {attempt}, {number} documents",
     "search.merge", 0},

    // cart: Go, slog
    {S::Cart, P::Begin, kAny, 'D', "load cart", "shop/cart.(*Service).Get", 88},
    {S::Cart, P::Done, kAny, 'I', "cart loaded with {items} items", "shop/cart.(*Service).Get", 104},
    {S::Cart, P::Done, kAdding, 'I', "added {sku} to cart of user {user}", "shop/cart.(*Service).Add", 131},
    {S::Cart, P::Slow, kAny, 'W', "cart store slow: {ms}ms", "shop/cart.(*Store).load", 57},
    {S::Cart, P::Rejected, kAny, 'W', "cart is full, {sku} refused", "shop/cart.(*Service).Add", 139},
    {S::Cart, P::Failed, kAny, 'E', "cart store: acquire connection: timeout after {ms}ms",
     "shop/cart.(*Store).load", 63, "pgxpool: timeout: context deadline exceeded"},
    {S::Cart, P::Background, kAny, 'I', "expired {number} abandoned carts", "shop/cart.(*Janitor).Sweep", 29},

    // pricing: Go, zap; has the flag
    {S::Pricing, P::Begin, kAny, 'D', "flag evaluated for user {user}", "pricing.flags", 77},
    {S::Pricing, P::Done, kAny, 'I', "quote computed for {items} items", "pricing.quote", 214},
    {S::Pricing, P::Slow, kAny, 'W', "slow query in quote: {query} took {ms}ms", "pricing.store", 226},
    {S::Pricing, P::Rejected, kAny, 'I', "voucher refused: expired", "pricing.voucher", 61},
    {S::Pricing, P::Failed, kAny, 'E', "quote failed: {query}: canceling statement due to statement timeout",
     "pricing.quote", 231, "pq: 57014", kGoStack},
    {S::Pricing, P::Failed, kAny, 'E',
     "quote failed: acquire connection: {waiting} waiting, {inuse} of 80 in use", "pricing.store", 198,
     "pool exhausted"},
    {S::Pricing, P::Background, kAny, 'I', "price list reloaded, {number} rows", "pricing.lists", 44},

    // checkout: Java, logstash encoder
    {S::Checkout, P::Begin, kAny, 'D', "validating cart of user {user}", "com.shop.checkout.CartValidator",
     0},
    {S::Checkout, P::Done, kBuying, 'I', "order {order} placed for user {user}: {amount} EUR",
     "com.shop.checkout.OrderService", 0},
    {S::Checkout, P::Done, kTracking, 'I', "order {order} looked up", "com.shop.checkout.OrderController", 0},
    {S::Checkout, P::Slow, kAny, 'W', "order {order} took {ms} ms, limit is 1500 ms",
     "com.shop.checkout.SlowCallListener", 0},
    {S::Checkout, P::Rejected, kAny, 'W', "order {order} refused: cart changed meanwhile",
     "com.shop.checkout.OrderService", 0},
    {S::Checkout, P::Retry, kAny, 'W', "step failed for order {order}, retry {attempt} of 3",
     "com.shop.checkout.Retry", 0},
    {S::Checkout, P::Failed, kAny, 'E',
     "order {order} failed: HikariPool-orders - Connection is not available, request "
     "timed out after 1500ms (active=80, waiting={waiting})",
     "com.shop.checkout.OrderRepository", 0, "java.sql.SQLTransientConnectionException", kPoolStack},
    {S::Checkout, P::Failed, kAny, 'E', "order {order} failed: no price for cart of user {user}",
     "com.shop.checkout.OrderService", 0, "com.shop.checkout.PricingUnavailableException"},
    {S::Checkout, P::Background, kAny, 'I',
     "HikariPool-orders - stats (total=80, active={inuse}, waiting={waiting})",
     "com.zaxxer.hikari.pool.HikariPool", 0},

    // payment: .NET, CLEF
    {S::Payment, P::Begin, kAny, 'D', "authorising {amount} EUR for order {order}",
     "Shop.Payment.AuthorizeHandler", 0},
    {S::Payment, P::Done, kAny, 'I', "payment of order {order} authorised in {ms} ms",
     "Shop.Payment.AuthorizeHandler", 0},
    {S::Payment, P::Slow, kAny, 'W', "provider answered after {ms} ms", "Shop.Payment.ProviderClient", 0},
    {S::Payment, P::Rejected, kAny, 'W', "card declined for order {order}: insufficient funds",
     "Shop.Payment.AuthorizeHandler", 0},
    {S::Payment, P::Failed, kAny, 'E', "ledger entry of order {order} could not be written",
     "Shop.Payment.Ledger", 0, "Npgsql.NpgsqlException", kNetStack},
    {S::Payment, P::Failed, kAny, 'E', "provider timed out for order {order}", "Shop.Payment.ProviderClient",
     0, "System.TimeoutException"},
    {S::Payment, P::Background, kAny, 'I', "settlement batch: {number} payments", "Shop.Payment.Settlement",
     0},

    // inventory: Kotlin on GCP structured logging
    {S::Inventory, P::Done, kAny, 'I', "stock of {sku} read", "inventory.Stock", 0},
    {S::Inventory, P::Done, kBuying, 'I', "reserved {items} items for order {order}",
     "inventory.Reservations", 0},
    {S::Inventory, P::Slow, kAny, 'W', "stock query took {ms} ms", "inventory.Stock", 0},
    {S::Inventory, P::Rejected, kAny, 'N', "{sku} is out of stock", "inventory.Stock", 0},
    {S::Inventory, P::Failed, kAny, 'E',
     "reservation failed: could not get a connection within {ms} ms, {waiting} waiting",
     "inventory.Reservations", 0, "R2dbcTimeoutException"},
    {S::Inventory, P::Background, kAny, 'I', "stock synchronised, {number} changes", "inventory.Sync", 0},

    // shipping: Python, structlog
    {S::Shipping, P::Done, kAny, 'I', "parcel tracked", "shipping.tracking", 0},
    {S::Shipping, P::Done, kBuying, 'I', "label created for order {order}", "shipping.labels", 0},
    {S::Shipping, P::Slow, kAny, 'W', "carrier answered after {ms} ms", "shipping.carriers", 0},
    {S::Shipping, P::Rejected, kAny, 'W', "address of order {order} cannot be delivered to",
     "shipping.labels", 0},
    {S::Shipping, P::Retry, kAny, 'W', "carrier call failed, retry {attempt}", "shipping.carriers", 0},
    {S::Shipping, P::Failed, kAny, 'E', "carrier call failed: read timed out after {ms} ms",
     "shipping.carriers", 0, "ReadTimeout", kPyStack},
    {S::Shipping, P::Background, kAny, 'I', "manifest sent with {number} parcels", "shipping.manifests", 0},

    // orders-db: PostgreSQL through the OpenTelemetry log data model
    {S::OrdersDb, P::Done, kAny, 'I',
     "statement: INSERT INTO orders (id, user_id, total_cents) VALUES ($1, $2, $3)", "postgres", 0},
    {S::OrdersDb, P::Slow, kAny, 'W', "duration: {ms} ms  statement: {query}", "postgres", 0},
    {S::OrdersDb, P::Rejected, kAny, 'W', "could not serialize access due to concurrent update", "postgres",
     0, "40001"},
    {S::OrdersDb, P::Failed, kAny, 'F',
     "remaining connection slots are reserved for roles with the SUPERUSER attribute "
     "({inuse} in use)",
     "postgres", 0, "53300"},
    {S::OrdersDb, P::Failed, kAny, 'E', "canceling statement due to statement timeout: {query}", "postgres",
     0, "57014"},
    {S::OrdersDb, P::Background, kAny, 'I', "checkpoint complete: wrote {number} buffers; write={ms} ms",
     "checkpointer", 0},
    {S::OrdersDb, P::Background, kAny, 'I',
     "automatic vacuum of table \\\"shop.public.order_items\\\": {number} tuples removed", "autovacuum", 0},
};

} // namespace

std::span<const MessageRow> messageRows()
{
    return kRows;
}

} // namespace faultline::demo
